// The bit fields and enumerations of Identify Controller. `IdentifyController.swift` holds the structure
// itself.

/// Controller Attributes (CTRATT).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct ControllerAttributes: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// 128-bit Host Identifier (HIDS), bit 0.
    public static let hostID128 = ControllerAttributes(rawValue: 1 << 0)
    /// Non-Operational Power State Permissive Mode (NOPSPM), bit 1.
    public static let nonOperationalPermissive = ControllerAttributes(rawValue: 1 << 1)
    /// NVM Sets (NSETS), bit 2.
    public static let nvmSets = ControllerAttributes(rawValue: 1 << 2)
    /// Read Recovery Levels (RRLVLS), bit 3.
    public static let readRecoveryLevels = ControllerAttributes(rawValue: 1 << 3)
    /// Endurance Groups (EGS), bit 4.
    public static let enduranceGroups = ControllerAttributes(rawValue: 1 << 4)
    /// Predictable Latency Mode (PLM), bit 5.
    public static let predictableLatency = ControllerAttributes(rawValue: 1 << 5)
    /// Traffic Based Keep Alive Support (TBKAS): any command restarts the timer, bit 6.
    public static let trafficBasedKeepAlive = ControllerAttributes(rawValue: 1 << 6)
    /// Namespace Granularity (NG), bit 7.
    public static let namespaceGranularity = ControllerAttributes(rawValue: 1 << 7)
    /// SQ Associations (SQA), bit 8.
    public static let queueAssociations = ControllerAttributes(rawValue: 1 << 8)
    /// UUID List (ULIST), bit 9.
    public static let uuidList = ControllerAttributes(rawValue: 1 << 9)
    /// Multi-Domain Subsystem (MDS), bit 10.
    public static let multiDomain = ControllerAttributes(rawValue: 1 << 10)
    /// Fixed Capacity Management (FCM), bit 11.
    public static let fixedCapacityManagement = ControllerAttributes(rawValue: 1 << 11)
    /// Variable Capacity Management (VCM), bit 12.
    public static let variableCapacityManagement = ControllerAttributes(rawValue: 1 << 12)
    /// Delete Endurance Group (DEG), bit 13.
    public static let deleteEnduranceGroup = ControllerAttributes(rawValue: 1 << 13)
    /// Delete NVM Set (DNVMS), bit 14.
    public static let deleteNVMSet = ControllerAttributes(rawValue: 1 << 14)
    /// Extended LBA Formats Supported (ELBAS), bit 15.
    public static let extendedLBAFormats = ControllerAttributes(rawValue: 1 << 15)
    /// MDTS and Size Limits Exclude Metadata (MEM), bit 16.
    public static let mdtsExcludesMetadata = ControllerAttributes(rawValue: 1 << 16)
    /// HMB Restrict Non-Operational Power State Access (HMBR), bit 17.
    public static let hostMemoryBufferRestrict = ControllerAttributes(rawValue: 1 << 17)
    /// Reservations and Host Identifier Interaction (RHII), bit 18.
    public static let reservationsHostID = ControllerAttributes(rawValue: 1 << 18)
    /// Flexible Data Placement Support (FDPS), bit 19.
    public static let flexibleDataPlacement = ControllerAttributes(rawValue: 1 << 19)
}

/// Controller Multi-Path I/O and Namespace Sharing Capabilities (CMIC).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct MultipathCapabilities: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The NVM subsystem may have several ports (MPORT), bit 0.
    public static let multiplePorts = MultipathCapabilities(rawValue: 1 << 0)
    /// The NVM subsystem may have several controllers (MCTRS), bit 1.
    public static let multipleControllers = MultipathCapabilities(rawValue: 1 << 1)
    /// The controller is of an SR-IOV Virtual Function (FT), bit 2.
    public static let virtualFunction = MultipathCapabilities(rawValue: 1 << 2)
    /// Asymmetric Namespace Access Reporting Support (ANARS), bit 3.
    public static let asymmetricNamespaceAccess = MultipathCapabilities(rawValue: 1 << 3)
}

