// What no well-behaved host does, and what well-behaved hosts do at a bad moment: nothing of it may trap, or
// leave anything behind.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Hostile hosts")
struct HostileHostTests {
    /// The bytes of a command without data.
    private func capsule(_ opcode: AdminOpcode, commandID: UInt16, dword10: UInt32 = 0) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 72)
        bytes.replaceSubrange(0..<8, with: [4, 0, 72, 0, 72, 0, 0, 0])
        bytes[8] = opcode.rawValue
        bytes[9] = 0x40
        bytes[10] = UInt8(truncatingIfNeeded: commandID)
        bytes[11] = UInt8(truncatingIfNeeded: commandID >> 8)
        for index in 0..<4 { bytes[48 + index] = UInt8(truncatingIfNeeded: dword10 >> UInt32(8 * index)) }
        return bytes
    }

    @Test("Connect may send its data by R2T")
    func connectByTransfer() throws {
        let fixture = ShardFixture(model: ConnectedHost.model([]))
        let host = try #require(fixture.host())
        let answer = try host.connect(to: ConnectedHost.subsystemNQN, inCapsule: false)
        #expect(answer?.status == .success)
        #expect(host.requestedTransfers == 1)
    }

    @Test("A host that is refused has a line in the log: who it is, what it wanted, and why not")
    func refusal() throws {
        let fixture = ShardFixture(model: ConnectedHost.model([]))
        let host = try #require(fixture.host())
        #expect(try host.connect(to: "nqn.2026-11.example:none")?.status.isSuccess == false)
        let line = try #require(fixture.log.lines.first { $0.contains("refused") })
        #expect(line.contains("refused host nqn."))
        #expect(line.hasSuffix(" at nqn.2026-11.example:none: Connect Invalid Parameters"))
    }

    @Test("An Abort under way keeps its operation when an event request with its identifier ends")
    func doubledIdentifier() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        host.admin.sendRaw(
            capsule(.asyncEventRequest, commandID: 900)
                + capsule(.abort, commandID: 900, dword10: 902 << 16 | 1)
                + capsule(.abort, commandID: 901, dword10: 900 << 16))
        #expect(host.admin.completions[901]?.result == 0)
        // Both 900: the event request was aborted, then the Abort found nothing.
        #expect(host.admin.completions[900]?.result == 1)
        #expect(host.fixture.shards[0].slab.count == 0)
        #expect(host.admin.property(.status).map { $0 & 1 } == 1)
    }

    @Test("A drain reads no more commands while those under way end")
    func drainReadsNoMore() throws {
        let first = PendingBackend(byteCount: 1 << 20)
        let second = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(
            namespaces: [ConnectedHost.namespace(first), ConnectedHost.namespace(second, id: 2)])
        _ = host.io.start(TestHost.io(.read, namespace: 1), reading: 512)
        _ = host.io.start(TestHost.io(.read, namespace: 2), reading: 512)
        host.fixture.pump()
        host.fixture.broadcast(.drain)
        _ = host.io.start(TestHost.io(.read, namespace: 1), reading: 512)
        first.release()
        host.fixture.pump()
        #expect(first.heldCount == 0)
        first.release()
        second.release()
        host.fixture.pump()
        #expect(host.fixture.drainedShards == [0])
    }

    @Test("A drain goes on when a shutdown's flush has ended")
    func drainAfterFlush() throws {
        let backend = PendingBackend(byteCount: 1 << 20, hasVolatileWriteCache: true)
        let host = try ConnectedHost(backend)
        #expect(host.admin.setProperty(.configuration, to: 0x464061)?.status == .success)
        host.fixture.broadcast(.drain)
        #expect(host.fixture.drainedShards.isEmpty)
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.drainedShards == [0])
    }

    @Test("Data in a capsule finds memory while all else is held for data behind it")
    func capsuleBehindTransfers() throws {
        var limits = Limits()
        limits.transferShift = 4
        limits.bufferBytesMax = 64 << 10
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), limits: limits)
        // The host sends all capsules before the first R2T reaches it.
        let large = (0..<4).map {
            host.io.start(
                TestHost.io(.write, start: UInt64($0) * 32, blocks: 32),
                data: [UInt8](repeating: 1, count: 16384), inCapsule: false)
        }
        let small = (0..<8).map {
            host.io.start(TestHost.io(.write, start: UInt64($0)), data: [UInt8](repeating: 2, count: 512))
        }
        host.fixture.pump()
        for id in large + small { #expect(host.io.completions[id]?.status == .success) }
    }

    @Test("A queue that could leave others without operations is refused as busy, and then all are answered")
    func operationsPromised() throws {
        var limits = Limits()
        // An admin queue of 32 entries and an I/O queue of 16; three more while a third is unconnected.
        limits.operationsMax = 34 + 18 + 3
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), limits: limits, entries: 16)
        let other = try #require(host.fixture.host())
        let refused = try other.connect(
            to: ConnectedHost.subsystemNQN, queue: 2, entries: 16, controller: host.controllerID)
        #expect(refused?.status.kind == .connectControllerBusy)
        // All capsules are sent before the first R2T is seen: their data comes behind them.
        let writes = (0..<15).map {
            host.io.start(
                TestHost.io(.write, start: UInt64($0)), data: [UInt8](repeating: 5, count: 512),
                inCapsule: false)
        }
        host.fixture.pump()
        for id in writes { #expect(host.io.completions[id]?.status == .success) }
        host.fixture.disconnect(host.io)
        #expect(host.fixture.shards[0].promisedOperations == 34 + 3)
    }
}
