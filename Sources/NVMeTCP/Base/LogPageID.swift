// The identifiers of log pages. GatewayCore's log page table has a row for each that it serves; an unknown
// value is a value like any other.

/// Log Page Identifier (LID).
///
/// Source: NVM Express Base Specification, "Get Log Page command", Log Page Identifiers.
public struct LogPageID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Supported Log Pages: 00h.
    @inlinable public static var supportedLogPages: LogPageID { LogPageID(rawValue: 0x00) }
    /// Error Information: 01h.
    @inlinable public static var errorInformation: LogPageID { LogPageID(rawValue: 0x01) }
    /// SMART / Health Information: 02h.
    @inlinable public static var health: LogPageID { LogPageID(rawValue: 0x02) }
    /// Firmware Slot Information: 03h.
    @inlinable public static var firmwareSlot: LogPageID { LogPageID(rawValue: 0x03) }
    /// Changed Attached Namespace List: 04h.
    @inlinable public static var changedNamespaces: LogPageID { LogPageID(rawValue: 0x04) }
    /// Commands Supported and Effects: 05h.
    @inlinable public static var commandEffects: LogPageID { LogPageID(rawValue: 0x05) }
    /// Device Self-test: 06h.
    @inlinable public static var deviceSelfTest: LogPageID { LogPageID(rawValue: 0x06) }
    /// Telemetry Host-Initiated: 07h.
    @inlinable public static var telemetryHost: LogPageID { LogPageID(rawValue: 0x07) }
    /// Telemetry Controller-Initiated: 08h.
    @inlinable public static var telemetryController: LogPageID { LogPageID(rawValue: 0x08) }
    /// Endurance Group Information: 09h.
    @inlinable public static var enduranceGroup: LogPageID { LogPageID(rawValue: 0x09) }
    /// Predictable Latency Per NVM Set: 0Ah.
    @inlinable public static var predictableLatencySet: LogPageID { LogPageID(rawValue: 0x0A) }
    /// Predictable Latency Event Aggregate: 0Bh.
    @inlinable public static var predictableLatencyEvents: LogPageID { LogPageID(rawValue: 0x0B) }
    /// Asymmetric Namespace Access: 0Ch.
    @inlinable public static var asymmetricNamespaceAccess: LogPageID { LogPageID(rawValue: 0x0C) }
    /// Persistent Event Log: 0Dh.
    @inlinable public static var persistentEvent: LogPageID { LogPageID(rawValue: 0x0D) }
    /// LBA Status Information: 0Eh.
    @inlinable public static var lbaStatus: LogPageID { LogPageID(rawValue: 0x0E) }
    /// Endurance Group Event Aggregate: 0Fh.
    @inlinable public static var enduranceGroupEvents: LogPageID { LogPageID(rawValue: 0x0F) }
    /// Media Unit Status: 10h.
    @inlinable public static var mediaUnitStatus: LogPageID { LogPageID(rawValue: 0x10) }
    /// Supported Capacity Configuration List: 11h.
    @inlinable public static var capacityConfigurations: LogPageID { LogPageID(rawValue: 0x11) }
    /// Feature Identifiers Supported and Effects: 12h.
    @inlinable public static var featureEffects: LogPageID { LogPageID(rawValue: 0x12) }
    /// NVMe-MI Commands Supported and Effects: 13h.
    @inlinable public static var managementCommandEffects: LogPageID { LogPageID(rawValue: 0x13) }
    /// Command and Feature Lockdown: 14h.
    @inlinable public static var lockdown: LogPageID { LogPageID(rawValue: 0x14) }
    /// Boot Partition: 15h.
    @inlinable public static var bootPartition: LogPageID { LogPageID(rawValue: 0x15) }
    /// Rotational Media Information: 16h.
    @inlinable public static var rotationalMedia: LogPageID { LogPageID(rawValue: 0x16) }
    /// Dispersed Namespace Participating NVM Subsystems: 17h.
    @inlinable public static var dispersedParticipants: LogPageID { LogPageID(rawValue: 0x17) }
    /// Management Address List: 18h.
    @inlinable public static var managementAddresses: LogPageID { LogPageID(rawValue: 0x18) }
    /// Physical Interface Receiver Eye Opening Measurement: 19h.
    @inlinable public static var physicalEyeOpening: LogPageID { LogPageID(rawValue: 0x19) }
    /// Reachability Groups: 1Ah.
    @inlinable public static var reachabilityGroups: LogPageID { LogPageID(rawValue: 0x1A) }
    /// Reachability Associations: 1Bh.
    @inlinable public static var reachabilityAssociations: LogPageID { LogPageID(rawValue: 0x1B) }
    /// Changed Allocated Namespace List: 1Ch.
    @inlinable public static var changedAllocatedNamespaces: LogPageID { LogPageID(rawValue: 0x1C) }
    /// FDP Configurations: 20h.
    @inlinable public static var placementConfigurations: LogPageID { LogPageID(rawValue: 0x20) }
    /// Reclaim Unit Handle Usage: 21h.
    @inlinable public static var placementHandleUsage: LogPageID { LogPageID(rawValue: 0x21) }
    /// FDP Statistics: 22h.
    @inlinable public static var placementStatistics: LogPageID { LogPageID(rawValue: 0x22) }
    /// FDP Events: 23h.
    @inlinable public static var placementEvents: LogPageID { LogPageID(rawValue: 0x23) }
    /// Discovery: 70h.
    @inlinable public static var discovery: LogPageID { LogPageID(rawValue: 0x70) }
    /// Host Discovery: 71h.
    @inlinable public static var hostDiscovery: LogPageID { LogPageID(rawValue: 0x71) }
    /// AVE Discovery: 72h.
    @inlinable public static var aveDiscovery: LogPageID { LogPageID(rawValue: 0x72) }
    /// Pull Model DDC Request: 73h.
    @inlinable public static var pullModelRequest: LogPageID { LogPageID(rawValue: 0x73) }
    /// Reservation Notification: 80h.
    @inlinable public static var reservationNotification: LogPageID { LogPageID(rawValue: 0x80) }
    /// Sanitize Status: 81h.
    @inlinable public static var sanitizeStatus: LogPageID { LogPageID(rawValue: 0x81) }
    /// Changed Zone List: BFh.
    @inlinable public static var changedZones: LogPageID { LogPageID(rawValue: 0xBF) }
}

