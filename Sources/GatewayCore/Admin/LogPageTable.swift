// The log pages: one row each, and the fields of Get Log Page. The Supported Log Pages log is made from the
// rows.

internal import NVMeTCP

/// One log page.
struct LogPageRow {
    let id: LogPageID
    let name: StaticString
    let controllers: ControllerTypes
    /// LID Specific Parameter (LIDSP) of the Supported Log Pages log.
    var parameter: UInt16 = 0
}

/// The log pages of this target.
///
/// Source: NVM Express Base Specification, "Get Log Page command"; "I/O Controller" and "Discovery
/// Controller", Log Page Support.
enum LogPageTable {
    static let rows = [
        LogPageRow(id: .supportedLogPages, name: "Supported Log Pages", controllers: .all),
        LogPageRow(id: .errorInformation, name: "Error Information", controllers: .all),
        LogPageRow(id: .health, name: "SMART / Health Information", controllers: .io),
        LogPageRow(id: .firmwareSlot, name: "Firmware Slot Information", controllers: .io),
        LogPageRow(id: .changedNamespaces, name: "Changed Attached Namespace List", controllers: .io),
        LogPageRow(id: .commandEffects, name: "Commands Supported and Effects", controllers: .all),
        LogPageRow(
            id: .asymmetricNamespaceAccess, name: "Asymmetric Namespace Access", controllers: .asymmetricIO),
        LogPageRow(
            id: .featureEffects, name: "Feature Identifiers Supported and Effects", controllers: .all),
        LogPageRow(
            id: .managementCommandEffects, name: "NVMe-MI Commands Supported and Effects", controllers: .all),
        LogPageRow(id: .reservationNotification, name: "Reservation Notification", controllers: .io),
        // Port local entries only (PLEOS). Extended entries and all entries of the NVM subsystem are not
        // supported: hosts that ask for them get the log that they may see.
        LogPageRow(id: .discovery, name: "Discovery", controllers: .discovery, parameter: 1 << 1),
    ]

    static func row(_ id: LogPageID, on type: ControllerTypes) -> LogPageRow? {
        rows.first { $0.id == id && $0.controllers.contains(type) }
    }

    /// The Supported Log Pages log of such a controller. No page has an index offset.
    static func supported(on type: ControllerTypes) -> SupportedLogPages {
        var log = SupportedLogPages()
        for row in rows where row.controllers.contains(type) {
            var support = SupportedLogPages.Support.supported
            support.parameter = row.parameter
            log.pages[row.id] = support
        }
        return log
    }
}

/// A Get Log Page command's fields.
///
/// Source: NVM Express Base Specification, "Get Log Page command".
struct LogPageRequest {
    /// Log Page Identifier (LID), CDW10 bits 7:0.
    let id: LogPageID
    /// Log Specific Parameter (LSP), CDW10 bits 14:8.
    let parameter: UInt8
    /// Retain Asynchronous Event (RAE), CDW10 bit 15.
    let retainsEvent: Bool
    /// Number of Dwords (NUMDU and NUMDL), CDW11 bits 15:0 and CDW10 bits 31:16; 0's based on the wire.
    let dwordCount: UInt64
    /// Log Page Offset (LPOU and LPOL), CDW13 and CDW12, in bytes.
    let offset: UInt64
    /// Offset Type (OT), CDW14 bit 23: the offset is an index.
    let isIndexed: Bool
    /// Command Set Identifier (CSI), CDW14 bits 31:24.
    let commandSet: CommandSetID
    let namespaceID: UInt32

    init(_ command: SubmissionEntry) {
        id = LogPageID(rawValue: UInt8(truncatingIfNeeded: command.dword10))
        parameter = UInt8(truncatingIfNeeded: command.dword10 >> 8) & 0x7F
        retainsEvent = command.dword10 & 1 << 15 != 0
        dwordCount = (UInt64(command.dword11 & 0xFFFF) << 16 | UInt64(command.dword10 >> 16)) + 1
        offset = UInt64(command.dword13) << 32 | UInt64(command.dword12)
        isIndexed = command.dword14 & 1 << 23 != 0
        commandSet = CommandSetID(rawValue: UInt8(truncatingIfNeeded: command.dword14 >> 24))
        namespaceID = command.namespaceID
    }

    /// The length of the reply, in bytes.
    ///
    /// - Throws: Invalid Field in Command if it is longer than a command's data may be (MDTS).
    func byteCount(limits: Limits) throws(CommandFailure) -> Int {
        guard dwordCount <= UInt64(limits.transferBytesMax / 4) else { throw .invalidField(byte: 42) }
        return Int(dwordCount) * 4
    }
}
