// IP addresses as the socket calls have them and as people write them, for listeners, the initiator and log
// lines.

package import CLiburing

/// An IPv4 or IPv6 address with a TCP port.
@safe package struct SocketAddress: Sendable {
    private var storage: sockaddr_storage
    package let byteCount: socklen_t

    /// - Parameter host: a numeric address (`127.0.0.1`, `::1`, `[::1]`, `fe80::1%eth0`) or `localhost`.
    /// - Returns: nil if it is none of these. Names are not looked up: that would block.
    package init?(host: String, port: UInt16) {
        var text = host == "localhost" ? "127.0.0.1" : host
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        // getaddrinfo takes "1" and "" for addresses; people who write them mean something else.
        guard text.contains(where: { $0 == "." || $0 == ":" }),
            unsafe getaddrinfo(text, String(port), &hints, &found) == 0, let first = unsafe found
        else { return nil }
        defer { unsafe freeaddrinfo(first) }
        var storage = sockaddr_storage()
        let byteCount = unsafe first.pointee.ai_addrlen
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(
                from: UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(byteCount)))
        }
        self.storage = storage
        self.byteCount = byteCount
    }

    /// The address that `call` (getsockname, getpeername) tells of a socket; nil if it fails.
    private init?(
        _ socket: Int32,
        _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) {
        var storage = sockaddr_storage()
        var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe call(socket, address, &byteCount)
            }
        }
        guard status == 0 else { return nil }
        self.storage = storage
        self.byteCount = byteCount
    }

    /// This end of a socket.
    package static func local(of socket: Int32) -> SocketAddress? {
        unsafe SocketAddress(socket) { unsafe getsockname($0, $1, $2) }
    }

    /// The other end of a socket.
    package static func peer(of socket: Int32) -> SocketAddress? {
        unsafe SocketAddress(socket) { unsafe getpeername($0, $1, $2) }
    }

    package var isIPv6: Bool { Int32(storage.ss_family) == AF_INET6 }

    /// AF_INET or AF_INET6.
    package var family: Int32 { Int32(storage.ss_family) }

    package func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, byteCount) }
        }
    }

    package var port: UInt16 {
        // sin_port and sin6_port are at the same place, big-endian.
        unsafe withUnsafeBytes(of: storage) { bytes in unsafe UInt16(bytes[2]) << 8 | UInt16(bytes[3]) }
    }

    /// The address alone, as people write it.
    package var host: String {
        let text = unsafe withSockaddr { address, byteCount in
            unsafe [CChar](unsafeUninitializedCapacity: 64) { buffer, count in
                let status = unsafe getnameinfo(
                    address, byteCount, buffer.baseAddress, 64, nil, 0, NI_NUMERICHOST)
                count = status == 0 ? unsafe strlen(buffer.baseAddress!) : 0
            }
        }
        return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension SocketAddress: CustomStringConvertible {
    package var description: String { isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
