// What a thread of the target says of itself: figures of how it works, not of what hosts did
// (Target.traffic).

/// How a shard's thread has worked since the target started.
public struct ThreadReport: Sendable {
    /// The shard's number, from 0.
    public let shardID: Int
    /// Turns: each is one system call, which submits all that the turn before it asked for.
    public let turns: UInt64
    /// Turns that began with nothing to do, so that the kernel was to wait for something.
    public let sleeps: UInt64
}
