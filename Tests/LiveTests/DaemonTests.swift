// `gatewayd serve` as a daemon: mutual TLS at its control interface, what it tells systemd and the journal,
// SIGHUP, and SIGTERM while hosts are at work.

import Foundation
import Testing

extension Live {
    @Suite("The daemon")
    struct DaemonTests {
        private static let nqn = "nqn.2016-06.io.spdk:cnode1"

        /// A gateway without a cluster, with one subsystem for any host, whose namespace is a file.
        private static func withFiles(
            gateway: String = "", environment: [String: String] = [:], more: String = "",
            _ body: (ServingGateway) async throws -> Void
        ) async throws {
            let folder = try Checkout.temporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder + "/images", withIntermediateDirectories: true)
            let configuration = """
                [gatewayd]
                state = file:\(folder)/state
                folder_pools = local=\(folder)/images
                \(more)
                """
            try await ServingGateway.with(
                configuration, gateway: gateway, environment: environment, body)
        }

        private static func setUp(_ gateway: ServingGateway, _ cli: UpstreamCLI, pool: String) async throws {
            try await cli("subsystem add -n \(nqn) --no-group-append")
            try await cli("namespace add -n \(nqn) -p \(pool) -i disk1 -c --size 64M")
            try await cli(
                "listener add -n \(nqn) -t \(ServingGateway.hostName) -a 127.0.0.1 -s \(gateway.port)")
            try await cli("host add -n \(nqn) -t *")
        }

        // MARK: Certificates

        @Test(
            "takes only clients with a certificate, of the monitor's service too, where it is told to",
            .needsUpstreamCLI, .timeLimit(.minutes(3)))
        func certificates() async throws {
            let folder = try Checkout.temporaryFolder()
            for side in ["server", "client", "stranger"] {
                let openssl = try ChildProcess(
                    "openssl",
                    ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
                        + ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
                        + ["-keyout", "\(folder)/\(side).key", "-out", "\(folder)/\(side).crt"])
                try #require(try await openssl.exit(seconds: 60) == 0, "\(openssl.tail)")
            }
            let tls = """
                [mtls]
                server_key = \(folder)/server.key
                server_cert = \(folder)/server.crt
                client_cert = \(folder)/client.crt
                """
            try await Self.withFiles(gateway: "enable_auth = True", more: tls) { gateway in
                func cli(_ side: String) -> UpstreamCLI {
                    UpstreamCLI(
                        port: gateway.controlPort, address: "localhost",
                        options: [
                            "--client-key", "\(folder)/\(side).key", "--client-cert",
                            "\(folder)/\(side).crt", "--server-cert", "\(folder)/server.crt",
                        ])
                }
                try await Self.setUp(gateway, cli("client"), pool: "local")
                try await gateway.bench(Self.nqn)
                for refused in [cli("stranger"), UpstreamCLI(port: gateway.controlPort)] {
                    let text = try await refused("subsystem list", code: EINVAL)
                    #expect(!text.contains(Self.nqn))
                }
                // The handshake of each port ends without a client's certificate.
                for port in [gateway.controlPort, gateway.controlPort - 1] {
                    let curl = try ChildProcess(
                        "curl", ["-sk", "--http2", "https://127.0.0.1:\(port)/", "-o", "/dev/null"])
                    #expect(try await curl.exit(seconds: 60) != 0)
                }
            }
        }

        // MARK: systemd