/// Optional Admin Command Support (OACS).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct OptionalAdminCommands: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Security Send and Receive Supported (SSRS), bit 0.
    public static let security = OptionalAdminCommands(rawValue: 1 << 0)
    /// Format NVM Supported (FNVMS), bit 1.
    public static let formatNVM = OptionalAdminCommands(rawValue: 1 << 1)
    /// Firmware Download Supported (FWDS), bit 2.
    public static let firmware = OptionalAdminCommands(rawValue: 1 << 2)
    /// Namespace Management Supported (NMS), bit 3.
    public static let namespaceManagement = OptionalAdminCommands(rawValue: 1 << 3)
    /// Device Self-test Supported (DSTS), bit 4.
    public static let deviceSelfTest = OptionalAdminCommands(rawValue: 1 << 4)
    /// Directives Supported (DIRS), bit 5.
    public static let directives = OptionalAdminCommands(rawValue: 1 << 5)
    /// NVMe-MI Send and Receive Supported (NSRS), bit 6.
    public static let managementInterface = OptionalAdminCommands(rawValue: 1 << 6)
    /// Virtualization Management Supported (VMS), bit 7.
    public static let virtualizationManagement = OptionalAdminCommands(rawValue: 1 << 7)
    /// Doorbell Buffer Config Supported (DBCS), bit 8.
    public static let doorbellBuffer = OptionalAdminCommands(rawValue: 1 << 8)
    /// Get LBA Status Supported (GLSS), bit 9.
    public static let getLBAStatus = OptionalAdminCommands(rawValue: 1 << 9)
    /// Command and Feature Lockdown Supported (CFLS), bit 10.
    public static let lockdown = OptionalAdminCommands(rawValue: 1 << 10)
    /// Host Managed Live Migration Support (HMLMS), bit 11.
    public static let hostManagedMigration = OptionalAdminCommands(rawValue: 1 << 11)
}

/// Optional NVM Command Support (ONCS).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct OptionalNVMCommands: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Compare (NVMCMPS), bit 0.
    public static let compare = OptionalNVMCommands(rawValue: 1 << 0)
    /// Write Uncorrectable (NVMWUSV), bit 1.
    public static let writeUncorrectable = OptionalNVMCommands(rawValue: 1 << 1)
    /// Dataset Management (NVMDSMSV), bit 2.
    public static let datasetManagement = OptionalNVMCommands(rawValue: 1 << 2)
    /// Write Zeroes (NVMWZSV), bit 3.
    public static let writeZeroes = OptionalNVMCommands(rawValue: 1 << 3)
    /// Save and Select Feature Support (SSFS): features can be saved, Get Features can select, bit 4.
    public static let saveAndSelect = OptionalNVMCommands(rawValue: 1 << 4)
    /// Reservations (RESERVS), bit 5.
    public static let reservations = OptionalNVMCommands(rawValue: 1 << 5)
    /// Timestamp (TSS), bit 6.
    public static let timestamp = OptionalNVMCommands(rawValue: 1 << 6)
    /// Verify (NVMVFYS), bit 7.
    public static let verify = OptionalNVMCommands(rawValue: 1 << 7)
    /// Copy (NVMCPYS), bit 8.
    public static let copy = OptionalNVMCommands(rawValue: 1 << 8)
    /// Copy Single Atomicity (NVMCSA), bit 9.
    public static let copySingleAtomicity = OptionalNVMCommands(rawValue: 1 << 9)
    /// All Fast Copy (NVMAFC), bit 10.
    public static let allFastCopy = OptionalNVMCommands(rawValue: 1 << 10)
    /// Maximum Write Zeroes with Deallocate (MAXWZD), bit 11.
    public static let maximumWriteZeroesWithDeallocate = OptionalNVMCommands(rawValue: 1 << 11)
    /// Namespace Zeroes (NSZS), bit 12.
    public static let namespaceZeroes = OptionalNVMCommands(rawValue: 1 << 12)
}

/// Log Page Attributes (LPA).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct LogPageAttributes: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// SMART Support (SMARTS): the health log for each namespace, bit 0.
    public static let healthPerNamespace = LogPageAttributes(rawValue: 1 << 0)
    /// Commands Supported and Effects Support (CSES), bit 1.
    public static let commandEffects = LogPageAttributes(rawValue: 1 << 1)
    /// Log Page Extended Data Support (LPEDS): offsets, and lengths over 12 bits, bit 2.
    public static let extendedData = LogPageAttributes(rawValue: 1 << 2)
    /// Telemetry Support (TS), bit 3.
    public static let telemetry = LogPageAttributes(rawValue: 1 << 3)
    /// Persistent Event Support (PES), bit 4.
    public static let persistentEvent = LogPageAttributes(rawValue: 1 << 4)
    /// Miscellaneous Log Page Support (MLPS): log pages 00h, 12h and 13h, and scope in 05h, bit 5.
    public static let multipleLogPages = LogPageAttributes(rawValue: 1 << 5)
    /// Data Area 4 Support (DA4S), bit 6.
    public static let telemetryDataArea4 = LogPageAttributes(rawValue: 1 << 6)
}

