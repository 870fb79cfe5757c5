// The command table against itself, the opcodes' names and libnvme's, and what each of the 256 opcodes does.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("The command table")
struct CommandTableTests {
    @Test("Every named opcode has a row of the same name, and no row has an opcode without a name")
    func namesAgree() {
        let admin = AdminOpcode.table.filter { $0.value != .fabrics }
        #expect(admin.count == CommandTable.adminRows.count)
        for (opcode, name) in admin {
            #expect(CommandTable.admin(opcode.rawValue)?.name.description == name)
        }
        #expect(FabricsType.table.count == CommandTable.fabricsRows.count)
        for (type, name) in FabricsType.table {
            #expect(CommandTable.fabrics(type.rawValue)?.name.description == name)
        }
        for row in CommandTable.ioRows {
            #expect(IOOpcode(rawValue: row.opcode).name == row.name.description)
        }
    }

    @Test("A command moves data the way its opcode's low bits say, or none")
    func directions() {
        func check<Action>(_ row: CommandRow<Action>) {
            switch row.direction {
            case .none: #expect(row.length == .none)
            case .hostToController: #expect(row.opcode & 3 == 1)
            case .controllerToHost: #expect(row.opcode & 3 == 2)
            }
        }
        CommandTable.adminRows.forEach(check)
        CommandTable.fabricsRows.forEach(check)
        CommandTable.ioRows.forEach(check)
        #expect(CommandTable.admin(UInt8(nvme_admin_identify.rawValue))?.direction == .controllerToHost)
        #expect(CommandTable.admin(UInt8(nvme_admin_set_features.rawValue))?.direction == .hostToController)
        #expect(CommandTable.io(UInt8(nvme_cmd_write.rawValue))?.direction == .hostToController)
        #expect(CommandTable.io(UInt8(nvme_cmd_compare.rawValue))?.direction == .hostToController)
        #expect(CommandTable.io(UInt8(nvme_cmd_read.rawValue))?.direction == .controllerToHost)
        #expect(CommandTable.io(UInt8(nvme_cmd_write_zeroes.rawValue))?.direction == DataDirection.none)
    }

    @Test("Every action is in one row")
    func actions() {
        for action in AdminAction.allCases {
            #expect(CommandTable.adminRows.count { $0.action == action } == 1)
        }
        for action in FabricsAction.allCases {
            #expect(CommandTable.fabricsRows.count { $0.action == action } == 1)
        }
        for action in IOAction.allCases { #expect(CommandTable.ioRows.count { $0.action == action } == 1) }
    }

    @Test(
        "Each of the 256 admin opcodes is served or answers Invalid Command Opcode", arguments: [false, true])
    func sweep(discovery: Bool) throws {
        let served: Set<UInt8> =
            discovery
            ? [0x02, 0x06, 0x09, 0x0A, 0x0C, 0x18] : [0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18]
        for opcode in UInt8.min...UInt8.max where opcode != 0x7F {
            let fixture = try ControllerFixture(discovery: discovery)
            let answer = fixture.send(entry(AdminOpcode(rawValue: opcode)))
            let isRefused = answer == .failure(.invalidOpcode, byte: 0)
            #expect(isRefused == !served.contains(opcode), "opcode \(opcode)")
        }
    }

    @Test(
        "Before CC.EN every admin command answers Command Sequence Error, unknown ones Invalid Command Opcode"
    )
    func sweepDisabled() throws {
        let fixture = try ControllerFixture(isEnabled: false)
        for opcode in UInt8.min...UInt8.max where opcode != 0x7F {
            let isServed = CommandTable.admin(opcode)?.isImplemented ?? false
            let expected =
                isServed ? Answer.failure(.commandSequenceError) : .failure(.invalidOpcode, byte: 0)
            #expect(fixture.send(entry(AdminOpcode(rawValue: opcode))) == expected)
        }
    }

    @Test("Each of the 256 Fabrics types on a connected admin queue")
    func sweepFabrics() throws {
        for type in UInt8.min...UInt8.max {
            let fixture = try ControllerFixture()
            let answer = fixture.send(SubmissionEntry(fabrics: FabricsType(rawValue: type), commandID: 1))
            switch FabricsType(rawValue: type) {
            case .connect: #expect(answer == .failure(.commandSequenceError))
            case .disconnect: #expect(answer == .failure(.disconnectInvalidQueueType, byte: 4))
            // Offset 0 is CAP: too short a size for Get, read only for Set.
            case .propertyGet, .propertySet: #expect(answer == .failure(.invalidField, byte: 40))
            default: #expect(answer == .failure(.invalidField, byte: 4))
            }
        }
    }

    @Test("On an I/O queue only Disconnect is allowed among the Fabrics commands")
    func sweepFabricsOnIOQueue() {
        for type in UInt8.min...UInt8.max {
            let command = SubmissionEntry(fabrics: FabricsType(rawValue: type), commandID: 1)
            var failure: CommandFailure?
            do throws(CommandFailure) {
                try Controller.disconnectQueue(command)
            } catch {
                failure = error
            }
            switch FabricsType(rawValue: type) {
            case .disconnect: #expect(failure == nil)
            case .connect: #expect(failure == .outOfSequence)
            default: #expect(failure == .invalidField(byte: 4))
            }
        }
        let odd = DisconnectCommand(recordFormat: 1).entry(commandID: 1)
        #expect(throws: CommandFailure.self) { try Controller.disconnectQueue(odd) }
    }

    @Test("The Commands Supported and Effects log has the rows that are served, where libnvme looks for them")
    func effectsLog() throws {
        let fixture = try ControllerFixture()
        let (answer, reply) = fixture.exchange(
            entry(.getLogPage, dword10: 0x05 | 1023 << 16))
        #expect(answer == .success())
        reply.withUnsafeBytes { bytes in
            let log = bytes.loadUnaligned(as: nvme_cmd_effects_log.self)
            withUnsafeBytes(of: log.acs) { admin in
                for opcode in 0..<256 {
                    let effects = admin.loadUnaligned(fromByteOffset: opcode * 4, as: UInt32.self)
                    let isServed = CommandTable.admin(UInt8(opcode))?.isImplemented ?? false
                    #expect((effects & 1 == 1) == isServed)
                }
            }
            withUnsafeBytes(of: log.iocs) { io in
                for opcode in 0..<256 {
                    let effects = io.loadUnaligned(fromByteOffset: opcode * 4, as: UInt32.self)
                    let row = CommandTable.io(UInt8(opcode))
                    #expect((effects & 1 == 1) == (row?.isImplemented ?? false))
                    let changes = [0x01, 0x08, 0x09, 0x19].contains(opcode)
                    #expect((effects & UInt32(NVME_CMD_EFFECTS_LBCC.rawValue) != 0) == changes)
                }
            }
        }
    }
}
