// Get Log Page: every identifier, the offset and length rules, and the pages as libnvme reads them.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Log pages")
struct LogPageTests {
    /// Get Log Page for `dwords` dwords.
    func command(
        _ id: UInt32, dwords: UInt32 = 128, offset: UInt64 = 0, retains: Bool = false,
        namespaceID: UInt32 = 0,
        dword14: UInt32 = 0
    ) -> SubmissionEntry {
        entry(
            .getLogPage, namespaceID: namespaceID,
            dword10: id | (retains ? 1 << 15 : 0) | (dwords - 1) << 16, dword11: (dwords - 1) >> 16,
            dword12: UInt32(truncatingIfNeeded: offset), dword13: UInt32(offset >> 32), dword14: dword14)
    }

    func read<Value>(_ reply: [UInt8], as type: Value.Type) -> Value {
        reply.withUnsafeBytes { $0.loadUnaligned(as: type) }
    }

    let io: Set<UInt32> = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x12, 0x13, 0x80]
    let discovery: Set<UInt32> = [0x00, 0x01, 0x05, 0x12, 0x13, 0x70]

    @Test(
        "Each of the 256 pages is there or answers Invalid Log Page, and page 00h says which",
        arguments: [false, true])
    func sweep(isDiscovery: Bool) throws {
        let fixture = try ControllerFixture(discovery: isDiscovery)
        let known = isDiscovery ? discovery : io
        let supported = fixture.exchange(command(0, dwords: 256)).reply
        for id in UInt32(0)...255 {
            let answer = fixture.send(command(id, dwords: 1))
            #expect(answer == (known.contains(id) ? .success() : .failure(.invalidLogPage, byte: 40)))
            #expect(supported[Int(id) * 4] == (known.contains(id) ? 1 : 0))
        }
    }

    @Test("No page is a namespace's")
    func namespaces() throws {
        let fixture = try ControllerFixture()
        #expect(fixture.send(command(2, namespaceID: .broadcastNamespace)) == .success())
        #expect(fixture.send(command(2, namespaceID: 1)) == .failure(.invalidField, byte: 4))
    }

    @Test("Offsets are multiples of 4 inside the page; an index is refused")
    func offsets() throws {
        let fixture = try ControllerFixture()
        let whole = fixture.exchange(command(3)).reply
        #expect(whole.count == 512)
        let part = fixture.exchange(command(3, dwords: 4, offset: 8)).reply
        #expect(part == Array(whole[8..<24]))
        #expect(fixture.send(command(3, offset: 2)) == .failure(.invalidField, byte: 48))
        #expect(fixture.send(command(3, offset: 512)) == .success())
        #expect(fixture.send(command(3, offset: 516)) == .failure(.invalidField, byte: 48))
        #expect(fixture.send(command(3, offset: 1 << 40)) == .failure(.invalidField, byte: 48))
        #expect(fixture.send(command(3, dword14: 1 << 23)) == .failure(.invalidField, byte: 58, bit: 7))
    }

    @Test("What is asked for beyond the page is zero, what is beyond MDTS is refused")
    func lengths() throws {
        let fixture = try ControllerFixture()
        let reply = fixture.exchange(command(3, dwords: 32768)).reply
        #expect(reply.count == 131_072)
        #expect(reply.dropFirst(512).allSatisfy { $0 == 0 })
        #expect(fixture.send(command(3, dwords: 32769)) == .failure(.invalidField, byte: 42))
        #expect(fixture.send(command(3, dwords: 65536)) == .failure(.invalidField, byte: 42))
        #expect(fixture.send(command(3, dwords: 1 << 24 | 128)) == .failure(.invalidField, byte: 42))
    }

    @Test("I/O commands report nothing that Linux takes for an unusual effect")
    func ioEffects() throws {
        let reply = try ControllerFixture().exchange(command(5, dwords: 1024)).reply
        for opcode in 0..<256 {
            let effects = reply.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: 1024 + opcode * 4, as: UInt32.self)
            }
            #expect(effects & ~0x3 == 0, "opcode \(opcode)")
        }
    }

    @Test("The effects log of another command set has the admin commands and no I/O command")
    func commandSets() throws {
        let fixture = try ControllerFixture()
        let nvm = fixture.exchange(command(5, dwords: 1024)).reply
        let zoned = fixture.exchange(command(5, dwords: 1024, dword14: 2 << 24)).reply
        #expect(nvm.prefix(1024) == zoned.prefix(1024))
        #expect(nvm[1024] == 1)
        #expect(zoned.dropFirst(1024).allSatisfy { $0 == 0 })
    }

    @Test("Firmware slot 1 is active and holds Identify's revision")
    func firmware() throws {
        let fixture = try ControllerFixture()
        let log = read(fixture.exchange(command(3)).reply, as: nvme_firmware_slot.self)
        #expect(log.afi == 1)
        let identity = fixture.exchange(entry(.identify, dword10: 1)).reply
        #expect(withUnsafeBytes(of: log.frs.0) { Array($0) } == Array(identity[64..<72]))
    }

    @Test("The health log adds up what all queues did, closed ones too")
    func health() throws {
        let fixture = try ControllerFixture()
        try fixture.join(1)
        try fixture.join(2)
        let (first, second) = (QueueCounters(), QueueCounters())
        fixture.controller.attach(first, queue: 1)
        fixture.controller.attach(second, queue: 2)
        first.countRead(byteCount: 512_000)
        first.countRead(byteCount: 1)
        second.countWrite(byteCount: 512)
        fixture.controller.queueClosed(1)
        _ = fixture.controller.record(.invalidNamespace, of: entry(.identify), queue: 0)
        fixture.now = fixture.now.advanced(byMilliseconds: 7_200_000)
        let log = read(fixture.exchange(command(2)).reply, as: nvme_smart_log.self)
        #expect(log.critical_warning == 0)
        #expect(log.avail_spare == 100)
        #expect(log.percent_used == 0)
        #expect(log.data_units_read.0 == 2)
        #expect(log.host_reads.0 == 2)
        #expect(log.data_units_written.0 == 1)
        #expect(log.host_writes.0 == 1)
        #expect(log.power_on_hours.0 == 2)
        #expect(log.num_err_log_entries.0 == 1)
    }

    @Test("The error log shows failures newest first, with their place in the command")
    func errors() throws {
        let fixture = try ControllerFixture()
        var write = SubmissionEntry(opcode: 0x01)
        write.commandID = 77
        write.dword1 = 3
        write.dword10 = 0x1234
        write.dword11 = 1
        let bad = CommandFailure(.lbaOutOfRange.notRetryable, at: ParameterErrorLocation(byte: 40, bit: 2))
        let status = fixture.controller.record(bad, of: write, queue: 4)
        #expect(status == .lbaOutOfRange.notRetryable.withMore)
        _ = fixture.controller.record(
            CommandFailure(.internalError), of: entry(.identify, namespaceID: 9), queue: 0)
        let reply = fixture.exchange(command(1, dwords: 1024)).reply
        let newest = read(reply, as: nvme_error_log_page.self)
        #expect(newest.error_count == 2)
        #expect(newest.sqid == 0)
        #expect(newest.parm_error_location == 0xFFFF)
        #expect(newest.nsid == 9)
        #expect(newest.status_field == (0x006 | 1 << 13) << 1)
        let older = read(Array(reply[64...]), as: nvme_error_log_page.self)
        #expect(older.error_count == 1)
        #expect(older.sqid == 4)
        #expect(older.cmdid == 77)
        #expect(older.status_field == (0x080 | 3 << 13) << 1)
        #expect(older.parm_error_location == 40 | 2 << 8)
        #expect(older.lba == 0x1_0000_1234)
        #expect(older.nsid == 3)
        #expect(older.trtype == 0)
        #expect(reply[128...].allSatisfy { $0 == 0 })
    }

    @Test("The error log keeps the last 64 of any number of failures")
    func errorBound() throws {
        let fixture = try ControllerFixture()
        for _ in 0..<100 {
            _ = fixture.controller.record(.invalidNamespace, of: entry(.identify), queue: 0)
        }
        let reply = fixture.exchange(command(1, dwords: 1024)).reply
        #expect(read(reply, as: nvme_error_log_page.self).error_count == 100)
        #expect(read(Array(reply[(63 * 64)...]), as: nvme_error_log_page.self).error_count == 37)
    }

    @Test("The feature effects log has each feature's scope", arguments: [false, true])
    func featureEffects(isDiscovery: Bool) throws {
        let fixture = try ControllerFixture(discovery: isDiscovery)
        let reply = fixture.exchange(command(0x12, dwords: 256)).reply
        for id in 0..<256 {
            let effects = reply.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: id * 4, as: UInt32.self) }
            let isThere = fixture.send(entry(.getFeatures, dword10: UInt32(id) | 3 << 8))?.status == .success
            let scope: UInt32 = [0x05, 0x82, 0x83].contains(id) ? 1 << 20 : 1 << 21
            #expect(effects == (isThere ? 1 | scope : 0), "feature \(id)")
        }
    }
}
