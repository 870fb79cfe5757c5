// What a shard's driver and its core call a connection by.

/// One connection of a shard: an index into the shard's table, and a generation that tells it from earlier
/// users of it.
public struct ConnectionID: Hashable, Sendable, BitwiseCopyable {
    public let index: UInt32
    public let generation: UInt32

    public init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }
}
