// The data structures that Identify returns: one row a CNS value, and the command's fields.

internal import NVMeTCP

/// What a CNS value's structure is about.
enum IdentifySubject: UInt8, BitwiseCopyable {
    case namespace
    case namespaceNVM
    case namespaceIndependent
    case namespaceDescriptors
    case controller
    case controllerNVM
    case activeNamespaces
    case activeNamespacesNVM
    case commandSets
}

/// One CNS value.
struct IdentifyRow {
    let cns: IdentifyCNS
    let name: StaticString
    let subject: IdentifySubject
    let controllers: ControllerTypes
    /// Whether the Command Set Identifier (CSI) chooses among command sets.
    let usesCommandSet: Bool

    init(
        _ cns: IdentifyCNS, _ name: StaticString, _ subject: IdentifySubject,
        on controllers: ControllerTypes = .io,
        usesCommandSet: Bool = false
    ) {
        self.cns = cns
        self.name = name
        self.subject = subject
        self.controllers = controllers
        self.usesCommandSet = usesCommandSet
    }
}

/// The CNS values of this target.
///
/// Source: NVM Express Base Specification, "Identify command"; "I/O Controller" and "Discovery Controller",
/// Identify data structure support.
enum IdentifyTable {
    static let rows = [
        IdentifyRow(.namespace, "Identify Namespace", .namespace),
        IdentifyRow(.controller, "Identify Controller", .controller, on: .all),
        IdentifyRow(.activeNamespaces, "Active Namespace ID list", .activeNamespaces),
        IdentifyRow(
            .namespaceDescriptors, "Namespace Identification Descriptor list", .namespaceDescriptors),
        IdentifyRow(
            .commandSetNamespace, "I/O Command Set specific Identify Namespace", .namespaceNVM,
            usesCommandSet: true),
        IdentifyRow(
            .commandSetController, "I/O Command Set specific Identify Controller", .controllerNVM,
            usesCommandSet: true),
        IdentifyRow(
            .commandSetActiveNamespaces, "I/O Command Set specific Active Namespace ID list",
            .activeNamespacesNVM, usesCommandSet: true),
        IdentifyRow(
            .independentNamespace, "I/O Command Set Independent Identify Namespace", .namespaceIndependent),
        IdentifyRow(.commandSets, "Identify I/O Command Set", .commandSets),
    ]

    static func row(_ cns: IdentifyCNS, on type: ControllerTypes) -> IdentifyRow? {
        rows.first { $0.cns == cns && $0.controllers.contains(type) }
    }
}

/// An Identify command's fields.
///
/// Source: NVM Express Base Specification, "Identify command".
struct IdentifyRequest {
    /// Controller or Namespace Structure (CNS), CDW10 bits 7:0.
    let cns: IdentifyCNS
    /// Controller Identifier (CNTID), CDW10 bits 31:16.
    let controllerID: UInt16
    /// Command Set Identifier (CSI), CDW11 bits 31:24.
    let commandSet: CommandSetID
    let namespaceID: UInt32

    init(_ command: SubmissionEntry) {
        cns = IdentifyCNS(rawValue: UInt8(truncatingIfNeeded: command.dword10))
        controllerID = UInt16(truncatingIfNeeded: command.dword10 >> 16)
        commandSet = CommandSetID(rawValue: UInt8(truncatingIfNeeded: command.dword11 >> 24))
        namespaceID = command.namespaceID
    }
}
