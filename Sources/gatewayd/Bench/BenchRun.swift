// The measurement itself: connects, keeps `--qd` commands outstanding on each connection until the time is
// up, and counts. One thread and one ring for all connections; nothing is allocated for a command.

import GatewayCore
import GatewayIO
import Histogram
import NVMeTCP

/// One run of a plan. It belongs to the thread that calls `run`.
final class BenchRun: InitiatorDelegate {
    /// A command's place in the measurement, by queue and command identifier.
    private struct Flight: BitwiseCopyable {
        var start: UInt64 = 0
        var block: UInt64 = 0
        var isWrite = false
    }

    private enum Phase { case measuring, readingBack, draining }

    private let plan: BenchPlan
    private let progress: (String) -> Void
    private var report: BenchReport
    private var chooser: BlockChooser
    private let pattern: BenchPattern
    private var flights: [Flight]
    private var phase = Phase.measuring
    private var readBackNext: UInt64 = 0
    /// One multiplication turns a block of `--bs` bytes into logical blocks.
    private let logicalPerBlock: UInt64
    private let controller: InitiatorController
    private var queues: [InitiatorQueue] = []
    /// Commands that end after this don't count.
    private var deadline: UInt64 = 0

    /// How long outstanding commands may take to end after the time is up.
    private static let drainNanoseconds: UInt64 = 60_000_000_000

    /// Connects the Admin queue and all I/O queues.
    /// - Parameter progress: is given a line a second.
    init(_ plan: BenchPlan, on loop: InitiatorLoop, progress: @escaping (String) -> Void)
        throws(ProgramFailure)
    {
        self.plan = plan
        self.progress = progress
        let region: UInt64
        do throws(InitiatorError) {
            var parameters = InitiatorParameters(
                address: plan.address.address, port: plan.address.port, subsystem: plan.subsystem,
                host: plan.host, hostID: HostID(rawValue: StableIdentity.uuid(of: "host \(plan.host.text)")))
            parameters.wantsDigests = plan.wantsDigests
            controller = try InitiatorController(parameters, on: loop)
            let size = try controller.identifyNamespace(plan.namespaceID)
            try Self.check(plan, controller, size)
            region = min(plan.regionByteCount ?? .max, size.blockCount * UInt64(size.blockByteCount))
            logicalPerBlock = UInt64(plan.ioByteCount / size.blockByteCount)
            chooser = BlockChooser(
                blockCount: max(1, region / UInt64(plan.ioByteCount)), isRandom: plan.workload.isRandom,
                seed: plan.seed, verifies: plan.verifies)
            pattern = BenchPattern(seed: plan.seed)
            report = BenchReport(plan: plan, modelNumber: controller.modelNumber)
            flights = Array(repeating: Flight(), count: plan.queueDepth * plan.connectionCount)
            let granted = try controller.requestQueues(plan.connectionCount)
            guard granted >= plan.connectionCount else {
                throw .unsuitable("the controller grants \(granted) I/O queues: use --connections \(granted)")
            }
            for number in 1...plan.connectionCount {
                queues.append(
                    try controller.connectQueue(
                        UInt16(number), depth: plan.queueDepth, bufferByteCount: plan.ioByteCount))
            }
        } catch {
            loop.close()
            throw ProgramFailure(.targetUnreachable, "\(plan.subsystem) at \(plan.address): \(error)")
        }
        if plan.verifies && chooser.blockCount < region / UInt64(plan.ioByteCount) {
            progress("only the first \(chooser.blockCount) blocks are used: --verify keeps book of no more")
        }
        for queue in queues {
            queue.delegate = self
            queue.keepsData = plan.verifies
        }
    }

    private static func check(
        _ plan: BenchPlan, _ controller: InitiatorController, _ size: InitiatorController.NamespaceSize
    ) throws(InitiatorError) {
        guard plan.ioByteCount % size.blockByteCount == 0 else {
            throw .unsuitable(
                "--bs \(plan.ioByteCount) is no multiple of the namespace's blocks of "
                    + "\(size.blockByteCount) bytes")
        }
        guard plan.ioByteCount <= controller.transferByteCountMax else {
            throw .unsuitable(
                "--bs \(plan.ioByteCount) is more than a command may transfer, "
                    + "\(controller.transferByteCountMax) bytes")
        }
        guard size.blockCount * UInt64(size.blockByteCount) >= UInt64(plan.ioByteCount) else {
            throw .unsuitable("the namespace is smaller than --bs")
        }
    }

