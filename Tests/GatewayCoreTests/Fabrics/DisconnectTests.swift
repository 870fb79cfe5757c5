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

    @Test("Disconnect is answered last, when nothing of its queue is at a backend any more")
    func isLast() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        let block = [UInt8](repeating: 1, count: 512)
        let write = host.io.start(TestHost.io(.write), data: block)
        let read = host.io.start(TestHost.io(.read, start: 1), reading: 512)
        host.fixture.pump()
        let disconnect = host.io.start(DisconnectCommand().entry(commandID: 0))
        host.fixture.pump()
        #expect(host.io.responseOrder.count == 1, "only Connect is answered: the write can take effect")
        #expect(!host.io.isClosed)
        backend.release()
        host.fixture.pump()
        #expect(Array(host.io.responseOrder.dropFirst()) == [write, read, disconnect])
        #expect(host.io.completions.values.allSatisfy { $0.status == .success })
        #expect(host.io.isClosed)
        #expect(host.fixture.shards.allSatisfy { $0.slab.count == 0 })
    }

    @Test("Disconnect aborts what no backend has: commands that wait for memory, or for their data")
    func abortsWaiting() throws {
        var limits = Limits()
        limits.transferShift = 1
        limits.bufferBytesMax = 5 * 4096
        let backend = PendingBackend(byteCount: 1 << 20, compareAndWriteByteCountMax: 512)
        let host = try ConnectedHost(backend, limits: limits)
        host.io.keepsTransfers = true
        let block = [UInt8](repeating: 1, count: 512)
        let transferring = host.io.start(TestHost.io(.write), data: block, inCapsule: false)
        let pair = host.io.startPair(compare: block, write: block, .transfers)
        let reads = (0..<2).map {
            host.io.start(TestHost.io(.read, start: UInt64($0) * 16, blocks: 16), reading: 8192)
        }
        host.fixture.pump()
        #expect(backend.heldCount == 1, "the other read waits for memory")
        let disconnect = host.io.start(DisconnectCommand().entry(commandID: 0))
        host.fixture.pump()
        let aborted = [transferring, pair.compare, pair.write, reads[1]]
        #expect(aborted.allSatisfy { host.io.completions[$0]?.status.kind == .abortedQueueDeletion })
        #expect(host.io.completions[disconnect] == nil)
        // Data that the host sends all the same is nobody's.
        host.io.answerTransfer(transferring)
        backend.release()
        host.fixture.pump()
        #expect(host.io.completions[reads[0]]?.status == .success)
        #expect(host.io.responseOrder.last == disconnect)
        #expect(host.io.isClosed)
        #expect(host.fixture.shards.allSatisfy { $0.slab.count == 0 && $0.buffers.heldByteCount == 0 })
    }

    @Test("A host that is gone before its Disconnect is answered leaves nothing behind")
    func goneMeanwhile() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        _ = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        _ = host.io.start(DisconnectCommand().entry(commandID: 0))
        host.fixture.pump()
        host.fixture.disconnect(host.io)
        backend.release()
        host.fixture.pump()
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