        @Test("tells systemd that it is ready, alive, reloading and ending", .timeLimit(.minutes(3)))
        func notifications() async throws {
            let folder = try Checkout.temporaryFolder()
            let socket = folder + "/notify"
            let systemd = try ChildProcess("python3", ["-uc", Self.receiver, socket])
            _ = try await systemd.line(containing: "listening", seconds: 60)
            let environment = ["NOTIFY_SOCKET": socket, "WATCHDOG_USEC": "200000"]
            try await Self.withFiles(environment: environment) { gateway in
                var line = try await systemd.line(containing: "READY=1 STATUS=0 subsystems", seconds: 60)
                // Twice, so that it is not done once.
                for _ in 0..<2 {
                    line = try await systemd.line(
                        containing: "WATCHDOG=1", from: line.number + 1, seconds: 60)
                }
                try Self.set(gateway, "log_level = DEBUG", in: "[gateway-logs]")
                gateway.process.signal(SIGHUP)
                line = try await systemd.line(
                    containing: "RELOADING=1 MONOTONIC_USEC=", from: line.number, seconds: 60)
                _ = try await systemd.line(containing: "READY=1", from: line.number, seconds: 60)
                _ = try await gateway.process.line(
                    containing: "gateway-logs.log_level is 'DEBUG' now", seconds: 60)
            }
            _ = try await systemd.line(containing: "STOPPING=1", seconds: 60)
            await systemd.stop()
        }

        /// Adds a line to the configuration.
        private static func set(_ gateway: ServingGateway, _ line: String, in section: String) throws {
            let text = try String(contentsOfFile: gateway.configurationFile, encoding: .utf8)
            try (text + "\n\(section)\n\(line)\n").write(
                toFile: gateway.configurationFile, atomically: true, encoding: .utf8)
        }

        /// Prints each datagram on a line.
        private static let receiver = """
            import socket, sys
            receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            receiver.bind(sys.argv[1])
            print("listening")
            while True:
                print(receiver.recv(4096).decode().replace("\\n", " "))
            """

        @Test(
            "has a unit that systemd finds nothing wrong with", .enabled(if: hasSystemd, "no systemd-analyze")
        )
        func unit() async throws {
            let text = try String(
                contentsOf: Checkout.root.appendingPathComponent("Packaging/gatewayd.service"),
                encoding: .utf8)
            // Not installed here.
            let unit = try Checkout.temporaryFolder() + "/gatewayd.service"
            try text.replacingOccurrences(of: "/usr/bin/gatewayd", with: "/usr/bin/true")
                .write(toFile: unit, atomically: true, encoding: .utf8)
            let analyze = try ChildProcess("systemd-analyze", ["verify", "--man=no", unit])
            #expect(try await analyze.exit(seconds: 60) == 0)
            #expect(analyze.lines == [])
        }

        private static let hasSystemd = FileManager.default.isExecutableFile(
            atPath: "/usr/bin/systemd-analyze")

        // MARK: The end

        @Test(
            "ends in time after SIGTERM, with a cluster that does not answer, too", .needsCeph,
            .needsUpstreamCLI, .timeLimit(.minutes(4)))
        func drains() async throws {
            try await CephCluster.with(.disk) { cluster in
                let state = try Checkout.temporaryFolder() + "/state"
                // An image that can't be opened is waited for longer than this test is.
                let gateway = try await ServingGateway.start(
                    cluster.section
                        + "\n[gatewayd]\nstate = file:\(state)\ndrain_seconds = 2\nopen_seconds = 3600")
                do {
                    try await Self.setUp(gateway, gateway.cli, pool: "rbd")
                    let bench = try ChildProcess(
                        Checkout.gatewayd,
                        ["bench", "127.0.0.1:\(gateway.port)", "--nqn", Self.nqn, "--seconds", "300"]
                            + ["--rw", "randwrite", "--bs", "4k", "--qd", "16"])
                    _ = try await gateway.process.line(containing: "connected from", seconds: 60)
                    try await cluster.killOSD()
                    gateway.process.signal(SIGTERM)
                    #expect(try await gateway.process.exit(seconds: 60) == 0)
                    await bench.stop()
                } catch {
                    await gateway.process.stop()
                    throw error
                }
                let again = try ChildProcess(
                    Checkout.gatewayd, ["serve", "--config", gateway.configurationFile])
                _ = try await again.line(containing: "opening images: 0 of 1", seconds: 60)
                again.signal(SIGTERM)
                do {
                    #expect(try await again.exit(seconds: 60) == 0)
                } catch {
                    await again.stop()
                    throw error
                }
            }
        }
    }
}
