// Little-endian reads over a RawSpan, for every decoder in this module. A caller checks the length of its
// structure once, first; an offset outside the span after that is our own mistake and traps. This file holds
// the module's reads that the compiler can't prove safe; `ByteWriter.swift` is its mirror image.

extension RawSpan {
    /// The byte at `offset`.
    @inlinable
    public func uint8(at offset: Int) -> UInt8 {
        // Checked: `unsafeLoad` traps outside the span; every bit pattern is a valid integer.
        unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt8.self)
    }

    /// The 16-bit little-endian integer at `offset`.
    @inlinable
    public func uint16(at offset: Int) -> UInt16 {
        // Checked: as above.
        unsafe UInt16(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The 32-bit little-endian integer at `offset`.
    @inlinable
    public func uint32(at offset: Int) -> UInt32 {
        // Checked: as above.
        unsafe UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The 64-bit little-endian integer at `offset`.
    @inlinable
    public func uint64(at offset: Int) -> UInt64 {
        // Checked: as above.
        unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// The 128-bit little-endian integer at `offset`.
    @inlinable
    public func uint128(at offset: Int) -> UInt128 {
        UInt128(uint64(at: offset)) | UInt128(uint64(at: offset + 8)) << 64
    }
}
