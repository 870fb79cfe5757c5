// One entry of the Error Information log (LID 01h). GatewayCore's error log keeps the latest ones and writes
// them newest first.

/// An Error Information log entry: 64 bytes. An error count of 0 is an entry that was never used.
///
/// Source: NVM Express Base Specification, "Error Information".
public struct ErrorInformation: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 64

    /// Bytes 7:0. Error Count (ECNT): unique to this error; it counts up over the controller's life.
    public var errorCount: UInt64 = 0
    /// Bytes 9:8. Submission Queue ID (SQID), FFFFh where the error is not of one command.
    public var submissionQueueID: UInt16 = 0
    /// Bytes 11:10. Command ID (CID), FFFFh where the error is not of one command.
    public var commandID: UInt16 = 0
    /// Bytes 15:14. Parameter Error Location (PEL).
    public var parameterLocation = ParameterLocation(rawValue: 0)
    /// Bytes 23:16. LBA (LBA): the first one that failed.
    public var lba: UInt64 = 0
    /// Bytes 27:24. Namespace (NSID).
    public var namespaceID: UInt32 = 0
    /// Byte 28. Vendor Specific Information Available (VSIA): a log page identifier, or 0.
    public var vendorSpecificLog: UInt8 = 0
    /// Byte 29. Transport Type (TRTYPE): 0 where the error is not of the transport.
    public var transportType = TransportType(rawValue: 0)
    /// Byte 30. Command Set Indicator (CSI), where the version of this entry is 1.
    public var commandSet: CommandSetID = .nvm
    /// Byte 31. Opcode (OPC) of the command, where the version of this entry is 1.
    public var opcode: UInt8 = 0
    /// Bytes 39:32. Command Specific Information (CSINFO).
    public var commandSpecific: UInt64 = 0
    /// Bytes 41:40. Transport Type Specific Information (TTSI).
    public var transportSpecific: UInt16 = 0
    /// Byte 63. Log Page Version (LPVER): 1 where bytes 31:30 are valid.
    public var entryVersion: UInt8 = 1
    /// Bytes 13:12. Status Info: the status in bits 15:1; bit 0, the phase tag, is 0 over Fabrics.
    public var status: Status = .success

    public init() {}
}

extension ErrorInformation: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&errorCount, at: 0)
        codec.field(&submissionQueueID, at: 8)
        codec.field(&commandID, at: 10)
        codec.field(&parameterLocation, at: 14)
        codec.field(&lba, at: 16)
        codec.field(&namespaceID, at: 24)
        codec.field(&vendorSpecificLog, at: 28)
        codec.field(&transportType, at: 29)
        codec.field(&commandSet, at: 30)
        codec.field(&opcode, at: 31)
        codec.field(&commandSpecific, at: 32)
        codec.field(&transportSpecific, at: 40)
        codec.field(&entryVersion, at: 63)
        var statusInformation = status.rawValue << 1
        codec.field(&statusInformation, at: 12)
        if codec.isReading { status = Status(rawValue: statusInformation >> 1) }
    }
}

extension ErrorInformation {
    /// Reads the 64 bytes at `offset`, which `bytes` must hold.
    public init(_ bytes: RawSpan, at offset: Int) { self.init(fields: bytes, at: offset) }

    /// Writes the 64 bytes at `offset`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        encodeFields(into: &bytes, at: offset)
    }
}

/// Parameter Error Location (PEL): which byte and bit of a command is wrong.
///
/// Source: NVM Express Base Specification, "Error Information", Parameter Error Location.
public struct ParameterLocation: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A byte of the command, from 0 to 63, and a bit of that byte, from 0 to 7.
    public init(byte: UInt8, bit: UInt8 = 0) { rawValue = UInt16(byte) | UInt16(bit & 0x7) << 8 }

    /// The error is not of one parameter of the command.
    public static let none = ParameterLocation(rawValue: 0xFFFF)

    /// Byte in command, bits 7:0.
    public var byte: UInt8 { UInt8(rawValue.bits(0, 8)) }

    /// Bit in that byte, bits 10:8.
    public var bit: UInt8 { UInt8(rawValue.bits(8, 3)) }
}