extension LogPageID {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        LogPageID.table.first { $0.value == self }?.name
            ?? "LogPageID \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: LogPageID, name: String)] = [
        (.supportedLogPages, "Supported Log Pages"),
        (.errorInformation, "Error Information"),
        (.health, "SMART / Health Information"),
        (.firmwareSlot, "Firmware Slot Information"),
        (.changedNamespaces, "Changed Attached Namespace List"),
        (.commandEffects, "Commands Supported and Effects"),
        (.deviceSelfTest, "Device Self-test"),
        (.telemetryHost, "Telemetry Host-Initiated"),
        (.telemetryController, "Telemetry Controller-Initiated"),
        (.enduranceGroup, "Endurance Group Information"),
        (.predictableLatencySet, "Predictable Latency Per NVM Set"),
        (.predictableLatencyEvents, "Predictable Latency Event Aggregate"),
        (.asymmetricNamespaceAccess, "Asymmetric Namespace Access"),
        (.persistentEvent, "Persistent Event"),
        (.lbaStatus, "LBA Status Information"),
        (.enduranceGroupEvents, "Endurance Group Event Aggregate"),
        (.mediaUnitStatus, "Media Unit Status"),
        (.capacityConfigurations, "Supported Capacity Configuration List"),
        (.featureEffects, "Feature Identifiers Supported and Effects"),
        (.managementCommandEffects, "NVMe-MI Commands Supported and Effects"),
        (.lockdown, "Command and Feature Lockdown"),
        (.bootPartition, "Boot Partition"),
        (.rotationalMedia, "Rotational Media Information"),
        (.dispersedParticipants, "Dispersed Namespace Participating NVM Subsystems"),
        (.managementAddresses, "Management Address List"),
        (.physicalEyeOpening, "Physical Interface Receiver Eye Opening Measurement"),
        (.reachabilityGroups, "Reachability Groups"),
        (.reachabilityAssociations, "Reachability Associations"),
        (.changedAllocatedNamespaces, "Changed Allocated Namespace List"),
        (.placementConfigurations, "FDP Configurations"),
        (.placementHandleUsage, "Reclaim Unit Handle Usage"),
        (.placementStatistics, "FDP Statistics"),
        (.placementEvents, "FDP Events"),
        (.discovery, "Discovery"),
        (.hostDiscovery, "Host Discovery"),
        (.aveDiscovery, "AVE Discovery"),
        (.pullModelRequest, "Pull Model DDC Request"),
        (.reservationNotification, "Reservation Notification"),
        (.sanitizeStatus, "Sanitize Status"),
        (.changedZones, "Changed Zone List"),
    ]
}
