// `gatewayd serve` as a process of its own, with a configuration file in a folder of its own. Used by the
// live tests; it assumes that the line "serving after" comes when what was configured is served.

import Foundation
import Testing

struct ServingGateway {
    let process: ChildProcess
    let folder: String
    /// A port of 127.0.0.1 that is free: for a listener.
    let port: Int
    let discoveryPort: Int
    let controlPort: Int

    var configurationFile: String { folder + "/ceph-nvmeof.conf" }

    /// The host name by which its listeners are its own.
    static let hostName = "gw1"

    /// - Parameters:
    ///   - configuration: more of the file, by section, without [discovery].
    ///   - gateway: more lines of its section [gateway].
    ///   - environment: more of the process's.
    static func start(
        _ configuration: String, port: Int? = nil, group: String = "", gateway: String = "",
        hostName: String = hostName, environment: [String: String] = [:]
    ) async throws -> ServingGateway {
        let folder = try Checkout.temporaryFolder()
        let port = try port ?? FreePort.find()
        let discoveryPort = try FreePort.find()
        // The monitor's service has the port below.
        let controlPort = try FreePort.findPair()
        try """
        [gateway]
        name = client.\(hostName)
        group = \(group)
        override_hostname = \(hostName)
        addr = 127.0.0.1
        port = \(controlPort)
        state_update_interval_sec = 1
        \(gateway)
        [discovery]
        addr = 127.0.0.1
        port = \(discoveryPort)
        \(configuration)
        """.write(toFile: folder + "/ceph-nvmeof.conf", atomically: true, encoding: .utf8)
        return ServingGateway(
            process: try await launch(folder, environment), folder: folder, port: port,
            discoveryPort: discoveryPort, controlPort: controlPort)
    }

    /// Returns when it serves what its group's state says.
    private static func launch(
        _ folder: String, _ environment: [String: String] = [:]
    ) async throws -> ChildProcess {
        let process = try ChildProcess(
            Checkout.gatewayd, ["serve", "--config", folder + "/ceph-nvmeof.conf"], environment: environment)
        do {
            _ = try await process.line(containing: "serving after", seconds: 120)
        } catch {
            await process.stop()
            throw error
        }
        return process
    }

    /// Starts it again after it has ended, with the same configuration.
    func startedAgain() async throws -> ServingGateway {
        ServingGateway(
            process: try await Self.launch(folder), folder: folder, port: port, discoveryPort: discoveryPort,
            controlPort: controlPort)
    }

    /// Starts it, runs `body` with it, and stops it.
    static func with(
        _ configuration: String, group: String = "", gateway: String = "",
        environment: [String: String] = [:], _ body: (ServingGateway) async throws -> Void
    ) async throws {
        let started = try await start(configuration, group: group, gateway: gateway, environment: environment)
        do { try await body(started) } catch {
            await started.process.stop()
            throw error
        }
        try await started.stop()
    }

    var cli: UpstreamCLI { UpstreamCLI(port: controlPort) }

    /// Runs a bench of one second that reads back what it writes.
    func bench(_ nqn: String, port: Int? = nil, namespace: Int = 1) async throws {
        let bench = try ChildProcess(
            Checkout.gatewayd,
            ["bench", "127.0.0.1:\(port ?? self.port)", "--nqn", nqn, "--seconds", "1", "--json", "--verify"]
                + ["--rw", "randrw", "--bs", "4k", "--qd", "8", "--nsid", "\(namespace)"])
        #expect(try await bench.exit(seconds: 90) == 0, "\(bench.tail)")
        #expect(bench.tail.contains(#""mismatches":0"#))
    }

    /// SIGTERM, which drains.
    func stop() async throws {
        process.signal(SIGTERM)
        let code = try await process.exit(seconds: 120)
        #expect(code == 0, "gatewayd ended with \(code) after SIGTERM; its last lines:\n\(process.tail)")
    }
}
