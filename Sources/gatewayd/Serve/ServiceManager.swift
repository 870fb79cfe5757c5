// Tells systemd how the service is: a datagram to the socket that it names in the environment. Without one,
// nobody wants to know.

import Glibc

/// The service manager that started the process.
///
/// Source: sd_notify(3), systemd.service(5).
struct ServiceManager: Sendable {
    private let socketPath: String?
    /// How often the service is to show that it lives: half of what systemd waits; nil if it does not.
    let watchdogInterval: Duration?

    init(environment: [String: String]) {
        let path = environment["NOTIFY_SOCKET"] ?? ""
        // A path, or an abstract name, which begins with @.
        socketPath = path.hasPrefix("/") || path.hasPrefix("@") ? path : nil
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdogInterval = isForUs && microseconds > 0 ? .microseconds(microseconds / 2) : nil
    }

    /// Start-up has come so far, in words.
    func progress(_ status: String) { tell("STATUS=\(status)") }
    func ready(_ status: String) { tell("READY=1\nSTATUS=\(status)") }
    /// A reload has begun; `ready` ends it.
    func reloading() {
        var time = timespec()
        // systemd wants to know that `ready` came after this.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        tell("RELOADING=1\nMONOTONIC_USEC=\(time.tv_sec * 1_000_000 + time.tv_nsec / 1000)")
    }
    /// The end has begun: hosts' commands may take so long, and then what they were in is closed.
    func stopping(within seconds: Int) {
        let seconds = seconds + Self.closeSeconds
        tell(
            "STOPPING=1\nSTATUS=finishing hosts' commands\nEXTEND_TIMEOUT_USEC=\(seconds * 1_000_000)")
    }
    /// More than closing takes with a cluster that does not answer: images, then RADOS clients, have
    /// `RBDLimits.closeSeconds` each, and a change of the state that is under way five seconds.
    private static let closeSeconds = 40

    func isAlive() { tell("WATCHDOG=1") }

    private func tell(_ message: String) {
        guard let socketPath else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = socketPath.utf8.map { $0 == UInt8(ascii: "@") ? 0 : $0 }
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            unsafe bytes[start..<start + name.count].copyBytes(from: name)
        }
        let bytes = Array(message.utf8)
        // The address and the message are valid during the call; whether it arrives nobody can do anything
        // about.
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = unsafe sendto(
                    descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer,
                    socklen_t(start + name.count))
            }
        }
    }
}
