// The opcodes of the three command sets. GatewayCore's command table has a row for each that it serves; the
// names also label logs and metrics. An unknown value is a value like any other.

/// Which way a command moves data: bits 1:0 of its opcode, or of a Fabrics command's type.
///
/// Source: NVM Express Base Specification, "Submission Queue Entry", Data Transfer (DTD).
public struct DataTransfer: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No data transfer: 0h.
    @inlinable public static var none: DataTransfer { DataTransfer(rawValue: 0x0) }
    /// Host to controller: 1h.
    @inlinable public static var hostToController: DataTransfer { DataTransfer(rawValue: 0x1) }
    /// Controller to host: 2h.
    @inlinable public static var controllerToHost: DataTransfer { DataTransfer(rawValue: 0x2) }
    /// Bidirectional: 3h.
    @inlinable public static var bidirectional: DataTransfer { DataTransfer(rawValue: 0x3) }
}

extension DataTransfer {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        DataTransfer.table.first { $0.value == self }?.name
            ?? "DataTransfer \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: DataTransfer, name: String)] = [
        (.none, "No data transfer"),
        (.hostToController, "Host to controller"),
        (.controllerToHost, "Controller to host"),
        (.bidirectional, "Bidirectional"),
    ]
}

/// The opcode (OPC) of an Admin command.
///
/// Source: NVM Express Base Specification, "Admin Command Set".
public struct AdminOpcode: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Delete I/O Submission Queue: 00h.
    @inlinable public static var deleteSubmissionQueue: AdminOpcode { AdminOpcode(rawValue: 0x00) }
    /// Create I/O Submission Queue: 01h.
    @inlinable public static var createSubmissionQueue: AdminOpcode { AdminOpcode(rawValue: 0x01) }
    /// Get Log Page: 02h.
    @inlinable public static var getLogPage: AdminOpcode { AdminOpcode(rawValue: 0x02) }
    /// Delete I/O Completion Queue: 04h.
    @inlinable public static var deleteCompletionQueue: AdminOpcode { AdminOpcode(rawValue: 0x04) }
    /// Create I/O Completion Queue: 05h.
    @inlinable public static var createCompletionQueue: AdminOpcode { AdminOpcode(rawValue: 0x05) }
    /// Identify: 06h.
    @inlinable public static var identify: AdminOpcode { AdminOpcode(rawValue: 0x06) }
    /// Abort: 08h.
    @inlinable public static var abort: AdminOpcode { AdminOpcode(rawValue: 0x08) }
    /// Set Features: 09h.
    @inlinable public static var setFeatures: AdminOpcode { AdminOpcode(rawValue: 0x09) }
    /// Get Features: 0Ah.
    @inlinable public static var getFeatures: AdminOpcode { AdminOpcode(rawValue: 0x0A) }
    /// Asynchronous Event Request: 0Ch.
    @inlinable public static var asyncEventRequest: AdminOpcode { AdminOpcode(rawValue: 0x0C) }
    /// Namespace Management: 0Dh.
    @inlinable public static var namespaceManagement: AdminOpcode { AdminOpcode(rawValue: 0x0D) }
    /// Firmware Commit: 10h.
    @inlinable public static var firmwareCommit: AdminOpcode { AdminOpcode(rawValue: 0x10) }
    /// Firmware Image Download: 11h.
    @inlinable public static var firmwareImageDownload: AdminOpcode { AdminOpcode(rawValue: 0x11) }
    /// Device Self-test: 14h.
    @inlinable public static var deviceSelfTest: AdminOpcode { AdminOpcode(rawValue: 0x14) }
    /// Namespace Attachment: 15h.
    @inlinable public static var namespaceAttachment: AdminOpcode { AdminOpcode(rawValue: 0x15) }
    /// Keep Alive: 18h.
    @inlinable public static var keepAlive: AdminOpcode { AdminOpcode(rawValue: 0x18) }
    /// Directive Send: 19h.
    @inlinable public static var directiveSend: AdminOpcode { AdminOpcode(rawValue: 0x19) }
    /// Directive Receive: 1Ah.
    @inlinable public static var directiveReceive: AdminOpcode { AdminOpcode(rawValue: 0x1A) }
    /// Virtualization Management: 1Ch.
    @inlinable public static var virtualizationManagement: AdminOpcode { AdminOpcode(rawValue: 0x1C) }
    /// NVMe-MI Send: 1Dh.
    @inlinable public static var managementInterfaceSend: AdminOpcode { AdminOpcode(rawValue: 0x1D) }
    /// NVMe-MI Receive: 1Eh.
    @inlinable public static var managementInterfaceReceive: AdminOpcode { AdminOpcode(rawValue: 0x1E) }
    /// Capacity Management: 20h.
    @inlinable public static var capacityManagement: AdminOpcode { AdminOpcode(rawValue: 0x20) }
    /// Discovery Information Management: 21h.
    @inlinable public static var discoveryInformationManagement: AdminOpcode { AdminOpcode(rawValue: 0x21) }
    /// Fabric Zoning Receive: 22h.
    @inlinable public static var fabricZoningReceive: AdminOpcode { AdminOpcode(rawValue: 0x22) }
    /// Lockdown: 24h.
    @inlinable public static var lockdown: AdminOpcode { AdminOpcode(rawValue: 0x24) }
    /// Fabric Zoning Lookup: 25h.
    @inlinable public static var fabricZoningLookup: AdminOpcode { AdminOpcode(rawValue: 0x25) }
    /// Clear Exported NVM Resource Configuration: 28h.
    @inlinable public static var clearExportedConfiguration: AdminOpcode { AdminOpcode(rawValue: 0x28) }
    /// Fabric Zoning Send: 29h.
    @inlinable public static var fabricZoningSend: AdminOpcode { AdminOpcode(rawValue: 0x29) }
    /// Create Exported NVM Subsystem: 2Ah.
    @inlinable public static var createExportedSubsystem: AdminOpcode { AdminOpcode(rawValue: 0x2A) }
    /// Manage Exported NVM Subsystem: 2Dh.
    @inlinable public static var manageExportedSubsystem: AdminOpcode { AdminOpcode(rawValue: 0x2D) }
    /// Manage Exported Namespace: 31h.
    @inlinable public static var manageExportedNamespace: AdminOpcode { AdminOpcode(rawValue: 0x31) }
    /// Manage Exported Port: 35h.
    @inlinable public static var manageExportedPort: AdminOpcode { AdminOpcode(rawValue: 0x35) }
    /// Send Discovery Log Page: 39h.
    @inlinable public static var sendDiscoveryLogPage: AdminOpcode { AdminOpcode(rawValue: 0x39) }
    /// Track Send: 3Dh.
    @inlinable public static var trackSend: AdminOpcode { AdminOpcode(rawValue: 0x3D) }
    /// Track Receive: 3Eh.
    @inlinable public static var trackReceive: AdminOpcode { AdminOpcode(rawValue: 0x3E) }
    /// Migration Send: 41h.
    @inlinable public static var migrationSend: AdminOpcode { AdminOpcode(rawValue: 0x41) }
    /// Migration Receive: 42h.
    @inlinable public static var migrationReceive: AdminOpcode { AdminOpcode(rawValue: 0x42) }
    /// Controller Data Queue: 45h.
    @inlinable public static var controllerDataQueue: AdminOpcode { AdminOpcode(rawValue: 0x45) }
    /// Doorbell Buffer Config: 7Ch.
    @inlinable public static var doorbellBufferConfig: AdminOpcode { AdminOpcode(rawValue: 0x7C) }
    /// Fabrics commands: 7Fh.
    @inlinable public static var fabrics: AdminOpcode { AdminOpcode(rawValue: 0x7F) }
    /// Format NVM: 80h.
    @inlinable public static var formatNVM: AdminOpcode { AdminOpcode(rawValue: 0x80) }
    /// Security Send: 81h.
    @inlinable public static var securitySend: AdminOpcode { AdminOpcode(rawValue: 0x81) }
    /// Security Receive: 82h.
    @inlinable public static var securityReceive: AdminOpcode { AdminOpcode(rawValue: 0x82) }
    /// Sanitize: 84h.
    @inlinable public static var sanitize: AdminOpcode { AdminOpcode(rawValue: 0x84) }
    /// Load Program: 85h.
    @inlinable public static var loadProgram: AdminOpcode { AdminOpcode(rawValue: 0x85) }
    /// Get LBA Status: 86h.
    @inlinable public static var getLBAStatus: AdminOpcode { AdminOpcode(rawValue: 0x86) }
    /// Program Activation Management: 88h.
    @inlinable public static var programActivationManagement: AdminOpcode { AdminOpcode(rawValue: 0x88) }
    /// Memory Range Set Management: 89h.
    @inlinable public static var memoryRangeSetManagement: AdminOpcode { AdminOpcode(rawValue: 0x89) }

    /// Which way the command's data goes.
    @inlinable public var transfer: DataTransfer { DataTransfer(rawValue: rawValue & 0x3) }
}

