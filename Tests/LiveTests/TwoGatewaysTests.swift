// Two gateways export one RBD image, as active paths of one datastore: what a host asks for through one is
// atomic against what another asks for through the other.

import Foundation
import GatewayIO
import NVMeTCP
import Testing

extension Live {
    @Suite("Two gateways on one image")
    struct TwoGatewaysTests {
        /// How often each side counts; settable, for a longer look by hand.
        private static let stepCount =
            ProcessInfo.processInfo.environment["GATEWAYD_COUNT_STEPS"].flatMap { Int($0) } ?? 300

        @Test(
            "lose no step of hosts that count in one block by fused compare and write",
            .timeLimit(.minutes(5)), arguments: ["layering,exclusive-lock", "layering"])
        func counting(features: String) async throws {
            try await CephCluster.with(.memory) { cluster in
                try await cluster.rbd(
                    "create", "--size", "16M", "--image-feature", features, "rbd/counter")
                try await Gateway.with(["rbd:rbd/counter"], options: cluster.options) { one in
                    try await Gateway.with(["rbd:rbd/counter"], options: cluster.options) { other in
                        let start = ContinuousClock.now
                        async let first = onThread { try count(through: one, as: 1) }
                        async let second = onThread { try count(through: other, as: 2) }
                        let misses = try await first + second
                        let seconds = (ContinuousClock.now - start) / .seconds(1)
                        for gateway in [one, other] {
                            let value = try await onThread { try self.value(through: gateway) }
                            #expect(value == UInt64(2 * Self.stepCount))
                        }
                        // They were in each other's way, or this shows nothing.
                        #expect(misses > 0)
                        print(
                            "\(features): \(2 * Self.stepCount) steps in \(seconds) s, \(misses) misses")
                    }
                }
            }
        }

        /// Adds so many to the number in block 3, one at a time, each from what was there when it was last
        /// looked at.
        /// - Returns: How often the number had changed meanwhile.
        private func count(through gateway: Gateway, as host: UInt64) throws -> Int {
            var misses = 0
            try Host.with(port: gateway.port, gateway.nqn, host: host) { controller in
                #expect(try controller.requestQueues(1) == 1)
                let queue = try controller.connectQueue(1, depth: 4, bufferByteCount: 4096)
                // Every other pair's data comes by R2T.
                let capsules = queue.inCapsuleByteCountMax
                var known: UInt64 = 0
                var done = 0
                while done < Self.stepCount {
                    controller.keepAlive(at: MonotonicClock.now())
                    queue.inCapsuleByteCountMax = done.isMultiple(of: 2) ? capsules : 0
                    let outcome = try controller.loop.compareAndWrite(
                        Self.block, byteCount: 512, on: queue,
                        compare: { Self.fill(&$0, with: known) }, write: { Self.fill(&$0, with: known + 1) })
                    if outcome.isSuccess {
                        done += 1
                        known += 1
                    } else {
                        try #require(outcome.isMiscompare, "\(outcome)")
                        misses += 1
                        known = try read(controller, queue)
                    }
                }
            }
            return misses
        }

        private func value(through gateway: Gateway) throws -> UInt64 {
            var value: UInt64 = 0
            try Host.with(port: gateway.port, gateway.nqn) { controller in
                #expect(try controller.requestQueues(1) == 1)
                let queue = try controller.connectQueue(1, depth: 4, bufferByteCount: 4096)
                value = try read(controller, queue)
            }
            return value
        }

        private func read(_ controller: InitiatorController, _ queue: InitiatorQueue) throws -> UInt64 {
            var value: UInt64 = 0
            let outcome = try controller.io(
                .read, on: queue, lba: 3, blocks: 1, read: { value = $0.uint64(at: 504) })
            try #require(outcome.isSuccess, "\(outcome)")
            return value
        }

        private static var block: SubmissionEntry {
            var entry = SubmissionEntry(opcode: 0)
            entry.dword1 = 1
            entry.dword10 = 3
            return entry
        }

        private static func fill(_ bytes: inout MutableRawSpan, with value: UInt64) {
            for offset in stride(from: 0, to: 504, by: 8) {
                bytes.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self)
            }
            bytes.storeBytes(of: value.littleEndian, toByteOffset: 504, as: UInt64.self)
        }
    }
}
