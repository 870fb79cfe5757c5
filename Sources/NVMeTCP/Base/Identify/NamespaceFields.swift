// The bit fields that the Identify structures of namespaces share.

/// Namespace Features (NSFEAT).
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure".
public struct NamespaceFeatures: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Thin Provisioning (THINP), bit 0.
    public static let thinProvisioning = NamespaceFeatures(rawValue: 1 << 0)
    /// Namespace atomic boundaries and units (NSABPNS): NAWUN, NAWUPF and NACWU are this namespace's own, bit
    /// 1.
    public static let atomicBoundaries = NamespaceFeatures(rawValue: 1 << 1)
    /// Deallocated or Unwritten Logical Block error (DAE), bit 2.
    public static let unwrittenBlockErrors = NamespaceFeatures(rawValue: 1 << 2)
    /// Unique Identifiers not Reused (UIDREUSE): NGUID and EUI64 are never used again, bit 3.
    public static let identifiersNotReused = NamespaceFeatures(rawValue: 1 << 3)
    /// Optimal Performance (OPTPERF, low bit): NPWG, NPWA, NPDG, NPDA and NOWS are there, bit 4.
    public static let preferredSizes = NamespaceFeatures(rawValue: 1 << 4)
    /// Optimal Performance (OPTPERF, high bit): NPWG, NPWA, NPDGL, NPDAL and NOWS are there, bit 5.
    public static let preferredSizesLong = NamespaceFeatures(rawValue: 1 << 5)
    /// Multiple Atomicity Mode (MAM), bit 6.
    public static let multipleAtomicity = NamespaceFeatures(rawValue: 1 << 6)
    /// Optimal Read Performance (OPTRPERF), bit 7.
    public static let optimalReads = NamespaceFeatures(rawValue: 1 << 7)
}

/// Namespace Multi-path I/O and Namespace Sharing Capabilities (NMIC).
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure".
public struct NamespaceSharing: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Shared Namespace (SHRNS): several controllers may have it at once, bit 0.
    public static let shared = NamespaceSharing(rawValue: 1 << 0)
    /// Dispersed Namespace (DISNS), bit 1.
    public static let dispersed = NamespaceSharing(rawValue: 1 << 1)
}

/// Reservation Capabilities (RESCAP).
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure".
public struct ReservationCapabilities: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Persist Through Power Loss Support (PTPLS), bit 0.
    public static let persistThroughPowerLoss = ReservationCapabilities(rawValue: 1 << 0)
    /// Write Exclusive (WES), bit 1.
    public static let writeExclusive = ReservationCapabilities(rawValue: 1 << 1)
    /// Exclusive Access (EAS), bit 2.
    public static let exclusiveAccess = ReservationCapabilities(rawValue: 1 << 2)
    /// Write Exclusive - Registrants Only (WEROS), bit 3.
    public static let writeExclusiveRegistrantsOnly = ReservationCapabilities(rawValue: 1 << 3)
    /// Exclusive Access - Registrants Only (EAROS), bit 4.
    public static let exclusiveAccessRegistrantsOnly = ReservationCapabilities(rawValue: 1 << 4)
    /// Write Exclusive - All Registrants (WEARS), bit 5.
    public static let writeExclusiveAllRegistrants = ReservationCapabilities(rawValue: 1 << 5)
    /// Exclusive Access - All Registrants (EAARS), bit 6.
    public static let exclusiveAccessAllRegistrants = ReservationCapabilities(rawValue: 1 << 6)
    /// Ignore Existing Key as of revision 1.3 (IEKS), bit 7.
    public static let ignoreExistingKey13 = ReservationCapabilities(rawValue: 1 << 7)
}

/// Deallocate Logical Block Features (DLFEAT). Bits 2:0 (DRB) say what a deallocated block reads as: 0 not
/// reported, 1 zeroes, 2 FFh.
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure".
public struct DeallocateFeatures: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Deallocated blocks read as zeroes (DRB 001b), bit 0.
    public static let readsZeroes = DeallocateFeatures(rawValue: 1 << 0)
    /// Deallocated blocks read as FFh (DRB 010b), bit 1.
    public static let readsOnes = DeallocateFeatures(rawValue: 1 << 1)
    /// Write Zeroes Deallocation Support (WZDS): Write Zeroes takes the Deallocate bit, bit 3.
    public static let writeZeroesDeallocates = DeallocateFeatures(rawValue: 1 << 3)
    /// Guard field of deallocated blocks is a valid CRC (GS), bit 4.
    public static let guardIsCRC = DeallocateFeatures(rawValue: 1 << 4)
}

/// Namespace Attributes (NSATTR).
///
/// Source: NVM Command Set Specification, "Identify Namespace data structure".
public struct NamespaceAttributes: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Currently Write Protected (CWP), bit 0.
    public static let writeProtected = NamespaceAttributes(rawValue: 1 << 0)
}
