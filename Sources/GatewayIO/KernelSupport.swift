// What the running kernel offers of io_uring, and why it offers nothing. Ring asks while it is made; the
// answers are pure functions of what was read from the kernel, so that tests can pose as any kernel.

import CLiburing

/// What a ring may use beyond the minimum. Each is probed when a ring is made; what is missing is done in
/// another way.
package struct RingFeatures: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Completion work runs only while the owner waits (IORING_SETUP_DEFER_TASKRUN, Linux 6.1). Else:
    /// cooperative.
    package static let deferredTaskRun = RingFeatures(rawValue: 1)
    /// One thread submits (IORING_SETUP_SINGLE_ISSUER, 6.0). Else: the kernel takes its locks.
    package static let singleIssuer = RingFeatures(rawValue: 2)
    /// Completion work does not interrupt the owner (IORING_SETUP_COOP_TASKRUN, 5.19). Else: it does.
    package static let cooperativeTaskRun = RingFeatures(rawValue: 4)
    /// One bad submission does not stop those behind it (IORING_SETUP_SUBMIT_ALL, 5.18). Else: submitted in a
    /// loop.
    package static let submitAll = RingFeatures(rawValue: 8)
    /// The kernel picks the staging buffer when data arrives (5.19). Else: a poll, then recv(2).
    package static let bufferRings = RingFeatures(rawValue: 16)
    /// One accept gives many connections (5.19). Else: accept again after each.
    package static let multishotAccept = RingFeatures(rawValue: 32)
    /// A receive may start by waiting (IORING_RECVSEND_POLL_FIRST, 5.19). Else: it tries first.
    package static let pollFirst = RingFeatures(rawValue: 64)

    package static let all: RingFeatures = [
        .deferredTaskRun, .singleIssuer, .cooperativeTaskRun, .submitAll, .bufferRings, .multishotAccept,
        .pollFirst,
    ]
}

/// Why there is no ring. The description names the cause and the next step.
public enum RingError: Error, Equatable, CustomStringConvertible {
    /// The kernel has no io_uring: older than 5.1, or built without it.
    case missing(release: String)
    /// The sysctl kernel.io_uring_disabled forbids it: 1 for unprivileged processes, 2 for all.
    case disabledBySysctl(Int)
    /// A seccomp filter or a security module (a container's profile) forbids it.
    case forbiddenBySandbox(isFiltered: Bool)
    /// The ring did not fit into the memory that the process may lock (RLIMIT_MEMLOCK).
    case lockedMemory(limitBytes: UInt64)
    /// The kernel's io_uring lacks operations that we can't do without.
    case tooOld(release: String, missing: [String])
    /// The process or the system has no file descriptor left.
    case noDescriptors(errno: Int32)
    case other(call: String, errno: Int32)

    public var description: String {
        switch self {
        case .missing(let release):
            "this kernel (\(release)) has no io_uring: "
                + "Linux 5.11 or newer, built with CONFIG_IO_URING, is needed"
        case .disabledBySysctl(let value):
            "io_uring is disabled here by the sysctl kernel.io_uring_disabled=\(value): "
                + (value == 1
                    ? "run as root, join the group of kernel.io_uring_group, or set it to 0 "
                    : "set it to 0 ")
                + "(sysctl -w kernel.io_uring_disabled=0)"
        case .forbiddenBySandbox(let isFiltered):
            (isFiltered
                ? "io_uring is forbidden by a seccomp filter, as containers have by default: "
                : "io_uring is not permitted here, probably by a container's profile or a security module: ")
                + "allow io_uring_setup, io_uring_enter and io_uring_register in the profile "
                + "(podman and docker: --security-opt seccomp=PROFILE.json)"
        case .lockedMemory(let limitBytes):
            "io_uring's memory does not fit into the limit for locked memory, \(limitBytes / 1024) KiB: "
                + "raise it (ulimit -l, or LimitMEMLOCK= in the service's unit)"
        case .tooOld(let release, let missing):
            "this kernel's io_uring (\(release)) lacks \(missing.joined(separator: ", ")): "
                + "Linux 5.11 or newer is needed"
        case .noDescriptors(let errno):
            "no file descriptor is left for io_uring: \(errorText(errno)); "
                + "raise the limit (ulimit -n, LimitNOFILE=)"
        case .other(let call, let errno):
            "\(call) failed: \(errorText(errno))"
        }
    }
}

