// What shards tell each other, and what the program tells them. Messages are rare, arrive in order per sender, and may be
// delayed: whoever takes one checks that what it names is still there.

/// A message to one shard.
public enum ShardMessage: Sendable {
    /// The configuration is now this one.
    case model(TargetModel)
    /// The namespace's store changed its size or its abilities.
    case geometryChanged(subsystem: String, namespace: UInt32)
    /// Take no new connection, end what is under way, close all, then say `ShardAction.drained`.
    case drain
}
