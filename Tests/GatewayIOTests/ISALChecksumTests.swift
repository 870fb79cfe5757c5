// ISA-L's CRC32C against published vectors, and against NVMeTCP's own.

@testable import NVMeTCP
import Testing

@testable import GatewayIO

@Suite struct ISALChecksumTests {
    /// The digest of whole bytes, as it stands in a PDU.
    private func digest(_ checksum: PayloadChecksum, _ pieces: [[UInt8]]) -> UInt32 {
        ~pieces.reduce(0xFFFF_FFFF) { register, piece in
            piece.withUnsafeBytes { checksum.update(register, $0) }
        }
    }

    // RFC 3720, "CRC Examples": the CRC32C of 32 bytes, in the order of a little-endian word.
    static let vectors: [([UInt8], UInt32)] = [
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ((0..<32).map { $0 }, 0x46DD_794E),
        ((0..<32).map { 31 - $0 }, 0x113F_DB5C),
    ]

    @Test("The published vectors come out", arguments: vectors)
    func published(bytes: [UInt8], expected: UInt32) {
        #expect(digest(.fastest, [bytes]) == expected)
    }

    @Test("A payload in pieces has the digest of the whole, at any length")
    func pieces() {
        let bytes = (0..<9000).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 8) }
        for length in [1, 7, 8, 511, 512, 4096, 8999] {
            let whole = digest(.standard, [Array(bytes[..<length])])
            #expect(digest(.fastest, [Array(bytes[..<length])]) == whole)
            let cut = length / 3
            #expect(digest(.fastest, [Array(bytes[..<cut]), Array(bytes[cut..<length])]) == whole)
        }
    }
}
