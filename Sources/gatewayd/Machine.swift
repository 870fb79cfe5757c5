// What the program asks the machine: its identity, its processors, standard output and error.

import ArgumentParser
import Glibc

enum Machine {
    /// What tells this machine from others, for derived NQNs: /etc/machine-id, else the host name.
    static var identity: String {
        if let file = unsafe fopen("/etc/machine-id", "re") {
            defer { unsafe fclose(file) }
            var line = [CChar](repeating: 0, count: 64)
            // fgets writes at most 64 bytes, the terminating zero among them.
            if unsafe fgets(&line, 64, file) != nil {
                let text = line.prefix { $0 > 32 }.map(UInt8.init(bitPattern:))
                if text.count == 32 { return String(decoding: text, as: UTF8.self) }
            }
        }
        return hostName
    }

    static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        // One byte is kept for the terminating zero.
        guard unsafe gethostname(&name, 255) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The path without links and dots; the path itself where there is nothing.
    static func canonicalPath(_ path: String) -> String {
        guard let canonical = unsafe realpath(path, nil) else { return path }
        // realpath's own memory, freed after the copy.
        defer { unsafe free(canonical) }
        return unsafe String(cString: canonical)
    }

    /// The beginning of a file, unbuffered, so that no copy of it stays behind; nil if it can't be read.
    static func content(of path: String, byteCountMax: Int) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var isReadable = true
        let content = unsafe [UInt8](unsafeUninitializedCapacity: byteCountMax) { buffer, filled in
            while filled < byteCountMax {
                // What is left of the buffer, which lives during the call.
                let place = unsafe buffer.baseAddress.map { unsafe $0 + filled }
                let count = unsafe read(descriptor, place, byteCountMax - filled)
                if count < 0, errno == EINTR { continue }
                if count < 0 { isReadable = false }
                if count <= 0 { return }
                filled += count
            }
        }
        return isReadable ? content : nil
    }

    /// Processors that this process may run on.
    static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// The numeric addresses of all network interfaces.
    static var addresses: [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return [] }
        // The list lives until it is freed, after the copies.
        defer { unsafe freeifaddrs(first) }
        var addresses: [String] = []
        var next = unsafe first
        while let entry = unsafe next {
            unsafe next = entry.pointee.ifa_next
            guard let address = unsafe entry.pointee.ifa_addr else { continue }
            let family = unsafe Int32(address.pointee.sa_family)
            guard family == AF_INET || family == AF_INET6 else { continue }
            let byteCount =
                family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            var text = [CChar](repeating: 0, count: 64)
            guard
                unsafe getnameinfo(
                    address, socklen_t(byteCount), &text, 64, nil, 0, NI_NUMERICHOST) == 0
            else { continue }
            let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            // Without the interface that a link-local address is of.
            addresses.append(String(name.prefix { $0 != "%" }))
        }
        return addresses
    }

    /// One line on standard output, at once: what is piped to a script must not wait in a buffer.
    static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    /// Text on standard error.
    static func printError(_ text: String) { write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            // The buffer is valid during the call.
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            // Nobody reads any more: nothing is left to tell, and nobody to tell it to.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}

/// Prints why the program ends, and gives what ArgumentParser ends it with.
func printed(_ failure: ProgramFailure) -> ExitCode {
    Machine.printError("gatewayd: \(failure)\n")
    return ExitCode(failure.reason.rawValue)
}
