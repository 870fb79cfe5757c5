// The controller properties that a message-based controller has, as values with named fields. GatewayCore's
// property table holds and serves them; the host side reads them through Property Get.

/// The offset of a property (OFST of Property Get and Set).
///
/// Source: NVM Express Base Specification, "Property Definition".
public struct PropertyOffset: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Controller Capabilities (CAP), 8 bytes.
    public static let capabilities = PropertyOffset(rawValue: 0x00)
    /// Version (VS), 4 bytes.
    public static let version = PropertyOffset(rawValue: 0x08)
    /// Controller Configuration (CC), 4 bytes.
    public static let configuration = PropertyOffset(rawValue: 0x14)
    /// Controller Status (CSTS), 4 bytes.
    public static let status = PropertyOffset(rawValue: 0x1C)
    /// NVM Subsystem Reset (NSSR), 4 bytes.
    public static let subsystemReset = PropertyOffset(rawValue: 0x20)
    /// NVM Subsystem Shutdown (NSSD), 4 bytes.
    public static let subsystemShutdown = PropertyOffset(rawValue: 0x64)
    /// Controller Ready Timeouts (CRTO), 4 bytes.
    public static let readyTimeouts = PropertyOffset(rawValue: 0x68)
}

/// Controller Capabilities (CAP): 8 bytes at offset 0h, read only.
///
/// Source: NVM Express Base Specification, "Offset 0h: CAP - Controller Capabilities".
public struct ControllerCapabilities: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Maximum Queue Entries Supported (MQES), bits 15:0, in entries from 1 to 65,536 (the wire's value is
    /// one less).
    public var queueEntriesMax: Int {
        get { Int(rawValue.bits(0, 16)) + 1 }
        set { rawValue.setBits(0, 16, to: UInt64(newValue - 1)) }
    }

    /// Contiguous Queues Required (CQR), bit 16: 1 over Fabrics.
    public var contiguousQueuesRequired: Bool {
        get { rawValue.bit(16) }
        set { rawValue.setBit(16, to: newValue) }
    }

    /// Arbitration Mechanism Supported (AMS), bits 18:17: weighted round robin (bit 17), vendor specific (bit
    /// 18).
    public var arbitrationMechanisms: UInt8 {
        get { UInt8(rawValue.bits(17, 2)) }
        set { rawValue.setBits(17, 2, to: UInt64(newValue)) }
    }

    /// Timeout (TO), bits 31:24, in units of 500 ms: how long CSTS.RDY may take to follow CC.EN.
    public var timeoutHalfSeconds: UInt8 {
        get { UInt8(rawValue.bits(24, 8)) }
        set { rawValue.setBits(24, 8, to: UInt64(newValue)) }
    }

    /// Doorbell Stride (DSTRD), bits 35:32: 0 over Fabrics.
    public var doorbellStride: UInt8 {
        get { UInt8(rawValue.bits(32, 4)) }
        set { rawValue.setBits(32, 4, to: UInt64(newValue)) }
    }

    /// NVM Subsystem Reset Supported (NSSRS), bit 36.
    public var subsystemReset: Bool {
        get { rawValue.bit(36) }
        set { rawValue.setBit(36, to: newValue) }
    }

    /// Command Sets Supported (CSS), bits 44:37.
    public var commandSets: CommandSets {
        get { CommandSets(rawValue: UInt8(rawValue.bits(37, 8))) }
        set { rawValue.setBits(37, 8, to: UInt64(newValue.rawValue)) }
    }

    /// Boot Partition Support (BPS), bit 45.
    public var bootPartitions: Bool {
        get { rawValue.bit(45) }
        set { rawValue.setBit(45, to: newValue) }
    }

    /// Controller Power Scope (CPS), bits 47:46: 0 not reported, 1 controller, 2 domain, 3 NVM subsystem.
    public var powerScope: UInt8 {
        get { UInt8(rawValue.bits(46, 2)) }
        set { rawValue.setBits(46, 2, to: UInt64(newValue)) }
    }

    /// Memory Page Size Minimum (MPSMIN), bits 51:48: 2 to the power of 12 + this many bytes.
    public var pageSizeMinShift: UInt8 {
        get { UInt8(rawValue.bits(48, 4)) }
        set { rawValue.setBits(48, 4, to: UInt64(newValue)) }
    }

    /// Memory Page Size Maximum (MPSMAX), bits 55:52: 2 to the power of 12 + this many bytes.
    public var pageSizeMaxShift: UInt8 {
        get { UInt8(rawValue.bits(52, 4)) }
        set { rawValue.setBits(52, 4, to: UInt64(newValue)) }
    }

    /// Persistent Memory Region Supported (PMRS), bit 56.
    public var persistentMemoryRegion: Bool {
        get { rawValue.bit(56) }
        set { rawValue.setBit(56, to: newValue) }
    }

    /// Controller Memory Buffer Supported (CMBS), bit 57.
    public var memoryBuffer: Bool {
        get { rawValue.bit(57) }
        set { rawValue.setBit(57, to: newValue) }
    }

    /// NVM Subsystem Shutdown Supported (NSSS), bit 58.
    public var subsystemShutdown: Bool {
        get { rawValue.bit(58) }
        set { rawValue.setBit(58, to: newValue) }
    }

    /// Controller Ready With Media Support (CRMS.CRWMS), bit 59.
    public var readyWithMedia: Bool {
        get { rawValue.bit(59) }
        set { rawValue.setBit(59, to: newValue) }
    }

    /// Controller Ready Independent of Media Support (CRMS.CRIMS), bit 60.
    public var readyIndependentOfMedia: Bool {
        get { rawValue.bit(60) }
        set { rawValue.setBit(60, to: newValue) }
    }

    /// NVM Subsystem Shutdown Enhancements Supported (NSSES), bit 61.
    public var subsystemShutdownEnhancements: Bool {
        get { rawValue.bit(61) }
        set { rawValue.setBit(61, to: newValue) }
    }

    /// Command Sets Supported (CAP.CSS).
    public struct CommandSets: OptionSet, Hashable, Sendable, BitwiseCopyable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// NVM Command Set (NCSS), bit 0.
        public static let nvm = CommandSets(rawValue: 1 << 0)
        /// I/O Command Set Select (IOCSS), bit 6: CC.CSS may be 110b, and Identify CNS 1Ch is there.
        public static let selectable = CommandSets(rawValue: 1 << 6)
        /// No I/O Command Set Select (NOIOCSS), bit 7.
        public static let none = CommandSets(rawValue: 1 << 7)
    }
}

