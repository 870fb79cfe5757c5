// The identifiers of features and what Get Features can select. GatewayCore's feature table has a row for
// each that it serves; `Features.swift` has the layouts of their values.

/// Feature Identifier (FID).
///
/// Source: NVM Express Base Specification, "Feature Identifiers"; NVM Command Set Specification, "Feature
/// Specific Information".
public struct FeatureID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Arbitration: 01h.
    @inlinable public static var arbitration: FeatureID { FeatureID(rawValue: 0x01) }
    /// Power Management: 02h.
    @inlinable public static var powerManagement: FeatureID { FeatureID(rawValue: 0x02) }
    /// LBA Range Type: 03h.
    @inlinable public static var lbaRangeType: FeatureID { FeatureID(rawValue: 0x03) }
    /// Temperature Threshold: 04h.
    @inlinable public static var temperatureThreshold: FeatureID { FeatureID(rawValue: 0x04) }
    /// Error Recovery: 05h.
    @inlinable public static var errorRecovery: FeatureID { FeatureID(rawValue: 0x05) }
    /// Volatile Write Cache: 06h.
    @inlinable public static var volatileWriteCache: FeatureID { FeatureID(rawValue: 0x06) }
    /// Number of Queues: 07h.
    @inlinable public static var numberOfQueues: FeatureID { FeatureID(rawValue: 0x07) }
    /// Interrupt Coalescing: 08h.
    @inlinable public static var interruptCoalescing: FeatureID { FeatureID(rawValue: 0x08) }
    /// Interrupt Vector Configuration: 09h.
    @inlinable public static var interruptVectorConfiguration: FeatureID { FeatureID(rawValue: 0x09) }
    /// Write Atomicity Normal: 0Ah.
    @inlinable public static var writeAtomicityNormal: FeatureID { FeatureID(rawValue: 0x0A) }
    /// Asynchronous Event Configuration: 0Bh.
    @inlinable public static var asyncEventConfiguration: FeatureID { FeatureID(rawValue: 0x0B) }
    /// Autonomous Power State Transition: 0Ch.
    @inlinable public static var autonomousPowerStateTransition: FeatureID { FeatureID(rawValue: 0x0C) }
    /// Host Memory Buffer: 0Dh.
    @inlinable public static var hostMemoryBuffer: FeatureID { FeatureID(rawValue: 0x0D) }
    /// Timestamp: 0Eh.
    @inlinable public static var timestamp: FeatureID { FeatureID(rawValue: 0x0E) }
    /// Keep Alive Timer: 0Fh.
    @inlinable public static var keepAliveTimer: FeatureID { FeatureID(rawValue: 0x0F) }
    /// Host Controlled Thermal Management: 10h.
    @inlinable public static var hostControlledThermalManagement: FeatureID { FeatureID(rawValue: 0x10) }
    /// Non-Operational Power State Config: 11h.
    @inlinable public static var nonOperationalPowerState: FeatureID { FeatureID(rawValue: 0x11) }
    /// Read Recovery Level Config: 12h.
    @inlinable public static var readRecoveryLevel: FeatureID { FeatureID(rawValue: 0x12) }
    /// Predictable Latency Mode Config: 13h.
    @inlinable public static var predictableLatencyMode: FeatureID { FeatureID(rawValue: 0x13) }
    /// Predictable Latency Mode Window: 14h.
    @inlinable public static var predictableLatencyWindow: FeatureID { FeatureID(rawValue: 0x14) }
    /// LBA Status Information Report Interval: 15h.
    @inlinable public static var lbaStatusInterval: FeatureID { FeatureID(rawValue: 0x15) }
    /// Host Behavior Support: 16h.
    @inlinable public static var hostBehaviorSupport: FeatureID { FeatureID(rawValue: 0x16) }
    /// Sanitize Config: 17h.
    @inlinable public static var sanitizeConfiguration: FeatureID { FeatureID(rawValue: 0x17) }
    /// Endurance Group Event Configuration: 18h.
    @inlinable public static var enduranceGroupEvents: FeatureID { FeatureID(rawValue: 0x18) }
    /// I/O Command Set Profile: 19h.
    @inlinable public static var commandSetProfile: FeatureID { FeatureID(rawValue: 0x19) }
    /// Spinup Control: 1Ah.
    @inlinable public static var spinupControl: FeatureID { FeatureID(rawValue: 0x1A) }
    /// Power Loss Signaling Config: 1Bh.
    @inlinable public static var powerLossSignaling: FeatureID { FeatureID(rawValue: 0x1B) }
    /// Performance Characteristics: 1Ch.
    @inlinable public static var performanceCharacteristics: FeatureID { FeatureID(rawValue: 0x1C) }
    /// Flexible Data Placement: 1Dh.
    @inlinable public static var flexibleDataPlacement: FeatureID { FeatureID(rawValue: 0x1D) }
    /// Flexible Data Placement Events: 1Eh.
    @inlinable public static var placementEvents: FeatureID { FeatureID(rawValue: 0x1E) }
    /// Namespace Admin Label: 1Fh.
    @inlinable public static var namespaceAdminLabel: FeatureID { FeatureID(rawValue: 0x1F) }
    /// Key Value Configuration: 20h.
    @inlinable public static var keyValueConfiguration: FeatureID { FeatureID(rawValue: 0x20) }
    /// Controller Data Queue: 21h.
    @inlinable public static var controllerDataQueue: FeatureID { FeatureID(rawValue: 0x21) }
    /// Embedded Management Controller Address: 78h.
    @inlinable public static var embeddedManagementAddress: FeatureID { FeatureID(rawValue: 0x78) }
    /// Host Management Agent Address: 79h.
    @inlinable public static var hostManagementAddress: FeatureID { FeatureID(rawValue: 0x79) }
    /// Enhanced Controller Metadata: 7Dh.
    @inlinable public static var enhancedControllerMetadata: FeatureID { FeatureID(rawValue: 0x7D) }
    /// Controller Metadata: 7Eh.
    @inlinable public static var controllerMetadata: FeatureID { FeatureID(rawValue: 0x7E) }
    /// Namespace Metadata: 7Fh.
    @inlinable public static var namespaceMetadata: FeatureID { FeatureID(rawValue: 0x7F) }
    /// Software Progress Marker: 80h.
    @inlinable public static var softwareProgressMarker: FeatureID { FeatureID(rawValue: 0x80) }
    /// Host Identifier: 81h.
    @inlinable public static var hostID: FeatureID { FeatureID(rawValue: 0x81) }
    /// Reservation Notification Mask: 82h.
    @inlinable public static var reservationNotificationMask: FeatureID { FeatureID(rawValue: 0x82) }
    /// Reservation Persistence: 83h.
    @inlinable public static var reservationPersistence: FeatureID { FeatureID(rawValue: 0x83) }
    /// Namespace Write Protection Config: 84h.
    @inlinable public static var namespaceWriteProtection: FeatureID { FeatureID(rawValue: 0x84) }
    /// Boot Partition Write Protection Config: 85h.
    @inlinable public static var bootPartitionWriteProtection: FeatureID { FeatureID(rawValue: 0x85) }
}

