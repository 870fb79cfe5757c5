// What the reconciler is told once, and its bounds, each with what happens when it is reached.

/// How a gateway applies its group's state.
public struct ReconcilerSettings: Sendable {
    /// Which listeners are this gateway's.
    public var hostName: String
    /// ANA groups that subsystems with high availability report, numbered from 1. A namespace in a higher
    /// one is not served.
    public var anaGroupsMax: UInt32 = 16
    /// Whether groups that the monitor has not spoken of are reached here (ANA Optimized), or not.
    public var groupsStartOptimized = true
    /// Namespaces of a subsystem whose entry has no bound.
    public var namespacesPerSubsystemMax: UInt32 = 512
    /// Whether hosts may reserve namespaces: only if no other gateway serves them.
    public var offersReservations = false
    /// What hosts see as the model (MN). It is part of the names of disks on hosts, which stay the same when
    /// a group's gateways are replaced.
    public var modelNumber = "Ceph bdev Controller"
    /// Stores that are opened at a time. More wait for their turn.
    public var opensMax = 64
    /// Stores that are closed at a time at the end. More wait; those of a cluster that does not answer take
    /// ten seconds and a thread each.
    public var closesMax = 1024
    /// The pauses before a store or an address is tried again: the first, and the longest. Each is twice the
    /// one before.
    public var firstRetry = Duration.seconds(1)
    public var longestRetry = Duration.seconds(30)
    /// How long a call waits for its change to be served.
    public var settleDeadline = Duration.seconds(5)
    /// How often it looks whether the machine has other addresses, while subsystems name networks.
    public var addressInterval = Duration.seconds(10)
    /// The machine's addresses.
    public var localAddresses: @Sendable () -> [String] = { [] }
    /// What the target's threads have done.
    public var shardStatistics: @Sendable () -> [ShardStatistics] = { [] }
    /// The lowest Port Identifier (PORTID) for ports of other gateways.
    public var firstPortIDElsewhere: UInt16 = 0x8000

    public init(hostName: String) { self.hostName = hostName }
}

/// When something is tried again that failed.
struct Backoff: Equatable {
    private(set) var failureCount = 0
    private(set) var nextTry: ContinuousClock.Instant?

    mutating func failed(_ settings: ReconcilerSettings, at now: ContinuousClock.Instant) {
        let pause = settings.firstRetry * Double(1 << min(failureCount, 16))
        nextTry = now + min(pause, settings.longestRetry)
        failureCount += 1
    }
}
