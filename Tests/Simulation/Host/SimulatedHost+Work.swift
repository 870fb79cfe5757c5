// The I/O of a host: commands of every kind, as many at once as the host keeps under way, now and then one
// that must be refused, and those again whose answers never came.

import GatewayCore
import NVMeTCP

extension SimulatedHost {
    /// Keeps a queue at its depth.
    func work(on queue: HostQueue) {
        guard phase == .working, !queue.isEnded else { return }
        while queue.outstandingCount < min(plan.depth, queue.entries - 1), !isMute {
            if quota > 0, world.random.chance(0.04), queue.outstandingCount + 2 < queue.entries {
                sendFused(on: queue)
                continue
            }
            if quota > 0, plan.usesReservations, hasReservations, world.random.chance(0.15),
                sendReservation(on: queue)
            {
                continue
            }
            guard let wish = nextWish() else { return }
            send(world.judge.sent(wish, on: queue), on: queue)
        }
    }

    private func nextWish() -> CommandWish? {
        if !unanswered.isEmpty, world.random.chance(0.5) { return nextUnanswered() }
        if quota > 0 {
            quota -= 1
            return makeWish()
        }
        return unanswered.isEmpty ? nil : nextUnanswered()
    }

    private func nextUnanswered() -> CommandWish {
        var wish = unanswered.removeFirst()
        // Each value is written once, so that a reader knows who wrote it.
        if wish.kind == .write { wish.values = world.judge.freshValues(wish.blockCount) }
        return wish
    }

    /// Compare and Write of one block: what is there now, mostly, for something new.
    private func sendFused(on queue: HostQueue) {
        quota -= 1
        let namespaceID = UInt32(world.random.between(1, world.stores.count))
        let store = world.stores[Int(namespaceID) - 1]
        let block = world.random.below(min(8, store.blockCount))
        var compare = CommandWish(kind: .fusedCompare, namespaceID: namespaceID, ranges: [block..<block + 1])
        compare.values = [world.random.chance(0.1) ? 7 << 40 : store.read(block) ?? 0]
        var write = CommandWish(kind: .fusedWrite, namespaceID: namespaceID, ranges: compare.ranges)
        write.values = world.judge.freshValues(1)
        write.forceUnitAccess = world.random.chance(0.1)
        compare.isInCapsule = world.random.chance(0.6)
        write.isInCapsule = world.random.chance(0.6)
        for command in world.judge.sent(compare, write, on: queue) { send(command, on: queue) }
    }

    func send(_ command: SimulatedCommand, on queue: HostQueue) {
        let wish = command.wish
        let store = world.operations.store(of: wish.namespaceID)
        let size = store?.blockByteCount ?? 512
        var data: [UInt8] = []
        var reading = 0
        switch wish.kind {
        case .write, .compare, .fusedCompare, .fusedWrite:
            data = BlockPattern.bytes(of: wish.values, blockByteCount: size)
        case .read: reading = wish.blockCount * size
        case .deallocate, .hint: data = Self.rangeBytes(wish.ranges)
        case .copy: data = Self.copyBytes(wish)
        case .reservation: data = Self.keyBytes(wish)
        default: break
        }
        let epoch = epoch
        queue.send(
            Self.entry(wish), data: data, inCapsule: wish.isInCapsule, reading: reading, for: command
        ) { [self] _, _ in
            if epoch == self.epoch { later(0) { [self] in work(on: queue) } }
        }
    }

    private static func rangeBytes(_ ranges: [Range<Int>]) -> [UInt8] {
        var bytes: [UInt8] = []
        for range in ranges {
            var words = [UInt64(range.count) << 32, UInt64(range.lowerBound)]
            words.withUnsafeMutableBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    private static func copyBytes(_ wish: CommandWish) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: wish.ranges.count * CopySourceRange.byteCount)
        bytes.withUnsafeMutableBytes { raw in
            var span = raw.mutableBytes
            for (index, range) in wish.ranges.enumerated() {
                CopySourceRange(
                    namespaceID: wish.sourceIDs.isEmpty ? 0 : wish.sourceIDs[index],
                    startingLBA: UInt64(range.lowerBound), blockCount: UInt32(range.count)
                ).encode(into: &span, at: index * CopySourceRange.byteCount)
            }
        }
        return bytes
    }

    private static func entry(_ wish: CommandWish) -> SubmissionEntry {
        let opcode: IOOpcode
        switch wish.kind {
        case .read: opcode = .read
        case .write: opcode = .write
        case .compare, .fusedCompare: opcode = .compare
        case .fusedWrite: opcode = .write
        case .writeZeroes: opcode = .writeZeroes
        case .deallocate, .hint: opcode = .datasetManagement
        case .verify: opcode = .verify
        case .copy: opcode = .copy
        default: opcode = .flush
        }
        var entry = SubmissionEntry(opcode: opcode.rawValue)
        entry.dword1 = wish.namespaceID
        if let reservation = wish.reservation { return reserve(reservation, entry) }
        if wish.kind == .fusedCompare { entry.dword0 |= 1 << 8 }
        if wish.kind == .fusedWrite { entry.dword0 |= 2 << 8 }
        switch wish.kind {
        case .deallocate, .hint:
            entry.dword10 = UInt32(wish.ranges.count - 1)
            entry.dword11 = wish.kind == .deallocate ? 4 : 1
        case .flush, .flushAll, .refusedIO: break
        case .copy:
            entry.dword10 = UInt32(wish.destination)
            entry.dword12 = UInt32(wish.ranges.count - 1) | (wish.sourceIDs.isEmpty ? 0 : 2 << 8)
            if wish.forceUnitAccess { entry.dword12 |= 1 << 30 }
        default:
            entry.dword10 = UInt32(wish.ranges[0].lowerBound)
            entry.dword12 = UInt32(wish.ranges[0].count - 1)
            if wish.forceUnitAccess { entry.dword12 |= 1 << 30 }
            if wish.mayDeallocate { entry.dword12 |= 1 << 25 }
        }
        return entry
    }

