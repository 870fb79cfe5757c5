// A Ceph cluster of one OSD for a live test, made and thrown away by Scripts/ceph-cluster.

import Foundation
import Testing

struct CephCluster {
    enum Store: String {
        /// Half a second to start; its data does not survive a killed OSD.
        case memory = "memstore"
        /// Five seconds; survives.
        case disk = "bluestore"
    }

    let folder: String
    var configuration: String { folder + "/ceph.conf" }

    /// The options of `gatewayd export` for an image of this cluster.
    var options: [String] { ["--ceph-conf", configuration, "--id", "gateway"] }

    /// Runs `body` with a new cluster whose pool `rbd` holds the image `demo` of 1 GiB.
    static func with(_ store: Store, _ body: (CephCluster) async throws -> Void) async throws {
        let cluster = CephCluster(folder: try Checkout.temporaryFolder())
        // If the tests are ended in the middle, this shell's input ends, and the cluster with it.
        let heir = try ChildProcess(
            "/bin/sh",
            ["-c", "cat; exec \"$0\" destroy \"$1\"", Checkout.script("ceph-cluster"), cluster.folder])
        defer { heir.signal(SIGTERM) }
        do {
            try await cluster.run("start", ["--store", store.rawValue])
            try await body(cluster)
        } catch {
            try? await cluster.run("destroy")
            throw error
        }
        try await cluster.run("destroy")
    }

    /// The sections of a gateway's configuration that say where its state and its images are.
    var section: String {
        """
        [ceph]
        pool = rbd
        config_file = \(configuration)
        id = gateway
        """
    }

    /// Makes an image in the pool `rbd`.
    func makeImage(_ name: String, mebibytes: Int) async throws {
        try await run("image", [name, String(mebibytes)])
    }

    func killOSD() async throws {
        try await run("kill-osd")
    }

    func startOSD() async throws {
        try await run("start-osd")
    }

    /// Has the cluster count as full, and no more.
    func fill() async throws { try await run("fill") }
    func unfill() async throws { try await run("unfill") }

    /// Makes the image `demo` so long.
    func resizeImage(mebibytes: Int) async throws {
        try await rbd("resize", "--allow-shrink", "--size", "\(mebibytes)M", "rbd/demo")
    }

    /// Makes so many small images, and the state of a group of gateways that serves them at a port.
    func manyNamespaces(
        _ group: String, count: Int, port: Int, otherPool: String? = nil, subsystems: Int = 4
    ) async throws {
        try await execute(
            Checkout.script("cluster/many-namespaces.py"),
            [configuration, group, "\(count)", "--port", "\(port)", "--subsystems", "\(subsystems)"]
                + (otherPool.map { ["--other-pool", $0] } ?? []))
    }

    /// The addresses of the clients that have an image open.
    func clients(of image: String) async throws -> [String] {
        let status = try await execute(
            "rbd", ["--conf", configuration, "--id", "admin", "status", "--format", "json", image])
        return status.joined().split(separator: "\"address\":\"").dropFirst().map {
            String($0.prefix { $0 != "\"" })
        }
    }

    /// Puts clients on the blocklist: nothing of them reaches the cluster any more.
    func fence(_ clients: [String]) async throws {
        for client in clients { try await ceph("osd", "blocklist", "add", client) }
    }

    /// The `rbd` and `ceph` programs as the administrator.
    func rbd(_ arguments: String...) async throws {
        try await execute("rbd", ["--conf", configuration, "--id", "admin"] + arguments)
    }
    func ceph(_ arguments: String...) async throws {
        try await execute("ceph", ["--conf", configuration, "--id", "admin"] + arguments)
    }

    /// The `rados` program as the administrator, for the pool `rbd`.
    func rados(_ arguments: String...) async throws {
        try await execute(
            "rados", ["--conf", configuration, "--id", "admin", "--pool", "rbd"] + arguments)
    }

    private func run(_ command: String, _ options: [String] = []) async throws {
        try await execute(Checkout.script("ceph-cluster"), [command, folder] + options)
    }

    @discardableResult
    private func execute(_ program: String, _ arguments: [String]) async throws -> [String] {
        let process = try ChildProcess(program, arguments)
        let code = try await process.exit(seconds: 120)
        guard code == 0 else {
            throw ChildProcessError(
                description: "\(process.name) failed with \(code):\n\(process.tail)")
        }
        return process.lines
    }
}
