// What reads of one store may return, judged by what hosts have done and seen, not by what the store holds:
// each block is a register that many write and read, and must behave as if every command that took effect had
// done so at one moment between its start and its end.
//
// A write that a host was told to have succeeded has its moment before that answer. One that failed half-way,
// or whose connection was lost, may take effect or not, at any moment until nothing of it is left in the
// target. A read's answer says more: what was over before the read began and is not what it saw is gone for
// those who begin after it.

/// The blocks of one store as hosts may see them.
final class ShadowDisk {
    /// A value that a block may have.
    private struct Candidate {
        let value: UInt64
        /// The write that stores it; 0 for the block's first content.
        let write: UInt64
        let start: UInt64
        /// When its write was over, however it went; for ever if it is not.
        var end: UInt64
        /// Reads that begin later don't see it.
        var goneAt = UInt64.max
    }

    private unowned let world: World
    let number: Int
    private var blocks: [[Candidate]]

    init(_ world: World, number: Int, blockCount: Int) {
        self.world = world
        self.number = number
        // A store may grow, and a write reach what was not there when it began.
        blocks = Array(repeating: [Self.fresh(at: 0)], count: blockCount * 2 + 64)
    }

    private static func fresh(at step: UInt64) -> Candidate {
        Candidate(value: 0, write: 0, start: step, end: step)
    }

    /// Blocks beyond the end are lost, new ones are zeroes; writes that are under way may still reach either.
    func resize(from old: Int, to new: Int) {
        precondition(new <= blocks.count, "there is a shadow of every block that there may ever be")
        guard old < new else { return }
        let now = world.step
        for block in old..<new {
            for index in blocks[block].indices where blocks[block][index].end < now {
                blocks[block][index].goneAt = min(blocks[block][index].goneAt, now)
            }
            blocks[block].append(Self.fresh(at: now))
        }
    }

    /// A write begins: from now on its value may be seen.
    func begin(_ write: UInt64, block: Int, value: UInt64) {
        guard block < blocks.count else { return }
        prune(block)
        blocks[block].append(
            Candidate(value: value, write: write, start: world.step, end: .max))
    }

    /// The write is over and took effect: what was over before it began is gone.
    func succeed(_ write: UInt64, block: Int) {
        guard let index = index(of: write, block) else { return }
        let now = world.step
        blocks[block][index].end = now
        let start = blocks[block][index].start
        for other in blocks[block].indices where other != index && blocks[block][other].end < start {
            blocks[block][other].goneAt = min(blocks[block][other].goneAt, now)
        }
    }

    /// The write is over; whether it took effect is not known.
    func end(_ write: UInt64, block: Int) {
        guard let index = index(of: write, block) else { return }
        blocks[block][index].end = min(blocks[block][index].end, world.step)
    }

    /// The write never reached the store, and never will.
    func withdraw(_ write: UInt64, block: Int) {
        guard let index = index(of: write, block) else { return }
        blocks[block].remove(at: index)
    }

    /// Whether a read that began at `start` and is over now may return `value`.
    /// - Parameter write: What this write has stored does not count.
    func permits(_ value: UInt64, block: Int, since start: UInt64, besides write: UInt64? = nil) -> Bool {
        guard block < blocks.count else { return true }
        return blocks[block].contains { $0.value == value && $0.goneAt >= start && $0.write != write }
    }

    /// Whether it may return anything but `value`.
    func permitsOther(than value: UInt64, block: Int, since start: UInt64) -> Bool {
        guard block < blocks.count else { return true }
        return blocks[block].contains { $0.value != value && $0.goneAt >= start }
    }

    /// A read that began at `start` is over and returned `value`.
    func observe(_ value: UInt64, block: Int, since start: UInt64) {
        guard block < blocks.count else { return }
        for index in blocks[block].indices {
            let candidate = blocks[block][index]
            if candidate.value != value, candidate.end < start {
                blocks[block][index].goneAt = min(candidate.goneAt, world.step)
            }
        }
    }

    /// All that a read since `start` could return, for messages.
    func describe(_ block: Int, since start: UInt64) -> String {
        guard block < blocks.count else { return "nothing" }
        let list = blocks[block].filter { $0.goneAt >= start }.map { candidate in
            let end = candidate.end == .max ? "open" : "\(candidate.end)"
            return "\(candidate.value) (write \(candidate.write), steps \(candidate.start) to \(end))"
        }
        return list.joined(separator: ", ")
    }

    private func index(of write: UInt64, _ block: Int) -> Int? {
        guard block < blocks.count else { return nil }
        return blocks[block].lastIndex { $0.write == write }
    }

    /// Forgets what no command under way may see any more.
    private func prune(_ block: Int) {
        guard blocks[block].count > 8 else { return }
        let oldest = world.judge.oldestStart
        blocks[block].removeAll { $0.goneAt < oldest }
    }
}
