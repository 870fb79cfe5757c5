// Asynchronous events: what completes an Asynchronous Event Request, and which events a host wants.
// GatewayCore's AsyncEvents queues and masks them; the initiator reads them.

/// What the completion of an Asynchronous Event Request reports: an event and the log page to read.
///
/// Source: NVM Express Base Specification, "Asynchronous Event Request command", Completion Queue Entry
/// Dwords 0 and 1.
public struct AsyncEvent: Hashable, Sendable, BitwiseCopyable {
    /// Asynchronous Event Type (AET), dword 0 bits 2:0.
    public var type: AsyncEventType
    /// Asynchronous Event Information (AEI), dword 0 bits 15:8: its meaning depends on the type.
    public var information: UInt8
    /// Log Page Identifier (LID), dword 0 bits 23:16: reading it without Retain Asynchronous Event clears the
    /// event.
    public var logPage: LogPageID
    /// Event Specific Parameter, dword 1.
    public var parameter: UInt32

    public init(type: AsyncEventType, information: UInt8, logPage: LogPageID, parameter: UInt32 = 0) {
        self.type = type
        self.information = information
        self.logPage = logPage
        self.parameter = parameter
    }

    /// Reads dwords 0 and 1 of a completion.
    public init(result: UInt64) {
        type = AsyncEventType(rawValue: UInt8(result.bits(0, 3)))
        information = UInt8(result.bits(8, 8))
        logPage = LogPageID(rawValue: UInt8(result.bits(16, 8)))
        parameter = UInt32(result.bits(32, 32))
    }

    /// Dwords 0 and 1 of the completion.
    public var result: UInt64 {
        UInt64(type.rawValue & 0x7) | UInt64(information) << 8 | UInt64(logPage.rawValue) << 16
            | UInt64(parameter) << 32
    }
}

/// The events, each with the log page that tells more.
///
/// Source: NVM Express Base Specification, "Asynchronous Event Request command", Asynchronous Event
/// Information.
extension AsyncEvent {
    /// Error, 03h: a persistent internal error.
    public static let persistentInternalError = AsyncEvent(
        type: .error, information: 0x03, logPage: .errorInformation)
    /// Error, 04h: a transient internal error.
    public static let transientInternalError = AsyncEvent(
        type: .error, information: 0x04, logPage: .errorInformation)
    /// Health, 00h: the NVM subsystem's reliability is compromised.
    public static let reliability = AsyncEvent(type: .health, information: 0x00, logPage: .health)
    /// Health, 01h: a temperature is over or under its threshold.
    public static let temperature = AsyncEvent(type: .health, information: 0x01, logPage: .health)
    /// Health, 02h: available spare is below its threshold.
    public static let spareBelowThreshold = AsyncEvent(type: .health, information: 0x02, logPage: .health)
    /// Notice, 00h: an attached namespace came, went or changed.
    public static let namespaceAttributesChanged = AsyncEvent(
        type: .notice, information: 0x00, logPage: .changedNamespaces)
    /// Notice, 01h: firmware activation starts.
    public static let firmwareActivationStarting = AsyncEvent(
        type: .notice, information: 0x01, logPage: .firmwareSlot)
    /// Notice, 03h: the Asymmetric Namespace Access log changed.
    public static let asymmetricNamespaceAccessChanged = AsyncEvent(
        type: .notice, information: 0x03, logPage: .asymmetricNamespaceAccess)
    /// Notice, F0h: the Discovery log changed.
    public static let discoveryLogChanged = AsyncEvent(type: .notice, information: 0xF0, logPage: .discovery)
    /// Immediate, 00h: an NVM subsystem shutdown was started; there is no log page.
    public static let normalSubsystemShutdown = AsyncEvent(
        type: .immediate, information: 0x00, logPage: LogPageID(rawValue: 0))
    /// I/O Command Set specific, 00h: a reservation notification can be read.
    public static let reservationLogAvailable = AsyncEvent(
        type: .commandSetSpecific, information: 0x00, logPage: .reservationNotification)
}