/// Controller Configuration (CC): 4 bytes at offset 14h.
///
/// Source: NVM Express Base Specification, "Offset 14h: CC - Controller Configuration".
public struct ControllerConfiguration: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Enable (EN), bit 0.
    public var enabled: Bool {
        get { rawValue.bit(0) }
        set { rawValue.setBit(0, to: newValue) }
    }

    /// I/O Command Set Selected (CSS), bits 6:4: 000b NVM, 110b all supported, 111b Admin only.
    public var commandSetSelected: UInt8 {
        get { UInt8(rawValue.bits(4, 3)) }
        set { rawValue.setBits(4, 3, to: UInt32(newValue)) }
    }

    /// Memory Page Size (MPS), bits 10:7: 2 to the power of 12 + this many bytes.
    public var pageSizeShift: UInt8 {
        get { UInt8(rawValue.bits(7, 4)) }
        set { rawValue.setBits(7, 4, to: UInt32(newValue)) }
    }

    /// Arbitration Mechanism Selected (AMS), bits 13:11: 000b round robin.
    public var arbitrationMechanism: UInt8 {
        get { UInt8(rawValue.bits(11, 3)) }
        set { rawValue.setBits(11, 3, to: UInt32(newValue)) }
    }

    /// Shutdown Notification (SHN), bits 15:14.
    public var shutdownNotification: ShutdownNotification {
        get { ShutdownNotification(rawValue: UInt8(rawValue.bits(14, 2))) }
        set { rawValue.setBits(14, 2, to: UInt32(newValue.rawValue)) }
    }

    /// I/O Submission Queue Entry Size (IOSQES), bits 19:16, a power of two in bytes: 6.
    public var submissionEntrySizeShift: UInt8 {
        get { UInt8(rawValue.bits(16, 4)) }
        set { rawValue.setBits(16, 4, to: UInt32(newValue)) }
    }

    /// I/O Completion Queue Entry Size (IOCQES), bits 23:20, a power of two in bytes: 4.
    public var completionEntrySizeShift: UInt8 {
        get { UInt8(rawValue.bits(20, 4)) }
        set { rawValue.setBits(20, 4, to: UInt32(newValue)) }
    }

    /// Controller Ready Independent of Media Enable (CRIME), bit 24.
    public var readyIndependentOfMedia: Bool {
        get { rawValue.bit(24) }
        set { rawValue.setBit(24, to: newValue) }
    }

    /// Shutdown Notification (CC.SHN).
    public struct ShutdownNotification: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// None: 00b.
        public static let none = ShutdownNotification(rawValue: 0)
        /// Normal shutdown: 01b.
        public static let normal = ShutdownNotification(rawValue: 1)
        /// Abrupt shutdown: 10b.
        public static let abrupt = ShutdownNotification(rawValue: 2)
    }
}

