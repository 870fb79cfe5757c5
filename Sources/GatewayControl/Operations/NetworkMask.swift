// A network in CIDR notation: on which of a machine's addresses a gateway listens by itself.

internal import Glibc

/// "10.1.0.0/16", "2001:db8::/64".
public struct NetworkMask: Hashable, Sendable {
    /// The address, big-endian: 4 bytes of IPv4 or 16 of IPv6.
    private let bytes: [UInt8]
    private let bitCount: Int

    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bitCount = Int(parts[1]), let bytes = Self.bytes(of: String(parts[0])),
            (0...bytes.count * 8).contains(bitCount)
        else { return nil }
        self.bytes = bytes
        self.bitCount = bitCount
    }

    /// Whether an address is in the network.
    public func contains(_ address: String) -> Bool {
        Self.bytes(of: address).map { contains($0) } ?? false
    }

    /// Whether all addresses of another network are in this one.
    func contains(_ other: NetworkMask) -> Bool {
        other.bitCount >= bitCount && contains(other.bytes)
    }

    private func contains(_ other: [UInt8]) -> Bool {
        guard other.count == bytes.count else { return false }
        return (0..<bitCount).allSatisfy { bit in
            (bytes[bit / 8] ^ other[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    private static func bytes(of text: String) -> [UInt8]? {
        let family = text.contains(":") ? AF_INET6 : AF_INET
        var bytes = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
        // inet_pton writes as many bytes as the family's addresses have.
        return unsafe inet_pton(family, text, &bytes) == 1 ? bytes : nil
    }
}
