// One connection of a host: its end of the wire protocol, the commands that are under way, and the data that
// they move. It believes nothing: each answer must belong to a command, and its SQ head must be possible.

import GatewayCore
import NVMeTCP

/// One queue of a host.
final class HostQueue {
    unowned let world: World
    unowned let host: SimulatedHost
    let wire: Wire
    let queueID: UInt16
    let entries: Int
    private var connection: HostConnection
    private var exchanges: [UInt16: Exchange] = [:]
    private var exchangeIDs: [UInt16] = []
    private var submitted: UInt64 = 0
    private var head: UInt64 = 0
    private var isReading = false
    private(set) var isEnded = false
    /// Connect has succeeded.
    var isConnected = false
    /// Its Disconnect was sent.
    var isDisconnecting = false
    /// Nothing that arrives is looked at.
    private(set) var isDeaf = false
    /// When it last heard again, in nanoseconds.
    private(set) var heardAgainAt: UInt64 = 0
    /// What is to be spoiled in the next PDU that has it.
    var spoilsPayload = false
    var spoilsHeader = false
    /// The host has broken the protocol: it may be terminated for that.
    private var mayBeTerminated = false
    private var awaitsArrival: SimulatedCommand?
    /// Identifiers that an Abort under way names: it may meet a later command of the same.
    var abortedIDs: [UInt16] = []

    /// What it may hold commands by.
    private static let commandIDCount = 2048

    /// A command under way.
    private final class Exchange {
        let entry: SubmissionEntry
        let outgoing: [UInt8]
        var incoming: [UInt8]
        let command: SimulatedCommand?
        let sequence: UInt64
        let sentAt: UInt64
        let then: (CompletionEntry, [UInt8]) -> Void

        init(
            _ entry: SubmissionEntry, _ outgoing: [UInt8], reading: Int, _ command: SimulatedCommand?,
            sequence: UInt64, at time: UInt64, _ then: @escaping (CompletionEntry, [UInt8]) -> Void
        ) {
            (self.entry, self.outgoing, self.command) = (entry, outgoing, command)
            (self.sequence, sentAt, self.then) = (sequence, time, then)
            incoming = [UInt8](repeating: 0xEE, count: reading)
        }
    }

    /// Connects; `whenReady` after ICResp, `whenLost` if the connection ends without the host.
    init(
        _ host: SimulatedHost, queueID: UInt16, entries: Int, whenReady: @escaping (HostQueue) -> Void,
        whenLost: @escaping (HostQueue) -> Void
    ) {
        world = host.world
        self.host = host
        self.queueID = queueID
        self.entries = entries
        wire = world.connect(host.plan.pipe)
        connection = HostConnection(host.plan.wire)
        connection.reserveCommands(Self.commandIDCount)
        ready = whenReady
        lost = whenLost
        wire.queue = self
        wire.toHost.onReadable = { [weak self] in self?.wakeReader() }
        wire.onLost = { [weak self] in self?.end() }
        wire.onTargetClosed = { [weak self] in
            guard let self else { return }
            world.judge.closed(exchangeIDs.compactMap { self.exchanges[$0]?.command })
        }
        var batch = TransmitBatch(pduCountMax: 1)
        _ = connection.encodeInitializeRequest(into: &batch)
        write(batch)
    }

    private let ready: (HostQueue) -> Void
    private let lost: (HostQueue) -> Void

    var outstandingCount: Int { exchangeIDs.count }

    /// The command under way with an identifier.
    func command(_ id: UInt16) -> SimulatedCommand? { exchanges[id]?.command }

    /// The identifiers of I/O commands under way, oldest first.
    var commandIDs: [UInt16] { exchangeIDs.filter { exchanges[$0]?.command != nil } }

    /// When the oldest command was sent that is not an event request.
    var oldestSentAt: UInt64? {
        let waiting = exchangeIDs.lazy.compactMap { self.exchanges[$0] }
        return waiting.first {
            $0.entry.opcode != AdminOpcode.asyncEventRequest.rawValue || self.queueID > 0
        }?
        .sentAt
    }

    /// A command whose store was done with it long ago, and whose answer should have come.
    var forgottenCommand: SimulatedCommand? {
        let longAgo = world.now - 20_000_000_000
        guard !isDeaf, heardAgainAt < longAgo, wire.silentUntil < longAgo, !wire.isClosedByTarget,
            !wire.isCut
        else { return nil }
        return exchangeIDs.lazy.compactMap { self.exchanges[$0]?.command }.first {
            $0.requestsOpen == 0 && $0.doneAt > 0 && $0.doneAt < longAgo
        }
    }

    // MARK: Sending

