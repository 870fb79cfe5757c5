// Which identifiers controllers get: of two gateways' ranges, never the same.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Controller identifiers")
struct ControllerIDTests {
    private let nqn = ConnectedHost.subsystemNQN

    private func fixture(_ ids: ClosedRange<UInt16>, shardCount: Int = 1) -> ShardFixture {
        var limits = Limits()
        limits.controllerIDs = ids
        let model = ConnectedHost.model([ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20))])
        return ShardFixture(model: model, shardCount: shardCount, limits: limits)
    }

    /// Connects an admin queue, and gives its controller's identifier.
    private func connect(_ fixture: ShardFixture, shard: Int) throws -> (host: TestHost, id: UInt16?) {
        let host = try #require(fixture.host(shard: shard))
        let answer = try #require(try host.connect(to: nqn))
        guard answer.status == .success else {
            #expect(answer.status == .connectControllerBusy)
            return (host, nil)
        }
        return (host, ConnectResponse.controllerID(answer.result))
    }

    @Test("All shards together give each identifier of the range once, then answer Controller Busy")
    func wholeRange() throws {
        let fixture = fixture(2041...2046, shardCount: 4)
        var given: [UInt16] = []
        for shard in 0..<4 {
            while let id = try connect(fixture, shard: shard).id { given.append(id) }
        }
        #expect(given.sorted() == Array(2041...2046))
    }

    @Test("An identifier is free again when its association is gone, and not before the others were used")
    func reuse() throws {
        let fixture = fixture(0xFFEE...0xFFEF)
        let first = try connect(fixture, shard: 0)
        #expect(first.id == 0xFFEE)
        fixture.disconnect(first.host)
        let second = try connect(fixture, shard: 0)
        #expect(second.id == 0xFFEF)
        #expect(try connect(fixture, shard: 0).id == 0xFFEE)
        #expect(try connect(fixture, shard: 0).id == nil)
        fixture.disconnect(second.host)
        #expect(try connect(fixture, shard: 0).id == 0xFFEF)
    }

    @Test("An I/O queue finds its controller on every shard of a range that begins anywhere")
    func join() throws {
        let fixture = fixture(4081...6120, shardCount: 3)
        for shard in 0..<3 {
            let (admin, id) = try connect(fixture, shard: shard)
            #expect(admin.enable()?.status == .success)
            let io = try #require(fixture.host(shard: (shard + 1) % 3))
            let joined = try io.connect(to: nqn, queue: 1, controller: try #require(id))
            #expect(joined?.status == .success)
        }
    }

    @Test(
        "An I/O queue of a controller of another gateway, or of none, is refused at CNTLID",
        arguments: [0, 1, 4080, 6121, 0xFFEF, 0xFFF0, 0xFFFE, 0xFFFF, 4082] as [UInt16])
    func foreign(id: UInt16) throws {
        let fixture = fixture(4081...6120, shardCount: 2)
        let (admin, _) = try connect(fixture, shard: 0)
        #expect(admin.enable()?.status == .success)
        let io = try #require(fixture.host(shard: 1))
        let refused = try io.connect(to: nqn, queue: 1, controller: id)
        #expect(refused?.status == .connectInvalidParameters.notRetryable)
        #expect(refused?.result == ConnectResponse.invalidParameters(offset: 16, inData: true))
        // The queue can still connect.
        #expect(try io.connect(to: nqn, queue: 1, controller: 4081)?.status == .success)
    }

    @Test("Another range while hosts are connected: those with an identifier of it stay, the others leave")
    func otherRange() throws {
        let fixture = fixture(1...2040, shardCount: 3)
        var hosts: [(host: TestHost, id: UInt16)] = []
        for shard in [0, 1, 2, 0, 1, 2] {
            let (host, id) = try connect(fixture, shard: shard)
            hosts.append((host, try #require(id)))
        }
        #expect(hosts.map(\.id) == [1, 2, 3, 4, 5, 6])
        let before = fixture.shards[0].model
        fixture.broadcast(.model(before.next(with: before.subsystems, controllerIDs: 4...9)))
        #expect(hosts.map(\.host.isClosed) == [true, true, true, false, false, false])
        var given: [UInt16] = []
        for shard in 0..<3 {
            while let id = try connect(fixture, shard: shard).id { given.append(id) }
        }
        #expect(given.sorted() == [7, 8, 9])
        // A queue of a host that stayed finds its controller still.
        #expect(hosts[3].host.enable()?.status == .success)
        let io = try #require(fixture.host(shard: 2))
        #expect(try io.connect(to: nqn, queue: 1, controller: 4)?.status == .success)
        let late = try #require(fixture.host(shard: 2))
        #expect(try late.connect(to: nqn, queue: 1, controller: 1)?.status != .success)
    }
}
