// Bounds that could never be kept: the target refuses to start with them.

import Testing

@testable import GatewayCore

@Suite("Limits")
struct LimitsTests {
    @Test("The bounds that there are by default can be kept")
    func defaults() { Limits().check(shardCount: 4) }

    @Test("Too little memory for the longest command stops the target from starting, instead of the command")
    func transfers() async {
        await #expect(processExitsWith: .failure) {
            var limits = Limits()
            limits.bufferBytesMax = limits.transferBytesMax - 1
            limits.check(shardCount: 1)
        }
    }

    @Test("Too little memory for a Copy's descriptors and data stops the target from starting")
    func copies() async {
        await #expect(processExitsWith: .failure) {
            var limits = Limits()
            limits.copyRangesMax = 256
            limits.capsuleBufferBytesMax = 8192
            limits.check(shardCount: 1)
        }
    }
}