    /// Sends a command; `then` gets its completion and what it read.
    func send(
        _ entry: SubmissionEntry, data: [UInt8] = [], inCapsule: Bool = false, reading: Int = 0,
        for command: SimulatedCommand? = nil, then: @escaping (CompletionEntry, [UInt8]) -> Void
    ) {
        guard !isEnded else { return }
        var id = UInt16(world.random.below(Self.commandIDCount))
        while exchanges[id] != nil { id = (id + 1) % UInt16(Self.commandIDCount) }
        var entry = entry
        entry.commandID = id
        if entry.dataPointerType == 0 { entry.dword0 |= 1 << 14 }
        if entry.sglLengthAndType == 0 {
            let length = UInt32(max(data.count, reading))
            entry.sgl = inCapsule && !data.isEmpty ? .inCapsule(length: length) : .transport(length: length)
        }
        command?.wish.spoil?(&entry)
        command?.entry = entry
        if abortedIDs.contains(id) { command?.abortWasTried = true }
        submitted += 1
        exchanges[id] = Exchange(
            entry, data, reading: reading, command, sequence: submitted, at: world.now, then)
        exchangeIDs.append(id)
        if reading > 0 { connection.expectData(commandID: id, length: reading) }
        if !data.isEmpty, !inCapsule { connection.offerData(commandID: id, length: data.count) }
        var batch = TransmitBatch(pduCountMax: 1)
        let isEncoded = data.withUnsafeBytes { bytes in
            connection.encodeCommand(entry, inCapsule: inCapsule && !data.isEmpty ? bytes : nil, into: &batch)
        }
        precondition(isEncoded, "one PDU fits an empty batch")
        write(batch, payload: inCapsule ? command : nil)
        let isAlone =
            exchangeIDs.count == 1 && command != nil && command?.partner == nil && (data.isEmpty || inCapsule)
        awaitsArrival = isAlone ? command : nil
        command?.arrivesAt = wire.toTarget.writtenCount
    }

    /// Puts a batch on the wire, with a bit turned over where that was asked for.
    private func write(_ batch: borrowing TransmitBatch, payload command: SimulatedCommand? = nil) {
        let segments = batch.segments
        var isFirst = true
        for (index, segment) in segments.enumerated() {
            var bytes = [UInt8](UnsafeRawBufferPointer(start: segment.base, count: segment.count))
            if index == 1, spoilsPayload, let command, connection.negotiated?.dataDigest == true {
                spoilsPayload = false
                command.isDigestWrong = true
                world.count(.dataDigestWrong)
                bytes[world.random.below(bytes.count)] ^= 1 << UInt8(world.random.below(8))
            }
            if isFirst, spoilsHeader, connection.negotiated?.headerDigest == true {
                spoilsHeader = false
                mayBeTerminated = true
                world.count(.headerDigestWrong)
                bytes[world.random.between(8, 15)] ^= 1 << UInt8(world.random.below(8))
            }
            isFirst = false
            bytes.withUnsafeBytes { wire.toTarget.write($0) }
        }
    }

    /// The target's socket has so many bytes of ours now.
    func noteArrival(_ count: UInt64, _ load: ShardLoad) {
        guard let command = awaitsArrival, let position = command.arrivesAt, count >= position else { return }
        command.arrival = load
        awaitsArrival = nil
    }

    /// Answers an R2T in pieces, one after the other, each in its own time.
    private func sendData(_ id: UInt16, tag: UInt16, offset: Int, length: Int) {
        guard !isEnded, let exchange = exchanges[id] else { return }
        let pieceMax = min(connection.negotiated!.maximumDataLength, host.plan.pieceMax)
        let count = min(length, pieceMax)
        var batch = TransmitBatch(pduCountMax: 1)
        exchange.outgoing.withUnsafeBytes { bytes in
            let piece = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
            let isEncoded = connection.encodeData(
                commandID: id, tag: tag, payload: piece, offset: offset, isLast: count == length, into: &batch
            )
            precondition(isEncoded, "one PDU fits an empty batch")
            write(batch, payload: exchange.command)
        }
        guard count < length else { return }
        world.schedule(after: world.random.time(500, 20_000)) { [weak self] in
            self?.sendData(id, tag: tag, offset: offset + count, length: length - count)
        }
    }

    // MARK: Receiving

    /// Looks at what arrived, some time later.
    private func wakeReader() {
        guard !isReading, !isEnded, !isDeaf else { return }
        isReading = true
        let delay = world.random.time(host.plan.reaction.0, host.plan.reaction.1)
        world.schedule(after: delay) { [weak self] in
            guard let self else { return }
            isReading = false
            if !isEnded, !isDeaf { read() }
        }
    }

    /// Looks at nothing that arrives, until `hearAgain`.
    func turnDeaf() { isDeaf = true }

    func hearAgain() {
        if isDeaf { heardAgainAt = world.now }
        isDeaf = false
        wakeReader()
    }

