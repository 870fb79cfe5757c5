// Connections that no honest host makes: they send random bytes, a PDU that is cut off, or nothing, and then
// leave or stay. Used by HostilePeersTests, on a thread of their own, with blocking sockets.

import Foundation

struct HostilePeer {
    enum Kind: CaseIterable {
        case randomBytes
        case cutPDU
        case silence
        /// A proper start of a connection, then random bytes.
        case handshakeThenRandomBytes
    }

    /// ICReq: PDU type 0, 128 bytes, everything else zero (NVMe/TCP Transport Specification, Initialize
    /// Connection Request PDU).
    private static let initializeConnection: [UInt8] =
        [0x00, 0x00, 0x80, 0x00, 0x80, 0x00, 0x00, 0x00] + [UInt8](repeating: 0, count: 120)

    /// Opens a connection, misbehaves, and returns the socket for the caller to close; nil if it was not let
    /// in.
    static func connect(
        to port: Int, as kind: Kind, using generator: inout some RandomNumberGenerator
    ) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            return nil
        }
        let bytes = bytes(of: kind, using: &generator)
        // The gateway may have hung up by now, which is an answer, too.
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        return descriptor
    }

    private static func bytes(of kind: Kind, using generator: inout some RandomNumberGenerator) -> [UInt8] {
        let count = Int.random(in: 1...2000, using: &generator)
        switch kind {
        case .randomBytes: return random(count, &generator)
        case .cutPDU: return Array(initializeConnection.prefix(Int.random(in: 1..<128, using: &generator)))
        case .silence: return []
        case .handshakeThenRandomBytes: return initializeConnection + random(count, &generator)
        }
    }

    private static func random(_ count: Int, _ generator: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}

/// A generator whose runs can be repeated (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