    // MARK: - The run

    /// Measures, reads back what was written if that is asked for, and disconnects.
    func run() throws(ProgramFailure) -> BenchReport {
        fillWithPattern()
        let start = MonotonicClock.now().nanoseconds
        deadline = start + UInt64(plan.seconds) * 1_000_000_000
        for queue in queues { fill(queue) }
        try measure(from: start)
        report.elapsedNanoseconds = UInt64(plan.seconds) * 1_000_000_000
        try drain()
        if plan.verifies && plan.workload.writes {
            phase = .readingBack
            for queue in queues { fill(queue) }
            try drain()
        }
        controller.shutdown()
        return report
    }

    /// Writes carry some data even where nobody checks it: zeroes could be compressed or skipped on the way.
    private func fillWithPattern() {
        guard plan.workload.writes, !plan.verifies else { return }
        for queue in queues {
            for commandID in 0..<queue.depth {
                queue.fill(UInt16(commandID), count: plan.ioByteCount) { bytes in
                    pattern.fill(&bytes, offset: UInt64(commandID * plan.ioByteCount), generation: 0)
                }
            }
        }
    }

    private func measure(from start: UInt64) throws(ProgramFailure) {
        var nextTick = start + 1_000_000_000
        var countAtTick: UInt64 = 0
        while true {
            let now = MonotonicClock.now()
            if now.nanoseconds >= nextTick {
                let count = report.commandCount - countAtTick
                countAtTick = report.commandCount
                let rate = Double(count * UInt64(plan.ioByteCount)) / 1e6
                let errors = report.errorCount > 0 ? "  \(report.errorCount) errors" : ""
                progress(
                    "\((nextTick - start) / 1_000_000_000) s  \(count) IOPS  "
                        + "\(decimal(rate, 1)) MB/s\(errors)"
                )
                nextTick += 1_000_000_000
            }
            guard now.nanoseconds < deadline else { return }
            try step(until: min(nextTick, deadline), now: now)
        }
    }

    /// Lets outstanding commands end; while reading back, until all is read.
    private func drain() throws(ProgramFailure) {
        if phase == .measuring { phase = .draining }
        var seen = report.verifiedBlocks
        var limit = MonotonicClock.now().nanoseconds + Self.drainNanoseconds
        while queues.contains(where: { $0.outstandingCount > 0 }) {
            let now = MonotonicClock.now()
            if report.verifiedBlocks != seen {
                seen = report.verifiedBlocks
                limit = now.nanoseconds + Self.drainNanoseconds
            }
            guard now.nanoseconds < limit else {
                let count = queues.reduce(0) { $0 + $1.outstandingCount }
                controller.loop.close()
                throw ProgramFailure(.connectionBroken, "\(count) commands have not ended after a minute")
            }
            try step(until: limit, now: now)
        }
    }

    private func step(until end: UInt64, now: Instant) throws(ProgramFailure) {
        controller.keepAlive(at: now)
        // A second at most, so that Keep Alive is never late.
        let timeout = min(end > now.nanoseconds ? end - now.nanoseconds : 0, 1_000_000_000)
        controller.loop.step(timeoutNanoseconds: timeout)
        for queue in controller.loop.queues {
            guard let queue, let failure = queue.failure else { continue }
            let name = queue.id == 0 ? "the admin connection" : "the connection of queue \(queue.id)"
            controller.loop.close()
            throw ProgramFailure(.connectionBroken, "\(name) to \(plan.address) broke: \(failure)")
        }
    }

    // MARK: - Commands

    private func fill(_ queue: InitiatorQueue) {
        let now = MonotonicClock.now().nanoseconds
        while submit(on: queue, now: now) {}
    }

