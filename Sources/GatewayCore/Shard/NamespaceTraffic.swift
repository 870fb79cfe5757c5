// What hosts did with a namespace and how long it took: counted by each shard for itself, with the moments
// that its driver gave it, and told on request. Who publishes figures adds up the shards.

internal import NVMeTCP

/// Commands of one kind that have ended.
public struct CommandTotals: Sendable, Equatable, BitwiseCopyable {
    /// How many, failed ones included.
    public var count: UInt64 = 0
    /// Those that failed.
    public var failureCount: UInt64 = 0
    /// The data that the others moved.
    public var byteCount: UInt64 = 0
    /// From the capsule's arrival to its answer, all together, in nanoseconds. A command that arrives and is
    /// answered in one turn of its shard counts 0.
    public var nanoseconds: UInt64 = 0

    public init() {}

    public static func += (sum: inout CommandTotals, other: CommandTotals) {
        sum.count &+= other.count
        sum.failureCount &+= other.failureCount
        sum.byteCount &+= other.byteCount
        sum.nanoseconds &+= other.nanoseconds
    }
}

/// All commands of one namespace that have ended.
public struct TrafficTotals: Sendable, Equatable, BitwiseCopyable {
    public var reads = CommandTotals()
    public var writes = CommandTotals()
    /// All that neither reads nor writes for the host.
    public var others = CommandTotals()

    public init() {}

    public static func += (sum: inout TrafficTotals, other: TrafficTotals) {
        sum.reads += other.reads
        sum.writes += other.writes
        sum.others += other.others
    }
}

/// What was done with one namespace since it was added or became another one.
public struct NamespaceTraffic: Sendable, Equatable {
    public let subsystemNQN: String
    public let namespaceID: UInt32
    public var totals: TrafficTotals
    /// Commands under way.
    public var inFlightCount: Int

    public init(
        subsystemNQN: String, namespaceID: UInt32, totals: TrafficTotals, inFlightCount: Int = 0
    ) {
        self.inFlightCount = inFlightCount
        self.subsystemNQN = subsystemNQN
        self.namespaceID = namespaceID
        self.totals = totals
    }
}

extension TrafficTotals {
    /// Counts a command that has ended.
    mutating func count(_ action: IOAction, _ status: Status, byteCount: Int, nanoseconds: UInt64) {
        var ended = CommandTotals()
        ended.count = 1
        ended.nanoseconds = nanoseconds
        if status.isSuccess { ended.byteCount = UInt64(byteCount) } else { ended.failureCount = 1 }
        if action == .read {
            reads += ended
        } else if action == .write {
            writes += ended
        } else {
            others += ended
        }
    }
}

extension TargetShard {
    /// What this shard has counted.
    func traffic() -> [NamespaceTraffic] {
        subsystems.values.flatMap { subsystem in
            subsystem.all.map {
                NamespaceTraffic(
                    subsystemNQN: subsystem.subsystem.nqn, namespaceID: $0.namespace.id, totals: $0.traffic,
                    inFlightCount: $0.inFlightCount)
            }
        }
    }
}
