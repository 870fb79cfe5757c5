// A real Ceph cluster for the tests, started by Scripts/ceph-cluster in a temporary directory and destroyed
// when this process ends, however it ends. Tests that stop OSDs or fill the cluster start their own; the
// others share one.

import Foundation
import GatewayCore
import RBDBackend
import Testing

/// Whether live tests can run: ceph-mon is installed, or their absence was declared an error.
enum Live {
    static let why: Comment = "LIVE TEST SKIPPED: ceph-mon is not installed; `make test` installs it"
    static let isAvailable =
        ProcessInfo.processInfo.environment["GATEWAYD_REQUIRE_LIVE"] == "1"
        || ["/usr/bin/ceph-mon", "/usr/local/bin/ceph-mon"].contains {
            FileManager.default.isExecutableFile(atPath: $0)
        }

    /// Quotas need Ceph's manager, too.
    static let hasManager =
        ProcessInfo.processInfo.environment["GATEWAYD_REQUIRE_LIVE"] == "1"
        || FileManager.default.isExecutableFile(atPath: "/usr/bin/ceph-mgr")

    /// The cluster that tests share: one memstore OSD.
    static func shared() async throws -> LiveCluster { try await sharedStart.value }
    private static let sharedStart = Task { try await LiveCluster.start() }
}

final class LiveCluster: Sendable {
    let directory: String
    var configurationFile: String { directory + "/ceph.conf" }

    static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Scripts/ceph-cluster").path

    private init(directory: String) { self.directory = directory }

    static func start(_ options: String...) async throws -> LiveCluster {
        // Short: Unix sockets allow about 80 characters.
        let directory = "/tmp/gwd-\(getpid())-\(UInt32.random(in: 0 ..< 1 << 20))"
        let cluster = LiveCluster(directory: directory)
        try cluster.destroyAtExit()
        try await run(script, ["start", directory] + options)
        return cluster
    }

    /// A shell that waits for the end of its input, which comes when this process ends.
    private func destroyAtExit() throws {
        try Program.start(
            "/bin/sh", ["-c", "cat >/dev/null; exec \"$0\" destroy \"$1\"", Self.script, directory],
            input: Self.lifeline.read)
    }
    private static let lifeline = Lifeline()

    func destroy() async throws { try await run(Self.script, ["destroy", directory]) }
    func killOSD() async throws { try await run(Self.script, ["kill-osd", directory, "0"]) }
    func startOSD() async throws { try await run(Self.script, ["start-osd", directory, "0"]) }
    func killMonitor() async throws { try await run(Self.script, ["kill-mon", directory]) }
    func startMonitor() async throws { try await run(Self.script, ["start-mon", directory]) }
    func fill() async throws { try await run(Self.script, ["fill", directory]) }
    /// Limits what the pool holds; 0 for no limit.
    func setQuota(mebibytes: Int) async throws {
        try await run(Self.script, ["set-quota", directory, "\(mebibytes)"])
    }
    func unfill() async throws { try await run(Self.script, ["unfill", directory]) }

    /// The `rbd` and `ceph` programs as the administrator.
    @discardableResult
    func rbd(_ arguments: String...) async throws -> String { try await rbd(words: arguments) }
    @discardableResult
    func rbd(words: [String]) async throws -> String {
        try await run("rbd", ["--conf", configurationFile, "--id", "admin"] + words)
    }
    @discardableResult
    func ceph(_ arguments: String...) async throws -> String {
        try await run(
            "ceph", ["--conf", configurationFile, "--id", "admin", "--connect-timeout", "20"] + arguments)
    }

    /// The `rados` program on the pool.
    @discardableResult
    func rados(_ arguments: String...) async throws -> String {
        try await run("rados", ["--conf", configurationFile, "--id", "admin", "-p", "rbd"] + arguments)
    }

    func configuration(
        limits: RBDLimits = RBDLimits(), usesCache: Bool = false, log: any TargetLog = SilentLog()
    ) -> ClusterConfiguration {
        var configuration = ClusterConfiguration(
            configurationFile: configurationFile, user: "gateway", usesCache: usesCache, limits: limits)
        configuration.log = log
        return configuration
    }

    /// Runs `body` with a new image of `mebibytes`, open, and closes everything after.
    func withImage(
        _ mebibytes: Int = 32, create: [String] = [], limits: RBDLimits = RBDLimits(),
        usesCache: Bool = false, log: any TargetLog = SilentLog(),
        _ body: (RBDImageBackend) async throws -> Void
    ) async throws {
        let name = Self.newName()
        try await run(
            "rbd",
            ["--conf", configurationFile, "--id", "admin", "create", "--size", "\(mebibytes)M"] + create
                + ["rbd/\(name)"])
        try await withOpen(
            ImageSpec(pool: "rbd", image: name),
            configuration(limits: limits, usesCache: usesCache, log: log),
            body)
    }

    /// Runs `body` with an image that exists, open on a client of its own.
    func withOpen(
        _ spec: ImageSpec, _ configuration: ClusterConfiguration? = nil, readOnly: Bool = false,
        passphrase: Passphrase? = nil,
        _ body: (RBDImageBackend) async throws -> Void
    ) async throws {
        let client = try await Cluster.connect(configuration ?? self.configuration())
        let result: Result<Void, any Error>
        do {
            let image = try await RBDImageBackend.open(
                spec, on: client, readOnly: readOnly, passphrase: passphrase)
            do {
                try await body(image)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await image.close()
        } catch {
            result = .failure(error)
        }
        await client.close()
        try result.get()
    }

    static func newName() -> String { "t\(UInt64.random(in: 0 ..< 1 << 48))" }
}
