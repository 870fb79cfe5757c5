// CRC32C (Castagnoli), the checksum of header and data digests: the processor's instruction where it exists,
// else eight tables. Headers come here directly; payloads come through PayloadChecksum, which may be another
// implementation.

internal import CCRC32C

/// CRC32C, as digests carry it: least significant byte first.
///
/// Source: NVMe over TCP Transport Specification, "Header Digest" and "Data Digest"; the polynomial is RFC
/// 3720's, 12.1.
public enum CRC32C {
    /// What the register is before the first byte.
    public static let initialRegister: UInt32 = 0xFFFF_FFFF

    /// Whether this processor has the instruction.
    public static var hasInstruction: Bool { gw_has_crc32_instruction() != 0 }

    /// The digest of `bytes`.
    public static func digest(_ bytes: RawSpan) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe ~update(initialRegister, $0) }
    }

    /// Continues `register` over `bytes`; the digest is its complement.
    public static func update(_ register: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let base = bytes.baseAddress else { return register }
        // The buffer is the caller's for the length of the call, and neither implementation leaves it.
        return hasInstruction
            ? unsafe gw_crc32c_update(register, base, bytes.count)
            : unsafe updateBySlices(register, bytes)
    }

    /// The same in Swift, eight bytes a step: what processors without the instruction use.
    static func updateBySlices(_ register: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var register = register
        var position = 0
        let table = unsafe slices
        while bytes.count - position >= 8 {
            // Within the buffer: eight bytes are left.
            let word = unsafe UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let low = UInt32(truncatingIfNeeded: word) ^ register
            let high = UInt32(truncatingIfNeeded: word >> 32)
            register =
                unsafe table[7 * 256 + Int(low & 0xFF)] ^ table[6 * 256 + Int(low >> 8 & 0xFF)]
                ^ table[5 * 256 + Int(low >> 16 & 0xFF)] ^ table[4 * 256 + Int(low >> 24)]
            register ^=
                unsafe table[3 * 256 + Int(high & 0xFF)] ^ table[2 * 256 + Int(high >> 8 & 0xFF)]
                ^ table[256 + Int(high >> 16 & 0xFF)] ^ table[Int(high >> 24)]
            position += 8
        }
        while position < bytes.count {
            register = unsafe table[Int((register ^ UInt32(bytes[position])) & 0xFF)] ^ register >> 8
            position += 1
        }
        return register
    }

    /// Eight tables of 256 words, made once, then only read, never freed: table n moves a byte's effect n
    /// bytes further.
    private nonisolated(unsafe) static let slices: UnsafePointer<UInt32> = {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for byte in 0..<256 {
            var register = UInt32(byte)
            for _ in 0..<8 { register = register >> 1 ^ (register & 1 != 0 ? 0x82F6_3B78 : 0) }
            unsafe table[byte] = register
        }
        for index in 256..<8 * 256 {
            let previous = unsafe table[index - 256]
            unsafe table[index] = previous >> 8 ^ table[Int(previous & 0xFF)]
        }
        return unsafe UnsafePointer(table)
    }()
}
