// Stores that the gateway loses while it serves them: what hosts are served meanwhile, that the store is
// closed before it is opened anew, and how hosts get it back.

import GatewayCore
import NVMeTCP
import Testing

@testable import GatewayControl

@Suite("Lost stores", .timeLimit(.minutes(10)))
struct LossTests {
    private static let nqn = ReconcilerTests.nqn

    private func changes(ha: Bool) -> [StateChange] {
        var record = SubsystemRecord(subsystemNQN: Self.nqn, serialNumber: "Ceph1", enableHA: ha)
        record.maxNamespaces = 32
        return [.put(record)]
            + [(UInt32(1), "a", Int32(1)), (2, "b", 2)].map { id, image, group in
                var record = NamespaceRecord(
                    subsystemNQN: Self.nqn, nsid: id, rbdPoolName: "rbd", rbdImageName: image)
                record.uuid = "9d8e7c66-1111-4222-8333-00000000000\(id)"
                record.anaGroupID = group
                return .put(record)
            }
    }

    private func backend(_ rig: ReconcilerTests.Rig, _ id: UInt32) -> (any BlockBackend)? {
        rig.served?.namespace(id)?.backend
    }

    @Test("A fenced client's store is closed, stays lost to hosts while the fence stands, and comes back")
    func fenced() async throws {
        let rig = try await ReconcilerTests.Rig()
        try await rig.run {
            try await rig.commit(changes(ha: false))
            let (lost, other) = (try #require(backend(rig, 1)), try #require(rig.served?.namespace(2)))
            rig.stores.change { $0.problems = ["a": "image rbd/a: still on the blocklist"] }
            rig.stores.lose("a", .fenced)
            await rig.until { rig.stores.now.openCounts["a"] == 4 }
            #expect(rig.stores.now.open == ["image rbd/b"])
            #expect(rig.stores.now.lostClients["a"] == nil)
            let placeholder = try #require(backend(rig, 1))
            #expect(placeholder.isLost && placeholder !== lost)
            #expect(placeholder.geometry == lost.geometry)
            #expect(rig.served?.namespace(2) === other, "nobody notices who was not fenced")
            rig.stores.change { $0.problems = [:] }
            await rig.until { backend(rig, 1)?.isLost == false }
            #expect(rig.stores.now.lostClients["a"] == "192.0.2.1:0/7")
            #expect(rig.target.now.withdrawn == [], "nobody has to connect anew")
            await rig.until { rig.log.lines.last == "namespace 1 of \(Self.nqn): no problem any more" }
            #expect(rig.log.lines.first?.contains("its client 192.0.2.1:0/7 was fenced") == true)
        }
    }

    @Test("With ANA, hosts connect anew when what was in Persistent Loss is back: no controller leaves it")
    func asymmetric() async throws {
        let rig = try await ReconcilerTests.Rig { $0.anaGroupsMax = 4 }
        try await rig.run {
            try await rig.commit(changes(ha: true))
            try await rig.reconciler.setANAStates(
                [ANAStateChange(nqn: Self.nqn, group: 2, state: .optimized)])
            rig.stores.lose("a", .fenced)
            await rig.until { rig.target.now.withdrawn == [Self.nqn] }
            await rig.until { backend(rig, 1)?.isLost == false }
            // Nobody has spoken of the group: nobody else serves it.
            #expect(await rig.reconciler.anaState(ofGroup: 1, of: Self.nqn) == .optimized)
            rig.stores.lose("b", .fenced)
            await rig.until { rig.target.now.withdrawn == [Self.nqn, Self.nqn] }
            await rig.until { backend(rig, 2)?.isLost == false }
            // The monitor has, and may have given it to another gateway.
            #expect(await rig.reconciler.anaState(ofGroup: 2, of: Self.nqn) == .inaccessible)
            #expect(rig.served?.anaReporting?.state(of: 2) == .inaccessible)
        }
    }

    @Test("A store that is gone leaves its hosts, and comes back when it is there again")
    func gone() async throws {
        let rig = try await ReconcilerTests.Rig()
        try await rig.run {
            try await rig.commit(changes(ha: true))
            rig.stores.change { $0.problems = ["a": "image rbd/a: there is no such image"] }
            rig.stores.lose("a", .gone)
            await rig.until { (rig.stores.now.openCounts["a"] ?? 0) > 2 }
            #expect(rig.namespaces == [2])
            #expect(rig.stores.now.open == ["image rbd/b"])
            rig.stores.change { $0.problems = [:] }
            await rig.until { rig.namespaces == [1, 2] }
            #expect(rig.stores.now.lostClients["a"] == nil)
            #expect(rig.target.now.withdrawn == [])
        }
    }

    @Test("A store is not opened anew before its last request has ended")
    func draining() async throws {
        let rig = try await ReconcilerTests.Rig()
        try await rig.run {
            try await rig.commit(changes(ha: false))
            let (hold, end) = AsyncStream<Void>.makeStream()
            rig.target.change { $0.completion = hold }
            rig.stores.lose("a", .fenced)
            await rig.until { backend(rig, 1) is LostStore }
            rig.target.change { $0.completion = nil }
            // Other changes come and go.
            try await rig.commit([.put(HostRecord(subsystemNQN: Self.nqn, hostNQN: "*"))])
            #expect(rig.stores.now.openCounts["a"] == 1)
            #expect(rig.stores.now.open == ["image rbd/a", "image rbd/b"])
            end.finish()
            await rig.until { backend(rig, 1)?.isLost == false }
            #expect(rig.stores.now.openCounts["a"] == 2)
        }
    }

    @Test("A namespace whose store is lost can be taken away, and the gateway can end")
    func removed() async throws {
        let rig = try await ReconcilerTests.Rig()
        rig.stores.change { $0.problems = [:] }
        try await rig.run {
            try await rig.commit(changes(ha: false))
            rig.stores.change { $0.problems = ["a": "fenced"] }
            rig.stores.lose("a", .fenced)
            try await rig.commit([.remove(StateKey.namespace(Self.nqn, 1))])
            #expect(rig.namespaces == [2])
            rig.stores.lose("b", .gone)
        }
    }

    @Test("Looking at a size again asks the store")
    func refresh() async throws {
        let rig = try await ReconcilerTests.Rig()
        try await rig.run {
            try await rig.commit(changes(ha: false))
            await rig.reconciler.refreshSize(ofNamespace: 2, of: Self.nqn)
            #expect(rig.stores.now.refreshed == ["b"])
        }
    }
}
