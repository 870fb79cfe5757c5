// Posing as kernels on which io_uring can't be had: each cause is told apart.

import CLiburing
import Testing

@testable import GatewayIO

@Suite struct KernelSupportTests {
    private let plain = KernelState(
        release: "6.1.0-28-amd64", disabledSysctl: nil, seccompMode: 0, lockedBytesMax: 65536)

    private func state(_ change: (inout KernelState) -> Void) -> KernelState {
        var state = plain
        change(&state)
        return state
    }

    @Test("A kernel without io_uring is named")
    func missing() {
        let error = RingError.diagnose(errno: ENOSYS, plain)
        #expect(error == .missing(release: "6.1.0-28-amd64"))
        #expect("\(error)".contains("6.1.0-28-amd64"))
        #expect("\(error)".contains("CONFIG_IO_URING"))
    }

    @Test("A profile that hides the system call from a kernel that has it is named instead of the kernel")
    func hidden() {
        #expect(
            RingError.diagnose(errno: ENOSYS, state { $0.seccompMode = 2 })
                == .forbiddenBySandbox(isFiltered: true))
        let old = state {
            $0.seccompMode = 2
            $0.release = "4.18.0-553.el8"
        }
        #expect(RingError.diagnose(errno: ENOSYS, old) == .missing(release: "4.18.0-553.el8"))
    }

    @Test("The sysctl is named with its value, for both values that forbid", arguments: [1, 2])
    func sysctl(value: Int) {
        let error = RingError.diagnose(errno: EPERM, state { $0.disabledSysctl = value })
        #expect(error == .disabledBySysctl(value))
        #expect("\(error)".contains("kernel.io_uring_disabled=\(value)"))
        #expect("\(error)".contains("io_uring_group") == (value == 1))
    }

    @Test("A refusal while the sysctl allows is a container's profile", arguments: [EPERM, EACCES])
    func sandbox(errno: Int32) {
        for sysctl in [nil, 0] {
            let filtered = RingError.diagnose(
                errno: errno,
                state {
                    $0.disabledSysctl = sysctl
                    $0.seccompMode = 2
                })
            #expect(filtered == .forbiddenBySandbox(isFiltered: true))
            #expect("\(filtered)".contains("seccomp"))
        }
        let other = RingError.diagnose(errno: errno, plain)
        #expect(other == .forbiddenBySandbox(isFiltered: false))
        #expect("\(other)".contains("security module"))
    }

    @Test("The limit for locked memory is named with its size")
    func lockedMemory() {
        let error = RingError.diagnose(errno: ENOMEM, plain)
        #expect(error == .lockedMemory(limitBytes: 65536))
        #expect("\(error)".contains("64 KiB"))
        #expect("\(error)".contains("LimitMEMLOCK"))
    }

    @Test("Being out of descriptors is told apart", arguments: [EMFILE, ENFILE])
    func descriptors(errno: Int32) {
        #expect(RingError.diagnose(errno: errno, plain) == .noDescriptors(errno: errno))
    }

    @Test("Any other error names the call and the error")
    func other() {
        let error = RingError.diagnose(errno: EFAULT, plain)
        #expect(error == .other(call: "io_uring_setup", errno: EFAULT))
        #expect("\(error)" == "io_uring_setup failed: Bad address")
    }

    @Test("The running kernel's state can be read")
    func current() {
        let state = KernelState.current()
        #expect(state.isAtLeast(2, 6))
        #expect(!state.isAtLeast(999, 0))
        #expect(state.seccompMode != nil)
        #expect(state.lockedBytesMax > 0)
    }
}
