// What was done between two looks at a gateway's counters, and the figures that people read of it.

import GatewayControl
import GatewayRPC

/// Commands that have ended, and those under way: a counter's state, or the difference of two.
struct WorkDone: Equatable, Sendable {
    var readCount: UInt64 = 0
    var readBytes: UInt64 = 0
    var writeCount: UInt64 = 0
    var writtenBytes: UInt64 = 0
    /// Reads, writes and all others, and how long they took together.
    var endedCount: UInt64 = 0
    var endedNanoseconds: UInt64 = 0
    /// At the moment: no counter.
    var inFlightCount: UInt64 = 0

    /// What was done since `earlier`. Counters that are smaller than before began anew meanwhile.
    func since(_ earlier: WorkDone?) -> WorkDone {
        guard let earlier, earlier.endedCount <= endedCount, earlier.readCount <= readCount,
            earlier.writeCount <= writeCount
        else { return self }
        var work = self
        work.readCount -= earlier.readCount
        work.readBytes &-= earlier.readBytes
        work.writeCount -= earlier.writeCount
        work.writtenBytes &-= earlier.writtenBytes
        work.endedCount -= earlier.endedCount
        work.endedNanoseconds &-= earlier.endedNanoseconds
        return work
    }

    static func += (sum: inout WorkDone, other: WorkDone) {
        sum.readCount += other.readCount
        sum.readBytes += other.readBytes
        sum.writeCount += other.writeCount
        sum.writtenBytes += other.writtenBytes
        sum.endedCount += other.endedCount
        sum.endedNanoseconds += other.endedNanoseconds
        sum.inFlightCount += other.inFlightCount
    }
}

extension WorkDone {
    init(_ namespace: PB_namespace_activity) {
        let kinds = [namespace.reads, namespace.writes, namespace.others]
        readCount = namespace.reads.count
        readBytes = namespace.reads.byteCount
        writeCount = namespace.writes.count
        writtenBytes = namespace.writes.byteCount
        endedCount = kinds.reduce(0) { $0 + $1.count }
        endedNanoseconds = kinds.reduce(0) { $0 + $1.nanoseconds }
        inFlightCount = UInt64(namespace.inFlightCount)
    }

    init(_ controller: PB_controller_activity) {
        readCount = controller.readCount
        readBytes = controller.readBytes
        writeCount = controller.writeCount
        writtenBytes = controller.writtenBytes
        endedCount = controller.endedCount
        endedNanoseconds = controller.endedNanoseconds
        inFlightCount = UInt64(controller.inFlightCount)
    }
}

/// Work over a time, as figures.
struct WorkRate: Sendable {
    let work: WorkDone
    let seconds: Double

    var readsPerSecond: Double { Double(work.readCount) / seconds }
    var writesPerSecond: Double { Double(work.writeCount) / seconds }
    var readBytesPerSecond: Double { Double(work.readBytes) / seconds }
    var writtenBytesPerSecond: Double { Double(work.writtenBytes) / seconds }
    /// Of all commands that ended.
    var meanMicroseconds: Double {
        work.endedCount == 0 ? 0 : Double(work.endedNanoseconds) / Double(work.endedCount) / 1000
    }
    /// Commands under way, in the mean: each that ended was one for as long as it took (Little's law). Where
    /// none ends, those that are under way.
    var queueDepth: Double {
        work.endedCount == 0 ? Double(work.inFlightCount) : Double(work.endedNanoseconds) / seconds / 1e9
    }
}

extension Column {
    /// The figures of a row's work.
    static func figures(_ rate: @escaping @Sendable (Row) -> WorkRate) -> [Column] {
        [
            .figure("reads_per_second", "Reads/s", { rate($0).readsPerSecond }, Quantity.count),
            .figure("writes_per_second", "Writes/s", { rate($0).writesPerSecond }, Quantity.count),
            .figure(
                "read_bytes_per_second", "Read/s", { rate($0).readBytesPerSecond }, Quantity.bytes),
            .figure(
                "written_bytes_per_second", "Written/s", { rate($0).writtenBytesPerSecond },
                Quantity.bytes),
            .figure(
                "mean_latency_microseconds", "Latency", { rate($0).meanMicroseconds },
                Quantity.microseconds),
            .figure("queue_depth", "Depth", { rate($0).queueDepth }, Quantity.tenths),
            .number("in_flight") { rate($0).work.inFlightCount },
        ]
    }
}