extension FeatureID {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        FeatureID.table.first { $0.value == self }?.name
            ?? "FeatureID \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: FeatureID, name: String)] = [
        (.arbitration, "Arbitration"),
        (.powerManagement, "Power Management"),
        (.lbaRangeType, "LBA Range Type"),
        (.temperatureThreshold, "Temperature Threshold"),
        (.errorRecovery, "Error Recovery"),
        (.volatileWriteCache, "Volatile Write Cache"),
        (.numberOfQueues, "Number of Queues"),
        (.interruptCoalescing, "Interrupt Coalescing"),
        (.interruptVectorConfiguration, "Interrupt Vector Configuration"),
        (.writeAtomicityNormal, "Write Atomicity Normal"),
        (.asyncEventConfiguration, "Asynchronous Event Configuration"),
        (.autonomousPowerStateTransition, "Autonomous Power State Transition"),
        (.hostMemoryBuffer, "Host Memory Buffer"),
        (.timestamp, "Timestamp"),
        (.keepAliveTimer, "Keep Alive Timer"),
        (.hostControlledThermalManagement, "Host Controlled Thermal Management"),
        (.nonOperationalPowerState, "Non-Operational Power State Config"),
        (.readRecoveryLevel, "Read Recovery Level Config"),
        (.predictableLatencyMode, "Predictable Latency Mode Config"),
        (.predictableLatencyWindow, "Predictable Latency Mode Window"),
        (.lbaStatusInterval, "LBA Status Information Report Interval"),
        (.hostBehaviorSupport, "Host Behavior Support"),
        (.sanitizeConfiguration, "Sanitize Config"),
        (.enduranceGroupEvents, "Endurance Group Event Configuration"),
        (.commandSetProfile, "I/O Command Set Profile"),
        (.spinupControl, "Spinup Control"),
        (.powerLossSignaling, "Power Loss Signaling Config"),
        (.performanceCharacteristics, "Performance Characteristics"),
        (.flexibleDataPlacement, "Flexible Data Placement"),
        (.placementEvents, "Flexible Data Placement Events"),
        (.namespaceAdminLabel, "Namespace Admin Label"),
        (.keyValueConfiguration, "Key Value Configuration"),
        (.controllerDataQueue, "Controller Data Queue"),
        (.embeddedManagementAddress, "Embedded Management Controller Address"),
        (.hostManagementAddress, "Host Management Agent Address"),
        (.enhancedControllerMetadata, "Enhanced Controller Metadata"),
        (.controllerMetadata, "Controller Metadata"),
        (.namespaceMetadata, "Namespace Metadata"),
        (.softwareProgressMarker, "Software Progress Marker"),
        (.hostID, "Host Identifier"),
        (.reservationNotificationMask, "Reservation Notification Mask"),
        (.reservationPersistence, "Reservation Persistence"),
        (.namespaceWriteProtection, "Namespace Write Protection Config"),
        (.bootPartitionWriteProtection, "Boot Partition Write Protection Config"),
    ]
}

/// Select (SEL) of Get Features: which of a feature's values.
///
/// Source: NVM Express Base Specification, "Get Features command", Select.
public struct FeatureSelect: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Current: 0h.
    @inlinable public static var current: FeatureSelect { FeatureSelect(rawValue: 0x0) }
    /// Default: 1h.
    @inlinable public static var defaultValue: FeatureSelect { FeatureSelect(rawValue: 0x1) }
    /// Saved: 2h.
    @inlinable public static var saved: FeatureSelect { FeatureSelect(rawValue: 0x2) }
    /// Supported Capabilities: 3h.
    @inlinable public static var supportedCapabilities: FeatureSelect { FeatureSelect(rawValue: 0x3) }
}

extension FeatureSelect {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        FeatureSelect.table.first { $0.value == self }?.name
            ?? "FeatureSelect \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: FeatureSelect, name: String)] = [
        (.current, "Current"),
        (.defaultValue, "Default"),
        (.saved, "Saved"),
        (.supportedCapabilities, "Supported Capabilities"),
    ]
}