extension AdminOpcode {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        AdminOpcode.table.first { $0.value == self }?.name
            ?? "AdminOpcode \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: AdminOpcode, name: String)] = [
        (.deleteSubmissionQueue, "Delete I/O Submission Queue"),
        (.createSubmissionQueue, "Create I/O Submission Queue"),
        (.getLogPage, "Get Log Page"),
        (.deleteCompletionQueue, "Delete I/O Completion Queue"),
        (.createCompletionQueue, "Create I/O Completion Queue"),
        (.identify, "Identify"),
        (.abort, "Abort"),
        (.setFeatures, "Set Features"),
        (.getFeatures, "Get Features"),
        (.asyncEventRequest, "Asynchronous Event Request"),
        (.namespaceManagement, "Namespace Management"),
        (.firmwareCommit, "Firmware Commit"),
        (.firmwareImageDownload, "Firmware Image Download"),
        (.deviceSelfTest, "Device Self-test"),
        (.namespaceAttachment, "Namespace Attachment"),
        (.keepAlive, "Keep Alive"),
        (.directiveSend, "Directive Send"),
        (.directiveReceive, "Directive Receive"),
        (.virtualizationManagement, "Virtualization Management"),
        (.managementInterfaceSend, "NVMe-MI Send"),
        (.managementInterfaceReceive, "NVMe-MI Receive"),
        (.capacityManagement, "Capacity Management"),
        (.discoveryInformationManagement, "Discovery Information Management"),
        (.fabricZoningReceive, "Fabric Zoning Receive"),
        (.lockdown, "Lockdown"),
        (.fabricZoningLookup, "Fabric Zoning Lookup"),
        (.clearExportedConfiguration, "Clear Exported NVM Resource Configuration"),
        (.fabricZoningSend, "Fabric Zoning Send"),
        (.createExportedSubsystem, "Create Exported NVM Subsystem"),
        (.manageExportedSubsystem, "Manage Exported NVM Subsystem"),
        (.manageExportedNamespace, "Manage Exported Namespace"),
        (.manageExportedPort, "Manage Exported Port"),
        (.sendDiscoveryLogPage, "Send Discovery Log Page"),
        (.trackSend, "Track Send"),
        (.trackReceive, "Track Receive"),
        (.migrationSend, "Migration Send"),
        (.migrationReceive, "Migration Receive"),
        (.controllerDataQueue, "Controller Data Queue"),
        (.doorbellBufferConfig, "Doorbell Buffer Config"),
        (.fabrics, "Fabrics commands"),
        (.formatNVM, "Format NVM"),
        (.securitySend, "Security Send"),
        (.securityReceive, "Security Receive"),
        (.sanitize, "Sanitize"),
        (.loadProgram, "Load Program"),
        (.getLBAStatus, "Get LBA Status"),
        (.programActivationManagement, "Program Activation Management"),
        (.memoryRangeSetManagement, "Memory Range Set Management"),
    ]
}

