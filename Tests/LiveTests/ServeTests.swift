// `gatewayd serve` as a process: what Ceph's gateway left in RADOS is served, changes are followed, and a
// gateway without a cluster serves files.

import Foundation
import GatewayControl
import Testing

extension Live {
    @Suite("gatewayd serve")
    struct ServeTests {
        private static let nqn = "nqn.2016-06.io.spdk:cnode1"

        /// The entries of a subsystem with one namespace and any host, as release 1.5.1 writes them.
        private static func entries(pool: String, image: String, port: Int) -> [String: String] {
            [
                "subsystem_\(nqn)": """
                {
                  "subsystem_nqn": "\(nqn)",
                  "serial_number": "Ceph36353438",
                  "max_namespaces": 256,
                  "enable_ha": true,
                  "no_group_append": true
                }
                """,
                "namespace_\(nqn)_1": """
                {
                  "rbd_pool_name": "\(pool)",
                  "rbd_image_name": "\(image)",
                  "subsystem_nqn": "\(nqn)",
                  "nsid": 1,
                  "block_size": 512,
                  "uuid": "9d8e7c66-1111-4222-8333-000000000001",
                  "anagrpid": 1,
                  "create_image": true,
                  "size": "67108864"
                }
                """,
                "host_\(nqn)_*": #"{"subsystem_nqn": "\#(nqn)", "host_nqn": "*"}"#,
                "listener_\(nqn)_gw1_TCP_127.0.0.1_\(port)": """
                {"nqn": "\(nqn)", "host_name": "gw1", "traddr": "127.0.0.1", "adrfam": "ipv4", \
                "trsvcid": \(port)}
                """,
            ]
        }

        @Test(
            "serves what Ceph's gateway left in RADOS, and follows what is changed there", .needsCeph,
            .timeLimit(.minutes(4)))
        func leftByUpstream() async throws {
            try await CephCluster.with(.memory) { cluster in
                let state = "nvmeof.group1.state"
                let port = try FreePort.find()
                try await cluster.rados("create", state)
                let entries = Self.entries(pool: "rbd", image: "demo", port: port)
                for (key, value) in entries { try await cluster.rados("setomapval", state, key, value) }
                try await cluster.rados("setomapval", state, "namespace_\(Self.nqn)_2", "{ broken")
                try await cluster.rados("setomapval", state, "omap_version", "7")
                let gateway = try await ServingGateway.start(
                    """
                    [ceph]
                    pool = rbd
                    config_file = \(cluster.configuration)
                    id = gateway
                    [spdk]
                    cluster_connections = 2
                    """, port: port, group: "group1")
                do {
                    _ = try await gateway.process.line(containing: "state of version 7", seconds: 1)
                    _ = try await gateway.process.line(containing: "namespace_\(Self.nqn)_2", seconds: 1)
                    try await gateway.bench(Self.nqn)
                    // Another listener, as another gateway would add it, but without telling anybody.
                    let second = try FreePort.find()
                    let listener = "listener_\(Self.nqn)_gw1_TCP_127.0.0.1_\(second)"
                    try await cluster.rados(
                        "setomapval", state, listener,
                        #"{"nqn": "\#(Self.nqn)", "host_name": "gw1", "traddr": "127.0.0.1", "#
                            + "\"trsvcid\": \(second)}")
                    try await cluster.rados("setomapval", state, "omap_version", "8")
                    try await waitForListener(second)
                    try await gateway.bench(Self.nqn, port: second)
                } catch {
                    await gateway.process.stop()
                    throw error
                }
                try await gateway.stop()
            }
        }

        @Test("serves files of a folder without a cluster, also after a restart", .timeLimit(.minutes(3)))
        func files() async throws {
            let folder = try Checkout.temporaryFolder()
            let pool = folder + "/images"
            try FileManager.default.createDirectory(atPath: pool, withIntermediateDirectories: true)
            try #require(FileManager.default.createFile(atPath: pool + "/disk", contents: nil))
            truncate(pool + "/disk", 64 << 20)
            let port = try FreePort.find()
            let store = try FileStateStore(path: folder + "/state")
            let changes = Self.entries(pool: "local", image: "disk", port: port).map {
                StateChange.put(key: $0.key, text: $0.value)
            }
            _ = try await store.commit(StateChanges(changes), onto: try await store.version())
            await store.close()
            for _ in 0..<2 {
                let gateway = try await ServingGateway.start(
                    """
                    [gatewayd]
                    state = file:\(folder)/state
                    folder_pools = local=\(pool)
                    """, port: port)
                do {
                    try await gateway.bench(Self.nqn)
                    gateway.process.signal(SIGHUP)
                    _ = try await gateway.process.line(containing: "again", seconds: 10)
                } catch {
                    await gateway.process.stop()
                    throw error
                }
                try await gateway.stop()
            }
        }

        @Test("ends at once, with a code that says why, where it can't serve", .timeLimit(.minutes(10)))
        func unusable() async throws {
            let folder = try Checkout.temporaryFolder()
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let file = folder + "/gw.conf"
            let cases: [(text: String, code: Int32, message: String)] = [
                ("[gateway]\nprot = 5500", 79, "gw.conf:2: there is no key prot in [gateway]"),
                ("[ceph]\nconfig_file = /nowhere/ceph.conf", 70, "/nowhere/ceph.conf"),
                ("[gatewayd]\nstate = memory\n[discovery]\naddr = 192.0.2.1", 69, "192.0.2.1:8009"),
            ]
            for (text, code, message) in cases {
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                let process = try ChildProcess(Checkout.gatewayd, ["serve", "--config", file])
                #expect(try await process.exit(seconds: 120) == code, "\(process.tail)")
                #expect(process.tail.contains(message), "\(process.tail)")
            }
            let process = try ChildProcess(Checkout.gatewayd, ["serve", "--config", folder + "/none"])
            #expect(try await process.exit(seconds: 120) == 71)
        }

        /// Until a port is listened at.
        private func waitForListener(_ port: Int) async throws {
            let end = ContinuousClock.now + .seconds(120)
            while ContinuousClock.now < end {
                let probe = try ChildProcess("ss", ["-Hltn", "sport = :\(port)"])
                try await probe.exit(seconds: 120)
                if probe.tail.contains(":\(port)") { return }
            }
            Issue.record("nobody listens on port \(port)")
        }
    }
}
