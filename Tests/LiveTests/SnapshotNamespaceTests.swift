// A namespace of a snapshot, added with upstream's command line: hosts read what the image was then, whatever
// is written to the image, and can't write.

import GatewayIO
import NVMeTCP
import Testing

extension Live {
    @Suite("A namespace of a snapshot", .needsCeph, .needsUpstreamCLI)
    struct SnapshotNamespaceTests {
        private static let image = "nqn.2026-11.com.example:image"
        private static let snapshot = "nqn.2026-11.com.example:snapshot"

        @Test("shows hosts what the image was then, and is read only", .timeLimit(.minutes(3)))
        func snapshot() async throws {
            try await CephCluster.with(.memory) { cluster in
                try await ServingGateway.with(cluster.section) { gateway in
                    let (cli, port) = (gateway.cli, gateway.port)
                    for nqn in [Self.image, Self.snapshot] {
                        try await cli("subsystem add -n \(nqn) --no-group-append")
                        try await cli(
                            "listener add -n \(nqn) -t \(ServingGateway.hostName) -a 127.0.0.1 -s \(port)")
                        try await cli("host add -n \(nqn) -t *")
                    }
                    try await cli("namespace add -n \(Self.image) -p rbd -i demo")
                    let missing = try await cli(
                        "namespace add -n \(Self.snapshot) -p rbd -i demo@then", code: 19)
                    #expect(missing.contains("rbd/demo@then doesn't exist"))
                    #expect(try await onThread { try Self.write(1, to: Self.image, port) }.isSuccess)
                    try await cluster.rbd("snap", "create", "rbd/demo@then")
                    #expect(try await onThread { try Self.write(2, to: Self.image, port) }.isSuccess)

                    try await cli("namespace add -n \(Self.snapshot) -p rbd -i demo@then")
                    #expect(try await onThread { try Self.read(Self.snapshot, port) } == 1)
                    #expect(try await onThread { try Self.read(Self.image, port) } == 2)
                    let refused = try await onThread { try Self.write(3, to: Self.snapshot, port) }
                    #expect(refused.completion.status == Status.namespaceWriteProtected.notRetryable)
                    let size = try await cli(
                        "namespace resize -n \(Self.snapshot) --nsid 1 --size 2G", code: 22)
                    #expect(size.contains("is a snapshot, which keeps its size"))
                    try await cli("namespace del -n \(Self.snapshot) --nsid 1")
                }
            }
        }

        private static func write(_ byte: UInt8, to nqn: String, _ port: Int) throws -> CommandOutcome {
            var outcome: CommandOutcome?
            try Host.with(port: port, nqn) { controller in
                _ = try controller.requestQueues(1)
                let queue = try controller.connectQueue(1, depth: 4, bufferByteCount: 65_536)
                outcome = try controller.io(
                    .write, on: queue, lba: 8, blocks: 8, fill: { $0.storeBytes(of: byte, as: UInt8.self) })
            }
            return try #require(outcome)
        }

        private static func read(_ nqn: String, _ port: Int) throws -> UInt8 {
            var byte: UInt8?
            try Host.with(port: port, nqn) { controller in
                _ = try controller.requestQueues(1)
                let queue = try controller.connectQueue(1, depth: 4, bufferByteCount: 65_536)
                let outcome = try controller.io(
                    .read, on: queue, lba: 8, blocks: 8, read: { byte = $0.uint8(at: 0) })
                #expect(outcome.isSuccess)
            }
            return try #require(byte)
        }
    }
}