    // MARK: What it wants

    private func makeWish() -> CommandWish {
        let namespaceID = UInt32(world.random.between(1, world.stores.count))
        let store = world.stores[Int(namespaceID) - 1]
        let kinds: [CommandKind] = [
            .read, .write, .compare, .writeZeroes, .deallocate, .hint, .flush, .flushAll, .verify, .copy,
            .refusedIO,
        ]
        let kind = kinds[world.random.weighted([36, 36, 6, 5, 5, 1, 4, 1, 2, 5, 3])]
        var wish = CommandWish(kind: kind, namespaceID: namespaceID)
        switch kind {
        case .read, .write, .compare, .writeZeroes, .verify:
            let isLong = kind == .writeZeroes || kind == .verify
            wish.ranges = [makeRange(in: store, countMax: isLong ? 64 : nil)]
            wish.forceUnitAccess = world.random.chance(0.1)
            wish.mayDeallocate = kind == .writeZeroes && world.random.chance(0.3)
        case .deallocate, .hint: wish.ranges = makeRanges(in: store)
        case .flushAll: wish.namespaceID = 0xFFFF_FFFF
        case .refusedIO: return makeRefused(wish)
        case .copy: wish = makeCopy(wish, to: store)
        default: break
        }
        if kind == .write { wish.values = world.judge.freshValues(wish.blockCount) }
        if kind == .compare {
            // What is there now, mostly; somebody may write in between.
            wish.values = wish.ranges[0].map { store.read($0) ?? 0 }
            if world.random.chance(0.2) { wish.values[world.random.below(wish.values.count)] = 7 << 40 }
        }
        let byteCount: Int
        switch kind {
        case .deallocate, .hint: byteCount = wish.ranges.count * DatasetRange.byteCount
        case .copy: byteCount = wish.ranges.count * CopySourceRange.byteCount
        default: byteCount = wish.values.count * store.blockByteCount
        }
        wish.isInCapsule =
            byteCount > 0 && byteCount <= world.plan.limits.inCapsuleBytesMax && world.random.chance(0.6)
        return wish
    }

    /// Most commands meet others in few places.
    private func makeRange(in store: FaultingBackend, countMax: Int? = nil) -> Range<Int> {
        let longest = max(1, countMax ?? world.plan.limits.transferBytesMax / store.blockByteCount)
        // Some are refused for reaching beyond the end, which moves.
        let end = world.random.chance(0.03) ? store.blockCount + 8 : store.blockCount
        var count = world.random.chance(0.6) ? world.random.between(1, 8) : world.random.between(1, longest)
        count = min(count, longest, end)
        let place = world.random.chance(0.6) ? min(16, end - count) : end - count
        let start = world.random.between(0, max(0, place))
        return start..<start + count
    }

    /// Ranges that don't overlap, some of them empty.
    private func makeRanges(in store: FaultingBackend) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = world.random.below(8)
        for _ in 0..<world.random.between(1, 4) {
            let count = world.random.chance(0.1) ? 0 : world.random.between(1, 24)
            guard start + count <= store.blockCount else { break }
            ranges.append(start..<start + count)
            start += count + world.random.below(8)
        }
        return ranges.isEmpty ? [0..<1] : ranges
    }

    /// Within a namespace, or from any to this one. Only a Copy of one range within a namespace may have a
    /// destination that overlaps it.
    private func makeCopy(_ plain: CommandWish, to store: FaultingBackend) -> CommandWish {
        var wish = plain
        wish.forceUnitAccess = world.random.chance(0.1)
        let isAcross = plan.enablesCopyAcross && world.random.chance(0.5)
        let count = world.random.between(1, 3)
        for _ in 0..<count {
            let source = isAcross ? world.random.pick(world.stores) : store
            if isAcross { wish.sourceIDs.append(UInt32(source.number + 1)) }
            wish.ranges.append(makeRange(in: source, countMax: 24))
        }
        wish.destination = world.random.below(store.blockCount)
        let overlaps = wish.ranges.indices.contains { index in
            let isHere = !isAcross || wish.sourceIDs[index] == wish.namespaceID
            let end = wish.destination + wish.blockCount
            return isHere && wish.ranges[index].overlaps(wish.destination..<end)
        }
        // With several ranges one would read what another has written.
        if overlaps, isAcross || count > 1 { return makeCopy(plain, to: store) }
        return wish
    }

    /// A command that no target may carry out.
    private func makeRefused(_ wish: CommandWish) -> CommandWish {
        var wish = wish
        switch world.random.below(5) {
        case 0:
            wish.refusal = .invalidOpcode.notRetryable
            wish.spoil = { $0.dword0 = $0.dword0 & ~0xFF | 0x8D }
        case 1:
            wish.refusal = .invalidNamespaceOrFormat.notRetryable
            wish.spoil = { $0.dword1 = 0 }
        case 2:
            wish.refusal = .invalidNamespaceOrFormat.notRetryable
            wish.spoil = { $0.dword1 = 0xFFFF_FF00 }
        case 3:
            wish.refusal = .invalidOpcode.notRetryable
            wish.spoil = { $0.dword0 = $0.dword0 & ~0xFF | 0x04 }
        default:
            // Fabrics commands other than Disconnect have no place on an I/O queue.
            wish.refusal = .invalidField.notRetryable
            wish.spoil = {
                $0.dword0 = $0.dword0 & ~0xFF | 0x7F
                $0.dword1 = 0x04
            }
        }
        return wish
    }
}
