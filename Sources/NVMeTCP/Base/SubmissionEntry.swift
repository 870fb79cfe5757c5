// The 64 bytes of a submission queue entry, as they came in a command capsule. Nothing is interpreted here:
// GatewayCore parses an entry once into a typed command, and undoes 0's-based values there.

/// A submission queue entry (SQE): 64 bytes.
///
/// Source: NVM Express Base Specification, "Submission Queue Entry"; for Fabrics commands, "Fabrics Command
/// Set".
public struct SubmissionEntry: Sendable, Equatable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 64

    /// Command Dword 0: opcode, FUSE, PSDT and command identifier.
    public var dword0: UInt32
    /// Bytes 7:4. Namespace Identifier (NSID), or for a Fabrics command the type (FCTYPE) in the lowest byte.
    public var dword1: UInt32
    /// Bytes 11:8 (CDW2).
    public var dword2: UInt32
    /// Bytes 15:12 (CDW3).
    public var dword3: UInt32
    /// Bytes 23:16. Metadata Pointer (MPTR).
    public var metadataPointer: UInt64
    /// Bytes 31:24. The first half of the data pointer's SGL descriptor: the address.
    public var sglAddress: UInt64
    /// Bytes 39:32. The second half: length (bits 31:0) and, in bits 63:56, the type and sub type.
    public var sglLengthAndType: UInt64
    /// Bytes 43:40 (CDW10).
    public var dword10: UInt32
    /// Bytes 47:44 (CDW11).
    public var dword11: UInt32
    /// Bytes 51:48 (CDW12).
    public var dword12: UInt32
    /// Bytes 55:52 (CDW13).
    public var dword13: UInt32
    /// Bytes 59:56 (CDW14).
    public var dword14: UInt32
    /// Bytes 63:60 (CDW15).
    public var dword15: UInt32

    /// An entry of zeroes but for its opcode, for a host to fill.
    public init(opcode: UInt8) {
        dword0 = UInt32(opcode)
        (dword1, dword2, dword3) = (0, 0, 0)
        (metadataPointer, sglAddress, sglLengthAndType) = (0, 0, 0)
        (dword10, dword11, dword12, dword13, dword14, dword15) = (0, 0, 0, 0, 0, 0)
    }

    /// Reads the entry that starts at `offset`; `bytes` must hold 64 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at offset: Int) {
        dword0 = bytes.uint32(at: offset)
        dword1 = bytes.uint32(at: offset + 4)
        dword2 = bytes.uint32(at: offset + 8)
        dword3 = bytes.uint32(at: offset + 12)
        metadataPointer = bytes.uint64(at: offset + 16)
        sglAddress = bytes.uint64(at: offset + 24)
        sglLengthAndType = bytes.uint64(at: offset + 32)
        dword10 = bytes.uint32(at: offset + 40)
        dword11 = bytes.uint32(at: offset + 44)
        dword12 = bytes.uint32(at: offset + 48)
        dword13 = bytes.uint32(at: offset + 52)
        dword14 = bytes.uint32(at: offset + 56)
        dword15 = bytes.uint32(at: offset + 60)
    }

    /// Writes the 64 bytes at `offset`.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(dword0, at: offset)
        bytes.store(dword1, at: offset + 4)
        bytes.store(dword2, at: offset + 8)
        bytes.store(dword3, at: offset + 12)
        bytes.store(metadataPointer, at: offset + 16)
        bytes.store(sglAddress, at: offset + 24)
        bytes.store(sglLengthAndType, at: offset + 32)
        bytes.store(dword10, at: offset + 40)
        bytes.store(dword11, at: offset + 44)
        bytes.store(dword12, at: offset + 48)
        bytes.store(dword13, at: offset + 52)
        bytes.store(dword14, at: offset + 56)
        bytes.store(dword15, at: offset + 60)
    }
}

extension SubmissionEntry {
    /// Opcode (OPC), bits 7:0 of dword 0.
    @inlinable
    public var opcode: UInt8 { UInt8(truncatingIfNeeded: dword0) }

    /// Fused Operation (FUSE), bits 9:8 of dword 0: 0 normal, 1 first, 2 second.
    @inlinable
    public var fusedOperation: UInt8 { UInt8(truncatingIfNeeded: dword0 >> 8) & 0x3 }

    /// PRP or SGL for Data Transfer (PSDT), bits 15:14 of dword 0.
    @inlinable
    public var dataPointerType: UInt8 { UInt8(truncatingIfNeeded: dword0 >> 14) & 0x3 }

    /// Command Identifier (CID), bits 31:16 of dword 0.
    @inlinable
    public var commandID: UInt16 {
        get { UInt16(truncatingIfNeeded: dword0 >> 16) }
        set { dword0 = dword0 & 0xFFFF | UInt32(newValue) << 16 }
    }

    /// Namespace Identifier (NSID).
    @inlinable
    public var namespaceID: UInt32 { dword1 }

    /// Fabrics Command Type (FCTYPE), byte 4 of a Fabrics command.
    @inlinable
    public var fabricsType: UInt8 { UInt8(truncatingIfNeeded: dword1) }

    /// Starting LBA (SLBA): CDW10 and CDW11 of the I/O commands that have one.
    @inlinable
    public var startingLBA: UInt64 { UInt64(dword10) | UInt64(dword11) << 32 }

    /// The SGL descriptor's length, in bytes.
    @inlinable
    public var sglLength: UInt32 { UInt32(truncatingIfNeeded: sglLengthAndType) }

    /// The SGL descriptor's type (bits 7:4) and sub type (bits 3:0): byte 39 of the entry.
    @inlinable
    public var sglIdentifier: UInt8 { UInt8(truncatingIfNeeded: sglLengthAndType >> 56) }
}
