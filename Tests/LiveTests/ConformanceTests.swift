// The conformance cases of Tests/Conformance against `gatewayd export`, over loopback. They are Python that
// knows the specifications and nothing of our code: what they send and expect is written down there.

import Foundation
import Testing

extension Live {
    @Suite("Conformance")
    struct ConformanceTests {
        /// Fewer would mean that a file of cases is not read any more.
        static let casesMin = 160

        @Test("Each case of Tests/Conformance holds", .timeLimit(.minutes(10)))
        func cases() async throws {
            try await Gateway.with(["memory:64MiB", "memory:1GiB"]) { gateway in
                let client = try ChildProcess(
                    "python3",
                    [
                        Checkout.root.appendingPathComponent("Tests/Conformance/run.py").path, "127.0.0.1",
                        String(gateway.port), String(gateway.discoveryPort), gateway.nqn,
                    ],
                    environment: ["PYTHONDONTWRITEBYTECODE": "1"])
                let code = try await client.exit(seconds: 100)
                for line in client.lines where !line.hasPrefix("ok ") { Issue.record("\(line)") }
                #expect(code == 0)
                #expect(client.lines.count >= Self.casesMin)
                #expect(!gateway.process.hasEnded, "\(gateway.process.tail)")
            }
        }
    }
}
