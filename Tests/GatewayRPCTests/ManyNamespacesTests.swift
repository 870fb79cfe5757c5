// That calls don't wait for each other, and that lists of many namespaces arrive whole.

import GatewayControl
import GatewayRPC
import SwiftProtobuf
import Synchronization
import Testing

@Suite("Calls side by side")
struct ManyNamespacesTests {
    @Test("A call whose cluster does not answer keeps no other call waiting, nor a change")
    func stuckCluster() async throws {
        let gateway = try await ControlledGateway(["img": 1 << 20])
        let nqn = "nqn.2016-06.io.spdk:cnode1"
        let (hold, release) = AsyncStream<Void>.makeStream()
        try await gateway.call { client in
            _ = try await client.create_subsystem(.subsystem(nqn))
            gateway.images.hold.withLock { $0 = hold }
            async let stuck = client.namespace_add(.namespace(nqn, "img"))
            await gateway.images.isHolding()
            #expect(try await client.get_subsystems(.init()).subsystems.count == 1)
            #expect(try await client.create_subsystem(.subsystem(nqn + "2")).status == 0)
            #expect(try await client.list_namespaces(.init()).namespaces.isEmpty)
            release.finish()
            #expect(try await stuck.nsid == 1)
        }
    }

    @Test("4,096 namespaces are listed in one answer")
    func many() async throws {
        var entries: [String: String] = [:]
        for number in 0..<16 {
            let nqn = "nqn.2016-06.io.spdk:cnode\(number)"
            var subsystem = SubsystemRecord(subsystemNQN: nqn, serialNumber: "S\(number)")
            subsystem.maxNamespaces = 256
            entries[subsystem.key.text] = subsystem.text
            for nsid in 1...UInt32(256) {
                var namespace = NamespaceRecord(
                    subsystemNQN: nqn, nsid: nsid, rbdPoolName: "rbd",
                    rbdImageName: "image-\(number)-\(nsid)")
                namespace.uuid = "11111111-1111-4111-8111-1111\(1000 + number)\(1000 + nsid)"
                namespace.anaGroupID = 1
                // As many as may be masked, for as many hosts as may see one.
                if number * 256 + Int(nsid) <= 1000 {
                    namespace.noAutoVisible = true
                    for host in 0..<16 {
                        let record = NamespaceHostRecord(
                            subsystemNQN: nqn, nsid: nsid,
                            hostNQN: "nqn.2014-08.org.nvmexpress:uuid:11111111-1111-4111-8111-0000000000"
                                + (host < 10 ? "0" : "") + "\(host)")
                        entries[record.key.text] = record.text
                    }
                }
                entries[namespace.key.text] = namespace.text
            }
        }
        let gateway = try await ControlledGateway(entries: entries)
        try await gateway.call { client in
            let all = try await client.list_namespaces(.with { $0.subsystem = "*" })
            #expect(all.namespaces.count == 4096)
            #expect(all.namespaces.count { $0.hosts.count == 16 } == 1000)
            // What clients in Python take by default.
            #expect(try all.serializedData().count < 4 << 20)
            #expect(try await client.get_subsystems(.init()).subsystems.map(\.namespaces.count).max() == 256)
        }
    }
}
