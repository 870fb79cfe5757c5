// The example that embeds a target, as a host finds it.

import Foundation
import GatewayIO
import NVMeTCP
import Testing

extension Live {
    @Suite("The embedded target of Examples/")
    struct EmbeddedTargetTests {
        @Test(
            "gives back what was written, and zeroes elsewhere and after Write Zeroes",
            .timeLimit(.minutes(10)))
        func readsWhatWasWritten() async throws {
            let program = try ChildProcess(Checkout.program("EmbeddedTarget"), ["0"])
            do {
                let line = try await program.line(containing: "nvme connect", seconds: 30).text
                let words = line.split(separator: " ")
                let flag = try #require(words.firstIndex(of: "-s"))
                try use(port: try #require(Int(words[words.index(after: flag)])))
            } catch {
                await program.stop()
                throw error
            }
            await program.stop()
        }

        private func use(port: Int) throws {
            try Host.with(port: port, "nqn.2026-11.com.example:embedded") { controller in
                let size = try controller.identifyNamespace(1)
                #expect(size.blockByteCount == 512)
                #expect(size.blockCount == 1 << 21)
                #expect(try controller.requestQueues(1) == 1)
                let queue = try controller.connectQueue(1, depth: 4, bufferByteCount: 65_536)
                // 32 KiB is more than goes into a capsule: the data follows R2Ts.
                let written = try controller.io(.write, on: queue, lba: 100, blocks: 64) { bytes in
                    for index in 0..<bytes.byteCount {
                        bytes.storeBytes(of: UInt8(index % 251), toByteOffset: index, as: UInt8.self)
                    }
                }
                #expect(written.isSuccess)
                var wrong: Int?
                let read = try controller.io(
                    .read, on: queue, lba: 99, blocks: 66,
                    read: { bytes in
                        wrong = (0..<bytes.byteCount).first { index in
                            let isWritten = (512..<512 + 64 * 512).contains(index)
                            return bytes.uint8(at: index) != (isWritten ? UInt8((index - 512) % 251) : 0)
                        }
                    })
                #expect(read.isSuccess)
                #expect(wrong == nil)
                #expect(try controller.io(.writeZeroes, on: queue, lba: 100, blocks: 64).isSuccess)
                _ = try controller.io(
                    .read, on: queue, lba: 100, blocks: 64,
                    read: { bytes in wrong = (0..<bytes.byteCount).first { bytes.uint8(at: $0) != 0 } })
                #expect(wrong == nil)
            }
        }

        @Test("has fewer than 50 lines")
        func isShort() throws {
            let file = Checkout.root.appendingPathComponent("Examples/EmbeddedTarget/main.swift")
            let lines = try String(contentsOf: file, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 50)
        }
    }
}