    private func read() {
        let pipe = wire.toHost
        if pipe.received.isEmpty, pipe.hasEnded { return end() }
        var bytes = pipe.read(world.random.pick([1_000, 65_536]))
        if world.flaw == .turnsBits, !host.plan.wire.wantsDataDigest, bytes.count > 512,
            world.random.chance(0.02)
        {
            bytes[bytes.count / 2] ^= 4
        }
        take(bytes)
        if !isEnded, !pipe.received.isEmpty || pipe.hasEnded { wakeReader() }
    }

    private func take(_ bytes: [UInt8]) {
        var position = 0
        while !isEnded {
            let event = bytes.withUnsafeBytes { raw -> HostEvent? in
                if case .payload(let slot, let offset, let count) = connection.receivePlan,
                    position < bytes.count
                {
                    let taken = min(count, bytes.count - position)
                    let piece = UnsafeRawBufferPointer(rebasing: raw[position..<position + taken])
                    store(piece, slot: slot, at: offset)
                    position += taken
                    return connection.receivedPayload(piece.bytes)
                }
                return connection.next(raw.bytes, from: &position)
            }
            if let event {
                bytes.withUnsafeBytes { serve(event, $0) }
            } else if position == bytes.count {
                return
            }
        }
    }

    private func store(_ bytes: UnsafeRawBufferPointer, slot: UInt32, at offset: Int) {
        guard let exchange = exchanges[UInt16(slot)] else { return }
        exchange.incoming.withUnsafeMutableBytes { incoming in
            let place = UnsafeMutableRawBufferPointer(rebasing: incoming[offset..<offset + bytes.count])
            place.copyMemory(from: bytes)
        }
    }

    private func serve(_ event: HostEvent, _ bytes: UnsafeRawBufferPointer) {
        switch event {
        case .initialized: ready(self)
        case .readyToTransfer(let id, let tag, let offset, let length):
            let delay = world.random.time(host.plan.reaction.0, host.plan.reaction.1)
            world.schedule(after: delay) { [weak self] in
                self?.sendData(id, tag: tag, offset: offset, length: length)
            }
        case .payload(let slot, let offset, let range):
            store(UnsafeRawBufferPointer(rebasing: bytes[range]), slot: slot, at: offset)
        case .dataDigestError(let id):
            world.fail("host \(host.number), queue \(queueID), command \(id): a wrong data digest")
        case .succeeded(let id):
            complete(CompletionEntry(commandID: id, status: .success), hasHead: false)
        case .response(let completion): complete(completion, hasHead: true)
        case .fatal(let error):
            world.fail("the target broke the protocol to host \(host.number), queue \(queueID): \(error)")
        case .terminated(let request):
            if !mayBeTerminated {
                world.fail("the target terminated queue \(queueID) of host \(host.number): \(request)")
            }
            end()
        }
    }

    private func complete(_ completion: CompletionEntry, hasHead: Bool) {
        let id = completion.commandID
        guard let exchange = exchanges.removeValue(forKey: id) else {
            return world.fail(
                "host \(host.number), queue \(queueID): an answer to \(id), which is not under way")
        }
        exchangeIDs.removeAll { $0 == id }
        if hasHead { checkHead(completion, exchange) }
        if let command = exchange.command {
            world.judge.answered(command, completion.status, data: exchange.incoming)
        }
        exchange.then(completion, exchange.incoming)
    }

    /// SQHD says how many entries were taken, modulo the queue's size; reserved without flow control.
    private func checkHead(_ completion: CompletionEntry, _ exchange: Exchange) {
        let isConnect =
            exchange.entry.opcode == AdminOpcode.fabrics.rawValue && exchange.entry.fabricsType == 0x01
        if isConnect, !completion.status.isSuccess { return }
        let value = completion.submissionQueueHead
        if host.plan.isFlowControlDisabled {
            let expected: UInt16 = isConnect ? 0xFFFF : 0
            if value != expected { world.fail("SQHD \(value) without flow control") }
            return
        }
        let size = UInt64(entries)
        guard value < entries else { return world.fail("SQHD \(value) in a queue of \(entries)") }
        let now = head + (UInt64(value) + size - head % size) % size
        if now < exchange.sequence || now > submitted {
            world.fail(
                "host \(host.number), queue \(queueID): SQHD \(value) means \(now) of \(submitted), "
                    + "in the answer to number \(exchange.sequence)")
        }
        head = now
    }

    // MARK: The end

    /// The host closes the connection.
    func close(abruptly: Bool) {
        guard !isEnded else { return }
        isEnded = true
        wire.closeByHost(abruptly: abruptly)
    }

    /// Its host is gone: nobody closes anything.
    func abandon() { isEnded = true }

    /// The connection is gone.
    private func end() {
        guard !isEnded else { return }
        isEnded = true
        wire.closeByHost(abruptly: false)
        lost(self)
    }
}