/// Which events are wanted (Asynchronous Event Configuration, feature 0Bh, dword 11) or can happen (Identify
/// Controller's Optional Asynchronous Events Supported, OAES: bits 31:8 of it).
///
/// Source: NVM Express Base Specification, "Asynchronous Event Configuration" and "Identify Controller data
/// structure".
public struct AsyncEventConfiguration: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Available Spare, bit 0.
    public static let spareBelowThreshold = AsyncEventConfiguration(rawValue: 1 << 0)
    /// Temperature, bit 1.
    public static let temperature = AsyncEventConfiguration(rawValue: 1 << 1)
    /// Reliability Degraded, bit 2.
    public static let reliabilityDegraded = AsyncEventConfiguration(rawValue: 1 << 2)
    /// All Media Read-Only, bit 3.
    public static let readOnly = AsyncEventConfiguration(rawValue: 1 << 3)
    /// Volatile Memory Backup Failed, bit 4.
    public static let volatileBackupFailed = AsyncEventConfiguration(rawValue: 1 << 4)
    /// Persistent Memory Region Read-Only or Unreliable, bit 5.
    public static let persistentMemoryUnreliable = AsyncEventConfiguration(rawValue: 1 << 5)
    /// Attached Namespace Attribute Notices (NAN), bit 8.
    public static let namespaceAttributes = AsyncEventConfiguration(rawValue: 1 << 8)
    /// Firmware Activation Notices (FAN), bit 9.
    public static let firmwareActivation = AsyncEventConfiguration(rawValue: 1 << 9)
    /// Telemetry Log Notices (TLN), bit 10.
    public static let telemetryLog = AsyncEventConfiguration(rawValue: 1 << 10)
    /// Asymmetric Namespace Access Change Notices (ANACN), bit 11.
    public static let asymmetricNamespaceAccess = AsyncEventConfiguration(rawValue: 1 << 11)
    /// Predictable Latency Event Aggregate Log Change Notices (PLEALCN), bit 12.
    public static let predictableLatency = AsyncEventConfiguration(rawValue: 1 << 12)
    /// LBA Status Information Alert Notices (LSIAN), bit 13.
    public static let lbaStatus = AsyncEventConfiguration(rawValue: 1 << 13)
    /// Endurance Group Event Aggregate Log Change Notices (EGEALCN), bit 14.
    public static let enduranceGroupEvents = AsyncEventConfiguration(rawValue: 1 << 14)
    /// Normal NVM Subsystem Shutdown (NNSSHDN), bit 15.
    public static let normalSubsystemShutdown = AsyncEventConfiguration(rawValue: 1 << 15)
    /// Temperature Threshold Hysteresis Recovery (TTHR), bit 16.
    public static let temperatureHysteresis = AsyncEventConfiguration(rawValue: 1 << 16)
    /// Reachability Group Change Notices (RGRPCN), bit 17.
    public static let reachabilityGroups = AsyncEventConfiguration(rawValue: 1 << 17)
    /// Reachability Association Change Notices (RASSNCN), bit 18.
    public static let reachabilityAssociations = AsyncEventConfiguration(rawValue: 1 << 18)
    /// Allocated Namespace Attribute Notices (ANSAN), bit 19.
    public static let allocatedNamespaceAttributes = AsyncEventConfiguration(rawValue: 1 << 19)
    /// Zone Descriptor Changed Notices (ZDCN), bit 27.
    public static let zoneDescriptors = AsyncEventConfiguration(rawValue: 1 << 27)
    /// Pull Model DDC Request Log Page Change Notification (PMDRLPCN), bit 28.
    public static let pullModelRequestLog = AsyncEventConfiguration(rawValue: 1 << 28)
    /// AVE Discovery Log Page Change Notification (ADLPCN), bit 29.
    public static let aveDiscoveryLog = AsyncEventConfiguration(rawValue: 1 << 29)
    /// Host Discovery Log Page Change Notification (HDLPCN), bit 30.
    public static let hostDiscoveryLog = AsyncEventConfiguration(rawValue: 1 << 30)
    /// Discovery Log Page Change Notification (DLPCN), bit 31.
    public static let discoveryLog = AsyncEventConfiguration(rawValue: 1 << 31)
}

/// Asynchronous Event Type (AET).
///
/// Source: NVM Express Base Specification, "Asynchronous Event Request command".
public struct AsyncEventType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Error status: 0h.
    @inlinable public static var error: AsyncEventType { AsyncEventType(rawValue: 0x0) }
    /// SMART / Health status: 1h.
    @inlinable public static var health: AsyncEventType { AsyncEventType(rawValue: 0x1) }
    /// Notice: 2h.
    @inlinable public static var notice: AsyncEventType { AsyncEventType(rawValue: 0x2) }
    /// Immediate: 3h.
    @inlinable public static var immediate: AsyncEventType { AsyncEventType(rawValue: 0x3) }
    /// One-Shot: 4h.
    @inlinable public static var oneShot: AsyncEventType { AsyncEventType(rawValue: 0x4) }
    /// I/O Command Set specific status: 6h.
    @inlinable public static var commandSetSpecific: AsyncEventType { AsyncEventType(rawValue: 0x6) }
    /// Vendor specific: 7h.
    @inlinable public static var vendorSpecific: AsyncEventType { AsyncEventType(rawValue: 0x7) }
}

extension AsyncEventType {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        AsyncEventType.table.first { $0.value == self }?.name
            ?? "AsyncEventType \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: AsyncEventType, name: String)] = [
        (.error, "Error status"),
        (.health, "SMART / Health status"),
        (.notice, "Notice"),
        (.immediate, "Immediate"),
        (.oneShot, "One-Shot"),
        (.commandSetSpecific, "I/O Command Set specific status"),
        (.vendorSpecific, "Vendor specific"),
    ]
}
