// One row of the command table: everything the target knows about a command apart from the code that serves
// it. Dispatch, data transfer, the Commands Supported and Effects log and the documentation are derived from
// the rows.

internal import NVMeTCP

/// What serves an admin command.
enum AdminAction: UInt8, CaseIterable, BitwiseCopyable {
    case getLogPage
    case identify
    case abort
    case setFeatures
    case getFeatures
    case asyncEventRequest
    case keepAlive
}

/// What serves a Fabrics command.
enum FabricsAction: UInt8, CaseIterable, BitwiseCopyable {
    case propertySet
    case connect
    case propertyGet
    case disconnect
}

/// How much data a command moves, and which way.
struct CommandTransfer: Equatable, BitwiseCopyable {
    var direction: DataDirection
    var byteCount: Int

    static let none = CommandTransfer(direction: .none, byteCount: 0)
}

/// How the length of a command's data is known.
enum TransferLength: Equatable, BitwiseCopyable {
    case none
    /// Always so many bytes.
    case fixed(Int)
    /// Get Log Page and Reservation Report: the Number of Dwords fields.
    case numberOfDwords
    /// Set and Get Features: the feature's row says.
    case feature
    /// I/O: the number of logical blocks, or of ranges.
    case blocks
    case ranges
}

/// What a command does to the blocks of its namespace, as those see it who may refuse it (Admission.swift).
enum BlockAccess: UInt8, BitwiseCopyable {
    /// Nothing.
    case none
    case read
    case write
    /// Changes no block, and belongs to the writes all the same where reservations tell groups of commands
    /// apart: Flush, and Dataset Management that only hints.
    case maintain
}

/// Which controllers have a command.
struct ControllerTypes: OptionSet, BitwiseCopyable {
    let rawValue: UInt8

    /// I/O controllers of a subsystem that reports no ANA, and of one that does.
    static let symmetricIO = ControllerTypes(rawValue: 1 << 0)
    static let asymmetricIO = ControllerTypes(rawValue: 1 << 1)
    static let io: ControllerTypes = [.symmetricIO, .asymmetricIO]
    static let discovery = ControllerTypes(rawValue: 1 << 2)
    static let all: ControllerTypes = [.io, .discovery]
}

/// One command: everything that is known about it.
struct CommandRow<Action: BitwiseCopyable & Sendable>: Sendable {
    /// The opcode, or a Fabrics command's type.
    let opcode: UInt8
    let name: StaticString
    /// What serves it; nil if it is refused with Invalid Command Opcode (a Fabrics command: Invalid Field in
    /// Command).
    let action: Action?
    let controllers: ControllerTypes
    let length: TransferLength
    /// What it is about (CSP).
    let scope: EffectScope
    /// What an I/O command does to its namespace's blocks.
    let access: BlockAccess

    init(
        _ opcode: UInt8, _ name: StaticString, _ action: Action? = nil, on controllers: ControllerTypes = [],
        length: TransferLength = .none, scope: EffectScope = [], access: BlockAccess = .none
    ) {
        self.opcode = opcode
        self.name = name
        self.action = action
        self.controllers = controllers
        self.length = length
        self.scope = scope
        self.access = access
    }

    /// Whether it may change data (LBCC).
    var changesBlocks: Bool { access == .write }

    var isImplemented: Bool { action != nil }

    /// Which way the data goes: bits 1:0 of the opcode, unless there is none at all.
    var direction: DataDirection {
        guard length != .none else { return .none }
        switch opcode & 0x3 {
        case 1: return .hostToController
        case 2: return .controllerToHost
        default: return .none
        }
    }

    /// The row as the Commands Supported and Effects log of such a controller shows it; nil if it has no
    /// such command.
    func effects(on type: ControllerTypes) -> CommandEffects? {
        guard isImplemented, controllers.contains(type) else { return nil }
        var effects = CommandEffects.supported
        effects.changesBlocks = changesBlocks
        effects.scope = scope
        return effects
    }
}
