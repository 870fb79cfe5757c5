// Images that a serving gateway loses and gets back: its client is fenced and taken off the blocklist again,
// and a pool is deleted and made anew. Nobody restarts the gateway.

import Foundation
import Testing

extension Live {
    @Suite("Lost images")
    struct LostImagesTests {
        @Test(
            "They are served again when the fence is lifted, and when there is a new one of the name",
            .needsCeph, .timeLimit(.minutes(5)))
        func lostAndBack() async throws {
            try await CephCluster.with(.memory) { cluster in
                let port = try FreePort.find()
                try await makePool(cluster)
                // Subsystem 1 has image 1, in the pool rbd, and subsystem 2 has image 2, in the other pool.
                try await cluster.manyNamespaces("g", count: 2, port: port, otherPool: "other", subsystems: 2)
                let gateway = try await ServingGateway.start(
                    """
                    [ceph]
                    pool = rbd
                    config_file = \(cluster.configuration)
                    id = gateway
                    [gatewayd]
                    retry_seconds = 1
                    """, port: port, group: "g")
                do {
                    try await fence(gateway, cluster)
                    try await deletePool(gateway, cluster)
                } catch {
                    await gateway.process.stop()
                    throw error
                }
                try await gateway.stop()
            }
        }

        @Test(
            "A Linux host's writes wait for as long as the fence stands, and go on without an error",
            .needsCeph, .needsGuest, .timeLimit(.minutes(6)))
        func linuxHost() async throws {
            try await CephCluster.with(.memory) { cluster in
                let port = try FreePort.find()
                try await cluster.manyNamespaces("g", count: 1, port: port, subsystems: 1)
                let gateway = try await ServingGateway.start(
                    """
                    [ceph]
                    pool = rbd
                    config_file = \(cluster.configuration)
                    id = gateway
                    [gatewayd]
                    retry_seconds = 1
                    """, port: port, group: "g")
                do {
                    let clients = try await cluster.clients(of: "rbd/many1")
                    var guest = Guest()
                    guest.answers["fence"] = { try await cluster.fence(clients) }
                    guest.answers["lift"] = {
                        _ = try await gateway.process.line(
                            containing: "it is on the cluster's blocklist", seconds: 60)
                        for client in clients { try await cluster.ceph("osd", "blocklist", "rm", client) }
                    }
                    try await guest.run("fenced-back.sh", Guest.hostAddress, String(port), Self.nqn(1))
                } catch {
                    await gateway.process.stop()
                    throw error
                }
                try await gateway.stop()
            }
        }

        private static func nqn(_ number: Int) -> String { "nqn.2016-06.io.spdk:many\(number)" }

        private func makePool(_ cluster: CephCluster) async throws {
            try await cluster.ceph("osd", "pool", "create", "other", "1")
            try await cluster.rbd("create", "--size", "4M", "other/many2")
        }

        private func fence(_ gateway: ServingGateway, _ cluster: CephCluster) async throws {
            try await gateway.bench(Self.nqn(1))
            let clients = try await cluster.clients(of: "rbd/many1")
            try await cluster.fence(clients)
            let told = "namespace 1 of \(Self.nqn(1)): image rbd/many1: its client"
            try await use(Self.nqn(1), gateway, until: told)
            // On the way there: the fenced client has ended, and the next try was told why it has to wait.
            _ = try await gateway.process.line(containing: "it is on the cluster's blocklist", seconds: 60)
            for client in clients { try await cluster.ceph("osd", "blocklist", "rm", client) }
            // Both images were that client's.
            for number in 1...2 {
                _ = try await gateway.process.line(
                    containing: "namespace 1 of \(Self.nqn(number)): no problem any more", seconds: 60)
                try await gateway.bench(Self.nqn(number))
            }
            #expect(try await cluster.clients(of: "rbd/many1") != clients)
        }

        private func deletePool(_ gateway: ServingGateway, _ cluster: CephCluster) async throws {
            try await cluster.ceph(
                "osd", "pool", "rm", "other", "other", "--yes-i-really-really-mean-it")
            let gone = "namespace 1 of \(Self.nqn(2)): image other/many2: it is not there any more"
            try await use(Self.nqn(2), gateway, until: gone)
            let told = try await gateway.process.line(containing: gone, seconds: 1)
            try await makePool(cluster)
            _ = try await gateway.process.line(
                containing: "namespace 1 of \(Self.nqn(2)): no problem any more", from: told.number,
                seconds: 60)
            try await gateway.bench(Self.nqn(2))
        }

        /// Sends commands, well or not, until the gateway's log has a line.
        private func use(_ nqn: String, _ gateway: ServingGateway, until line: String) async throws {
            let end = ContinuousClock.now + .seconds(60)
            while !gateway.process.lines.contains(where: { $0.contains(line) }), ContinuousClock.now < end {
                let bench = try ChildProcess(
                    Checkout.gatewayd,
                    ["bench", "127.0.0.1:\(gateway.port)", "--nqn", nqn, "--seconds", "1", "--rw", "write"])
                // However it ends.
                _ = try? await bench.exit(seconds: 20)
                await bench.stop()
            }
            _ = try await gateway.process.line(containing: line, seconds: 1)
        }
    }
}