/// Asymmetric Namespace Access Capabilities (ANACAP).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct ANACapabilities: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Reports ANA Optimized state (ROS), bit 0.
    public static let optimized = ANACapabilities(rawValue: 1 << 0)
    /// Reports ANA Non-Optimized state (RNOS), bit 1.
    public static let nonOptimized = ANACapabilities(rawValue: 1 << 1)
    /// Reports ANA Inaccessible state (RIS), bit 2.
    public static let inaccessible = ANACapabilities(rawValue: 1 << 2)
    /// Reports ANA Persistent Loss state (RPLS), bit 3.
    public static let persistentLoss = ANACapabilities(rawValue: 1 << 3)
    /// Reports ANA Change state (RACS), bit 4.
    public static let change = ANACapabilities(rawValue: 1 << 4)
    /// ANAGRPID does not change while the namespace is attached (NCAGID), bit 6.
    public static let groupIDStays = ANACapabilities(rawValue: 1 << 6)
    /// Non-zero ANAGRPID in Namespace Management (NZAGID), bit 7.
    public static let groupIDManaged = ANACapabilities(rawValue: 1 << 7)
}

/// Volatile Write Cache (VWC). Bits 2:1 (FB) say what Flush does with NSID FFFFFFFFh: 2 not supported, 3
/// supported.
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct VolatileWriteCacheSupport: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Volatile Write Cache Present (VWCP), bit 0.
    public static let present = VolatileWriteCacheSupport(rawValue: 1 << 0)
    /// Flush with NSID FFFFFFFFh is not supported (FB 10b).
    public static let flushAllRefused = VolatileWriteCacheSupport(rawValue: 2 << 1)
    /// Flush with NSID FFFFFFFFh flushes all namespaces (FB 11b).
    public static let flushAllSupported = VolatileWriteCacheSupport(rawValue: 3 << 1)
}

/// SGL Support (SGLS).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct SGLSupport: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// SGLs supported, no alignment needed (SGLS 01b), bit 0.
    public static let supported = SGLSupport(rawValue: 1 << 0)
    /// SGLs supported, dword alignment and granularity (SGLS 10b), bit 1.
    public static let dwordAligned = SGLSupport(rawValue: 1 << 1)
    /// Keyed SGL Data Block Descriptor Supported (KSDBDS), bit 2.
    public static let keyedDataBlock = SGLSupport(rawValue: 1 << 2)
    /// SGL Bit Bucket Descriptor Supported (SBBDS), bit 16.
    public static let bitBucket = SGLSupport(rawValue: 1 << 16)
    /// Byte Aligned Contiguous Metadata Buffer Supported (BACMDBS), bit 17.
    public static let alignedMetadataBuffer = SGLSupport(rawValue: 1 << 17)
    /// SGL Length Larger than Data Supported (SLLDTS), bit 18.
    public static let lengthMayExceed = SGLSupport(rawValue: 1 << 18)
    /// MPTR with SGL Descriptor Supported (MSDS), bit 19.
    public static let metadataSGL = SGLSupport(rawValue: 1 << 19)
    /// SGL Address as Offset Supported (SAOS): in-capsule data at an offset, bit 20.
    public static let offset = SGLSupport(rawValue: 1 << 20)
    /// Transport SGL Data Block Descriptor Supported (TSDBDS), bit 21.
    public static let transportDataBlock = SGLSupport(rawValue: 1 << 21)
}

/// Controller Type (CNTRLTYPE).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct ControllerType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Not reported: 00h.
    public static let notReported = ControllerType(rawValue: 0x00)
    /// I/O controller: 01h.
    public static let io = ControllerType(rawValue: 0x01)
    /// Discovery controller: 02h.
    public static let discovery = ControllerType(rawValue: 0x02)
    /// Administrative controller: 03h.
    public static let administrative = ControllerType(rawValue: 0x03)
}

/// Discovery Controller Type (DCTYPE).
///
/// Source: NVM Express Base Specification, "Identify Controller data structure".
public struct DiscoveryControllerType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Not reported: 00h.
    public static let notReported = DiscoveryControllerType(rawValue: 0x00)
    /// Direct Discovery controller: 01h.
    public static let direct = DiscoveryControllerType(rawValue: 0x01)
    /// Central Discovery controller: 02h.
    public static let central = DiscoveryControllerType(rawValue: 0x02)
}
