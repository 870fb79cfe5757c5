// Identify Namespace (CNS 00h): size, block format and limits of a namespace. GatewayCore fills one from the
// namespace's model; the host side reads it.

/// A format that a namespace's blocks can have: 4 bytes.
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure", LBA Format data structure.
public struct LBAFormat: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4

    /// Bytes 1:0. Metadata Size (MS), in bytes.
    public var metadataByteCount: UInt16 = 0
    /// Byte 2. LBA Data Size (LBADS), a power of two: 9 is 512 bytes, 12 is 4,096; 0 is an unavailable
    /// format.
    public var blockSizeShift: UInt8 = 0
    /// Byte 3, bits 1:0. Relative Performance (RP): 0 best to 3 degraded.
    public var relativePerformance: UInt8 = 0

    public init() {}

    public init(blockSizeShift: UInt8) { self.blockSizeShift = blockSizeShift }
}

extension LBAFormat: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&metadataByteCount, at: 0)
        codec.field(&blockSizeShift, at: 2)
        codec.field(&relativePerformance, at: 3)
    }
}

/// The Identify Namespace data structure of the NVM command set (CNS 00h): 4,096 bytes. Values stand as on
/// the wire. All zeroes is an inactive namespace.
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure".
public struct IdentifyNamespace: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// Bytes 7:0. Namespace Size (NSZE), in logical blocks.
    public var size: UInt64 = 0
    /// Bytes 15:8. Namespace Capacity (NCAP), in logical blocks.
    public var capacity: UInt64 = 0
    /// Bytes 23:16. Namespace Utilization (NUSE), in logical blocks.
    public var utilization: UInt64 = 0
    /// Byte 24. Namespace Features (NSFEAT).
    public var features: NamespaceFeatures = []
    /// Byte 26. Formatted LBA Size (FLBAS): bits 3:0 and 6:5 index the format, bit 4 metadata at the data's
    /// end.
    public var formattedLBASize: UInt8 = 0
    /// Byte 27. Metadata Capabilities (MC).
    public var metadataCapabilities: UInt8 = 0
    /// Byte 28. End-to-end Data Protection Capabilities (DPC).
    public var protectionCapabilities: UInt8 = 0
    /// Byte 29. End-to-end Data Protection Type Settings (DPS).
    public var protectionSettings: UInt8 = 0
    /// Byte 30. Namespace Multi-path I/O and Namespace Sharing Capabilities (NMIC).
    public var sharing: NamespaceSharing = []
    /// Byte 31. Reservation Capabilities (RESCAP).
    public var reservationCapabilities: ReservationCapabilities = []
    /// Byte 32. Format Progress Indicator (FPI).
    public var formatProgress: UInt8 = 0
    /// Byte 33. Deallocate Logical Block Features (DLFEAT).
    public var deallocateFeatures: DeallocateFeatures = []
    /// Bytes 35:34. Namespace Atomic Write Unit Normal (NAWUN), in logical blocks, 0's based.
    public var atomicWriteUnitNormal: UInt16 = 0
    /// Bytes 37:36. Namespace Atomic Write Unit Power Fail (NAWUPF), in logical blocks, 0's based.
    public var atomicWriteUnitPowerFail: UInt16 = 0
    /// Bytes 39:38. Namespace Atomic Compare & Write Unit (NACWU), in logical blocks, 0's based.
    public var atomicCompareAndWriteUnit: UInt16 = 0
    /// Bytes 41:40. Namespace Atomic Boundary Size Normal (NABSN), in logical blocks, 0's based; 0 is none.
    public var atomicBoundarySizeNormal: UInt16 = 0
    /// Bytes 43:42. Namespace Atomic Boundary Offset (NABO), in logical blocks.
    public var atomicBoundaryOffset: UInt16 = 0
    /// Bytes 45:44. Namespace Atomic Boundary Size Power Fail (NABSPF), in logical blocks, 0's based.
    public var atomicBoundarySizePowerFail: UInt16 = 0
    /// Bytes 47:46. Namespace Optimal I/O Boundary (NOIOB), in logical blocks.
    public var optimalIOBoundary: UInt16 = 0
    /// Bytes 63:48. NVM Capacity (NVMCAP), in bytes.
    public var nvmCapacity: UInt128 = 0
    /// Bytes 65:64. Namespace Preferred Write Granularity (NPWG), in logical blocks, 0's based.
    public var preferredWriteGranularity: UInt16 = 0
    /// Bytes 67:66. Namespace Preferred Write Alignment (NPWA), in logical blocks, 0's based.
    public var preferredWriteAlignment: UInt16 = 0
    /// Bytes 69:68. Namespace Preferred Deallocate Granularity (NPDG), in logical blocks, 0's based.
    public var preferredDeallocateGranularity: UInt16 = 0
    /// Bytes 71:70. Namespace Preferred Deallocate Alignment (NPDA), in logical blocks, 0's based.
    public var preferredDeallocateAlignment: UInt16 = 0
    /// Bytes 73:72. Namespace Optimal Write Size (NOWS), in logical blocks, 0's based.
    public var optimalWriteSize: UInt16 = 0
    /// Bytes 75:74. Maximum Single Source Range Length (MSSRL), in logical blocks.
    public var copySingleRangeMax: UInt16 = 0
    /// Bytes 79:76. Maximum Copy Length (MCL), in logical blocks.
    public var copyLengthMax: UInt32 = 0
    /// Byte 80. Maximum Source Range Count (MSRC), 0's based.
    public var copySourceRangesMax: UInt8 = 0
    /// Byte 81. Key Per I/O Status (KPIOS).
    public var keyPerIO: UInt8 = 0
    /// Bytes 87:84. Key Per I/O Data Access Alignment and Granularity (KPIODAAG).
    public var keyPerIOAlignment: UInt32 = 0
    /// Bytes 95:92. ANA Group Identifier (ANAGRPID); 0 is none.
    public var anaGroupID: UInt32 = 0
    /// Byte 99. Namespace Attributes (NSATTR).
    public var attributes: NamespaceAttributes = []
    /// Bytes 101:100. NVM Set Identifier (NVMSETID).
    public var nvmSetID: UInt16 = 0
    /// Bytes 103:102. Endurance Group Identifier (ENDGID).
    public var enduranceGroupID: UInt16 = 0
    /// Bytes 119:104. Namespace Globally Unique Identifier (NGUID), big-endian.
    public var nguid = NGUID(rawValue: 0)
    /// Bytes 127:120. IEEE Extended Unique Identifier (EUI64), big-endian.
    public var eui64 = EUI64(rawValue: 0)

    /// Bytes 383:128. LBA Format Support (LBAF0 to LBAF63), one to 64 of them; byte 25, Number of LBA Formats
    /// (NLBAF), is one less than their count.
    public var formats = [LBAFormat()]
    /// Byte 82. Number of Unique Attribute LBA Formats (NULBAF): how many of `formats` are such.
    public var uniqueAttributeFormats: UInt8 = 0

    public init() {}
}

