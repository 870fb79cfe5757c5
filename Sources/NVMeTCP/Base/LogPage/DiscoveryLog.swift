// The Discovery log (LID 70h): which subsystems can be reached, and where. GatewayCore's discovery controller
// builds it for each host; the host side reads it. `DiscoveryFields.swift` has the enumerations.

/// The Discovery log page's header: 1,024 bytes, before the entries.
///
/// Source: NVM Express Base Specification, "Discovery Log Page".
public struct DiscoveryLogHeader: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 1024

    /// Bytes 7:0. Generation Counter (GENCTR): goes up with each change of the log; a host reads it before
    /// and after.
    public var generation: UInt64 = 0
    /// Bytes 15:8. Number of Records (NUMREC): entries behind the header.
    public var recordCount: UInt64 = 0
    /// Bytes 17:16. Record Format (RECFMT): 0.
    public var recordFormat: UInt16 = 0

    public init() {}
}

extension DiscoveryLogHeader: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&generation, at: 0)
        codec.field(&recordCount, at: 8)
        codec.field(&recordFormat, at: 16)
    }
}

extension DiscoveryLogHeader {
    /// Reads the structure; nil where `bytes` is shorter than 1,024 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= DiscoveryLogHeader.byteCount else { return nil }
        self.init(fields: bytes, at: 0)
    }

    /// Writes the 1,024 bytes at the start of `bytes`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan) { encodeFields(into: &bytes, at: 0) }
}

/// A Discovery Log Page Entry: 1,024 bytes.
///
/// Source: NVM Express Base Specification, "Discovery Log Page", Discovery Log Page Entry; NVMe over TCP
/// Transport Specification, "Transport Specific Address Subtype".
public struct DiscoveryLogEntry: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 1024

    /// Byte 0. Transport Type (TRTYPE).
    public var transportType = TransportType.tcp
    /// Byte 1. Address Family (ADRFAM).
    public var addressFamily = AddressFamily.ipv4
    /// Byte 2. Subsystem Type (SUBTYPE).
    public var subsystemType: DiscoverySubsystemType = .nvm
    /// Byte 3. Transport Requirements (TREQ).
    public var requirements: TransportRequirements = []
    /// Bytes 5:4. Port ID (PORTID).
    public var portID: UInt16 = 0
    /// Bytes 7:6. Controller ID (CNTLID): FFFFh in the dynamic controller model.
    public var controllerID: UInt16 = .anyController
    /// Bytes 9:8. Admin Max SQ Size (ASQSZ), in entries: at least 32.
    public var adminQueueSizeMax: UInt16 = 32
    /// Bytes 11:10. Entry Flags (EFLAGS).
    public var flags: DiscoveryEntryFlags = []
    /// Bytes 63:32. Transport Service Identifier (TRSVCID), ASCII: the TCP port.
    public var serviceID: String = ""
    /// Bytes 511:256. NVM Subsystem Qualified Name (SUBNQN).
    public var subsystemNQN: String = ""
    /// Bytes 767:512. Transport Address (TRADDR), ASCII: an IP address.
    public var address: String = ""
    /// Byte 768. Transport Specific Address Subtype (TSAS): over TCP its first byte is the Security Type
    /// (SECTYPE).
    public var security = TCPSecurity(rawValue: 0)

    public init() {}
}

extension DiscoveryLogEntry: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&transportType, at: 0)
        codec.field(&addressFamily, at: 1)
        codec.field(&subsystemType, at: 2)
        codec.field(&requirements, at: 3)
        codec.field(&portID, at: 4)
        codec.field(&controllerID, at: 6)
        codec.field(&adminQueueSizeMax, at: 8)
        codec.field(&flags, at: 10)
        codec.text(&serviceID, at: 32, count: 32, padding: 0x20)
        codec.text(&subsystemNQN, at: 256, count: 256, padding: 0)
        codec.text(&address, at: 512, count: 256, padding: 0x20)
        codec.field(&security, at: 768)
    }
}

extension DiscoveryLogEntry {
    /// Reads the 1024 bytes at `offset`, which `bytes` must hold.
    public init(_ bytes: RawSpan, at offset: Int) { self.init(fields: bytes, at: offset) }

    /// Writes the 1024 bytes at `offset`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        encodeFields(into: &bytes, at: offset)
    }
}
