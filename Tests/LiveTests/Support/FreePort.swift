// Finds a TCP port of 127.0.0.1 for a gateway. Used by the live tests.

import Foundation

enum FreePort {
    /// A port that was free a moment ago. The kernel gives out others first, so that it stays free for a
    /// while.
    static func find() throws -> Int {
        guard let port = bind(0) else { throw ChildProcessError(description: "no port: errno \(errno)") }
        return port
    }

    /// A port that was free a moment ago, and so was the one below it. The kernel gives none of these to
    /// whoever connects to somebody, as a gateway does before it listens.
    static func findPair() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 10_001..<20_000)
            if bind(port) != nil, bind(port - 1) != nil { return port }
        }
        throw ChildProcessError(description: "no two ports side by side: errno \(errno)")
    }

    /// Takes a port, 0 for any, and leaves it again; nil if it is taken.
    private static func bind(_ port: Int) -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Glibc.bind(descriptor, generic, length) == 0 && getsockname(descriptor, generic, &length) == 0
            }
        }
        return result ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }
}
