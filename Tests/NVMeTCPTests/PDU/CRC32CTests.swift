// CRC32C against the vectors of RFC 3720 (B.4), and its implementations against each other and against the
// definition, one bit at a time, over random lengths and alignments.

import Testing

@testable import NVMeTCP

@Suite("CRC32C")
struct CRC32CTests {
    /// RFC 3720, B.4 "CRC Examples"; the digests there are printed in the order of the bytes on the wire.
    static let vectors: [(bytes: [UInt8], wire: [UInt8])] = [
        ([UInt8](repeating: 0, count: 32), [0xAA, 0x36, 0x91, 0x8A]),
        ([UInt8](repeating: 0xFF, count: 32), [0x43, 0xAB, 0xA8, 0x62]),
        ([UInt8](0..<32), [0x4E, 0x79, 0xDD, 0x46]),
        ((0..<32).reversed(), [0x5C, 0xDB, 0x3F, 0x11]),
        (
            [
                0x01, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14, 0, 0, 0, 0, 0, 0x04, 0, 0, 0, 0,
                0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 0x02, 0, 0, 0, 0, 0, 0, 0,
            ], [0x56, 0x3A, 0x96, 0xD9]
        ),
    ]

    /// The definition: one bit at a time.
    static func bitwise(_ register: UInt32, _ bytes: some Sequence<UInt8>) -> UInt32 {
        var register = register
        for byte in bytes {
            register ^= UInt32(byte)
            for _ in 0..<8 { register = register >> 1 ^ (register & 1 != 0 ? 0x82F6_3B78 : 0) }
        }
        return register
    }

    @Test("Every vector of RFC 3720 has its digest, by the instruction and by the tables")
    func vectors() {
        for vector in Self.vectors {
            let digest = vector.wire.reversed().reduce(0) { $0 << 8 | UInt32($1) }
            #expect(CRC32C.digest(vector.bytes.span.bytes) == digest)
            vector.bytes.withUnsafeBytes {
                #expect(~CRC32C.update(CRC32C.initialRegister, $0) == digest)
                #expect(~CRC32C.updateBySlices(CRC32C.initialRegister, $0) == digest)
                #expect(~PayloadChecksum.standard.update(CRC32C.initialRegister, $0) == digest)
            }
            #expect(~Self.bitwise(CRC32C.initialRegister, vector.bytes) == digest)
        }
    }

    @Test("The digest of nine ASCII digits is the one that every catalogue lists")
    func checkValue() {
        #expect(CRC32C.digest([UInt8]("123456789".utf8).span.bytes) == 0xE306_9283)
    }

    @Test("All implementations agree at every alignment and over random lengths", arguments: 0..<8)
    func agreement(alignment: Int) {
        var random = SeededGenerator(seed: UInt64(alignment) + 1)
        let bytes = (0..<1100).map { _ in UInt8.random(in: 0...255, using: &random) }
        for round in 0..<60 {
            let length = round < 40 ? round : Int.random(in: 0...1000, using: &random)
            let register = UInt32.random(in: 0...UInt32.max, using: &random)
            bytes.withUnsafeBytes { whole in
                let part = UnsafeRawBufferPointer(rebasing: whole[alignment..<alignment + length])
                let expected = Self.bitwise(register, part)
                #expect(CRC32C.update(register, part) == expected)
                #expect(CRC32C.updateBySlices(register, part) == expected)
                #expect(PayloadChecksum.standard.update(register, part) == expected)
            }
        }
    }

    @Test("A digest continued over two parts is the digest of the whole, wherever the cut is")
    func continuation() {
        let bytes = (0..<97).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let whole = CRC32C.digest(bytes.span.bytes)
        for cut in 0...bytes.count {
            bytes.withUnsafeBytes { all in
                let first = UnsafeRawBufferPointer(rebasing: all[..<cut])
                let second = UnsafeRawBufferPointer(rebasing: all[cut...])
                #expect(~CRC32C.update(CRC32C.update(CRC32C.initialRegister, first), second) == whole)
                let slices = CRC32C.updateBySlices(CRC32C.initialRegister, first)
                #expect(~CRC32C.updateBySlices(slices, second) == whole)
            }
        }
    }

    @Test("An injected payload checksum is the one that is called")
    func injection() {
        let counting = PayloadChecksum { register, _, count in register &+ UInt32(count) }
        [UInt8](repeating: 0, count: 5).withUnsafeBytes { #expect(counting.update(37, $0) == 42) }
    }
}