extension IdentifyNamespace: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&size, at: 0)
        codec.field(&capacity, at: 8)
        codec.field(&utilization, at: 16)
        codec.field(&features, at: 24)
        codec.field(&formattedLBASize, at: 26)
        codec.field(&metadataCapabilities, at: 27)
        codec.field(&protectionCapabilities, at: 28)
        codec.field(&protectionSettings, at: 29)
        codec.field(&sharing, at: 30)
        codec.field(&reservationCapabilities, at: 31)
        codec.field(&formatProgress, at: 32)
        codec.field(&deallocateFeatures, at: 33)
        codec.field(&atomicWriteUnitNormal, at: 34)
        codec.field(&atomicWriteUnitPowerFail, at: 36)
        codec.field(&atomicCompareAndWriteUnit, at: 38)
        codec.field(&atomicBoundarySizeNormal, at: 40)
        codec.field(&atomicBoundaryOffset, at: 42)
        codec.field(&atomicBoundarySizePowerFail, at: 44)
        codec.field(&optimalIOBoundary, at: 46)
        codec.field(&nvmCapacity, at: 48)
        codec.field(&preferredWriteGranularity, at: 64)
        codec.field(&preferredWriteAlignment, at: 66)
        codec.field(&preferredDeallocateGranularity, at: 68)
        codec.field(&preferredDeallocateAlignment, at: 70)
        codec.field(&optimalWriteSize, at: 72)
        codec.field(&copySingleRangeMax, at: 74)
        codec.field(&copyLengthMax, at: 76)
        codec.field(&copySourceRangesMax, at: 80)
        codec.field(&keyPerIO, at: 81)
        codec.field(&keyPerIOAlignment, at: 84)
        codec.field(&anaGroupID, at: 92)
        codec.field(&attributes, at: 99)
        codec.field(&nvmSetID, at: 100)
        codec.field(&enduranceGroupID, at: 102)
        codec.bigEndian(&nguid, at: 104)
        codec.bigEndian(&eui64, at: 120)
        precondition((1...64).contains(formats.count), "a namespace has 1 to 64 LBA formats")
        codec.field(&uniqueAttributeFormats, at: 82)
        var last = UInt8(formats.count - 1) &- uniqueAttributeFormats
        codec.field(&last, at: 25)
        if codec.isReading {
            formats = Array(
                repeating: LBAFormat(), count: min(Int(last) + Int(uniqueAttributeFormats), 63) + 1)
        }
        for index in formats.indices { codec.nested(&formats[index], at: 128 + index * LBAFormat.byteCount) }
    }
}

extension IdentifyNamespace {
    /// Reads the structure; nil where `bytes` is shorter than 4,096 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= IdentifyNamespace.byteCount else { return nil }
        self.init(fields: bytes, at: 0)
    }

    /// Writes the 4,096 bytes at the start of `bytes`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan) { encodeFields(into: &bytes, at: 0) }
}
