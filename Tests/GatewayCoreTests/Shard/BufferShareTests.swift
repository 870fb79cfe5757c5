// One namespace's or host's trouble and the memory of all: a store that hangs and a host that does not read
// keep what they hold, and leave enough to everybody else.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Shares of the data buffers")
struct BufferShareTests {
    private func limits() -> Limits {
        var limits = Limits()
        limits.bufferBytesMax = 256 << 10
        limits.capsuleBufferBytesMax = 32 << 10
        limits.transferShift = 2
        return limits
    }

    private func another(on fixture: ShardFixture) throws -> ConnectedHost {
        try ConnectedHost(on: fixture, host: "nqn.2026-11.com.example:other", hostID: 0x43)
    }

    @Test("A namespace whose store hangs leaves memory to the others of its host", arguments: [1, 5])
    func hangingStores(hangingCount: UInt32) throws {
        let hanging = (1...hangingCount).map { id in (id, PendingBackend(byteCount: 1 << 20)) }
        let healthy = ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: 100)
        let host = try ConnectedHost(
            namespaces: hanging.map { ConnectedHost.namespace($0.1, id: $0.0) } + [healthy],
            limits: limits(), entries: 1024)
        var stuck: [UInt16] = []
        for (id, _) in hanging {
            for block in 0..<100 {
                stuck.append(
                    host.io.start(
                        TestHost.io(.read, namespace: id, start: UInt64(block), blocks: 8), reading: 4096))
            }
        }
        host.fixture.pump()
        #expect(hanging.allSatisfy { $0.1.heldCount > 0 })
        let data = [UInt8](repeating: 7, count: 8192)
        for isInCapsule in [false, true] {
            let write = host.io.run(
                TestHost.io(.write, namespace: 100, blocks: 16), data: data, inCapsule: isInCapsule)
            #expect(write.completion?.status == .success)
        }
        let read = host.io.run(TestHost.io(.read, namespace: 100, blocks: 16), reading: 8192)
        #expect(read.data == data)
        while hanging.contains(where: { $0.1.heldCount > 0 }) {
            for (_, backend) in hanging { backend.release() }
            host.fixture.pump()
        }
        #expect(stuck.allSatisfy { host.io.completions[$0]?.status == .success })
        #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
    }

    @Test("Writes in capsules that a store keeps leave the reserve to other namespaces")
    func hangingCapsules() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let stuck = try ConnectedHost(
            namespaces: [
                ConnectedHost.namespace(backend, id: 1),
                ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: 2),
            ], limits: limits(), entries: 1024)
        let other = try another(on: stuck.fixture)
        let data = [UInt8](repeating: 3, count: 4096)
        let writes = (0..<100).map {
            stuck.io.start(TestHost.io(.write, start: UInt64($0), blocks: 8), data: data)
        }
        stuck.fixture.pump()
        #expect(backend.heldCount > 30)
        let done = other.io.run(TestHost.io(.write, namespace: 2, blocks: 8), data: data)
        #expect(done.completion?.status == .success)
        while backend.heldCount > 0 {
            backend.release()
            stuck.fixture.pump()
        }
        #expect(writes.allSatisfy { stuck.io.completions[$0]?.status == .success })
    }

    @Test("A host that does not read is not read from, before it has all memory, and goes on when it reads")
    func deafHost() throws {
        let deaf = try ConnectedHost(
            MemoryBackend(byteCount: 1 << 20), limits: limits(), entries: 1024)
        let other = try another(on: deaf.fixture)
        deaf.io.isDeaf = true
        let reads = (0..<200).map {
            deaf.io.start(TestHost.io(.read, start: UInt64($0), blocks: 8), reading: 4096)
        }
        deaf.fixture.pump()
        #expect(deaf.fixture.shards[0].buffers.heldByteCount < 256 << 10)
        let read = other.io.run(TestHost.io(.read, blocks: 16), reading: 8192)
        #expect(read.completion?.status == .success)
        deaf.io.isDeaf = false
        deaf.fixture.resend(to: deaf.io)
        #expect(reads.allSatisfy { deaf.io.completions[$0]?.status == .success })
        #expect(deaf.fixture.shards[0].buffers.heldByteCount == 0)
    }
}
