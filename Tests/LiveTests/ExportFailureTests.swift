// How `gatewayd export` ends when what it was told is wrong: soon, with a message that names the object, and
// with the exit code that its help promises.

import Foundation
import Testing

extension Live {
    @Suite("An export that cannot begin")
    struct ExportFailureTests {
        /// Runs `gatewayd export` to its end and compares its exit code and words.
        private func expect(
            _ code: Int32, _ words: String, _ arguments: [String],
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let process = try ChildProcess(
                Checkout.gatewayd, ["export"] + arguments + ["--listen", "127.0.0.1:0", "--no-discovery"])
            // Far from librados' own 300 seconds, even on a busy machine.
            let ended = try await process.exit(seconds: 120)
            #expect(ended == code, "\(process.tail)", sourceLocation: sourceLocation)
            #expect(!process.tail.contains("sesame"), sourceLocation: sourceLocation)
            #expect(process.tail.contains(words), "\(process.tail)", sourceLocation: sourceLocation)
        }

        @Test(
            "names the image, snapshot, pool, namespace, key or keyring that is wrong", .needsCeph,
            .timeLimit(.minutes(3)))
        func cluster() async throws {
            try await CephCluster.with(.memory) { cluster in
                try await expect(65, "rbd/nope", ["rbd:rbd/nope"] + cluster.options)
                try await expect(65, "no snapshot gone", ["rbd:rbd/demo@gone"] + cluster.options)
                try await expect(66, "pool nopool", ["rbd:nopool/demo"] + cluster.options)
                try await expect(66, "namespace rbd/space", ["rbd:rbd/space/demo"] + cluster.options)
                try await expect(
                    70, "keyring", ["rbd:rbd/demo", "--ceph-conf", cluster.configuration, "--id", "nobody"])

                let keyring = cluster.folder + "/wrong.keyring"
                let key = "AQBvJg9nAAAAABAAu0aZ3T0mQvYwT9mYkq3w4A=="
                try "[client.gateway]\n\tkey = \(key)\n".write(
                    toFile: keyring, atomically: true, encoding: .utf8)
                let settings = try String(contentsOfFile: cluster.configuration, encoding: .utf8)
                    .replacing(#/(?m)^keyring = .*$/#, with: "keyring = \(keyring)")
                let configuration = cluster.folder + "/wrong-key.conf"
                try settings.write(toFile: configuration, atomically: true, encoding: .utf8)
                try await expect(
                    67, "gateway", ["rbd:rbd/demo", "--ceph-conf", configuration, "--id", "gateway"])
            }
        }

        @Test(
            "says that a passphrase does not unlock an image, without telling it", .needsCeph,
            .timeLimit(.minutes(5)))
        func passphrase() async throws {
            try await CephCluster.with(.memory) { cluster in
                let file = cluster.folder + "/passphrase"
                let options = cluster.options + ["--encryption-passphrase-file", file]
                try await expect(71, "it can't be read", ["rbd:rbd/demo"] + options)
                try "open sesame".write(toFile: file, atomically: true, encoding: .utf8)
                try await expect(78, "no LUKS header", ["rbd:rbd/demo"] + options)
                try await cluster.rbd("encryption", "format", "rbd/demo", "luks2", file)
                try "wrong sesame".write(toFile: file, atomically: true, encoding: .utf8)
                try await expect(78, "the passphrase does not unlock it", ["rbd:rbd/demo"] + options)
                try "open sesame\n".write(toFile: file, atomically: true, encoding: .utf8)
                try await Gateway.with(["rbd:rbd/demo"], options: ["-v"] + options) { gateway in
                    #expect(gateway.process.lines.contains { $0.contains("1008MiB") })
                    #expect(!gateway.process.lines.contains { $0.contains("sesame") })
                }
            }
        }

        @Test("says within seconds that no monitor answers", .timeLimit(.minutes(10)))
        func monitor() async throws {
            let folder = try Checkout.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let key = "[client.gateway]\n\tkey = AQBvJg9nAAAAABAAu0aZ3T0mQvYwT9mYkq3w4A==\n"
            try key.write(toFile: folder + "/keyring", atomically: true, encoding: .utf8)
            try "[global]\nmon_host = 127.0.0.1:1\nkeyring = \(folder)/keyring\n".write(
                toFile: folder + "/ceph.conf", atomically: true, encoding: .utf8)
            try await expect(
                68, "127.0.0.1:1", ["rbd:rbd/demo", "--ceph-conf", folder + "/ceph.conf", "--id", "gateway"])
        }

        @Test("names the file or configuration that is not there", .timeLimit(.minutes(10)))
        func files() async throws {
            try await expect(71, "/nonexistent/disk", ["file:/nonexistent/disk"])
            try await expect(70, "/nonexistent/conf", ["rbd:rbd/demo", "--ceph-conf", "/nonexistent/conf"])
        }

        @Test("names the address that is taken or not this machine's", .timeLimit(.minutes(10)))
        func addresses() async throws {
            try await Gateway.with(["memory:1MiB"]) { gateway in
                let taken = "127.0.0.1:\(gateway.port)"
                try await expect(69, "cannot listen on \(taken)", ["memory:1MiB", "--listen", taken])
            }
            try await expect(
                69, "cannot listen on 203.0.113.9:4420",
                ["memory:1MiB", "--listen", "203.0.113.9:4420", "--allow-any-host"])
        }
    }
}
