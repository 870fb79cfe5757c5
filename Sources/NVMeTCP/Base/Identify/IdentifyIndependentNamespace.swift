// The I/O Command Set Independent Identify Namespace (CNS 08h): what every namespace has, whatever its
// command set. GatewayCore fills one; the host side reads it.

/// The I/O Command Set Independent Identify Namespace data structure (CNS 08h): 4,096 bytes.
///
/// Source: NVM Express Base Specification, "I/O Command Set Independent Identify Namespace data structure".
public struct IdentifyIndependentNamespace: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// Byte 0. Common Namespace Features (NSFEAT).
    public var features: IndependentNamespaceFeatures = []
    /// Byte 1. Namespace Multi-path I/O and Namespace Sharing Capabilities (NMIC).
    public var sharing: NamespaceSharing = []
    /// Byte 2. Reservation Capabilities (RESCAP).
    public var reservationCapabilities: ReservationCapabilities = []
    /// Byte 3. Format Progress Indicator (FPI).
    public var formatProgress: UInt8 = 0
    /// Bytes 7:4. ANA Group Identifier (ANAGRPID); 0 is none.
    public var anaGroupID: UInt32 = 0
    /// Byte 8. Namespace Attributes (NSATTR).
    public var attributes: NamespaceAttributes = []
    /// Bytes 11:10. NVM Set Identifier (NVMSETID).
    public var nvmSetID: UInt16 = 0
    /// Bytes 13:12. Endurance Group Identifier (ENDGID).
    public var enduranceGroupID: UInt16 = 0
    /// Byte 14. Namespace Status (NSTAT).
    public var status: IndependentNamespaceStatus = []
    /// Byte 15. Key Per I/O Status (KPIOS).
    public var keyPerIO: UInt8 = 0
    /// Bytes 17:16. Maximum Key Tag (MAXKT).
    public var keyTagMax: UInt16 = 0
    /// Bytes 23:20. Reachability Group Identifier (RGRPID).
    public var reachabilityGroupID: UInt32 = 0

    public init() {}
}

extension IdentifyIndependentNamespace: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&features, at: 0)
        codec.field(&sharing, at: 1)
        codec.field(&reservationCapabilities, at: 2)
        codec.field(&formatProgress, at: 3)
        codec.field(&anaGroupID, at: 4)
        codec.field(&attributes, at: 8)
        codec.field(&nvmSetID, at: 10)
        codec.field(&enduranceGroupID, at: 12)
        codec.field(&status, at: 14)
        codec.field(&keyPerIO, at: 15)
        codec.field(&keyTagMax, at: 16)
        codec.field(&reachabilityGroupID, at: 20)
    }
}

extension IdentifyIndependentNamespace {
    /// Reads the structure; nil where `bytes` is shorter than 4,096 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= IdentifyIndependentNamespace.byteCount else { return nil }
        self.init(fields: bytes, at: 0)
    }

    /// Writes the 4,096 bytes at the start of `bytes`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan) { encodeFields(into: &bytes, at: 0) }
}

/// Namespace Status (NSTAT).
///
/// Source: NVM Express Base Specification, "I/O Command Set Independent Identify Namespace data structure".
public struct IndependentNamespaceStatus: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Namespace Ready (NRDY), bit 0.
    public static let ready = IndependentNamespaceStatus(rawValue: 1 << 0)
}

/// Common Namespace Features (NSFEAT): a subset of those of CNS 00h, and two of its own.
///
/// Source: NVM Express Base Specification, "I/O Command Set Independent Identify Namespace data structure".
public struct IndependentNamespaceFeatures: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Unique Identifiers not Reused (UIDREUSE), bit 3.
    public static let identifiersNotReused = IndependentNamespaceFeatures(rawValue: 1 << 3)
    /// Rotational Media (RMEDIA), bit 4.
    public static let rotationalMedia = IndependentNamespaceFeatures(rawValue: 1 << 4)
    /// Volatile Write Cache Not Present (VWCNP), bit 5.
    public static let writeCacheNotPresent = IndependentNamespaceFeatures(rawValue: 1 << 5)
}
