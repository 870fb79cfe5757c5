// `gatewayd bench` against `gatewayd export`, both as processes of their own: data comes back as written, in
// every shape of transfer, and what goes wrong is told by the exit code.

import Foundation
import Testing

extension Live {
    @Suite("gatewayd bench")
    struct BenchTests {
        /// Runs a bench of one second to its end.
        private func bench(
            port: Int, nqn: String, _ arguments: String...
        ) async throws -> (code: Int32, output: String) {
            let process = try ChildProcess(
                Checkout.gatewayd,
                ["bench", "127.0.0.1:\(port)", "--nqn", nqn, "--seconds", "1", "--json"] + arguments)
            return (try await process.exit(seconds: 90), process.tail)
        }

        @Test(
            "reads back what it wrote, in capsules and by R2T, with and without digests",
            .timeLimit(.minutes(3)),
            arguments: [
                ["--rw", "randrw", "--bs", "512", "--qd", "64"],
                ["--rw", "randrw", "--bs", "4k", "--connections", "3"],
                ["--rw", "randwrite", "--bs", "8k", "--digests"],
                ["--rw", "write", "--bs", "64k", "--qd", "8", "--connections", "2"],
                ["--rw", "randrw", "--bs", "128k", "--qd", "4", "--digests"],
            ])
        func verified(arguments: [String]) async throws {
            try await Gateway.with(["memory:64MiB"]) { gateway in
                let process = try ChildProcess(
                    Checkout.gatewayd,
                    ["bench", "127.0.0.1:\(gateway.port)", "--nqn", gateway.nqn, "--seconds", "1", "--json"]
                        + ["--verify"] + arguments)
                #expect(try await process.exit(seconds: 90) == 0, "\(process.tail)")
                #expect(process.tail.contains(#""mismatches":0"#))
                #expect(!process.tail.contains(#""verified_blocks":0,"#))
            }
        }

        @Test("finds what an earlier run wrote, and what it did not", .timeLimit(.minutes(3)))
        func laterRun() async throws {
            try await Gateway.with(["memory:1MiB"]) { gateway in
                let (port, nqn) = (gateway.port, gateway.nqn)
                let written = try await bench(
                    port: port, nqn: nqn, "--rw", "write", "--verify", "--seed", "5")
                #expect(written.code == 0, "\(written.output)")
                let read = try await bench(
                    port: port, nqn: nqn, "--rw", "randread", "--bs", "512", "--verify", "--seed", "5")
                #expect(read.code == 0, "\(read.output)")
                let other = try await bench(port: port, nqn: nqn, "--rw", "read", "--verify", "--seed", "6")
                #expect(other.code == 76, "\(other.output)")
            }
        }

        @Test("tells a target that is not there from one that refuses", .timeLimit(.minutes(3)))
        func refused() async throws {
            let nobody = try await bench(port: try FreePort.find(), nqn: "nqn.2026-11.com.example:x")
            #expect(nobody.code == 73)
            #expect(nobody.output.contains("nothing listens there"), "\(nobody.output)")
            let host = "nqn.2026-11.com.example:host"
            try await Gateway.with(["memory:1MiB"], options: ["--allow-host", host]) { gateway in
                let wrongName = try await bench(port: gateway.port, nqn: "nqn.2026-11.com.example:x")
                #expect(wrongName.code == 73)
                #expect(wrongName.output.contains("no subsystem of this name"), "\(wrongName.output)")
                let wrongHost = try await bench(port: gateway.port, nqn: gateway.nqn)
                #expect(wrongHost.code == 73)
                #expect(wrongHost.output.contains("does not admit this host"), "\(wrongHost.output)")
                let rightHost = try await bench(port: gateway.port, nqn: gateway.nqn, "--hostnqn", host)
                #expect(rightHost.code == 0, "\(rightHost.output)")
            }
        }

        @Test("says that the connection broke when the target is killed", .timeLimit(.minutes(3)))
        func killed() async throws {
            let gateway = try await Gateway.start(["memory:1MiB"])
            let process = try ChildProcess(
                Checkout.gatewayd,
                ["bench", "127.0.0.1:\(gateway.port)", "--nqn", gateway.nqn, "--seconds", "60"])
            _ = try await process.line(containing: "IOPS", seconds: 60)
            gateway.process.signal(SIGKILL)
            #expect(try await process.exit(seconds: 120) == 74)
            #expect(process.tail.contains("broke"), "\(process.tail)")
            await gateway.process.stop()
        }
    }
}