/// Controller Status (CSTS): 4 bytes at offset 1Ch.
///
/// Source: NVM Express Base Specification, "Offset 1Ch: CSTS - Controller Status".
public struct ControllerStatus: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Ready (RDY), bit 0.
    public var ready: Bool {
        get { rawValue.bit(0) }
        set { rawValue.setBit(0, to: newValue) }
    }

    /// Controller Fatal Status (CFS), bit 1.
    public var fatal: Bool {
        get { rawValue.bit(1) }
        set { rawValue.setBit(1, to: newValue) }
    }

    /// Shutdown Status (SHST), bits 3:2.
    public var shutdown: Shutdown {
        get { Shutdown(rawValue: UInt8(rawValue.bits(2, 2))) }
        set { rawValue.setBits(2, 2, to: UInt32(newValue.rawValue)) }
    }

    /// NVM Subsystem Reset Occurred (NSSRO), bit 4.
    public var subsystemResetOccurred: Bool {
        get { rawValue.bit(4) }
        set { rawValue.setBit(4, to: newValue) }
    }

    /// Processing Paused (PP), bit 5.
    public var processingPaused: Bool {
        get { rawValue.bit(5) }
        set { rawValue.setBit(5, to: newValue) }
    }

    /// Shutdown Type (ST), bit 6: the shutdown was the NVM subsystem's.
    public var subsystemShutdown: Bool {
        get { rawValue.bit(6) }
        set { rawValue.setBit(6, to: newValue) }
    }

    /// Shutdown Status (CSTS.SHST).
    public struct Shutdown: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// No shutdown was asked for.
        public static let none = Shutdown(rawValue: 0)
        /// Shutdown is going on.
        public static let occurring = Shutdown(rawValue: 1)
        /// Shutdown is complete.
        public static let complete = Shutdown(rawValue: 2)
    }
}

/// Controller Ready Timeouts (CRTO): 4 bytes at offset 68h, read only; in units of 500 ms.
///
/// Source: NVM Express Base Specification, "Offset 68h: CRTO - Controller Ready Timeouts".
public struct ControllerReadyTimeouts: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Both timeouts, in units of 500 ms: CRWMT and CRIMT.
    public init(withMediaHalfSeconds withMedia: UInt16, independentHalfSeconds independentOfMedia: UInt16) {
        rawValue = UInt32(withMedia) | UInt32(independentOfMedia) << 16
    }

    /// Controller Ready With Media Timeout (CRWMT), bits 15:0, in units of 500 ms.
    public var withMediaHalfSeconds: UInt16 { UInt16(rawValue.bits(0, 16)) }

    /// Controller Ready Independent of Media Timeout (CRIMT), bits 31:16, in units of 500 ms.
    public var independentHalfSeconds: UInt16 { UInt16(rawValue.bits(16, 16)) }
}

/// NVM Subsystem Reset (NSSR): the value that a host writes at offset 20h to reset the NVM subsystem ("NVMe"
/// in ASCII).
///
/// Source: NVM Express Base Specification, "Offset 20h: NSSR - NVM Subsystem Reset".
public let subsystemResetSignature: UInt32 = 0x4E56_4D65
