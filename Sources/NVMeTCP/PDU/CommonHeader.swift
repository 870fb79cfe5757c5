// The eight bytes that every PDU starts with. HeaderRules judges them; each PDU's encoder writes them first.

/// The common header (CH): 8 bytes.
///
/// Source: NVMe over TCP Transport Specification, "PDU Common Header".
public struct CommonHeader: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 8

    /// Byte 0. PDU Type.
    public var type: PDUType
    /// Byte 1. FLAGS.
    public var flags: PDUFlags
    /// Byte 2. Header Length (HLEN), in bytes, without the header digest.
    public var headerLength: UInt8
    /// Byte 3. PDU Data Offset (PDO), in bytes from the PDU's start; 0 where there is no data.
    public var dataOffset: UInt8
    /// Bytes 7:4. PDU Length (PLEN), in bytes, digests and padding included.
    public var length: UInt32

    @inlinable
    public init(
        type: PDUType, flags: PDUFlags = [], headerLength: UInt8, dataOffset: UInt8 = 0, length: UInt32
    ) {
        self.type = type
        self.flags = flags
        self.headerLength = headerLength
        self.dataOffset = dataOffset
        self.length = length
    }

    /// Reads the header that starts at `offset`; `bytes` must hold 8 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at offset: Int) { self.init(word: bytes.uint64(at: offset)) }

    /// The header as one little-endian word: how it is compared at once.
    @inlinable
    public init(word: UInt64) {
        type = PDUType(rawValue: UInt8(truncatingIfNeeded: word))
        flags = PDUFlags(rawValue: UInt8(truncatingIfNeeded: word >> 8))
        headerLength = UInt8(truncatingIfNeeded: word >> 16)
        dataOffset = UInt8(truncatingIfNeeded: word >> 24)
        length = UInt32(truncatingIfNeeded: word >> 32)
    }

    @inlinable
    public var word: UInt64 {
        UInt64(type.rawValue) | UInt64(flags.rawValue) << 8 | UInt64(headerLength) << 16
            | UInt64(dataOffset) << 24 | UInt64(length) << 32
    }

    /// Writes the 8 bytes at `offset`.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) { bytes.store(word, at: offset) }
}
