// THE command table: a row for each opcode of the admin, Fabrics and NVM command sets, served or not. The
// dispatchers look commands up here, the Commands Supported and Effects log and the documentation are made
// from it. A look-up is an array access: I/O commands pay it each.

internal import NVMeTCP

/// The commands, by opcode.
enum CommandTable {
    /// The admin command with this opcode. Nil for opcodes that no specification gives a meaning, and for
    /// 7Fh: Fabrics.
    static func admin(_ opcode: UInt8) -> CommandRow<AdminAction>? { adminByOpcode[Int(opcode)] }

    /// The Fabrics command of this type (FCTYPE).
    static func fabrics(_ type: UInt8) -> CommandRow<FabricsAction>? { fabricsByType[Int(type)] }

    /// The I/O command with this opcode. Nil also for 7Fh: Fabrics.
    static func io(_ opcode: UInt8) -> CommandRow<IOAction>? { ioByOpcode[Int(opcode)] }

    /// What serves the I/O command with this opcode; nil if nothing does.
    static func ioDispatch(_ opcode: UInt8) -> IODispatch? { ioDispatchByOpcode[Int(opcode)] }

    /// Whether the entry is a Fabrics command of this kind.
    static func isFabrics(_ command: SubmissionEntry, _ action: FabricsAction) -> Bool {
        command.opcode == AdminOpcode.fabrics.rawValue && fabrics(command.fabricsType)?.action == action
    }

    private static let adminByOpcode = byOpcode(adminRows)
    private static let fabricsByType = byOpcode(fabricsRows)
    private static let ioByOpcode = byOpcode(ioRows)
    private static let ioDispatchByOpcode = ioByOpcode.map { row in
        row?.action.map { IODispatch(action: $0, access: row?.access ?? .none) }
    }

    private static func byOpcode<Action>(_ rows: [CommandRow<Action>]) -> [CommandRow<Action>?] {
        var table = [CommandRow<Action>?](repeating: nil, count: 256)
        for row in rows {
            precondition(table[Int(row.opcode)] == nil, "one row an opcode")
            table[Int(row.opcode)] = row
        }
        return table
    }
}

/// What is needed of an I/O command's row for each command: a row is too long to be copied every time.
struct IODispatch: BitwiseCopyable {
    let action: IOAction
    let access: BlockAccess
}

extension CommandTable {
    /// Admin commands. Source: NVM Express Base Specification, "Opcodes for Admin Commands".
    static let adminRows: [CommandRow<AdminAction>] = [
        CommandRow(0x00, "Delete I/O Submission Queue"),
        CommandRow(0x01, "Create I/O Submission Queue"),
        CommandRow(
            0x02, "Get Log Page", .getLogPage, on: .all, length: .numberOfDwords, scope: .controller),
        CommandRow(0x04, "Delete I/O Completion Queue"),
        CommandRow(0x05, "Create I/O Completion Queue"),
        CommandRow(
            0x06, "Identify", .identify, on: .all, length: .fixed(4096),
            scope: [.namespace, .controller]),
        CommandRow(0x08, "Abort", .abort, on: .io, scope: .controller),
        CommandRow(
            0x09, "Set Features", .setFeatures, on: .all, length: .feature,
            scope: [.namespace, .controller]),
        CommandRow(
            0x0A, "Get Features", .getFeatures, on: .all, length: .feature,
            scope: [.namespace, .controller]),
        CommandRow(
            0x0C, "Asynchronous Event Request", .asyncEventRequest, on: .all, scope: .controller),
        CommandRow(0x0D, "Namespace Management"),
        CommandRow(0x10, "Firmware Commit"),
        CommandRow(0x11, "Firmware Image Download"),
        CommandRow(0x14, "Device Self-test"),
        CommandRow(0x15, "Namespace Attachment"),
        CommandRow(0x18, "Keep Alive", .keepAlive, on: .all, scope: .controller),
        CommandRow(0x19, "Directive Send"),
        CommandRow(0x1A, "Directive Receive"),
        CommandRow(0x1C, "Virtualization Management"),
        CommandRow(0x1D, "NVMe-MI Send"),
        CommandRow(0x1E, "NVMe-MI Receive"),
        CommandRow(0x20, "Capacity Management"),
        CommandRow(0x21, "Discovery Information Management"),
        CommandRow(0x22, "Fabric Zoning Receive"),
        CommandRow(0x24, "Lockdown"),
        CommandRow(0x25, "Fabric Zoning Lookup"),
        CommandRow(0x28, "Clear Exported NVM Resource Configuration"),
        CommandRow(0x29, "Fabric Zoning Send"),
        CommandRow(0x2A, "Create Exported NVM Subsystem"),
        CommandRow(0x2D, "Manage Exported NVM Subsystem"),
        CommandRow(0x31, "Manage Exported Namespace"),
        CommandRow(0x35, "Manage Exported Port"),
        CommandRow(0x39, "Send Discovery Log Page"),
        CommandRow(0x3D, "Track Send"),
        CommandRow(0x3E, "Track Receive"),
        CommandRow(0x41, "Migration Send"),
        CommandRow(0x42, "Migration Receive"),
        CommandRow(0x45, "Controller Data Queue"),
        CommandRow(0x7C, "Doorbell Buffer Config"),
        CommandRow(0x80, "Format NVM"),
        CommandRow(0x81, "Security Send"),
        CommandRow(0x82, "Security Receive"),
        CommandRow(0x84, "Sanitize"),
        CommandRow(0x85, "Load Program"),
        CommandRow(0x86, "Get LBA Status"),
        CommandRow(0x88, "Program Activation Management"),
        CommandRow(0x89, "Memory Range Set Management"),
    ]

