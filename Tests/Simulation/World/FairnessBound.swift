// Fairness: how many commands a shard may serve between the arrival of a command that is alone on its
// connection and its own service. It is counted in commands, so that no machine's speed is in it.

/// What a shard had served when a command arrived, and who could be served before it.
struct ShardLoad {
    /// Commands that reached a backend.
    var served: UInt64 = 0
    /// The entries of the queues that were open, and one each.
    var entries = 0
    /// The same of all queues that were ever opened.
    var entriesEver = 0
}

/// The bound.
///
/// A receive completes in the order that data came, and takes at most a staging buffer. Until the shard has
/// come round to the command's connection, each other one is served once, or twice if a send of its ended in
/// between and let it go on; and it can't have more operations than its queue's entries and one. The command
/// itself may take several receives (a small staging buffer; data that goes straight to its buffer), and may
/// wait for memory behind all those that waited before it.
enum FairnessBound {
    static func commands(before command: SimulatedCommand, on shard: SimulatedShard) -> Int {
        guard let arrival = command.arrival else { return Int.max }
        let others =
            arrival.entries + shard.load.entriesEver - arrival.entriesEver - command.queue.entries - 1
        let size = command.store?.blockByteCount ?? 0
        let bytes = command.wish.isInCapsule ? command.wish.values.count * size : 0
        let receives = 1 + (200 + bytes) / shard.habits.stagingByteCount + (bytes >= 4096 ? 1 : 0)
        return (2 * receives + 1) * others
    }
}
