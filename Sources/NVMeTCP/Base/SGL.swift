// The one SGL descriptor of a command capsule: where its data is. GatewayCore's Dispatcher reads it from each
// submission entry before anything is allocated; the host side makes one for each command.

/// A Scatter Gather List descriptor: 16 bytes.
///
/// NVMe/TCP uses two kinds only: data inside the capsule (Data Block, address is an offset) and data moved by
/// the transport's own PDUs (Transport Data Block).
///
/// Source: NVM Express Base Specification, "Scatter Gather List (SGL)"; NVMe over TCP Transport
/// Specification, "Data Transfer".
public struct SGLDescriptor: Sendable, Hashable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 16

    /// Bytes 7:0. Address, or for in-capsule data the offset from the start of the capsule's data; 0 in a
    /// Transport Data Block.
    public var address: UInt64
    /// Bytes 11:8. Length, in bytes.
    public var length: UInt32
    /// Byte 15. SGL Identifier: type and sub type.
    public var identifier: SGLIdentifier

    @inlinable
    public init(address: UInt64, length: UInt32, identifier: SGLIdentifier) {
        self.address = address
        self.length = length
        self.identifier = identifier
    }

    /// The descriptor of a submission entry's data pointer.
    @inlinable
    public init(_ entry: SubmissionEntry) {
        self.init(address: entry.sglAddress, lengthAndType: entry.sglLengthAndType)
    }

    /// The two halves as a submission entry holds them.
    @inlinable
    public init(address: UInt64, lengthAndType: UInt64) {
        self.address = address
        length = UInt32(truncatingIfNeeded: lengthAndType)
        identifier = SGLIdentifier(rawValue: UInt8(truncatingIfNeeded: lengthAndType >> 56))
    }

    /// The second half: length in bits 31:0, identifier in bits 63:56.
    @inlinable
    public var lengthAndType: UInt64 { UInt64(length) | UInt64(identifier.rawValue) << 56 }

    /// Data that lies in the capsule, `offset` bytes from the start of the capsule's data.
    @inlinable
    public static func inCapsule(offset: UInt64 = 0, length: UInt32) -> SGLDescriptor {
        SGLDescriptor(address: offset, length: length, identifier: .inCapsule)
    }

    /// Data that the transport moves by H2CData or C2HData PDUs.
    @inlinable
    public static func transport(length: UInt32) -> SGLDescriptor {
        SGLDescriptor(address: 0, length: length, identifier: .transport)
    }
}

extension SubmissionEntry {
    /// The data pointer (DPTR) as an SGL descriptor.
    @inlinable
    public var sgl: SGLDescriptor {
        get { SGLDescriptor(self) }
        set {
            sglAddress = newValue.address
            sglLengthAndType = newValue.lengthAndType
        }
    }
}

/// The type (bits 7:4) and sub type (bits 3:0) of an SGL descriptor: its byte 15.
///
/// Source: NVM Express Base Specification, "SGL Descriptor Type" and "SGL Descriptor Sub Type Values".
public struct SGLIdentifier: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    @inlinable
    public init(type: SGLType, subtype: SGLSubtype) { rawValue = type.rawValue << 4 | subtype.rawValue & 0xF }

    /// SGL Descriptor Type, bits 7:4.
    @inlinable public var type: SGLType { SGLType(rawValue: rawValue >> 4) }

    /// SGL Descriptor Sub Type, bits 3:0.
    @inlinable public var subtype: SGLSubtype { SGLSubtype(rawValue: rawValue & 0xF) }

    /// Data Block, offset: data inside the capsule (01h).
    @inlinable public static var inCapsule: SGLIdentifier { SGLIdentifier(rawValue: 0x01) }

    /// Transport Data Block, transport specific sub type Ah: data moved by PDUs (5Ah).
    @inlinable public static var transport: SGLIdentifier { SGLIdentifier(rawValue: 0x5A) }
}

/// The type of an SGL descriptor.
///
/// Source: NVM Express Base Specification, "SGL Descriptor Type".
public struct SGLType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// SGL Data Block: 0h.
    @inlinable public static var dataBlock: SGLType { SGLType(rawValue: 0x0) }
    /// SGL Bit Bucket: 1h.
    @inlinable public static var bitBucket: SGLType { SGLType(rawValue: 0x1) }
    /// SGL Segment: 2h.
    @inlinable public static var segment: SGLType { SGLType(rawValue: 0x2) }
    /// SGL Last Segment: 3h.
    @inlinable public static var lastSegment: SGLType { SGLType(rawValue: 0x3) }
    /// Keyed SGL Data Block: 4h.
    @inlinable public static var keyedDataBlock: SGLType { SGLType(rawValue: 0x4) }
    /// Transport SGL Data Block: 5h.
    @inlinable public static var transportDataBlock: SGLType { SGLType(rawValue: 0x5) }
    /// Vendor Specific: Fh.
    @inlinable public static var vendorSpecific: SGLType { SGLType(rawValue: 0xF) }
}

extension SGLType {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        SGLType.table.first { $0.value == self }?.name
            ?? "SGLType \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: SGLType, name: String)] = [
        (.dataBlock, "SGL Data Block"),
        (.bitBucket, "SGL Bit Bucket"),
        (.segment, "SGL Segment"),
        (.lastSegment, "SGL Last Segment"),
        (.keyedDataBlock, "Keyed SGL Data Block"),
        (.transportDataBlock, "Transport SGL Data Block"),
        (.vendorSpecific, "Vendor Specific"),
    ]
}

/// The sub type of an SGL descriptor.
///
/// Source: NVM Express Base Specification, "SGL Descriptor Sub Type Values"; Ah is the transport's own.
public struct SGLSubtype: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Address: 0h.
    @inlinable public static var address: SGLSubtype { SGLSubtype(rawValue: 0x0) }
    /// Offset: 1h.
    @inlinable public static var offset: SGLSubtype { SGLSubtype(rawValue: 0x1) }
    /// NVMe Transport Specific: Ah.
    @inlinable public static var transport: SGLSubtype { SGLSubtype(rawValue: 0xA) }
}

extension SGLSubtype {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        SGLSubtype.table.first { $0.value == self }?.name
            ?? "SGLSubtype \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: SGLSubtype, name: String)] = [
        (.address, "Address"),
        (.offset, "Offset"),
        (.transport, "NVMe Transport Specific"),
    ]
}
