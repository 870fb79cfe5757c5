// Identify Controller (CNS 01h): what a controller is and can do. GatewayCore fills one from the subsystem's
// model for each Identify; the host side reads it.

/// The Identify Controller data structure (CNS 01h): 4,096 bytes. Values stand as on the wire unless a name
/// says otherwise.
///
/// Source: NVM Express Base Specification, "Identify Controller data structure"; from byte 512 on also NVM
/// Command Set Specification, same title.
public struct IdentifyController: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// Bytes 1:0. PCI Vendor ID (VID).
    public var pciVendorID: UInt16 = 0
    /// Bytes 3:2. PCI Subsystem Vendor ID (SSVID).
    public var pciSubsystemVendorID: UInt16 = 0
    /// Bytes 23:4. Serial Number, ASCII (SN).
    public var serialNumber: String = ""
    /// Bytes 63:24. Model Number, ASCII (MN).
    public var modelNumber: String = ""
    /// Bytes 71:64. Firmware Revision, ASCII (FR).
    public var firmwareRevision: String = ""
    /// Byte 72. Recommended Arbitration Burst, a power of two (RAB).
    public var recommendedArbitrationBurst: UInt8 = 0
    /// Bytes 75:73. IEEE OUI Identifier (IEEE).
    public var ieeeOUI: UInt32 = 0
    /// Byte 76. Controller Multi-Path I/O and Namespace Sharing Capabilities (CMIC).
    public var multipath: MultipathCapabilities = []
    /// Byte 77. Maximum Data Transfer Size (MDTS): a power of two in units of the smallest page; 0 is no
    /// limit.
    public var maximumDataTransferShift: UInt8 = 0
    /// Bytes 79:78. Controller ID (CNTLID).
    public var controllerID: UInt16 = 0
    /// Bytes 83:80. Version (VER).
    public var version = Version(rawValue: 0)
    /// Bytes 87:84. RTD3 Resume Latency (RTD3R).
    public var resumeLatencyMicroseconds: UInt32 = 0
    /// Bytes 91:88. RTD3 Entry Latency (RTD3E).
    public var entryLatencyMicroseconds: UInt32 = 0
    /// Bytes 95:92. Optional Asynchronous Events Supported (OAES).
    public var optionalAsyncEvents: AsyncEventConfiguration = []
    /// Bytes 99:96. Controller Attributes (CTRATT).
    public var attributes: ControllerAttributes = []
    /// Bytes 101:100. Read Recovery Levels Supported (RRLS).
    public var readRecoveryLevels: UInt16 = 0
    /// Byte 102. Boot Partition Capabilities (BPCAP).
    public var bootPartitionCapabilities: UInt8 = 0
    /// Bytes 107:104. NVM Subsystem Shutdown Latency (NSSL).
    public var subsystemShutdownLatencyMicroseconds: UInt32 = 0
    /// Byte 110. Power Loss Signaling Information (PLSI).
    public var powerLossSignaling: UInt8 = 0
    /// Byte 111. Controller Type (CNTRLTYPE).
    public var controllerType = ControllerType(rawValue: 0)
    /// Bytes 127:112. FRU Globally Unique Identifier (FGUID).
    public var fruGUID: UInt128 = 0
    /// Bytes 129:128. Command Retry Delay Time 1 (CRDT1), in units of 100 ms.
    public var retryDelay1: UInt16 = 0
    /// Bytes 131:130. Command Retry Delay Time 2 (CRDT2), in units of 100 ms.
    public var retryDelay2: UInt16 = 0
    /// Bytes 133:132. Command Retry Delay Time 3 (CRDT3), in units of 100 ms.
    public var retryDelay3: UInt16 = 0
    /// Byte 134. Controller Reachability Capabilities (CRCAP).
    public var reachabilityCapabilities: UInt8 = 0
    /// Byte 253. NVM Subsystem Report (NVMSR).
    public var subsystemReport: UInt8 = 0
    /// Byte 254. VPD Write Cycle Information (VWCI).
    public var vpdWriteCycles: UInt8 = 0
    /// Byte 255. Management Endpoint Capabilities (MEC).
    public var managementEndpoints: UInt8 = 0
    /// Bytes 257:256. Optional Admin Command Support (OACS).
    public var optionalAdminCommands: OptionalAdminCommands = []
    /// Byte 258. Abort Command Limit (ACL), 0's based.
    public var abortCommandLimit: UInt8 = 0
    /// Byte 259. Asynchronous Event Request Limit (AERL), 0's based.
    public var asyncEventRequestLimit: UInt8 = 0
    /// Byte 260. Firmware Updates (FRMW): bit 0 slot 1 is read only, bits 3:1 slots, bit 4 activation without
    /// reset.
    public var firmwareUpdates: UInt8 = 0
    /// Byte 261. Log Page Attributes (LPA).
    public var logPageAttributes: LogPageAttributes = []
    /// Byte 262. Error Log Page Entries (ELPE), 0's based.
    public var errorLogPageEntries: UInt8 = 0
    /// Byte 264. Admin Vendor Specific Command Configuration (AVSCC).
    public var adminVendorSpecificConfiguration: UInt8 = 0
    /// Byte 265. Autonomous Power State Transition Attributes (APSTA).
    public var autonomousPowerStates: UInt8 = 0
    /// Bytes 267:266. Warning Composite Temperature Threshold (WCTEMP).
    public var warningTemperatureKelvins: UInt16 = 0
    /// Bytes 269:268. Critical Composite Temperature Threshold (CCTEMP).
    public var criticalTemperatureKelvins: UInt16 = 0
    /// Bytes 271:270. Maximum Time for Firmware Activation (MTFA), in units of 100 ms.
    public var firmwareActivationTime: UInt16 = 0
    /// Bytes 275:272. Host Memory Buffer Preferred Size (HMPRE).
    public var hostMemoryBufferPreferred: UInt32 = 0
    /// Bytes 279:276. Host Memory Buffer Minimum Size (HMMIN).
    public var hostMemoryBufferMinimum: UInt32 = 0
    /// Bytes 295:280. Total NVM Capacity (TNVMCAP), in bytes.
    public var totalCapacity: UInt128 = 0
    /// Bytes 311:296. Unallocated NVM Capacity (UNVMCAP), in bytes.
    public var unallocatedCapacity: UInt128 = 0
    /// Bytes 315:312. Replay Protected Memory Block Support (RPMBS).
    public var replayProtectedMemory: UInt32 = 0
    /// Bytes 317:316. Extended Device Self-test Time (EDSTT).
    public var extendedSelfTestMinutes: UInt16 = 0
    /// Byte 318. Device Self-test Options (DSTO).
    public var selfTestOptions: UInt8 = 0
    /// Byte 319. Firmware Update Granularity (FWUG).
    public var firmwareUpdateGranularity: UInt8 = 0
    /// Bytes 321:320. Keep Alive Support (KAS): the timer's granularity in units of 100 ms; 0 is no keep
    /// alive.
    public var keepAliveGranularity: UInt16 = 0
    /// Bytes 323:322. Host Controlled Thermal Management Attributes (HCTMA).
    public var hostThermalManagement: UInt16 = 0
    /// Bytes 325:324. Minimum Thermal Management Temperature (MNTMT).
    public var thermalMinimumKelvins: UInt16 = 0
    /// Bytes 327:326. Maximum Thermal Management Temperature (MXTMT).
    public var thermalMaximumKelvins: UInt16 = 0
    /// Bytes 331:328. Sanitize Capabilities (SANICAP).
    public var sanitizeCapabilities: UInt32 = 0
    /// Bytes 335:332. Host Memory Buffer Minimum Descriptor Entry Size (HMMINDS).
    public var hostMemoryDescriptorMinimum: UInt32 = 0
    /// Bytes 337:336. Host Memory Maximum Descriptors Entries (HMMAXD).
    public var hostMemoryDescriptorsMax: UInt16 = 0
    /// Bytes 339:338. NVM Set Identifier Maximum (NSETIDMAX).
    public var nvmSetIDMax: UInt16 = 0
    /// Bytes 341:340. Endurance Group Identifier Maximum (ENDGIDMAX).
    public var enduranceGroupIDMax: UInt16 = 0
    /// Byte 342. ANA Transition Time (ANATT).
    public var anaTransitionTimeSeconds: UInt8 = 0
    /// Byte 343. Asymmetric Namespace Access Capabilities (ANACAP).
    public var anaCapabilities: ANACapabilities = []
    /// Bytes 347:344. ANA Group Identifier Maximum (ANAGRPMAX).
    public var anaGroupIDMax: UInt32 = 0
    /// Bytes 351:348. Number of ANA Group Identifiers (NANAGRPID).
    public var anaGroupCount: UInt32 = 0
    /// Bytes 355:352. Persistent Event Log Size (PELS), in units of 64 KiB.
    public var persistentEventLogSize: UInt32 = 0
    /// Bytes 357:356. Domain Identifier (DOMAINID).
    public var domainID: UInt16 = 0
    /// Byte 358. Key Per I/O Capabilities (KPIOC).
    public var keyPerIO: UInt8 = 0
    /// Bytes 361:360. Maximum Processing Time for Firmware Activation Without Reset (MPTFAWR), in units of
    /// 100 ms.
    public var firmwareTimeWithoutReset: UInt16 = 0
    /// Bytes 383:368. Max Endurance Group Capacity (MEGCAP), in bytes.
    public var maximumEnduranceGroupCapacity: UInt128 = 0
    /// Byte 384. Temperature Threshold Hysteresis Attributes (TMPTHHA).
    public var temperatureHysteresis: UInt8 = 0
    /// Bytes 387:386. Command Quiesce Time (CQT), in ms.
    public var commandQuiesceTime: UInt16 = 0
    /// Byte 512. Submission Queue Entry Size (SQES): bits 3:0 required, 7:4 maximum, as powers of two (66h).
    public var submissionEntrySizes: UInt8 = 0
    /// Byte 513. Completion Queue Entry Size (CQES): bits 3:0 required, 7:4 maximum, as powers of two (44h).
    public var completionEntrySizes: UInt8 = 0
    /// Bytes 515:514. Maximum Outstanding Commands (MAXCMD) of one I/O queue; mandatory over Fabrics.
    public var outstandingCommandsMax: UInt16 = 0
    /// Bytes 519:516. Number of Namespaces (NN): the highest valid NSID.
    public var namespaceIDMax: UInt32 = 0
    /// Bytes 521:520. Optional NVM Command Support (ONCS).
    public var optionalNVMCommands: OptionalNVMCommands = []
    /// Bytes 523:522. Fused Operation Support (FUSES): bit 0 Compare and Write.
    public var fusedOperations: UInt16 = 0
    /// Byte 524. Format NVM Attributes (FNA).
    public var formatAttributes: UInt8 = 0
    /// Byte 525. Volatile Write Cache (VWC).
    public var volatileWriteCache: VolatileWriteCacheSupport = []
    /// Bytes 527:526. Atomic Write Unit Normal (AWUN), in logical blocks, 0's based.
    public var atomicWriteUnitNormal: UInt16 = 0
    /// Bytes 529:528. Atomic Write Unit Power Fail (AWUPF), in logical blocks, 0's based.
    public var atomicWriteUnitPowerFail: UInt16 = 0
    /// Byte 530. I/O Command Set Vendor Specific Command Configuration (ICSVSCC).
    public var ioVendorSpecificConfiguration: UInt8 = 0
    /// Byte 531. Namespace Write Protection Capabilities (NWPC).
    public var namespaceWriteProtection: UInt8 = 0
    /// Bytes 533:532. Atomic Compare & Write Unit (ACWU), in logical blocks, 0's based.
    public var atomicCompareAndWriteUnit: UInt16 = 0
    /// Bytes 535:534. Copy Descriptor Formats Supported (CDFS).
    public var copyDescriptorFormats: CopyFormats = []
    /// Bytes 539:536. SGL Support (SGLS).
    public var sgls: SGLSupport = []
    /// Bytes 543:540. Maximum Number of Allowed Namespaces (MNAN); an ANA controller needs one, not above NN.
    public var allowedNamespacesMax: UInt32 = 0
    /// Bytes 559:544. Maximum Domain Namespace Attachments (MAXDNA).
    public var domainNamespaceAttachmentsMax: UInt128 = 0
    /// Bytes 563:560. Maximum I/O Controller Namespace Attachments (MAXCNA).
    public var ioNamespaceAttachmentsMax: UInt32 = 0
    /// Bytes 567:564. Optimal Aggregated Queue Depth (OAQD).
    public var optimalAggregatedQueueDepth: UInt32 = 0
    /// Byte 568. Recommended Host-Initiated Refresh Interval (RHIRI).
    public var hostInitiatedRefreshInterval: UInt8 = 0
    /// Byte 569. Host-Initiated Refresh Time (HIRT).
    public var hostInitiatedRefreshTime: UInt8 = 0
    /// Bytes 571:570. Controller Maximum Memory Range Tracking Descriptors (CMMRTD).
    public var memoryRangeTrackingDescriptorsMax: UInt16 = 0
    /// Bytes 573:572. NVM Subsystem Maximum Memory Range Tracking Descriptors (NMMRTD).
    public var subsystemMemoryRangeTrackingDescriptorsMax: UInt16 = 0
    /// Byte 574. Minimum Memory Range Tracking Granularity (MINMRTG).
    public var memoryRangeGranularityMin: UInt8 = 0
    /// Byte 575. Maximum Memory Range Tracking Granularity (MAXMRTG).
    public var memoryRangeGranularityMax: UInt8 = 0
    /// Byte 576. Tracking Attributes (TRATTR).
    public var trackingAttributes: UInt8 = 0
    /// Bytes 579:578. Maximum Controller User Data Migration Queues (MCUDMQ).
    public var userDataMigrationQueuesMax: UInt16 = 0
    /// Bytes 581:580. Maximum NVM Subsystem User Data Migration Queues (MNSUDMQ).
    public var subsystemUserDataMigrationQueuesMax: UInt16 = 0
    /// Bytes 583:582. Maximum CDQ Memory Ranges (MCMR).
    public var memoryRangesMax: UInt16 = 0
    /// Bytes 585:584. NVM Subsystem Maximum CDQ Memory Ranges (NMCMR).
    public var subsystemMemoryRangesMax: UInt16 = 0
    /// Bytes 587:586. Maximum Controller Data Queue PRP Count (MCDQPC).
    public var dataQueuePRPCountMax: UInt16 = 0
    /// Bytes 1023:768. NVM Subsystem NVMe Qualified Name (SUBNQN).
    public var subsystemNQN: String = ""
    /// Bytes 1795:1792. I/O Queue Command Capsule Supported Size (IOCCSZ), in units of 16 bytes: 4, and
    /// in-capsule data.
    public var ioCapsuleCommandSize: UInt32 = 0
    /// Bytes 1799:1796. I/O Queue Response Capsule Supported Size (IORCSZ), in units of 16 bytes: 1.
    public var ioCapsuleResponseSize: UInt32 = 0
    /// Bytes 1801:1800. In Capsule Data Offset (ICDOFF), in units of 16 bytes: 0 over TCP.
    public var inCapsuleDataOffset: UInt16 = 0
    /// Byte 1802. Fabrics Controller Attributes (FCATT): bit 0 clear is the dynamic controller model.
    public var fabricsAttributes: UInt8 = 0
    /// Byte 1803. Maximum SGL Data Block Descriptors (MSDBD): 1 over TCP, 0 is no limit.
    public var dataBlockDescriptorsMax: UInt8 = 0
    /// Bytes 1805:1804. Optional Fabrics Commands Support (OFCS): bit 0 Disconnect.
    public var optionalFabricsCommands: UInt16 = 0
    /// Byte 1806. Discovery Controller Type (DCTYPE).
    public var discoveryControllerType = DiscoveryControllerType(rawValue: 0)

    /// Bytes 3071:2048. Power State Descriptors (PSD0 to PSD31), one to 32 of them; their count is byte 263,
    /// Number of Power States Support (NPSS), 0's based.
    public var powerStates = [PowerState()]

    public init() {}
}

