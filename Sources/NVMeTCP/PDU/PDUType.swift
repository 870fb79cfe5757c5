// The first two bytes of each PDU: its type and its flags. The header rules and every encoder use them.

/// PDU Type: byte 0 of the common header. An unknown value is a value, and the header rules refuse it.
///
/// Source: NVMe over TCP Transport Specification, "PDU Types". Bit 0 is the direction, but for R2T and KDReq.
public struct PDUType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// ICReq: Initialize Connection Request, the host's first PDU.
    public static let initializeRequest = PDUType(rawValue: 0x00)
    /// ICResp: Initialize Connection Response, the controller's first PDU.
    public static let initializeResponse = PDUType(rawValue: 0x01)
    /// H2CTermReq: the host reports a fatal error.
    public static let hostTermination = PDUType(rawValue: 0x02)
    /// C2HTermReq: the controller reports a fatal error.
    public static let controllerTermination = PDUType(rawValue: 0x03)
    /// CapsuleCmd: a command, maybe with its data.
    public static let commandCapsule = PDUType(rawValue: 0x04)
    /// CapsuleResp: a completion.
    public static let responseCapsule = PDUType(rawValue: 0x05)
    /// H2CData: data of a command that a R2T asked for.
    public static let hostData = PDUType(rawValue: 0x06)
    /// C2HData: data that a command reads.
    public static let controllerData = PDUType(rawValue: 0x07)
    /// R2T: Ready to Transfer.
    public static let readyToTransfer = PDUType(rawValue: 0x09)
}

/// The flags of a PDU: byte 1 of the common header.
///
/// Source: NVMe over TCP Transport Specification, the "FLAGS" field of each PDU.
public struct PDUFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// HDGSTF: the header digest follows the header.
    public static let headerDigest = PDUFlags(rawValue: 0x01)
    /// DDGSTF: the data digest follows the data.
    public static let dataDigest = PDUFlags(rawValue: 0x02)
    /// LAST_PDU: the last data PDU of a transfer.
    public static let last = PDUFlags(rawValue: 0x04)
    /// SUCCESS: no response capsule follows, the command succeeded. Only with LAST_PDU, in C2HData.
    public static let success = PDUFlags(rawValue: 0x08)
}
