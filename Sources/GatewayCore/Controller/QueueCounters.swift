// What one queue has done, counted by the shard of its connection and read by the shard of its controller:
// for traffic based keep-alive, for the SMART / Health log, and for who watches hosts.

internal import Synchronization

/// Counters of one queue. Only the queue's own shard writes, so that a count is a load and a store, not a
/// locked addition.
public final class QueueCounters: Sendable {
    private let commandCount = Atomic<UInt64>(0)
    private let readCount = Atomic<UInt64>(0)
    private let readBytes = Atomic<UInt64>(0)
    private let writeCount = Atomic<UInt64>(0)
    private let writtenBytes = Atomic<UInt64>(0)
    private let endedCount = Atomic<UInt64>(0)
    private let endedNanoseconds = Atomic<UInt64>(0)
    private let underWayCount = Atomic<UInt64>(0)

    /// Counts a command's arrival.
    func countCommand() { commandCount.bump(1) }

    /// Counts a Read or Compare that succeeded, and its data.
    func countRead(byteCount: Int) {
        readCount.bump(1)
        readBytes.bump(UInt64(byteCount))
    }

    /// Counts the data of a Verify that succeeded: no host command, but read all the same.
    func countVerified(byteCount: Int) { readBytes.bump(UInt64(byteCount)) }

    /// Counts a Copy that succeeded: a command of both kinds, and its data is written.
    func countCopy(byteCount: Int) {
        readCount.bump(1)
        countWrite(byteCount: byteCount)
    }

    /// Counts a Write that succeeded, and its data.
    func countWrite(byteCount: Int) {
        writeCount.bump(1)
        writtenBytes.bump(UInt64(byteCount))
    }

    /// Counts an I/O command that has ended, however, with the time since its arrival.
    func countEnd(nanoseconds: UInt64) {
        endedCount.bump(1)
        endedNanoseconds.bump(nanoseconds)
    }

    /// So many commands are under way now.
    func setUnderWay(_ count: Int) { underWayCount.store(UInt64(count), ordering: .relaxed) }

    /// Commands under way.
    var underWay: Int { Int(underWayCount.load(ordering: .relaxed)) }

    /// What was counted so far; each number is true for itself.
    var totals: QueueTotals {
        QueueTotals(
            commandCount: commandCount.load(ordering: .relaxed),
            readCount: readCount.load(ordering: .relaxed),
            readBytes: readBytes.load(ordering: .relaxed), writeCount: writeCount.load(ordering: .relaxed),
            writtenBytes: writtenBytes.load(ordering: .relaxed),
            endedCount: endedCount.load(ordering: .relaxed),
            endedNanoseconds: endedNanoseconds.load(ordering: .relaxed))
    }
}

extension Atomic where Value == UInt64 {
    /// Adds, where there is one writer.
    fileprivate borrowing func bump(_ amount: UInt64) {
        store(load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}

/// Sums of counters.
struct QueueTotals: Equatable, BitwiseCopyable {
    var commandCount: UInt64 = 0
    var readCount: UInt64 = 0
    var readBytes: UInt64 = 0
    var writeCount: UInt64 = 0
    var writtenBytes: UInt64 = 0
    var endedCount: UInt64 = 0
    var endedNanoseconds: UInt64 = 0

    static func += (sum: inout QueueTotals, other: QueueTotals) {
        sum.commandCount &+= other.commandCount
        sum.readCount &+= other.readCount
        sum.readBytes &+= other.readBytes
        sum.writeCount &+= other.writeCount
        sum.writtenBytes &+= other.writtenBytes
        sum.endedCount &+= other.endedCount
        sum.endedNanoseconds &+= other.endedNanoseconds
    }
}
