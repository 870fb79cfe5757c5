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
        CommandReferenceTests`; do not edit. What is not listed, or listed as refused, is answered with the
        status named above its table, and Do Not Retry.

        Not offered yet: fused commands (Invalid Field in Command at FUSE), end-to-end protection and
        metadata, reservations (RESCAP 0), namespace management, authentication, TLS.

        ## Admin commands

        Refused: Invalid Command Opcode.

        \(table(CommandTable.adminRows))

        ## Fabrics commands

        By type (FCTYPE). Refused: Invalid Field in Command.

        \(table(CommandTable.fabricsRows))

        ## I/O commands

        Refused: Invalid Command Opcode.

        \(table(CommandTable.ioRows))

        ## Properties

        Refused: Invalid Field in Command.

        | offset | property | bytes | Property Set |
        | --- | --- | --- | --- |
        \(properties)

        ## Identify

        Refused: Invalid Field in Command at CNS.

        | CNS | data structure | controllers |
        | --- | --- | --- |
        \(identify)

        ## Log pages

        Refused: Invalid Log Page.

        | LID | page | controllers |
        | --- | --- | --- |
        \(logPages)

        ## Features

        Refused: Invalid Field in Command. None is saveable: Save is Feature Identifier Not Saveable.

        | FID | feature | controllers | Set Features |
        | --- | --- | --- | --- |
        \(features)

        """
    }

    private static var properties: String {
        lines(
            PropertyTable.rows.map {
                "| \(hex($0.offset.rawValue)) | \($0.name) | \($0.size == .eightBytes ? 8 : 4) "
                    + "| \($0.isWritable ? "yes" : "refused") |"
            })
    }

    private static var identify: String {
        lines(
            IdentifyTable.rows.map {
                "| \(hex($0.cns.rawValue)) | \($0.name) | \(types($0.controllers)) |"
            })
    }

    private static var logPages: String {
        lines(
            LogPageTable.rows.map {
                "| \(hex($0.id.rawValue)) | \($0.name) | \(types($0.controllers)) |"
            })
    }

    private static var features: String {
        lines(
            FeatureTable.rows.map {
                "| \(hex($0.id.rawValue)) | \($0.name) | \(types($0.controllers)) "
                    + "| \($0.isChangeable ? "yes" : "Feature Not Changeable") |"
            })
    }

    private static func table<Action>(_ rows: [CommandRow<Action>]) -> String {
        "| opcode | command | controllers |\n| --- | --- | --- |\n"
            + lines(
                rows.map { row in
                    let controllers = row.isImplemented ? types(row.controllers) : "refused"
                    return "| \(hex(row.opcode)) | \(row.name) | \(controllers) |"
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
