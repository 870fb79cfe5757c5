// The cache that an image's settings turn on, and a gateway that is killed: what was promised to be durable
// is there, and what was not is lost, or the test would prove nothing.

import Foundation
import GatewayIO
import NVMeTCP
import Testing

extension Live {
    @Suite("A volatile write cache")
    struct CacheTests {
        private static let promised: UInt64 = 2048
        private static let unpromised: UInt64 = 4096

        @Test(
            "loses nothing that was flushed, or written with Force Unit Access, when the gateway is killed",
            .needsCeph, .timeLimit(.minutes(3)), arguments: [true, false])
        func killed(isFlushed: Bool) async throws {
            try await CephCluster.with(.memory) { cluster in
                for setting in [
                    "rbd_cache=true", "rbd_cache_policy=writeback", "rbd_cache_max_dirty_age=600",
                    "rbd_cache_writethrough_until_flush=false",
                ] {
                    let parts = setting.split(separator: "=").map(String.init)
                    try await cluster.rbd("config", "image", "set", "rbd/demo", parts[0], parts[1])
                }
                let gateway = try await Gateway.start(["rbd:rbd/demo"], options: cluster.options)
                do {
                    try writeAndKill(gateway, isFlushed: isFlushed)
                } catch {
                    await gateway.process.stop()
                    throw error
                }
                try await gateway.process.exit(seconds: 120)
                let second = try await gateway.restarted()
                let (promised, unpromised) = try read(second)
                #expect(promised == 1)
                #expect(unpromised == 0)
                try await second.stop()
            }
        }

        private func writeAndKill(_ gateway: Gateway, isFlushed: Bool) throws {
            try Host.with(port: gateway.port, gateway.nqn) { controller in
                _ = try controller.requestQueues(1)
                let queue = try controller.connectQueue(1, depth: 4, bufferByteCount: 65_536)
                let first = try controller.io(
                    .write, on: queue, lba: Self.promised, blocks: 8, forceUnitAccess: !isFlushed,
                    fill: { $0.storeBytes(of: 1, as: UInt8.self) })
                #expect(first.isSuccess)
                if isFlushed {
                    #expect(try controller.io(.flush, on: queue, lba: 0, blocks: 1).isSuccess)
                }
                let second = try controller.io(
                    .write, on: queue, lba: Self.unpromised, blocks: 8,
                    fill: { $0.storeBytes(of: 2, as: UInt8.self) })
                #expect(second.isSuccess)
                // Before the host shuts the controller down, which would flush.
                gateway.process.signal(SIGKILL)
            }
        }

        /// The first byte of each of the two writes.
        private func read(_ gateway: Gateway) throws -> (UInt8, UInt8) {
            var bytes: [UInt8] = []
            try Host.with(port: gateway.port, gateway.nqn) { controller in
                _ = try controller.requestQueues(1)
                let queue = try controller.connectQueue(1, depth: 4, bufferByteCount: 65_536)
                for lba in [Self.promised, Self.unpromised] {
                    let outcome = try controller.io(
                        .read, on: queue, lba: lba, blocks: 8, read: { bytes.append($0.uint8(at: 0)) })
                    #expect(outcome.isSuccess)
                }
            }
            return (bytes[0], bytes[1])
        }
    }
}
