// The source ranges of a Copy command, in the descriptor formats without protection information of 16 bytes.
// GatewayCore's handler reads them from the command's data; a host writes them.

/// A Source Range entry of Copy Descriptor Format 0h or 2h: 32 bytes. The two differ in that format 2h names
/// the source's namespace and has options; in format 0h those fields are reserved.
///
/// Source: NVM Command Set Specification, "Copy command", Source Range Entries Copy Descriptor Format 0h and
/// Format 2h. The tags at its end are for protection information.
public struct CopySourceRange: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 32

    /// Bytes 3:0. Source Namespace Identifier (SNSID); format 2h alone.
    public var namespaceID: UInt32
    /// Bytes 15:8. Starting LBA (SLBA).
    public var startingLBA: UInt64
    /// Bytes 17:16. Number of Logical Blocks (NLB), 1 to 65,536; 0's based on the wire.
    public var blockCount: UInt32
    /// Byte 18, bits 3:0. Command Extension Type (CETYPE).
    public var extensionType: UInt8
    /// Bytes 23:22, bit 15. Fast Copy Only (FCO); format 2h alone.
    public var isFastCopyOnly: Bool

    public init(
        namespaceID: UInt32 = 0, startingLBA: UInt64, blockCount: UInt32, extensionType: UInt8 = 0,
        isFastCopyOnly: Bool = false
    ) {
        precondition((1...65_536).contains(blockCount), "a range has 1 to 65,536 blocks")
        self.namespaceID = namespaceID
        self.startingLBA = startingLBA
        self.blockCount = blockCount
        self.extensionType = extensionType
        self.isFastCopyOnly = isFastCopyOnly
    }

    /// Reads the entry that starts at `offset`; `bytes` must hold 32 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at offset: Int) {
        namespaceID = bytes.uint32(at: offset)
        startingLBA = bytes.uint64(at: offset + 8)
        blockCount = UInt32(bytes.uint16(at: offset + 16)) + 1
        extensionType = bytes.uint8(at: offset + 18) & 0xF
        isFastCopyOnly = bytes.uint8(at: offset + 23) & 0x80 != 0
    }

    /// Writes the 32 bytes at `offset`, all that it has no field for as zeroes.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        for word in 0..<4 { bytes.store(UInt64(0), at: offset + word * 8) }
        bytes.store(namespaceID, at: offset)
        bytes.store(startingLBA, at: offset + 8)
        bytes.store(UInt16(blockCount - 1), at: offset + 16)
        bytes.store(extensionType & 0xF, at: offset + 18)
        bytes.store(UInt8(isFastCopyOnly ? 0x80 : 0), at: offset + 23)
    }
}

/// Descriptor Format (DESFMT) of a Copy command, and the bits by which a controller and a host tell which
/// ones they have (CDFS of Identify Controller, CDFE of the Host Behavior Support feature).
///
/// Source: NVM Command Set Specification, "Copy command"; Base Specification, "Host Behavior Support".
public struct CopyFormats: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The one with this number, if a number has one.
    public init(format: UInt8) { rawValue = format < 16 ? 1 << UInt16(format) : 0 }

    /// Source Range Entries Copy Descriptor Format 0h, bit 0.
    public static let format0 = CopyFormats(rawValue: 1 << 0)
    /// Format 1h, for protection information of 16 bytes, bit 1.
    public static let format1 = CopyFormats(rawValue: 1 << 1)
    /// Format 2h: as 0h, and the source may be in another namespace, bit 2.
    public static let format2 = CopyFormats(rawValue: 1 << 2)
    /// Format 3h: as 1h, and the source may be in another namespace, bit 3.
    public static let format3 = CopyFormats(rawValue: 1 << 3)
    /// Format 4h, of subsystem local memory, bit 4.
    public static let format4 = CopyFormats(rawValue: 1 << 4)
}
