// What is counted of commands: how many, how much, how long, for each namespace.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Traffic")
struct TrafficTests {
    private func totals(
        count: UInt64, failures: UInt64 = 0, bytes: UInt64 = 0, milliseconds: UInt64 = 0
    ) -> CommandTotals {
        var totals = CommandTotals()
        totals.count = count
        totals.failureCount = failures
        totals.byteCount = bytes
        totals.nanoseconds = milliseconds * 1_000_000
        return totals
    }

    @Test("Commands are counted when they end, with the time since their capsule came")
    func latency() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, shardCount: 2)
        _ = host.io.start(TestHost.io(.read, blocks: 8), reading: 4096)
        host.fixture.pump()
        host.fixture.advance(milliseconds: 7)
        _ = host.io.start(TestHost.io(.write), data: [UInt8](repeating: 1, count: 512))
        _ = host.io.start(TestHost.io(.flush))
        host.fixture.pump()
        host.fixture.broadcast(.reportTraffic(report: 1))
        #expect(host.fixture.traffic[1]?.map(\.totals) == [TrafficTotals()])
        #expect(host.fixture.traffic[1]?.map(\.inFlightCount) == [3])
        host.fixture.advance(milliseconds: 5)
        backend.release()
        host.fixture.pump()
        // Refused before the backend hears of it.
        #expect(host.io.read(start: 1 << 40, blocks: 1).completion?.status.isSuccess == false)
        host.fixture.broadcast(.reportTraffic(report: 2))
        let traffic = try #require(host.fixture.traffic[1]?.first)
        #expect(traffic.subsystemNQN == ConnectedHost.subsystemNQN && traffic.namespaceID == 1)
        #expect(traffic.totals.reads == totals(count: 1, bytes: 4096, milliseconds: 12))
        #expect(traffic.totals.writes == totals(count: 1, bytes: 512, milliseconds: 5))
        #expect(traffic.totals.others == totals(count: 1, milliseconds: 5))
        #expect(traffic.inFlightCount == 0)
        // The shard without the queue has nothing to tell.
        #expect(host.fixture.traffic[0] == [])
    }

    @Test(
        "What a host has done, and has under way, is told of its controller, whichever shard its queue is on")
    func controllers() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, shardCount: 2)
        func traffic() throws -> ControllerTraffic {
            host.fixture.broadcast(.reportControllers(report: 1))
            #expect(host.fixture.controllers[1] == [])
            return try #require(host.fixture.controllers[0]?.first).traffic
        }
        #expect(try traffic() == ControllerTraffic())
        _ = host.io.start(TestHost.io(.read, blocks: 8), reading: 4096)
        host.fixture.pump()
        host.fixture.advance(milliseconds: 7)
        _ = host.io.start(TestHost.io(.write), data: [UInt8](repeating: 1, count: 512))
        host.fixture.pump()
        var expected = ControllerTraffic()
        expected.inFlightCount = 2
        #expect(try traffic() == expected)
        host.fixture.advance(milliseconds: 5)
        backend.release()
        host.fixture.pump()
        // Refused before the backend hears of it: it has ended, too.
        #expect(host.io.read(start: 1 << 40, blocks: 1).completion?.status.isSuccess == false)
        (expected.readCount, expected.readBytes) = (1, 4096)
        (expected.writeCount, expected.writtenBytes) = (1, 512)
        (expected.endedCount, expected.endedNanoseconds) = (2, 17_000_000)
        expected.inFlightCount = 0
        #expect(try traffic() == expected)
    }

    @Test("What a store fails is a failure, and its data does not count")
    func failures() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        for opcode in [.read, .write] as [IOOpcode] {
            _ = host.io.start(
                TestHost.io(opcode), data: opcode == .write ? [UInt8](repeating: 1, count: 512) : [],
                reading: opcode == .read ? 512 : 0)
        }
        host.fixture.pump()
        backend.release(.mediaError)
        host.fixture.pump()
        host.fixture.broadcast(.reportTraffic(report: 1))
        let traffic = try #require(host.fixture.traffic[0]?.first)
        #expect(traffic.totals.reads == totals(count: 1, failures: 1))
        #expect(traffic.totals.writes == totals(count: 1, failures: 1))
    }

    @Test("A namespace that comes in another's place begins at 0")
    func replaced() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        #expect(host.io.read(start: 0, blocks: 1).completion?.status == .success)
        let other = Namespace(id: 1, name: "other", uuid: 77, backend: MemoryBackend(byteCount: 1 << 20))
        host.fixture.broadcast(.model(ConnectedHost.model([other], generation: 2)))
        host.fixture.broadcast(.reportTraffic(report: 1))
        #expect(host.fixture.traffic[0]?.map(\.totals) == [TrafficTotals()])
    }
}
