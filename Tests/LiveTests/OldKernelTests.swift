// gatewayd itself on an older kernel: Debian 12's 6.1, whose io_uring lacks some of what ours can use. The
// program goes into a guest with that kernel, and that guest's own initiator is the host.

import Testing

extension Live {
    @Suite("On Debian 12's kernel 6.1", .needsOldGuest)
    struct OldKernelTests {
        @Test("gatewayd serves a Linux host with what that kernel's io_uring has", .timeLimit(.minutes(10)))
        func serves() async throws {
            let guest = Guest(
                kernel: "6.1", seconds: 420, memoryMiB: 2048, programs: [Checkout.gatewayd],
                scripts: ["initiator.sh"])
            let output = try await guest.run("gateway-inside.sh", "memory:128MiB")
            #expect(output.contains { $0.hasPrefix("Linux 6.1") })
        }
    }
}
