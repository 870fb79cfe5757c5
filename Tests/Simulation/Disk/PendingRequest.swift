// One request in a store: its blocks are done one after the other in an order of their own, some now and some
// later, and a failed one may have done a part.

import GatewayCore

/// A request that a store works on.
final class PendingRequest {
    let request: BackendRequest
    unowned let shard: SimulatedShard
    unowned let store: FaultingBackend
    private(set) var result: BackendResult
    /// The command that it is part of; nil for what a shard does by itself.
    var command: SimulatedCommand?
    /// Where it is among the judge's open requests.
    var place = 0
    /// The newest model that its shard had when it was submitted.
    let generation: UInt64
    private var blocksLeft: [Int]
    /// Whether a request that fails does some of its blocks all the same.
    private let doesSome: Bool
    /// A flaw of the simulator's own: it ends before its last blocks are stored.
    private let endsEarly: Bool

    init(
        _ request: BackendRequest, from shard: SimulatedShard, to store: FaultingBackend,
        _ result: BackendResult
    ) {
        self.request = request
        self.shard = shard
        self.store = store
        self.result = result
        let world = store.world
        command = world.judge.current
        generation = world.operations.generation(of: shard.shardID)
        let size = store.blockByteCount
        let count = request.byteCount / size
        let first = Int(request.offset) / size
        var blocks = Array(first..<first + count)
        // One order in two is that of the blocks; the other goes round from somewhere in the middle.
        if count > 1, world.random.chance(0.5) {
            let turn = world.random.below(count)
            blocks = Array(blocks[turn...] + blocks[..<turn])
        }
        blocksLeft = blocks
        doesSome = [.mediaError, .unreachable, .internalError, .noSpace].contains(result)
        endsEarly = world.flaw == .acknowledgesEarly && request.operation == .write
        if result != .success, !doesSome { blocksLeft = [] }
    }

    /// Does some of the blocks.
    func applySome() { apply(store.world.random.below(blocksLeft.count + 1)) }

    /// Does what is left; of a request that fails, as much as happens.
    func applyRest() {
        if result != .success { return applySome() }
        if endsEarly {
            let late = blocksLeft
            let values = late.map { value(for: $0) }
            blocksLeft = []
            store.world.schedule(after: 20_000_000) { [store] in
                for (block, value) in zip(late, values) { _ = store.write(block, value) }
            }
            return
        }
        apply(blocksLeft.count)
    }

    private func apply(_ count: Int) {
        for _ in 0..<count where !blocksLeft.isEmpty {
            apply(block: blocksLeft.removeFirst())
        }
    }

    private func apply(block: Int) {
        let size = store.blockByteCount
        switch request.operation {
        case .flush:
            return
        case .read:
            guard let value = store.read(block) else { return fail(.mediaError) }
            BlockPattern.fill(bytes(of: block), with: value)
        case .write:
            let isThere = store.write(block, value(for: block))
            if !isThere { fail(.mediaError) }
        case .compare:
            guard let value = store.read(block) else { return fail(.mediaError) }
            let theirs = BlockPattern.value(of: UnsafeRawBufferPointer(bytes(of: block)))
            if theirs != value { fail(.miscompare) }
        case .compareAndWrite:
            guard let value = store.read(block) else { return fail(.mediaError) }
            let theirs = BlockPattern.value(of: UnsafeRawBufferPointer(bytes(of: block)))
            if theirs != value { return fail(.miscompare) }
            let new = UnsafeRawBufferPointer(start: request.writeBuffer, count: store.blockByteCount)
            _ = store.write(block, BlockPattern.value(of: new) ?? 0)
        case .writeZeroes:
            if !store.write(block, 0) { fail(.mediaError) }
        case .deallocate:
            // What is smaller than the store's unit may stay as it is.
            let unit = max(1, 4096 / size)
            let first = Int(request.offset) / size
            let last = first + request.byteCount / size
            let start = block / unit * unit
            if start >= first, start + unit <= last { _ = store.write(block, 0) }
        }
    }

    private func fail(_ result: BackendResult) {
        if self.result == .success { self.result = result }
        blocksLeft = []
    }

    private func value(for block: Int) -> UInt64 {
        guard let value = BlockPattern.value(of: UnsafeRawBufferPointer(bytes(of: block))) else {
            store.world.fail("the store was given bytes for block \(block) that no host wrote")
            return 0
        }
        return value
    }

    private func bytes(of block: Int) -> UnsafeMutableRawBufferPointer {
        let offset = block * store.blockByteCount - Int(request.offset)
        return UnsafeMutableRawBufferPointer(
            start: request.buffer! + offset, count: store.blockByteCount)
    }
}