/// The opcode (OPC) of an I/O command of the NVM and Zoned Namespace command sets.
///
/// Source: NVM Express Base Specification, "I/O Commands"; NVM Command Set Specification, "I/O Command Set".
public struct IOOpcode: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Flush: 00h.
    @inlinable public static var flush: IOOpcode { IOOpcode(rawValue: 0x00) }
    /// Write: 01h.
    @inlinable public static var write: IOOpcode { IOOpcode(rawValue: 0x01) }
    /// Read: 02h.
    @inlinable public static var read: IOOpcode { IOOpcode(rawValue: 0x02) }
    /// Write Uncorrectable: 04h.
    @inlinable public static var writeUncorrectable: IOOpcode { IOOpcode(rawValue: 0x04) }
    /// Compare: 05h.
    @inlinable public static var compare: IOOpcode { IOOpcode(rawValue: 0x05) }
    /// Write Zeroes: 08h.
    @inlinable public static var writeZeroes: IOOpcode { IOOpcode(rawValue: 0x08) }
    /// Dataset Management: 09h.
    @inlinable public static var datasetManagement: IOOpcode { IOOpcode(rawValue: 0x09) }
    /// Verify: 0Ch.
    @inlinable public static var verify: IOOpcode { IOOpcode(rawValue: 0x0C) }
    /// Reservation Register: 0Dh.
    @inlinable public static var reservationRegister: IOOpcode { IOOpcode(rawValue: 0x0D) }
    /// Reservation Report: 0Eh.
    @inlinable public static var reservationReport: IOOpcode { IOOpcode(rawValue: 0x0E) }
    /// Reservation Acquire: 11h.
    @inlinable public static var reservationAcquire: IOOpcode { IOOpcode(rawValue: 0x11) }
    /// I/O Management Receive: 12h.
    @inlinable public static var ioManagementReceive: IOOpcode { IOOpcode(rawValue: 0x12) }
    /// Reservation Release: 15h.
    @inlinable public static var reservationRelease: IOOpcode { IOOpcode(rawValue: 0x15) }
    /// Cancel: 18h.
    @inlinable public static var cancel: IOOpcode { IOOpcode(rawValue: 0x18) }
    /// Copy: 19h.
    @inlinable public static var copy: IOOpcode { IOOpcode(rawValue: 0x19) }
    /// I/O Management Send: 1Dh.
    @inlinable public static var ioManagementSend: IOOpcode { IOOpcode(rawValue: 0x1D) }
    /// Zone Management Send: 79h.
    @inlinable public static var zoneManagementSend: IOOpcode { IOOpcode(rawValue: 0x79) }
    /// Zone Management Receive: 7Ah.
    @inlinable public static var zoneManagementReceive: IOOpcode { IOOpcode(rawValue: 0x7A) }
    /// Zone Append: 7Dh.
    @inlinable public static var zoneAppend: IOOpcode { IOOpcode(rawValue: 0x7D) }
    /// Fabrics commands: 7Fh.
    @inlinable public static var fabrics: IOOpcode { IOOpcode(rawValue: 0x7F) }

    /// Which way the command's data goes.
    @inlinable public var transfer: DataTransfer { DataTransfer(rawValue: rawValue & 0x3) }
}

