// Queues that come and go while stores are slow: orphans, back-pressure, tear-down, drains, and shards that
// talk by message.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Life of queues")
struct ShardLifeTests {
    @Test("An I/O queue may live on another shard than its controller")
    func twoShards() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), shardCount: 2)
        let data = [UInt8](repeating: 7, count: 4096)
        #expect(host.io.write(start: 0, data: data)?.status == .success)
        #expect(host.io.read(start: 0, blocks: 8).data == data)
    }

    @Test("A host that goes while the store works leaves orphans, which end when the store does")
    func orphans() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, shardCount: 2)
        for block in 0..<8 {
            _ = host.io.start(
                TestHost.io(.write, start: UInt64(block)), data: [UInt8](repeating: 9, count: 512))
        }
        host.fixture.pump()
        #expect(backend.heldCount == 8)
        host.fixture.disconnect(host.io)
        host.fixture.disconnect(host.admin)
        #expect(host.fixture.shards[1].buffers.heldByteCount == 8 * 4096)
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.shards[1].buffers.heldByteCount == 0)
        #expect(host.fixture.shards.allSatisfy { $0.connections.count == 0 && $0.controllers.isEmpty })
    }

    @Test("Commands wait for memory in their order, and none is lost")
    func backPressure() throws {
        var limits = Limits()
        limits.transferShift = 1
        limits.bufferBytesMax = 4 * 4096
        limits.capsuleBufferBytesMax = 2 * 4096
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, limits: limits)
        let reads = (0..<16).map { host.io.start(TestHost.io(.read, start: UInt64($0)), reading: 512) }
        let writes = (16..<32).map {
            host.io.start(
                TestHost.io(.write, start: UInt64($0)), data: [UInt8](repeating: UInt8($0), count: 512))
        }
        host.fixture.pump()
        var rounds = 0
        while backend.heldCount > 0 {
            #expect(backend.heldCount <= 4 + 2)
            backend.release()
            host.fixture.pump()
            rounds += 1
        }
        #expect(rounds >= 6)
        for id in reads + writes { #expect(host.io.completions[id]?.status == .success) }
    }

    @Test("Admin commands are served while I/O has all the memory")
    func adminReserve() throws {
        var limits = Limits()
        limits.transferShift = 1
        limits.bufferBytesMax = 8192
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, limits: limits)
        for block in 0..<4 { _ = host.io.start(TestHost.io(.read, start: UInt64(block)), reading: 512) }
        host.fixture.pump()
        var identify = SubmissionEntry(opcode: AdminOpcode.identify.rawValue)
        identify.dword10 = 1
        #expect(host.admin.run(identify, reading: 4096).completion?.status == .success)
        while backend.heldCount > 0 {
            backend.release()
            host.fixture.pump()
        }
    }

    @Test("Losing the admin queue closes the I/O queues")
    func adminLost() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), shardCount: 2)
        host.fixture.disconnect(host.admin)
        #expect(host.io.isClosed)
        #expect(host.fixture.shards[0].controllers.isEmpty)
    }

    @Test("Losing an I/O queue ends the association, after time for an orderly disconnect")
    func queueLost() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        host.fixture.disconnect(host.io)
        #expect(!host.admin.isClosed)
        host.fixture.advance(milliseconds: 3000)
        #expect(host.admin.isClosed)
    }

    @Test("A host that closes its I/O queues and then shuts down in order is not cut off")
    func orderlyDisconnect() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        host.fixture.disconnect(host.io)
        // CC as Linux sets it at disconnect: SHN normal.
        #expect(host.admin.setProperty(.configuration, to: 0x464061)?.status == .success)
        host.fixture.advance(milliseconds: 3000)
        #expect(!host.admin.isClosed)
        #expect(host.admin.property(.status).map { $0 & 0xC } == 0x8)
    }

    @Test("A shutdown is complete when volatile write caches are flushed, and not before")
    func shutdownFlush() throws {
        let backend = PendingBackend(byteCount: 1 << 20, hasVolatileWriteCache: true)
        let host = try ConnectedHost(backend)
        #expect(host.admin.setProperty(.configuration, to: 0x464061)?.status == .success)
        #expect(host.io.isClosed)
        #expect(backend.heldOperations == [.flush])
        #expect(host.admin.property(.status).map { $0 & 0xC } == 0x4)
        // A failed flush is tried again.
        backend.release(.unreachable)
        host.fixture.pump()
        #expect(host.admin.property(.status).map { $0 & 0xC } == 0x4)
        host.fixture.advance(milliseconds: 1000)
        #expect(backend.heldOperations == [.flush])
        backend.release()
        host.fixture.pump()
        #expect(host.admin.property(.status).map { $0 & 0xC } == 0x8)
    }

    @Test("A host that goes while its shutdown flushes leaves nothing behind")
    func shutdownFlushOrphan() throws {
        let backend = PendingBackend(byteCount: 1 << 20, hasVolatileWriteCache: true)
        let host = try ConnectedHost(backend)
        #expect(host.admin.setProperty(.configuration, to: 0x464061)?.status == .success)
        host.fixture.disconnect(host.admin)
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.shards[0].connections.count == 0 && host.fixture.shards[0].controllers.isEmpty)
    }

    @Test("Disabling the controller closes its I/O queues, then CSTS.RDY falls")
    func reset() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        _ = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        #expect(host.admin.setProperty(.configuration, to: 0x460060)?.status == .success)
        #expect(host.io.isClosed)
        #expect(host.admin.property(.status).map { $0 & 1 } == 1)
        backend.release()
        host.fixture.pump()
        #expect(host.admin.property(.status).map { $0 & 1 } == 0)
        #expect(host.admin.enable()?.status == .success)
        #expect(host.admin.property(.status).map { $0 & 1 } == 1)
    }

    @Test("A connection that never says Connect is closed in time")
    func handshake() throws {
        let fixture = ShardFixture(model: ConnectedHost.model([]))
        let host = try #require(fixture.host())
        fixture.advance(milliseconds: 9000)
        #expect(!host.isClosed)
        fixture.advance(milliseconds: 2000)
        #expect(host.isClosed)
    }

    @Test("An expired keep-alive closes every queue of the association")
    func keepAlive() throws {
        let host = try ConnectedHost(
            MemoryBackend(byteCount: 1 << 20), shardCount: 2, keepAliveMilliseconds: 5000)
        host.fixture.advance(milliseconds: 4000)
        #expect(host.io.read(start: 0, blocks: 1).completion?.status == .success)
        // The read was traffic: it restarts the timer.
        host.fixture.advance(milliseconds: 4000)
        #expect(!host.admin.isClosed)
        for _ in 0..<8 { host.fixture.advance(milliseconds: 2000) }
        #expect(host.admin.isClosed && host.io.isClosed)
    }

    @Test("A flood of refused connections is told of once a second")
    func refusals() throws {
        var limits = Limits()
        limits.connectionsMax = 1
        let fixture = ShardFixture(model: ConnectedHost.model([]), limits: limits)
        let host = try #require(fixture.host())
        for _ in 0..<100 { #expect(fixture.host() == nil) }
        #expect(fixture.log.lines.count { $0.contains("too many connections") } == 1)
        fixture.advance(milliseconds: 1_500)
        #expect(fixture.host() == nil)
        #expect(fixture.log.lines.last?.hasSuffix("too many connections; 99 others before it") == true)
        #expect(!host.isClosed)
    }

    @Test("A drain answers what is under way, closes all, and says so")
    func drain() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        let id = host.io.start(TestHost.io(.write), data: [UInt8](repeating: 3, count: 512))
        host.fixture.pump()
        host.fixture.broadcast(.drain)
        #expect(host.fixture.drainedShards.isEmpty)
        #expect(host.fixture.host() == nil)
        backend.release()
        host.fixture.pump()
        #expect(host.io.completions[id]?.status == .success)
        #expect(host.io.isClosed && host.admin.isClosed)
        #expect(host.fixture.drainedShards == [0])
    }

    private final class Changing: BlockBackend, @unchecked Sendable {
        var geometry = BlockGeometry(byteCount: 64 * 512)
        func submit(_ request: BackendRequest) -> BackendSubmission { .completed(.success) }
    }

    @Test("A store that can be written now is written before each shard has heard of it")
    func writable() throws {
        let backend = Changing()
        backend.geometry.isReadOnly = true
        let host = try ConnectedHost(backend)
        let block = [UInt8](repeating: 1, count: 512)
        let refused = host.io.write(start: 0, data: block)?.status
        #expect(refused == .namespaceWriteProtected.notRetryable)
        backend.geometry.isReadOnly = false
        #expect(host.io.write(start: 0, data: block)?.status == .success)
    }

    @Test("A resize is seen by the next command")
    func resize() throws {
        let backend = Changing()
        let host = try ConnectedHost(backend)
        #expect(host.io.read(start: 64, blocks: 1).completion?.status == .lbaOutOfRange.notRetryable)
        backend.geometry.byteCount = 128 * 512
        host.fixture.broadcast(.geometryChanged(subsystem: ConnectedHost.subsystemNQN, namespace: 1))
        #expect(host.io.read(start: 64, blocks: 1).completion?.status == .success)
        // A host may know of more before the shard of its queue has been told.
        backend.geometry.byteCount = 256 * 512
        #expect(host.io.read(start: 255, blocks: 1).completion?.status == .success)
        #expect(host.io.read(start: 255, blocks: 2).completion?.status == .lbaOutOfRange.notRetryable)
    }

    @Test("What a store answers becomes the status for it")
    func results() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        for (result, status) in [
            (.noSpace, .capacityExceeded.notRetryable), (.readOnly, .namespaceWriteProtected.notRetryable),
            (.unreachable, .internalPathError), (.mediaError, .writeFault.notRetryable),
        ] as [(BackendResult, Status)] {
            let id = host.io.start(TestHost.io(.write), data: [UInt8](repeating: 3, count: 512))
            host.fixture.pump()
            backend.release(result)
            host.fixture.pump()
            #expect(host.io.completions[id]?.status.kind == status.kind)
            #expect(host.io.completions[id]?.status.doNotRetry == status.doNotRetry)
        }
    }
}
