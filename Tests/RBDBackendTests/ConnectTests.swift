// What an operator can get wrong when naming a cluster, a user or an image: each is refused within seconds,
// by name.

import Foundation
import GatewayCore
import RBDBackend
import Testing

@Suite("Connecting and opening", .enabled(if: Live.isAvailable, Live.why))
struct ConnectTests {
    /// Connects with a changed configuration and gives the error.
    private func connectError(_ change: (inout ClusterConfiguration) -> Void) async throws -> RBDError? {
        var configuration = try await Live.shared().configuration()
        change(&configuration)
        do throws(RBDError) {
            await (try Cluster.connect(configuration)).close()
            return nil
        } catch {
            return error
        }
    }

    @Test("A configuration file that is not there is named")
    func noFile() async throws {
        let error = try await connectError { $0.configurationFile = "/nowhere/ceph.conf" }
        #expect(error?.kind == .configurationFile)
        #expect(error?.object == "configuration file /nowhere/ceph.conf")
        #expect("\(try #require(error))".contains("No such file or directory"))
    }

    @Test("A configuration file without a monitor says so")
    func noMonitorNamed() async throws {
        let file = "/tmp/gwd-empty-\(getpid()).conf"
        try "[global]\n".write(toFile: file, atomically: true, encoding: .utf8)
        defer { unlink(file) }
        let error = try await connectError { $0.configurationFile = file }
        #expect(error?.kind == .configuration)
        #expect("\(try #require(error))".contains("mon_host"))
    }

    @Test("An option that librados does not know is named")
    func unknownOption() async throws {
        let error = try await connectError { $0.overrides = ["no_such_option": "1"] }
        #expect(error?.kind == .configuration)
        #expect(error?.object == "Ceph option no_such_option")
    }

    @Test("A user without a keyring is named")
    func noKeyring() async throws {
        let error = try await connectError { $0.user = "nobody" }
        #expect(error?.kind == .keyringMissing)
        #expect(error?.object == "user client.nobody")
    }

    @Test("A wrong key is refused within seconds, and no key is told")
    func wrongKey() async throws {
        let key = "AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA=="
        let error = try await connectError { $0.overrides = ["key": key] }
        #expect(error?.kind == .accessDenied)
        #expect(error?.object == "user client.gateway")
        #expect(!"\(try #require(error))".contains(key))
    }

    @Test("A missing monitor is refused within the deadline")
    func noMonitor() async throws {
        let error = try await connectError {
            $0.overrides = ["mon_host": "127.0.0.1:9"]
            $0.limits.connectSeconds = 1
        }
        #expect(error?.kind == .monitorUnreachable)
        #expect("\(try #require(error))".contains("127.0.0.1:9"))
    }

    /// Opens an image on the shared cluster and gives the error.
    private func openError(_ spec: ImageSpec, as user: String = "gateway", keyring: String? = nil)
        async throws
        -> RBDError?
    {
        var configuration = try await Live.shared().configuration()
        configuration.user = user
        if let keyring { configuration.overrides = ["keyring": keyring] }
        let client = try await Cluster.connect(configuration)
        var error: RBDError?
        do throws(RBDError) {
            await (try RBDImageBackend.open(spec, on: client)).close()
        } catch let thrown {
            error = thrown
        }
        await client.close()
        return error
    }

    @Test("A pool, namespace, image or snapshot that is not there is named, each for itself")
    func missing() async throws {
        for (spec, kind, object) in [
            (ImageSpec(pool: "nopool", image: "demo"), RBDError.Kind.poolMissing, "pool nopool"),
            (
                ImageSpec(pool: "rbd", namespace: "nospace", image: "demo"), .namespaceMissing,
                "namespace rbd/nospace"
            ),
            (ImageSpec(pool: "rbd", image: "noimage"), .imageMissing, "image rbd/noimage"),
            (ImageSpec(pool: "rbd", image: "noimage", snapshot: "s"), .imageMissing, "image rbd/noimage@s"),
            (ImageSpec(pool: "rbd", image: "demo", snapshot: "s"), .snapshotMissing, "snapshot rbd/demo@s"),
        ] {
            let error = try await openError(spec)
            #expect(error?.kind == kind)
            #expect(error?.object == object)
        }
    }

    @Test("A user whose capabilities don't suffice is told which are needed")
    func weakUser() async throws {
        let cluster = try await Live.shared()
        let keyring = cluster.directory + "/ceph.client.weak.keyring"
        try await cluster.ceph("auth", "get-or-create", "client.weak", "mon", "allow r", "-o", keyring)
        let error = try await openError(
            ImageSpec(pool: "rbd", image: "demo"), as: "client.weak", keyring: keyring)
        #expect(error?.kind == .accessDenied)
        #expect(error?.object == "pool rbd")
    }

    @Test("An image in an RBD namespace is another image")
    func namespace() async throws {
        let cluster = try await Live.shared()
        try await cluster.rbd("namespace", "create", "rbd/tenant")
        try await cluster.rbd("create", "--size", "8M", "rbd/tenant/demo")
        try await cluster.withOpen(ImageSpec(pool: "rbd", namespace: "tenant", image: "demo")) { image in
            #expect(image.geometry.byteCount == 8 << 20)
            #expect(image.identity.namespace == "tenant")
        }
    }
}