extension IOOpcode {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        IOOpcode.table.first { $0.value == self }?.name
            ?? "IOOpcode \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: IOOpcode, name: String)] = [
        (.flush, "Flush"),
        (.write, "Write"),
        (.read, "Read"),
        (.writeUncorrectable, "Write Uncorrectable"),
        (.compare, "Compare"),
        (.writeZeroes, "Write Zeroes"),
        (.datasetManagement, "Dataset Management"),
        (.verify, "Verify"),
        (.reservationRegister, "Reservation Register"),
        (.reservationReport, "Reservation Report"),
        (.reservationAcquire, "Reservation Acquire"),
        (.ioManagementReceive, "I/O Management Receive"),
        (.reservationRelease, "Reservation Release"),
        (.cancel, "Cancel"),
        (.copy, "Copy"),
        (.ioManagementSend, "I/O Management Send"),
        (.zoneManagementSend, "Zone Management Send"),
        (.zoneManagementReceive, "Zone Management Receive"),
        (.zoneAppend, "Zone Append"),
        (.fabrics, "Fabrics commands"),
    ]
}

/// The type (FCTYPE) of a Fabrics command, whose opcode is 7Fh.
///
/// Source: NVM Express Base Specification, "Fabrics Command Set".
public struct FabricsType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Property Set: 00h.
    @inlinable public static var propertySet: FabricsType { FabricsType(rawValue: 0x00) }
    /// Connect: 01h.
    @inlinable public static var connect: FabricsType { FabricsType(rawValue: 0x01) }
    /// Property Get: 04h.
    @inlinable public static var propertyGet: FabricsType { FabricsType(rawValue: 0x04) }
    /// Authentication Send: 05h.
    @inlinable public static var authenticationSend: FabricsType { FabricsType(rawValue: 0x05) }
    /// Authentication Receive: 06h.
    @inlinable public static var authenticationReceive: FabricsType { FabricsType(rawValue: 0x06) }
    /// Disconnect: 08h.
    @inlinable public static var disconnect: FabricsType { FabricsType(rawValue: 0x08) }

    /// Which way the command's data goes.
    @inlinable public var transfer: DataTransfer { DataTransfer(rawValue: rawValue & 0x3) }
}

extension FabricsType {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        FabricsType.table.first { $0.value == self }?.name
            ?? "FabricsType \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: FabricsType, name: String)] = [
        (.propertySet, "Property Set"),
        (.connect, "Connect"),
        (.propertyGet, "Property Get"),
        (.authenticationSend, "Authentication Send"),
        (.authenticationReceive, "Authentication Receive"),
        (.disconnect, "Disconnect"),
    ]
}
