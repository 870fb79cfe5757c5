// `gatewayd serve` is killed in a storm of changes and started again, over a cluster and over a folder. The
// storm is Tests/ControlCLI/storm.py; GATEWAYD_KILLS=100 has it go on longer.

import Foundation
import Testing

extension Live {
    @Suite("A gateway that is killed in a storm of changes", .needsUpstreamCLI)
    struct KillStormTests {
        private static let kills =
            ProcessInfo.processInfo.environment["GATEWAYD_KILLS"].flatMap { Int($0) } ?? 10

        @Test("has what was acknowledged in a cluster's state", .needsCeph, .timeLimit(.minutes(15)))
        func cluster() async throws {
            try await CephCluster.with(.memory) { cluster in
                let gateway = try await ServingGateway.start(cluster.section, group: "g1")
                try await Self.storm(over: gateway, "rbd")
            }
        }

        @Test("has what was acknowledged in a folder's state", .timeLimit(.minutes(15)))
        func folder() async throws {
            let folder = try Checkout.temporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder + "/images", withIntermediateDirectories: true)
            let gateway = try await ServingGateway.start(
                """
                [gatewayd]
                state = file:\(folder)/state
                folder_pools = local=\(folder)/images
                """)
            try await Self.storm(over: gateway, "local", "--files")
        }

        /// The storm starts gateways of its own, with the configuration of this one, which ends before.
        private static func storm(over gateway: ServingGateway, _ pool: String...) async throws {
            try await gateway.stop()
            let storm = try ChildProcess(
                UpstreamCLI.python,
                [Checkout.root.appendingPathComponent("Tests/ControlCLI/storm.py").path]
                    + [Checkout.gatewayd, gateway.configurationFile, String(gateway.controlPort)] + pool
                    + ["--kills", String(kills)],
                environment: ["PYTHONDONTWRITEBYTECODE": "1"])
            do {
                let code = try await storm.exit(seconds: 60 + 8 * kills)
                #expect(code == 0, "the storm ended with \(code):\n\(storm.tail)")
                print(storm.tail)
            } catch {
                await storm.stop()
                throw error
            }
        }
    }
}
