// Docs/Commands.md is made from the tables that dispatch. This test makes it again and compares; with
// GATEWAYD_WRITE_DOCS=1 in the environment it writes the page instead.

import Foundation
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Command reference")
struct CommandReferenceTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Docs/Commands.md").standardizedFileURL

    @Test("Docs/Commands.md says what the tables say")
    func isCurrent() throws {
        let text = Self.text
        if ProcessInfo.processInfo.environment["GATEWAYD_WRITE_DOCS"] == "1" {
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(
            written == text,
            "run GATEWAYD_WRITE_DOCS=1 swift test --filter CommandReferenceTests, and commit Docs/Commands.md"
        )
    }

    private static var text: String {
        """
        # What a host may ask for

        Made from the tables of `Sources/GatewayCore` by `GATEWAYD_WRITE_DOCS=1 swift test --filter
        CommandReferenceTests`; do not edit. Everything that the specifications name is listed, with the
        controllers that have it or the status that refuses it (with Do Not Retry). What is not listed is
        reserved or a vendor's own, and refused alike. The label is the value that metrics have for it.

        Compare and Write, the fused operation, is offered on namespaces whose store does it itself, one
        block at a time (FUSES; ACWU and NACWU are 0;
        [Decision 0008](Decisions/0008-a-fused-pair-is-one-request.md)). Elsewhere, and on all other commands,
        FUSE is Invalid Field in Command.

        Not offered yet: end-to-end protection and metadata, namespace management, authentication, TLS.

        A namespace that is not for the host is an inactive one in every answer. Where ANA is reported,
        commands for a namespace in the ANA Inaccessible, Persistent Loss or Change state are answered with
        Asymmetric Access Inaccessible, Persistent Loss or Transition and not Do Not Retry: all I/O
        commands, and Get and Set Features of what is a namespace's. Other admin commands are served.

        The reservation commands are for namespaces that no other gateway serves; others answer them with
        Invalid Command Opcode. Who may do what while a namespace is reserved follows from a column of the
        command table: see Reservations.md.

        ## Admin commands

        \(commands(CommandTable.adminRows, refusedWith: "Invalid Command Opcode"))

        ## Fabrics commands

        By type (FCTYPE).

        \(commands(CommandTable.fabricsRows, refusedWith: "Invalid Field in Command"))

        ## I/O commands

        \(commands(CommandTable.ioRows, refusedWith: "Invalid Command Opcode"))

        ## Properties

        All other offsets are Invalid Field in Command.

        | offset | property | bytes | Property Set |
        | --- | --- | --- | --- |
        \(properties)

        ## Identify

        | CNS | data structure | controllers | label |
        | --- | --- | --- | --- |
        \(identify)

        ## Log pages

        | LID | page | controllers | label |
        | --- | --- | --- | --- |
        \(logPages)

        ## Features

        None is saveable: Save is Feature Identifier Not Saveable. Volatile Write Cache is there if the host
        sees a namespace that has one, else it is Invalid Field in Command.

        | FID | feature | controllers | Set Features | label |
        | --- | --- | --- | --- | --- |
        \(features)

        """
    }

    private static var properties: String {
        lines(
            PropertyTable.rows.map {
                "| \(hex($0.offset.rawValue)) | \($0.name) | \($0.size == .eightBytes ? 8 : 4) "
                    + "| \($0.isWritable ? "yes" : "Invalid Field in Command") |"
            })
    }

    private static var identify: String {
        lines(
            IdentifyCNS.table.map { cns, name in
                guard let row = IdentifyTable.rows.first(where: { $0.cns == cns }) else {
                    return "| \(hex(cns.rawValue)) | \(name) | Invalid Field in Command | |"
                }
                return "| \(hex(cns.rawValue)) | \(name) | \(types(row.controllers)) | `\(row.label)` |"
            })
    }

    private static var logPages: String {
        lines(
            LogPageID.table.map { id, name in
                guard let row = LogPageTable.rows.first(where: { $0.id == id }) else {
                    return "| \(hex(id.rawValue)) | \(name) | Invalid Log Page | |"
                }
                return "| \(hex(id.rawValue)) | \(name) | \(types(row.controllers)) | `\(row.label)` |"
            })
    }

    private static var features: String {
        lines(
            FeatureID.table.map { id, name in
                guard let row = FeatureTable.rows.first(where: { $0.id == id }) else {
                    return "| \(hex(id.rawValue)) | \(name) | Invalid Field in Command | | |"
                }
                return "| \(hex(id.rawValue)) | \(name) | \(types(row.controllers)) "
                    + "| \(row.isChangeable ? "yes" : "Feature Not Changeable") | `\(row.label)` |"
            })
    }

    private static func commands<Action>(
        _ rows: [CommandRow<Action>], refusedWith refusal: String
    ) -> String {
        "| opcode | command | controllers | label |\n| --- | --- | --- | --- |\n"
            + lines(
                rows.map { row in
                    let controllers = row.isImplemented ? types(row.controllers) : refusal
                    return "| \(hex(row.opcode)) | \(row.name) | \(controllers) | `\(row.label)` |"
                })
    }

    private static func lines(_ rows: [String]) -> String { rows.joined(separator: "\n") }

    private static func types(_ types: ControllerTypes) -> String {
        switch types {
        case .all: "I/O, discovery"
        case .io: "I/O"
        case .asymmetricIO: "I/O, if ANA is reported"
        default: "discovery"
        }
    }

    private static func hex(_ value: some BinaryInteger) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return (digits.count < 2 ? "0" : "") + digits + "h"
    }
}