    /// Submits one more command; false if none is to be.
    private func submit(on queue: InitiatorQueue, now: UInt64) -> Bool {
        let block: UInt64
        let isWrite: Bool
        switch phase {
        case .draining: return false
        case .measuring:
            guard now < deadline, let commandID = queue.takeCommand() else { return false }
            guard let chosen = chooser.choose() else {
                queue.release(commandID)
                return false
            }
            block = chosen
            isWrite = plan.workload.writes && (!plan.workload.reads || chooser.flip())
            send(commandID, on: queue, block, isWrite: isWrite, now: now)
        case .readingBack:
            while readBackNext < chooser.blockCount, chooser.generation(of: readBackNext) == 0 {
                readBackNext += 1
            }
            guard readBackNext < chooser.blockCount, let commandID = queue.takeCommand() else { return false }
            block = readBackNext
            readBackNext += 1
            chooser.claim(block)
            send(commandID, on: queue, block, isWrite: false, now: now)
        }
        return true
    }

    private func send(
        _ commandID: UInt16, on queue: InitiatorQueue, _ block: UInt64, isWrite: Bool, now: UInt64
    ) {
        let lba = block * logicalPerBlock
        var entry = SubmissionEntry(opcode: isWrite ? IOOpcode.write.rawValue : IOOpcode.read.rawValue)
        entry.dword1 = plan.namespaceID
        entry.dword10 = UInt32(truncatingIfNeeded: lba)
        entry.dword11 = UInt32(truncatingIfNeeded: lba >> 32)
        // Number of Logical Blocks (NLB), 0's based.
        entry.dword12 = UInt32(logicalPerBlock - 1)
        if isWrite && plan.verifies {
            let generation = chooser.nextGeneration(of: block)
            queue.fill(commandID, count: plan.ioByteCount) { bytes in
                pattern.fill(&bytes, offset: block * UInt64(plan.ioByteCount), generation: generation)
            }
        }
        flights[flightIndex(commandID, queue)] = Flight(start: now, block: block, isWrite: isWrite)
        queue.submit(
            commandID, entry, isWrite ? .hostToController : .controllerToHost, byteCount: plan.ioByteCount)
    }

    /// Queue identifiers are 1 and up.
    private func flightIndex(_ commandID: UInt16, _ queue: InitiatorQueue) -> Int {
        (Int(queue.id) - 1) * plan.queueDepth + Int(commandID)
    }

    func commandEnded(_ commandID: UInt16, of queue: InitiatorQueue, _ outcome: CommandOutcome) {
        let now = MonotonicClock.now().nanoseconds
        let flight = flights[flightIndex(commandID, queue)]
        if !outcome.isSuccess { count(outcome) }
        if plan.verifies && !flight.isWrite && outcome.isSuccess { verify(commandID, queue, flight.block) }
        chooser.finish(flight.block)
        if phase == .measuring && now <= deadline && outcome.isSuccess {
            report.latencies.record(now - flight.start)
            if flight.isWrite { report.writes += 1 } else { report.reads += 1 }
        }
        _ = submit(on: queue, now: now)
    }

    private func count(_ outcome: CommandOutcome) {
        if outcome.completion.status.isSuccess {
            report.dataDigestErrors += 1
        } else {
            report.errors[outcome.completion.status.kind, default: 0] += 1
        }
    }

    /// Looks at what was read. Blocks that this run wrote must be in their last generation; where a run only
    /// reads, all must have been written with its seed before; else a block that no run ever wrote is
    /// nobody's business.
    private func verify(_ commandID: UInt16, _ queue: InitiatorQueue, _ block: UInt64) {
        let offset = block * UInt64(plan.ioByteCount)
        let expected = chooser.generation(of: block)
        report.verifiedBlocks += 1
        let wrong: Int? = queue.read(commandID, count: plan.ioByteCount) { bytes in
            stride(from: 0, to: plan.ioByteCount, by: BenchPattern.sectorByteCount).first { position in
                switch pattern.check(bytes, at: position, offset: offset + UInt64(position)) {
                case .intact(let generation): expected != 0 && generation != expected
                case .foreign: expected != 0 || !plan.workload.writes
                case .wrong: true
                }
            }
        }
        guard let wrong else { return }
        report.mismatchCount += 1
        if report.mismatches.count < BenchReport.mismatchesKept {
            report.mismatches.append(offset + UInt64(wrong))
        }
    }
}