    /// Fabrics commands. Source: NVM Express Base Specification, "Fabrics Command Set".
    static let fabricsRows: [CommandRow<FabricsAction>] = [
        CommandRow(0x00, "Property Set", .propertySet, on: .all, scope: .controller),
        CommandRow(
            0x01, "Connect", .connect, on: .all, length: .fixed(ConnectData.byteCount), scope: .controller),
        CommandRow(0x04, "Property Get", .propertyGet, on: .all, scope: .controller),
        CommandRow(0x05, "Authentication Send"),
        CommandRow(0x06, "Authentication Receive"),
        CommandRow(0x08, "Disconnect", .disconnect, on: .io, scope: .controller),
    ]

    /// I/O commands. Source: NVM Express Base Specification, "Opcodes for I/O Commands"; NVM Command Set
    /// Specification, "Opcodes for NVM Commands". They report no scope (CSP 0): all are about their
    /// namespace, and Linux warns of an I/O command that reports anything beyond being supported and changing
    /// blocks.
    static let ioRows: [CommandRow<IOAction>] = [
        CommandRow(0x00, "Flush", .flush, on: .io, access: .maintain),
        CommandRow(
            0x01, "Write", .write, on: .io, length: .blocks, access: .write),
        CommandRow(0x02, "Read", .read, on: .io, length: .blocks, access: .read),
        CommandRow(0x04, "Write Uncorrectable"),
        CommandRow(0x05, "Compare", .compare, on: .io, length: .blocks, access: .read),
        CommandRow(0x08, "Write Zeroes", .writeZeroes, on: .io, access: .write),
        CommandRow(
            0x09, "Dataset Management", .datasetManagement, on: .io, length: .ranges, access: .write),
        CommandRow(0x0C, "Verify", .verify, on: .io, access: .read),
        CommandRow(
            0x0D, "Reservation Register", .reservationRegister, on: .io,
            length: .fixed(ReservationRegisterData.byteCount)),
        CommandRow(0x0E, "Reservation Report", .reservationReport, on: .io, length: .numberOfDwords),
        CommandRow(
            0x11, "Reservation Acquire", .reservationAcquire, on: .io,
            length: .fixed(ReservationAcquireData.byteCount)),
        CommandRow(0x12, "I/O Management Receive"),
        CommandRow(
            0x15, "Reservation Release", .reservationRelease, on: .io,
            length: .fixed(ReservationReleaseData.byteCount)),
        CommandRow(0x18, "Cancel"),
        CommandRow(0x19, "Copy", .copy, on: .io, length: .ranges, access: .write),
        CommandRow(0x1D, "I/O Management Send"),
    ]
}
