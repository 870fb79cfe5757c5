// What the NVM command set adds to Identify: for a namespace (CNS 05h) and for a controller (CNS 06h).
// GatewayCore fills them; the host side reads them.

/// The NVM command set's I/O Command Set specific Identify Namespace data structure (CNS 05h, CSI 00h): 4,096
/// bytes.
///
/// Source: NVM Command Set Specification, "I/O Command Set Specific Identify Namespace data structure".
public struct IdentifyNVMNamespace: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// Bytes 7:0. Logical Block Storage Tag Mask (LBSTM).
    public var storageTagMask: UInt64 = 0
    /// Byte 8. Protection Information Capabilities (PIC).
    public var protectionCapabilities: UInt8 = 0
    /// Byte 9. Protection Information Format Attribute (PIFA).
    public var protectionAttributes: UInt8 = 0
    /// Bytes 271:268. Namespace Preferred Deallocate Granularity Large (NPDGL), in logical blocks.
    public var preferredDeallocateGranularityLong: UInt32 = 0
    /// Bytes 275:272. Namespace Preferred Read Granularity (NPRG), in logical blocks.
    public var preferredReadGranularity: UInt32 = 0
    /// Bytes 279:276. Namespace Preferred Read Alignment (NPRA), in logical blocks.
    public var preferredReadAlignment: UInt32 = 0
    /// Bytes 283:280. Namespace Optimal Read Size (NORS), in logical blocks.
    public var optimalReadSize: UInt32 = 0
    /// Bytes 287:284. Namespace Preferred Deallocate Alignment Large (NPDAL), in logical blocks.
    public var preferredDeallocateAlignmentLong: UInt32 = 0
    /// Bytes 291:288. LBA Format Placement Shard Size (LBAPSS).
    public var blockPlacementSize: UInt32 = 0
    /// Bytes 295:292. Tracked LBA Allocation Granularity (TLBAAG), in logical blocks.
    public var trackedAllocationGranularity: UInt32 = 0

    /// Bytes 267:12. Extended LBA Format (ELBAF0 to ELBAF63): protection information format (bits 8:7) and
    /// storage tag size (bits 6:0) of each LBA format.
    public var extendedFormats: [UInt32] = Array(repeating: 0, count: 64)

    public init() {}
}

extension IdentifyNVMNamespace: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&storageTagMask, at: 0)
        codec.field(&protectionCapabilities, at: 8)
        codec.field(&protectionAttributes, at: 9)
        codec.field(&preferredDeallocateGranularityLong, at: 268)
        codec.field(&preferredReadGranularity, at: 272)
        codec.field(&preferredReadAlignment, at: 276)
        codec.field(&optimalReadSize, at: 280)
        codec.field(&preferredDeallocateAlignmentLong, at: 284)
        codec.field(&blockPlacementSize, at: 288)
        codec.field(&trackedAllocationGranularity, at: 292)
        for index in extendedFormats.indices { codec.field(&extendedFormats[index], at: 12 + index * 4) }
    }
}

extension IdentifyNVMNamespace {
    /// Reads the structure; nil where `bytes` is shorter than 4,096 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= IdentifyNVMNamespace.byteCount else { return nil }
        self.init(fields: bytes, at: 0)
    }

    /// Writes the 4,096 bytes at the start of `bytes`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan) { encodeFields(into: &bytes, at: 0) }
}

/// The NVM command set's I/O Command Set specific Identify Controller data structure (CNS 06h, CSI 00h):
/// 4,096 bytes.
///
/// Source: NVM Command Set Specification, "I/O Command Set Specific Identify Controller data structure".
public struct IdentifyNVMController: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// Byte 0. Verify Size Limit (VSL): a power of two in units of the smallest page; 0 is no limit.
    public var verifySizeShift: UInt8 = 0
    /// Byte 1. Write Zeroes Size Limit (WZSL), as above.
    public var writeZeroesSizeShift: UInt8 = 0
    /// Byte 2. Write Uncorrectable Size Limit (WUSL), as above.
    public var writeUncorrectableSizeShift: UInt8 = 0
    /// Byte 3. Dataset Management Ranges Limit (DMRL); 0 is no limit.
    public var datasetRangesMax: UInt8 = 0
    /// Bytes 7:4. Dataset Management Range Size Limit (DMRSL), in logical blocks; 0 is no limit.
    public var datasetRangeBlocksMax: UInt32 = 0
    /// Bytes 15:8. Dataset Management Size Limit (DMSL), in logical blocks; 0 is no limit.
    public var datasetBlocksMax: UInt64 = 0
    /// Byte 16. Key Per I/O Capabilities (KPIOCAP).
    public var keyPerIOCapabilities: UInt8 = 0
    /// Byte 17. Write Zeroes With Deallocate Size Limit (WZDSL), as WZSL.
    public var writeZeroesDeallocateSizeShift: UInt8 = 0
    /// Bytes 19:18. Admin Optional Command Support (AOCS).
    public var adminOptions: UInt16 = 0
    /// Bytes 23:20. Version (VER) of the NVM Command Set Specification.
    public var version = Version(rawValue: 0)
    /// Byte 24. LBA Migration Queue Format (LBAMQF).
    public var migrationFormats: UInt8 = 0

    public init() {}
}

extension IdentifyNVMController: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&verifySizeShift, at: 0)
        codec.field(&writeZeroesSizeShift, at: 1)
        codec.field(&writeUncorrectableSizeShift, at: 2)
        codec.field(&datasetRangesMax, at: 3)
        codec.field(&datasetRangeBlocksMax, at: 4)
        codec.field(&datasetBlocksMax, at: 8)
        codec.field(&keyPerIOCapabilities, at: 16)
        codec.field(&writeZeroesDeallocateSizeShift, at: 17)
        codec.field(&adminOptions, at: 18)
        codec.field(&version, at: 20)
        codec.field(&migrationFormats, at: 24)
    }
}

extension IdentifyNVMController {
    /// Reads the structure; nil where `bytes` is shorter than 4,096 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= IdentifyNVMController.byteCount else { return nil }
        self.init(fields: bytes, at: 0)
    }

    /// Writes the 4,096 bytes at the start of `bytes`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan) { encodeFields(into: &bytes, at: 0) }
}
