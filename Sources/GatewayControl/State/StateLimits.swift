// Every bound and deadline of the group's state, each with what happens when it is reached.

/// The bounds of a gateway's hold on its group's state.
public struct StateLimits: Sendable {
    /// How often the store is asked for its version, besides when it says itself that it changed
    /// (upstream's `state_update_interval_sec`). Nil: never; for tests, and for a store of one process.
    public var pollInterval: Duration? = .seconds(5)
    /// How often a change is decided anew because others were faster. Then it fails with EAGAIN.
    public var attemptsMax = 100
    /// Changes that wait for their turn in this process. One more fails with EAGAIN.
    public var waitingMax = 1024

    public init() {}
}
