// The store of one namespace: it keeps the value of each block, and ends requests at once or late, in any
// order, torn into pieces, with each result there is, or not before it is told to. What it holds is the
// truth; what hosts may make of it is ShadowDisk's to say.

import GatewayCore

/// How a store behaves for a while.
enum BackendMode: Int, CaseIterable {
    case healthy
    /// Requests take up to ten seconds.
    case slow
    /// One request in three fails.
    case failing
    /// Requests do not end until the mode changes.
    case hung
    /// Every request ends inside `submit`.
    case immediate
}

/// A namespace's store.
final class FaultingBackend: BlockBackend, @unchecked Sendable {
    // Sendable: a world runs on one thread.
    unowned let world: World
    let number: Int
    let blockByteCount: Int
    let shadow: ShadowDisk
    let ledger: ReservationLedger
    private var values: [UInt64]
    private(set) var mode = BackendMode.healthy
    private var hung: [PendingRequest] = []
    private(set) var history: GeometryHistory
    private var replaced: Set<[UInt64]> = []
    private var copiedValues: Set<UInt64> = []

    var geometry: BlockGeometry { history.current }
    var blockCount: Int { Int(geometry.byteCount) / blockByteCount }

    init(_ world: World, number: Int, blockByteCount: Int, blockCount: Int, hasCache: Bool) {
        self.world = world
        self.number = number
        self.blockByteCount = blockByteCount
        values = [UInt64](repeating: 0, count: blockCount)
        shadow = ShadowDisk(world, number: number, blockCount: blockCount)
        ledger = ReservationLedger(world)
        history = GeometryHistory(
            BlockGeometry(
                byteCount: UInt64(blockCount * blockByteCount), optimalWriteByteCount: 4096,
                deallocateGranularityByteCount: 4096, deallocatedReads: .zeroes,
                hasVolatileWriteCache: hasCache, compareAndWriteByteCountMax: 4096))
    }

    func attached(to shard: any ShardServices) -> any BlockBackend {
        AttachedBackend(self, shard: shard as! SimulatedShard)
    }

    func submit(_ request: BackendRequest) -> BackendSubmission {
        preconditionFailure("shards submit to what is attached to them")
    }

    // MARK: What the operator does

    func enter(_ mode: BackendMode) {
        self.mode = mode
        guard mode != .hung else { return }
        let waiting = hung
        hung = []
        for request in waiting { begin(request, within: (10_000, 50_000_000)) }
    }

    func resize(toBlocks count: Int) {
        var changed = geometry
        changed.byteCount = UInt64(count * blockByteCount)
        shadow.resize(from: values.count, to: count)
        if count < values.count {
            values.removeLast(values.count - count)
        } else {
            values += [UInt64](repeating: 0, count: count - values.count)
        }
        history.change(to: changed, at: world.nextStep())
    }

    func setReadOnly(_ isReadOnly: Bool) {
        var changed = geometry
        changed.isReadOnly = isReadOnly
        history.change(to: changed, at: world.nextStep())
    }

    // MARK: Requests

    fileprivate func submit(_ request: BackendRequest, from shard: SimulatedShard) -> BackendSubmission {
        world.judge.dispatched(request, to: self, from: shard)
        let pending = PendingRequest(request, from: shard, to: self, fate(of: request))
        world.judge.requestBegan(pending)
        let isAtOnce = mode == .immediate || (mode == .healthy && world.random.chance(0.15))
        if isAtOnce {
            pending.applyRest()
            world.judge.requestEnded(pending)
            return .completed(pending.result)
        }
        switch mode {
        case .healthy, .failing, .immediate: begin(pending, within: (2_000, 3_000_000))
        case .slow: begin(pending, within: (1_000_000, 10_000_000_000))
        case .hung: hung.append(pending)
        }
        return .pending
    }

    private func fate(of request: BackendRequest) -> BackendResult {
        let changes = [.write, .writeZeroes, .deallocate, .compareAndWrite].contains(request.operation)
        if changes, geometry.isReadOnly { return .readOnly }
        guard mode == .failing, world.random.chance(0.3) else { return .success }
        world.count(.backendFailure)
        return world.random.pick([
            .readOnly, .noSpace, .mediaError, .unreachable, .gone, .aborted, .internalError, .unsupported,
        ])
    }

    /// The request does its work in some steps, and ends.
    private func begin(_ pending: PendingRequest, within times: (UInt64, UInt64)) {
        let length = world.random.time(times.0, times.1)
        for _ in 0..<world.random.below(3) {
            let moment = UInt64(world.random.below(Int(length)))
            world.schedule(after: moment) { pending.applySome() }
        }
        world.schedule(after: length) { [self] in
            pending.applyRest()
            world.judge.requestEnded(pending)
            pending.request.ticket.complete(pending.result)
        }
    }

    // MARK: Blocks

    /// A value of a block was found by a pair and replaced.
    /// - Returns: Whether it was the first time, as far as that can be told: a Copy may bring a value again.
    func noteReplaced(_ value: UInt64, block: Int) -> Bool {
        copiedValues.contains(value) || replaced.insert([UInt64(block), value]).inserted
    }

    /// A Copy has written it: it may be there again.
    func noteCopied(_ value: UInt64) { copiedValues.insert(value) }

    func read(_ block: Int) -> UInt64? { block < values.count ? values[block] : nil }

    /// Stores a block; false if it is not there any more.
    func write(_ block: Int, _ value: UInt64) -> Bool {
        guard block < values.count else { return false }
        if world.flaw == .losesWrites, world.random.chance(0.02) { return true }
        values[block] = value
        return true
    }
}

/// The store as one shard submits to it.
private final class AttachedBackend: BlockBackend, @unchecked Sendable {
    // Sendable: a world runs on one thread.
    private let store: FaultingBackend
    private unowned let shard: SimulatedShard

    init(_ store: FaultingBackend, shard: SimulatedShard) {
        self.store = store
        self.shard = shard
    }

    var geometry: BlockGeometry { store.geometry }

    func submit(_ request: BackendRequest) -> BackendSubmission { store.submit(request, from: shard) }
}

/// The shapes that a store has had, by step of the world.
struct GeometryHistory {
    private var entries: [(from: UInt64, geometry: BlockGeometry)]

    init(_ geometry: BlockGeometry) { entries = [(0, geometry)] }

    var current: BlockGeometry { entries[entries.count - 1].geometry }

    mutating func change(to geometry: BlockGeometry, at step: UInt64) { entries.append((step, geometry)) }

    /// All that it was at some time from one step to another.
    func between(_ first: UInt64, _ last: UInt64) -> [BlockGeometry] {
        entries.indices.filter { index in
            let until = index + 1 < entries.count ? entries[index + 1].from : UInt64.max
            return entries[index].from <= last && until >= first
        }.map { entries[$0].geometry }
    }
}
