// Disconnect through whole shards: an I/O queue is deleted, and its association is none the worse.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Disconnect")
struct DisconnectTests {
    @Test(
        "Disconnect deletes one I/O queue; the association lives on and the queue can come again",
        arguments: [1, 2])
    func deletesQueue(shardCount: Int) throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), shardCount: shardCount)
        let answer = host.io.run(DisconnectCommand().entry(commandID: 0)).completion
        #expect(answer?.status == .success)
        host.fixture.pump()
        #expect(host.io.isClosed)
        host.fixture.advance(milliseconds: 60_000)
        #expect(!host.admin.isClosed)
        #expect(host.admin.property(.status) == 1)
        let again = try #require(host.fixture.host())
        let connected = try again.connect(
            to: ConnectedHost.subsystemNQN, queue: 1, entries: 128, controller: host.controllerID)
        #expect(connected?.status == .success)
        #expect(again.read(start: 0, blocks: 1).data == [UInt8](repeating: 0, count: 512))
    }

    @Test("Nothing follows the answer to Disconnect, not even a command that was under way")
    func isLast() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        let read = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        let disconnect = host.io.start(DisconnectCommand().entry(commandID: 0))
        backend.release()
        host.fixture.pump()
        #expect(host.io.completions[disconnect]?.status == .success)
        #expect(host.io.completions[read] == nil)
        #expect(host.io.isClosed)
        #expect(host.fixture.shards.allSatisfy { $0.slab.count == 0 })
    }

    @Test("A Disconnect of another format is refused, and the queue goes on")
    func format() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let answer = host.io.run(DisconnectCommand(recordFormat: 1).entry(commandID: 0)).completion
        #expect(answer?.status.kind == .connectIncompatibleFormat)
        #expect(host.io.read(start: 0, blocks: 1).data.count == 512)
    }

    @Test("A host that deletes I/O queues one by one loses one alone, and can connect it again")
    func lostAlone() throws {
        let host = try ConnectedHost(
            MemoryBackend(byteCount: 1 << 20), attributes: .individualQueueDeletion)
        host.fixture.disconnect(host.io)
        host.fixture.advance(milliseconds: 60_000)
        host.fixture.pump()
        #expect(!host.admin.isClosed)
        let again = try #require(host.fixture.host())
        let connected = try again.connect(
            to: ConnectedHost.subsystemNQN, queue: 1, entries: 128, controller: host.controllerID)
        #expect(connected?.status == .success)
    }

    @Test("An I/O queue that is lost without Disconnect takes the association with it after the grace")
    func lost() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        host.fixture.disconnect(host.io)
        #expect(!host.admin.isClosed)
        host.fixture.advance(milliseconds: 60_000)
        host.fixture.pump()
        #expect(host.admin.isClosed)
    }
}
