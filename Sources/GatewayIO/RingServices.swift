// What a shard offers to backends that live on it: its ring. The core hands it to `attached(to:)` and never
// looks inside.

import GatewayCore

/// What backends of this module find on a shard: its ring. Made and used on the shard's thread only.
final class RingServices: ShardServices {
    let shardID: Int
    let reactor: Reactor
    let files: FileOperations

    init(shardID: Int, reactor: Reactor, operationsMax: Int) {
        self.shardID = shardID
        self.reactor = reactor
        files = FileOperations(on: reactor, countMax: operationsMax)
    }
}
