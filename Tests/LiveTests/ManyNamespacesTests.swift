// A thousand namespaces on a real cluster, of which one image is in a pool that does not answer: the others
// are served without it, and it comes by itself when its pool does.

import Foundation
import Testing

extension Live {
    @Suite("A thousand namespaces")
    struct ManyNamespacesTests {
        @Test(
            "One image in a dead pool delays none of the others, and comes by itself", .needsCeph,
            .timeLimit(.minutes(5)))
        func deadPool() async throws {
            try await CephCluster.with(.memory) { cluster in
                let port = try FreePort.find()
                try await cluster.ceph("osd", "pool", "create", "dead", "1")
                try await cluster.manyNamespaces("g", count: 1000, port: port, otherPool: "dead")
                // One OSD holds one copy: the pool answers nobody who wants two.
                try await cluster.ceph("osd", "pool", "set", "dead", "size", "2", "--yes-i-really-mean-it")
                try await cluster.ceph("osd", "pool", "set", "dead", "min_size", "2")
                let gateway = try await ServingGateway.start(
                    """
                    [ceph]
                    pool = rbd
                    config_file = \(cluster.configuration)
                    id = gateway
                    [gatewayd]
                    open_seconds = 3
                    retry_seconds = 1
                    """, port: port, group: "g")
                do {
                    let ready = try await gateway.process.line(containing: "serving after", seconds: 1)
                    #expect(ready.text.contains("images not open yet"), "\(ready.text)")
                    for subsystem in 1...4 { try await gateway.bench("nqn.2016-06.io.spdk:many\(subsystem)") }
                    _ = try await gateway.process.line(
                        containing: "image dead/many1000: opening took longer", seconds: 60)
                    try await cluster.ceph("osd", "pool", "set", "dead", "min_size", "1")
                    _ = try await gateway.process.line(
                        containing: "namespace 250 of nqn.2016-06.io.spdk:many4: no problem any more",
                        seconds: 60)
                    for namespace in [249, 250] {
                        try await gateway.bench("nqn.2016-06.io.spdk:many4", namespace: namespace)
                    }
                } catch {
                    await gateway.process.stop()
                    throw error
                }
                try await gateway.stop()
            }
        }
    }
}
