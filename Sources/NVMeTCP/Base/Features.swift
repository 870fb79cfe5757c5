// The values of features, with named fields. GatewayCore's feature handlers keep them; Asynchronous Event
// Configuration (0Bh) is in `AsyncEvent.swift`, and Keep Alive Timer (0Fh) is a plain number of milliseconds.

/// Power Management (feature 02h): the value in dword 11 of Set Features, and in dword 0 of Get Features'
/// completion.
///
/// Source: NVM Express Base Specification, "Power Management".
public struct PowerManagement: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Power State (PS), bits 4:0.
    public var powerState: UInt8 {
        get { UInt8(rawValue.bits(0, 5)) }
        set { rawValue.setBits(0, 5, to: UInt32(newValue)) }
    }

    /// Workload Hint (WH), bits 7:5.
    public var workloadHint: UInt8 {
        get { UInt8(rawValue.bits(5, 3)) }
        set { rawValue.setBits(5, 3, to: UInt32(newValue)) }
    }
}

/// Temperature Threshold (feature 04h): the value in dword 11 of Set Features, and in dword 0 of Get
/// Features' completion.
///
/// Source: NVM Express Base Specification, "Temperature Threshold".
public struct TemperatureThreshold: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Temperature Threshold (TMPTH), bits 15:0, in kelvins.
    public var kelvins: UInt16 {
        get { UInt16(rawValue.bits(0, 16)) }
        set { rawValue.setBits(0, 16, to: UInt32(newValue)) }
    }

    /// Threshold Temperature Select (TMPSEL), bits 19:16: 0 is the composite temperature, 1 to 8 a sensor, Fh
    /// all.
    public var sensor: UInt8 {
        get { UInt8(rawValue.bits(16, 4)) }
        set { rawValue.setBits(16, 4, to: UInt32(newValue)) }
    }

    /// Threshold Type Select (THSEL), bits 21:20: 0 over, 1 under temperature.
    public var kind: UInt8 {
        get { UInt8(rawValue.bits(20, 2)) }
        set { rawValue.setBits(20, 2, to: UInt32(newValue)) }
    }

    /// Temperature Threshold Hysteresis (TMPTHH), bits 24:22, in kelvins.
    public var hysteresisKelvins: UInt8 {
        get { UInt8(rawValue.bits(22, 3)) }
        set { rawValue.setBits(22, 3, to: UInt32(newValue)) }
    }
}

/// Error Recovery (feature 05h): the value in dword 11 of Set Features, and in dword 0 of Get Features'
/// completion.
///
/// Source: NVM Command Set Specification, "Error Recovery".
public struct ErrorRecovery: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Time Limited Error Recovery (TLER), bits 15:0, in units of 100 ms; 0 is no limit.
    public var timeLimit: UInt16 {
        get { UInt16(rawValue.bits(0, 16)) }
        set { rawValue.setBits(0, 16, to: UInt32(newValue)) }
    }

    /// Deallocated or Unwritten Logical Block Error Enable (DULBE), bit 16.
    public var reportsUnwrittenBlocks: Bool {
        get { rawValue.bit(16) }
        set { rawValue.setBit(16, to: newValue) }
    }
}

/// Volatile Write Cache (feature 06h): the value in dword 11 of Set Features, and in dword 0 of Get Features'
/// completion.
///
/// Source: NVM Express Base Specification, "Volatile Write Cache".
public struct VolatileWriteCache: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Volatile Write Cache Enable (WCE), bit 0.
    public var enabled: Bool {
        get { rawValue.bit(0) }
        set { rawValue.setBit(0, to: newValue) }
    }
}

