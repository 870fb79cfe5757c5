// Upstream's unmodified command line drives `gatewayd serve` over a cluster: each of its commands, as it does
// with the fake target of GatewayRPCTests. The cases are in Tests/ControlCLI/cases.py.

import Foundation
import Testing

extension Live {
    @Suite("Upstream's command line", .needsCeph, .needsUpstreamCLI)
    struct CommandLineTests {
        /// Fewer would mean that a group of cases is not run any more.
        static let casesMin = 250

        @Test("comes to the exit code and the words of each case", .timeLimit(.minutes(5)))
        func cases() async throws {
            try await CephCluster.with(.memory) { cluster in
                for image in ["img1", "img2", "img3", "used"] {
                    try await cluster.makeImage(image, mebibytes: 64)
                }
                let key = cluster.folder + "/encryption.key"
                try Data((0..<32).map { _ in UInt8.random(in: 0...255) }).base64EncodedData()
                    .write(to: URL(fileURLWithPath: key))
                try await ServingGateway.with(
                    cluster.section, group: "g1", gateway: "encryption_key = \(key)"
                ) { gateway in
                    let ports = try (0..<3).map { _ in String(try FreePort.find()) }
                    let run = try ChildProcess(
                        UpstreamCLI.python,
                        [Checkout.root.appendingPathComponent("Tests/ControlCLI/run.py").path]
                            + [String(gateway.controlPort), "--real"] + ports,
                        environment: ["PYTHONDONTWRITEBYTECODE": "1"])
                    let code = try await run.exit(seconds: 240)
                    for line in run.lines where !line.hasPrefix("ok ") { Issue.record("\(line)") }
                    #expect(code == 0)
                    #expect(run.lines.count >= Self.casesMin)
                }
            }
        }

        @Test(
            "or a call through one gateway of a group is seen through the other", .timeLimit(.minutes(3)))
        func group() async throws {
            let run = try ChildProcess(
                Checkout.root.appendingPathComponent("Benchmarks/propagation").path, [],
                environment: ["GATEWAYD": Checkout.gatewayd, "CHANGES": "200"])
            #expect(try await run.exit(seconds: 150) == 0, "\(run.tail)")
            print(run.tail)
        }
    }
}
