// Accepting when descriptors run out: told once, tried again later, and sooner when a connection ends.

import CLiburing
import GatewayCore
import Testing

@testable import GatewayIO

@Suite struct AcceptTests {
    /// A shard on the test's own thread, with one listener.
    private func makeShard(_ log: RecordingLog) throws -> Shard {
        let handle = try ShardHandle(id: 0)
        let listener = try Listener(ListenAddress(host: "127.0.0.1", port: 0), portID: 1)
        let model = TargetModel(generation: 1, subsystems: [], ports: [])
        return try Shard(
            ShardConfiguration(
                handle: handle, peers: [handle], listeners: [listener], model: model,
                settlements: Settlements(), trafficReports: ShardReports(), controllerReports: ShardReports(),
                limits: Limits(), log: log, features: .all))
    }

    @Test("Being out of descriptors is logged and survived", arguments: [EMFILE, ENFILE, ENOMEM])
    func outOfDescriptors(errno: Int32) throws {
        let log = RecordingLog()
        let shard = try makeShard(log)
        shard.accept(0)
        #expect(shard.acceptDeadline == nil)
        shard.accepted(Completion(operation: Operation(.accept), result: -errno))
        #expect(log.lines.count == 1)
        #expect(log.lines[0].contains("new connections wait"))
        let deadline = try #require(shard.acceptDeadline)
        shard.retryAccepts()
        #expect(shard.acceptDeadline == deadline)
        shard.now = deadline
        shard.retryAccepts()
        #expect(shard.acceptDeadline == nil)
        #expect(shard.accepting[0].isArmed)
        shard.accepted(Completion(operation: Operation(.accept), result: -errno))
        #expect(log.lines.count == 1, "the same trouble is not told again at once")
    }

    @Test("A connection that is gone before it was accepted stops nothing")
    func goneAlready() throws {
        let log = RecordingLog()
        let shard = try makeShard(log)
        shard.accept(0)
        shard.accepted(Completion(operation: Operation(.accept), result: -ECONNABORTED))
        #expect(shard.accepting[0].isArmed)
        #expect(shard.acceptDeadline == nil)
        #expect(log.lines.isEmpty)
    }

    @Test("A connection that ends lets those who wait be accepted at once")
    func retriedOnClose() throws {
        let log = RecordingLog()
        let shard = try makeShard(log)
        let pair = SocketPair()
        shard.adopt(dup(pair.near), port: 1)
        #expect(shard.openCount == 1)
        shard.accept(0)
        shard.accepted(Completion(operation: Operation(.accept), result: -EMFILE))
        #expect(shard.acceptDeadline != nil)
        pair.closeFar()
        while shard.openCount > 0 { shard.turn() }
        #expect(shard.acceptDeadline == nil)
    }
}
