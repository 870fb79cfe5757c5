// Ten thousand connections that misbehave, beside one honest host whose data is verified throughout.

import Foundation
import Testing

extension Live {
    @Suite("Hostile peers")
    struct HostilePeersTests {
        static let connectionCount = 10_000
        /// How many are open at a time: those before them are closed.
        static let openMax = 200
        static let growthMiBMax = 64

        @Test(
            "do not disturb an honest host, and cost the gateway no lasting memory", .timeLimit(.minutes(5)))
        func storm() async throws {
            let seed = UInt64.random(in: 0...UInt64.max)
            print("hostile peers: seed \(seed)")
            try await Gateway.with(["memory:64MiB"]) { gateway in
                try await verify(gateway, seconds: 2)
                let before = gateway.residentMiB
                let honest = try ChildProcess(Checkout.gatewayd, bench(gateway, seconds: 30))
                let admitted = await attack(gateway.port, seed: seed)
                let growth = gateway.residentMiB - before
                #expect(admitted > Self.connectionCount / 2, "only \(admitted) connections were accepted")
                #expect(growth <= Self.growthMiBMax, "the gateway grew by \(growth) MiB (seed \(seed))")
                let code = try await honest.exit(seconds: 90)
                #expect(code == 0, "the honest host ended with \(code) (seed \(seed)):\n\(honest.tail)")
                try await verify(gateway, seconds: 2)
            }
        }

        /// Makes the connections one after the other on a thread of its own. Returns how many were accepted.
        private func attack(_ port: Int, seed: UInt64) async -> Int {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    var generator = SeededGenerator(state: seed)
                    var open: [Int32] = []
                    var admitted = 0
                    for number in 0..<Self.connectionCount {
                        let kind = HostilePeer.Kind.allCases[number % HostilePeer.Kind.allCases.count]
                        guard let descriptor = HostilePeer.connect(to: port, as: kind, using: &generator)
                        else { continue }
                        admitted += 1
                        open.append(descriptor)
                        if open.count > Self.openMax { close(open.removeFirst()) }
                    }
                    for descriptor in open { close(descriptor) }
                    continuation.resume(returning: admitted)
                }
            }
        }

        private func verify(_ gateway: Gateway, seconds: Int) async throws {
            let process = try ChildProcess(Checkout.gatewayd, bench(gateway, seconds: seconds))
            let code = try await process.exit(seconds: seconds + 60)
            #expect(code == 0, "bench ended with \(code):\n\(process.tail)")
        }

        private func bench(_ gateway: Gateway, seconds: Int) -> [String] {
            [
                "bench", "127.0.0.1:\(gateway.port)", "--nqn", gateway.nqn, "--rw", "randrw", "--bs", "16KiB",
                "--qd", "8", "--size", "32MiB", "--seconds", String(seconds), "--verify",
            ]
        }
    }
}