/// What was read from the kernel around a failure.
package struct KernelState: Equatable, Sendable {
    /// As uname -r says.
    package var release: String
    /// /proc/sys/kernel/io_uring_disabled; nil where the kernel has no such file.
    package var disabledSysctl: Int?
    /// Seccomp in /proc/self/status: 2 is a filter; nil if unknown.
    package var seccompMode: Int?
    /// RLIMIT_MEMLOCK in bytes.
    package var lockedBytesMax: UInt64

    package init(release: String, disabledSysctl: Int?, seccompMode: Int?, lockedBytesMax: UInt64) {
        self.release = release
        self.disabledSysctl = disabledSysctl
        self.seccompMode = seccompMode
        self.lockedBytesMax = lockedBytesMax
    }

    /// Reads the running kernel's.
    package static func current() -> KernelState {
        return KernelState(
            release: firstLine(of: "/proc/sys/kernel/osrelease") { _ in true } ?? "of unknown release",
            disabledSysctl: firstLine(of: "/proc/sys/kernel/io_uring_disabled") { _ in true }.flatMap {
                Int($0)
            },
            seccompMode: firstLine(of: "/proc/self/status") { $0.hasPrefix("Seccomp:") }
                .flatMap { Int($0.dropFirst(8).drop { $0 == "\t" || $0 == " " }) },
            lockedBytesMax: gw_memlock_limit())
    }

    /// Whether the release is `major.minor` or newer; an unreadable one is taken for old.
    func isAtLeast(_ major: Int, _ minor: Int) -> Bool {
        let numbers = release.split(separator: ".").prefix(2).compactMap { Int($0.prefix { $0.isNumber }) }
        guard numbers.count == 2 else { return false }
        return (numbers[0], numbers[1]) >= (major, minor)
    }
}

extension RingError {
    /// Why `io_uring_setup` failed with `errno` on a kernel in this state.
    package static func diagnose(errno: Int32, _ kernel: KernelState) -> RingError {
        switch errno {
        // Profiles that list the system calls they know answer ENOSYS for others: a new kernel with a filter
        // has io_uring.
        case ENOSYS:
            kernel.seccompMode == 2 && kernel.isAtLeast(5, 1)
                ? .forbiddenBySandbox(isFiltered: true) : .missing(release: kernel.release)
        case EPERM, EACCES:
            if let value = kernel.disabledSysctl, value != 0 {
                .disabledBySysctl(value)
            } else {
                .forbiddenBySandbox(isFiltered: kernel.seccompMode == 2)
            }
        case ENOMEM: .lockedMemory(limitBytes: kernel.lockedBytesMax)
        case EMFILE, ENFILE: .noDescriptors(errno: errno)
        default: .other(call: "io_uring_setup", errno: errno)
        }
    }
}

/// The first line of a small file that satisfies `isWanted`; nil if there is none or no such file.
private func firstLine(of path: String, where isWanted: (Substring) -> Bool) -> String? {
    let descriptor = unsafe gw_open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 8192) { buffer, count in
        count = unsafe max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first(where: isWanted).map(
        String.init)
}

/// What an errno means, in words.
package func errorText(_ errno: Int32) -> String {
    unsafe String(cString: strerror(errno))
}

/// The process's limit of open descriptors: a connection takes one.
public enum DescriptorLimit {
    /// Raises the soft limit to the hard one, which needs no right. For a program's start; a library that is
    /// embedded leaves the process's limits alone.
    /// - Returns: how many descriptors there may be, or 0 if it can't be told.
    @discardableResult
    public static func raise() -> UInt64 { gw_raise_descriptor_limit() }
}
