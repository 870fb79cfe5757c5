// ADDRESS:PORT as the command line writes it, for listeners, their advertised addresses, and what `bench`
// connects to. Numeric addresses only: a name can change its meaning between the check of "who may connect"
// and the listening.

import GatewayCore
import Glibc

/// A numeric IPv4 or IPv6 address with a TCP port.
struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The well-known port of NVMe/TCP I/O controllers.
    static let defaultPort: UInt16 = 4420
    /// The well-known port of discovery controllers.
    static let discoveryPort: UInt16 = 8009

    let family: AddressFamily
    /// In the canonical form (RFC 5952 for IPv6), without brackets.
    let address: String
    let port: UInt16

    init(family: AddressFamily, address: String, port: UInt16) {
        self.family = family
        self.address = address
        self.port = port
    }

    /// Reads `127.0.0.1:4420`, `[::1]:4420`, or either without the port.
    /// - Throws: what is wrong with the text.
    init(_ text: String, defaultPort: UInt16 = Endpoint.defaultPort) throws(UsageError) {
        let wrong = UsageError("'\(text)' is no address: write 192.0.2.1:4420 or [2001:db8::1]:4420")
        var host = text[...]
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw wrong }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else { throw wrong }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if text.filter({ $0 == ":" }).count == 1, let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        if let port {
            guard let number = UInt16(port) else { throw wrong }
            self.port = number
        } else {
            self.port = defaultPort
        }
        guard let (family, canonical) = Self.canonical(String(host)) else { throw wrong }
        guard text.first == "[" ? family == .ipv6 : true else { throw wrong }
        (self.family, address) = (family, canonical)
    }

    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        switch family {
        case .ipv4: address.hasPrefix("127.")
        case .ipv6: address == "::1"
        }
    }

    /// Whether it stands for all of the machine's addresses.
    var isWildcard: Bool { address == "0.0.0.0" || address == "::" }

    func with(port: UInt16) -> Endpoint { Endpoint(family: family, address: address, port: port) }

    var description: String { family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)" }

    /// The address as inet_ntop writes it, nil if it is none.
    private static func canonical(_ host: String) -> (AddressFamily, String)? {
        for (family, number) in [(AddressFamily.ipv4, AF_INET), (.ipv6, AF_INET6)] {
            var binary = (UInt64(0), UInt64(0))
            var text = [CChar](repeating: 0, count: 64)
            // `binary` holds the 16 bytes that an IPv6 address needs, `text` the longest form of one.
            guard unsafe inet_pton(number, host, &binary) == 1,
                unsafe inet_ntop(number, &binary, &text, 64) != nil
            else { continue }
            return (
                family, String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            )
        }
        return nil
    }
}