extension IdentifyController: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codePart1(&codec)
        codePart2(&codec)
        codePowerStates(&codec)
    }

    private mutating func codePart1(_ codec: inout FieldCodec) {
        codec.field(&pciVendorID, at: 0)
        codec.field(&pciSubsystemVendorID, at: 2)
        codec.text(&serialNumber, at: 4, count: 20, padding: 0x20)
        codec.text(&modelNumber, at: 24, count: 40, padding: 0x20)
        codec.text(&firmwareRevision, at: 64, count: 8, padding: 0x20)
        codec.field(&recommendedArbitrationBurst, at: 72)
        codec.uint24(&ieeeOUI, at: 73)
        codec.field(&multipath, at: 76)
        codec.field(&maximumDataTransferShift, at: 77)
        codec.field(&controllerID, at: 78)
        codec.field(&version, at: 80)
        codec.field(&resumeLatencyMicroseconds, at: 84)
        codec.field(&entryLatencyMicroseconds, at: 88)
        codec.field(&optionalAsyncEvents, at: 92)
        codec.field(&attributes, at: 96)
        codec.field(&readRecoveryLevels, at: 100)
        codec.field(&bootPartitionCapabilities, at: 102)
        codec.field(&subsystemShutdownLatencyMicroseconds, at: 104)
        codec.field(&powerLossSignaling, at: 110)
        codec.field(&controllerType, at: 111)
        codec.bigEndian(&fruGUID, at: 112)
        codec.field(&retryDelay1, at: 128)
        codec.field(&retryDelay2, at: 130)
        codec.field(&retryDelay3, at: 132)
        codec.field(&reachabilityCapabilities, at: 134)
        codec.field(&subsystemReport, at: 253)
        codec.field(&vpdWriteCycles, at: 254)
        codec.field(&managementEndpoints, at: 255)
        codec.field(&optionalAdminCommands, at: 256)
        codec.field(&abortCommandLimit, at: 258)
        codec.field(&asyncEventRequestLimit, at: 259)
        codec.field(&firmwareUpdates, at: 260)
        codec.field(&logPageAttributes, at: 261)
        codec.field(&errorLogPageEntries, at: 262)
        codec.field(&adminVendorSpecificConfiguration, at: 264)
        codec.field(&autonomousPowerStates, at: 265)
        codec.field(&warningTemperatureKelvins, at: 266)
        codec.field(&criticalTemperatureKelvins, at: 268)
        codec.field(&firmwareActivationTime, at: 270)
        codec.field(&hostMemoryBufferPreferred, at: 272)
        codec.field(&hostMemoryBufferMinimum, at: 276)
        codec.field(&totalCapacity, at: 280)
        codec.field(&unallocatedCapacity, at: 296)
        codec.field(&replayProtectedMemory, at: 312)
        codec.field(&extendedSelfTestMinutes, at: 316)
        codec.field(&selfTestOptions, at: 318)
        codec.field(&firmwareUpdateGranularity, at: 319)
        codec.field(&keepAliveGranularity, at: 320)
        codec.field(&hostThermalManagement, at: 322)
        codec.field(&thermalMinimumKelvins, at: 324)
        codec.field(&thermalMaximumKelvins, at: 326)
        codec.field(&sanitizeCapabilities, at: 328)
        codec.field(&hostMemoryDescriptorMinimum, at: 332)
        codec.field(&hostMemoryDescriptorsMax, at: 336)
        codec.field(&nvmSetIDMax, at: 338)
    }

    private mutating func codePart2(_ codec: inout FieldCodec) {
        codec.field(&enduranceGroupIDMax, at: 340)
        codec.field(&anaTransitionTimeSeconds, at: 342)
        codec.field(&anaCapabilities, at: 343)
        codec.field(&anaGroupIDMax, at: 344)
        codec.field(&anaGroupCount, at: 348)
        codec.field(&persistentEventLogSize, at: 352)
        codec.field(&domainID, at: 356)
        codec.field(&keyPerIO, at: 358)
        codec.field(&firmwareTimeWithoutReset, at: 360)
        codec.field(&maximumEnduranceGroupCapacity, at: 368)
        codec.field(&temperatureHysteresis, at: 384)
        codec.field(&commandQuiesceTime, at: 386)
        codec.field(&submissionEntrySizes, at: 512)
        codec.field(&completionEntrySizes, at: 513)
        codec.field(&outstandingCommandsMax, at: 514)
        codec.field(&namespaceIDMax, at: 516)
        codec.field(&optionalNVMCommands, at: 520)
        codec.field(&fusedOperations, at: 522)
        codec.field(&formatAttributes, at: 524)
        codec.field(&volatileWriteCache, at: 525)
        codec.field(&atomicWriteUnitNormal, at: 526)
        codec.field(&atomicWriteUnitPowerFail, at: 528)
        codec.field(&ioVendorSpecificConfiguration, at: 530)
        codec.field(&namespaceWriteProtection, at: 531)
        codec.field(&atomicCompareAndWriteUnit, at: 532)
        codec.field(&copyDescriptorFormats, at: 534)
        codec.field(&sgls, at: 536)
        codec.field(&allowedNamespacesMax, at: 540)
        codec.field(&domainNamespaceAttachmentsMax, at: 544)
        codec.field(&ioNamespaceAttachmentsMax, at: 560)
        codec.field(&optimalAggregatedQueueDepth, at: 564)
        codec.field(&hostInitiatedRefreshInterval, at: 568)
        codec.field(&hostInitiatedRefreshTime, at: 569)
        codec.field(&memoryRangeTrackingDescriptorsMax, at: 570)
        codec.field(&subsystemMemoryRangeTrackingDescriptorsMax, at: 572)
        codec.field(&memoryRangeGranularityMin, at: 574)
        codec.field(&memoryRangeGranularityMax, at: 575)
        codec.field(&trackingAttributes, at: 576)
        codec.field(&userDataMigrationQueuesMax, at: 578)
        codec.field(&subsystemUserDataMigrationQueuesMax, at: 580)
        codec.field(&memoryRangesMax, at: 582)
        codec.field(&subsystemMemoryRangesMax, at: 584)
        codec.field(&dataQueuePRPCountMax, at: 586)
        codec.text(&subsystemNQN, at: 768, count: 256, padding: 0)
        codec.field(&ioCapsuleCommandSize, at: 1792)
        codec.field(&ioCapsuleResponseSize, at: 1796)
        codec.field(&inCapsuleDataOffset, at: 1800)
        codec.field(&fabricsAttributes, at: 1802)
        codec.field(&dataBlockDescriptorsMax, at: 1803)
        codec.field(&optionalFabricsCommands, at: 1804)
        codec.field(&discoveryControllerType, at: 1806)
    }
}

extension IdentifyController {
    /// NPSS at byte 263 and the descriptors that it counts.
    private mutating func codePowerStates(_ codec: inout FieldCodec) {
        precondition((1...32).contains(powerStates.count), "a controller has 1 to 32 power states")
        var last = UInt8(powerStates.count - 1)
        codec.field(&last, at: 263)
        if codec.isReading {
            powerStates = Array(repeating: PowerState(), count: min(Int(last), 31) + 1)
        }
        for index in powerStates.indices {
            codec.nested(&powerStates[index], at: 2048 + index * PowerState.byteCount)
        }
    }

    /// Reads the structure; nil where `bytes` is shorter than 4,096 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= IdentifyController.byteCount else { return nil }
        self.init(fields: bytes, at: 0)
    }

    /// Writes the 4,096 bytes at the start of `bytes`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan) { encodeFields(into: &bytes, at: 0) }
}
