// The tables against what the Base Specification requires of an I/O controller and of a discovery controller
// that offers explicit persistent connections, and what it prohibits.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Support requirements")
struct SupportRequirementTests {
    /// What controllers of one type must have and must not have, by identifier.
    struct Requirement {
        let type: ControllerTypes
        let mandatory: Set<UInt8>
        let prohibited: Set<UInt8>
    }

    func check(_ what: String, _ requirements: [Requirement], _ isThere: (UInt8, ControllerTypes) -> Bool) {
        for requirement in requirements {
            for id in requirement.mandatory {
                #expect(isThere(id, requirement.type), "\(what) \(id) is mandatory")
            }
            for id in requirement.prohibited {
                #expect(!isThere(id, requirement.type), "\(what) \(id) is prohibited")
            }
        }
    }

    /// Over a message-based transport there are no commands that create and delete queues.
    @Test("Admin commands: Base Specification, \"Admin Command Support Requirements\"")
    func adminCommands() {
        let queues: Set<UInt8> = [0x00, 0x01, 0x04, 0x05]
        let exported: Set<UInt8> = [0x28, 0x2A, 0x2D, 0x31, 0x35]
        let management: Set<UInt8> = [
            0x0D, 0x10, 0x11, 0x14, 0x15, 0x19, 0x1A, 0x1C, 0x1D, 0x1E, 0x20, 0x24, 0x3D, 0x3E, 0x41, 0x42,
            0x45,
            0x7C, 0x80, 0x81, 0x82, 0x84,
        ]
        let io: Set<UInt8> = [0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18]
        check(
            "admin command",
            [
                Requirement(
                    type: .symmetricIO, mandatory: io,
                    prohibited: queues.union(exported).union([0x21, 0x22, 0x25, 0x29, 0x39])),
                Requirement(
                    type: .discovery, mandatory: io.subtracting([0x08]),
                    prohibited: queues.union(exported).union(management)),
            ]
        ) { opcode, type in CommandTable.admin(opcode)?.effects(on: type) != nil }
    }

    @Test("Fabrics commands: Base Specification, \"Fabrics Command Support Requirements\"")
    func fabricsCommands() {
        check(
            "Fabrics command",
            [
                Requirement(type: .symmetricIO, mandatory: [0x00, 0x01, 0x04], prohibited: []),
                Requirement(type: .discovery, mandatory: [0x00, 0x01, 0x04], prohibited: [0x08]),
            ]
        ) { CommandTable.fabrics($0)?.effects(on: $1) != nil }
    }

    @Test("I/O commands: Base Specification and NVM Command Set Specification, support requirements")
    func ioCommands() {
        let all = Set(CommandTable.ioRows.map(\.opcode))
        check(
            "I/O command",
            [
                Requirement(type: .symmetricIO, mandatory: [0x00, 0x01, 0x02], prohibited: []),
                Requirement(type: .discovery, mandatory: [], prohibited: all),
            ]
        ) { CommandTable.io($0)?.effects(on: $1) != nil }
    }

    @Test("Log pages: Base Specification, \"Log Page Support Requirements\"")
    func logPages() {
        check(
            "log page",
            [
                Requirement(
                    type: .symmetricIO, mandatory: [0x00, 0x01, 0x02, 0x03, 0x05, 0x12],
                    prohibited: [0x0C, 0x70, 0x71, 0x72, 0x73]),
                Requirement(type: .asymmetricIO, mandatory: [0x0C], prohibited: [0x70]),
                Requirement(
                    type: .discovery, mandatory: [0x00, 0x05, 0x12, 0x70],
                    prohibited: [0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0C, 0x0D, 0x0F, 0x80, 0x81]),
            ]
        ) { LogPageTable.row(LogPageID(rawValue: $0), on: $1) != nil }
    }

    @Test("Features: Base Specification and NVM Command Set Specification, \"Feature Support Requirements\"")
    func features() {
        check(
            "feature",
            [
                Requirement(
                    type: .symmetricIO, mandatory: [0x01, 0x02, 0x04, 0x05, 0x07, 0x0A, 0x0B, 0x0F],
                    // Interrupts: not over Fabrics.
                    prohibited: [0x08, 0x09]),
                Requirement(
                    type: .discovery, mandatory: [0x0B, 0x0F],
                    prohibited: [
                        0x01, 0x02, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0C, 0x0D, 0x0E, 0x16, 0x80, 0x81, 0x82,
                        0x83,
                        0x84,
                    ]),
            ]
        ) { FeatureTable.row(FeatureID(rawValue: $0), on: $1) != nil }
    }

    @Test("Every row has the name that the specification gives its identifier")
    func names() {
        for row in IdentifyTable.rows { #expect(row.cns.name == row.name.description) }
        for row in LogPageTable.rows { #expect(row.id.name == row.name.description) }
        for row in FeatureTable.rows { #expect(row.id.name == row.name.description) }
    }

    @Test("Labels are snake case, unique in their table, and made from the names")
    func labels() throws {
        func check(_ rows: [any NamedRow]) {
            let labels = rows.map(\.label)
            #expect(Set(labels).count == labels.count)
            for label in labels { #expect(label.wholeMatch(of: /[a-z0-9]+(_[a-z0-9]+)*/) != nil, "\(label)") }
        }
        check(CommandTable.adminRows)
        check(CommandTable.fabricsRows)
        check(CommandTable.ioRows)
        check(IdentifyTable.rows)
        check(LogPageTable.rows)
        check(FeatureTable.rows)
        #expect(CommandTable.admin(0x00)?.label == "delete_io_submission_queue")
        #expect(CommandTable.admin(0x1D)?.label == "nvme_mi_send")
        #expect(CommandTable.io(0x08)?.label == "write_zeroes")
        #expect(LogPageTable.row(.health, on: .symmetricIO)?.label == "smart_health_information")
    }
}