/// Number of Queues (feature 07h): the value in dword 11 of Set Features, and in dword 0 of Get Features'
/// completion.
///
/// Source: NVM Express Base Specification, "Number of Queues".
public struct NumberOfQueues: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Number of I/O Submission Queues Requested or Allocated (NSQR, NSQA), bits 15:0: in queues, from 1 (the
    /// wire's value is one less; 65,535 of it is not allowed).
    public var submissionQueues: Int {
        get { Int(rawValue.bits(0, 16)) + 1 }
        set { rawValue.setBits(0, 16, to: UInt32(newValue - 1)) }
    }

    /// Number of I/O Completion Queues Requested or Allocated (NCQR, NCQA), bits 31:16: in queues, as above.
    public var completionQueues: Int {
        get { Int(rawValue.bits(16, 16)) + 1 }
        set { rawValue.setBits(16, 16, to: UInt32(newValue - 1)) }
    }
}

/// Write Atomicity Normal (feature 0Ah): the value in dword 11 of Set Features, and in dword 0 of Get
/// Features' completion.
///
/// Source: NVM Command Set Specification, "Write Atomicity Normal".
public struct WriteAtomicityNormal: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Disable Normal (DN), bit 0: the host needs only the atomicity of a power failure (AWUPF).
    public var disableNormal: Bool {
        get { rawValue.bit(0) }
        set { rawValue.setBit(0, to: newValue) }
    }
}

/// Reservation Persistence (feature 83h): the value in dword 11 of Set Features, and in dword 0 of Get
/// Features' completion.
///
/// Source: NVM Express Base Specification, "Reservation Persistence".
public struct ReservationPersistence: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Persist Through Power Loss (PTPL), bit 0.
    public var persistThroughPowerLoss: Bool {
        get { rawValue.bit(0) }
        set { rawValue.setBit(0, to: newValue) }
    }
}

/// Host Behavior Support (feature 16h): 512 bytes of data.
///
/// Source: NVM Express Base Specification, "Host Behavior Support".
public struct HostBehaviorSupport: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 512

    /// Byte 0. Advanced Command Retry Enable (ACRE): 1 lets the controller give a Command Retry Delay.
    public var advancedCommandRetry: UInt8 = 0
    /// Byte 1. Extended Telemetry Data Area 4 Supported (ETDAS).
    public var telemetryDataArea4: UInt8 = 0
    /// Byte 2. LBA Format Extension Enable (LBAFEE).
    public var lbaFormatExtension: UInt8 = 0
    /// Byte 3. Host Dispersed Namespace Support (HDISNS).
    public var dispersedNamespaces: UInt8 = 0
    /// Bytes 5:4. Copy Descriptor Formats Enable (CDFE): bits 2, 3 and 4; formats 0h and 1h need none.
    public var copyDescriptorFormats: CopyFormats = []

    public init() {}

    /// Reads the data; nil where `bytes` is shorter than 512 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= HostBehaviorSupport.byteCount else { return nil }
        advancedCommandRetry = bytes.uint8(at: 0)
        telemetryDataArea4 = bytes.uint8(at: 1)
        lbaFormatExtension = bytes.uint8(at: 2)
        dispersedNamespaces = bytes.uint8(at: 3)
        copyDescriptorFormats = CopyFormats(rawValue: bytes.uint16(at: 4))
    }

    /// Writes the data at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: HostBehaviorSupport.byteCount)
        bytes.store(advancedCommandRetry, at: 0)
        bytes.store(telemetryDataArea4, at: 1)
        bytes.store(lbaFormatExtension, at: 2)
        bytes.store(dispersedNamespaces, at: 3)
        bytes.store(copyDescriptorFormats.rawValue, at: 4)
    }
}

/// What Get Features answers in dword 0 when asked for a feature's supported capabilities (SEL 3h).
///
/// Source: NVM Express Base Specification, "Get Features command", Completion Queue Entry Dword 0.
public struct FeatureCapabilities: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Saveable, bit 0.
    public static let saveable = FeatureCapabilities(rawValue: 1 << 0)
    /// Namespace specific, bit 1.
    public static let namespaceSpecific = FeatureCapabilities(rawValue: 1 << 1)
    /// Changeable, bit 2.
    public static let changeable = FeatureCapabilities(rawValue: 1 << 2)
}
