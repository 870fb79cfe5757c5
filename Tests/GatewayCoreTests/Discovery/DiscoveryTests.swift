// The Discovery log: who sees what, in pieces and after changes.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Discovery")
struct DiscoveryTests {
    let mine = "nqn.2016-06.io.example:mine"
    let open = "nqn.2016-06.io.example:open"
    let theirs = "nqn.2016-06.io.example:theirs"

    /// Two ports for all, one for discovery alone; one subsystem for any host, one for ours, one for another.
    func model(generation: UInt64 = 42, theirs hosts: Set<String> = ["nqn.2016-06.io.example:host"])
        -> TargetModel
    {
        TargetModel(
            generation: generation,
            subsystems: [
                ControllerFixture.subsystem([], nqn: open),
                ControllerFixture.subsystem([], nqn: mine, access: .only([ControllerFixture.host])),
                ControllerFixture.subsystem([], nqn: theirs, access: .only(hosts)),
            ],
            ports: [
                ControllerFixture.port(1),
                Port(id: 2, family: .ipv6, address: "2001:db8::2", service: 4420),
                ControllerFixture.port(3, service: 8009, isDiscoveryOnly: true),
            ])
    }

    func fixture(wants: UInt32 = 0) throws -> ControllerFixture {
        let fixture = try ControllerFixture(discovery: true)
        if wants != 0 {
            #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: wants)) == .success())
            for id in 20..<24 as Range<UInt16> {
                #expect(fixture.send(entry(.asyncEventRequest, commandID: id)) == nil)
            }
        }
        fixture.controller.apply(model())
        return fixture
    }

    func read(_ fixture: ControllerFixture, offset: Int = 0, byteCount: Int, retains: Bool = true) -> [UInt8]
    {
        let (answer, reply) = fixture.exchange(
            entry(
                .getLogPage, dword10: 0x70 | (retains ? 1 << 15 : 0) | UInt32(byteCount / 4 - 1) << 16,
                dword12: UInt32(offset)))
        #expect(answer == .success())
        return reply
    }

    func text<Value>(_ field: Value) -> String {
        withUnsafeBytes(of: field) { bytes in
            String(decoding: bytes.prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
        }
    }

    /// The records, as libnvme reads them.
    func records(_ bytes: [UInt8]) -> [nvmf_disc_log_entry] {
        let count = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
        return bytes.withUnsafeBytes { bytes in
            (0..<Int(count)).map {
                bytes.loadUnaligned(fromByteOffset: 1024 * ($0 + 1), as: nvmf_disc_log_entry.self)
            }
        }
    }

    @Test("A host sees the discovery service and its subsystems at every port that has them, and no other")
    func visible() throws {
        let log = read(try fixture(), byteCount: 8192)
        #expect(log.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) } == 42)
        let seen = records(log).map { "\($0.portid) \($0.subtype) \(text($0.subnqn))" }
        let discovery = "nqn.2014-08.org.nvmexpress.discovery"
        #expect(
            seen == [
                "1 3 \(discovery)", "2 3 \(discovery)", "3 3 \(discovery)", "1 2 \(open)", "2 2 \(open)",
                "1 2 \(mine)", "2 2 \(mine)",
            ])
    }

    @Test("A record says how to connect")
    func record() throws {
        let all = records(read(try fixture(), byteCount: 8192))
        let ipv6 = all[4]
        #expect(ipv6.trtype == UInt8(NVMF_TRTYPE_TCP.rawValue))
        #expect(ipv6.adrfam == UInt8(NVMF_ADDR_FAMILY_IP6.rawValue))
        #expect(text(ipv6.traddr) == "2001:db8::2")
        #expect(text(ipv6.trsvcid) == "4420")
        #expect(ipv6.cntlid == 0xFFFF)
        #expect(ipv6.asqsz == 128)
        #expect(ipv6.eflags == 0)
        #expect(ipv6.tsas.tcp.sectype == UInt8(NVMF_TCP_SECTYPE_NONE.rawValue))
        #expect(
            UInt32(ipv6.treq)
                == UInt32(NVMF_TREQ_NOT_REQUIRED.rawValue) | UInt32(NVMF_TREQ_DISABLE_SQFLOW.rawValue))
        let discovery = all[2]
        #expect(discovery.adrfam == UInt8(NVMF_ADDR_FAMILY_IP4.rawValue))
        #expect(text(discovery.traddr) == "192.0.2.3")
        #expect(text(discovery.trsvcid) == "8009")
        #expect(
            UInt32(discovery.eflags)
                == UInt32(NVMF_DISC_EFLAGS_DUPRETINFO.rawValue) | UInt32(NVMF_DISC_EFLAGS_EPCSD.rawValue))
    }

    @Test("Read in pieces the log is the same")
    func pieces() throws {
        let fixture = try fixture()
        let whole = read(fixture, byteCount: 8192)
        var pieces: [UInt8] = []
        for offset in stride(from: 0, to: 8192, by: 1024) {
            pieces += read(fixture, offset: offset, byteCount: 1024)
        }
        #expect(pieces == whole)
        #expect(read(fixture, byteCount: 20) == Array(whole.prefix(20)))
    }

    @Test("A host hears of a change that it can see, and of no other")
    func events() throws {
        let fixture = try fixture(wants: 1 << 31)
        let changed: UInt64 = 0x70_F002
        #expect(
            fixture.controller.takeEvent()
                == EventCompletion(commandID: 20, result: changed, status: .success))
        fixture.controller.apply(model(generation: 43, theirs: ["nqn.2016-06.io.example:another"]))
        #expect(fixture.controller.takeEvent() == nil)
        #expect(read(fixture, byteCount: 1024, retains: false).first == 43)
        fixture.controller.apply(model(generation: 44, theirs: []))
        #expect(fixture.controller.takeEvent() == nil)
        fixture.controller.apply(model(generation: 45, theirs: [ControllerFixture.host]))
        #expect(fixture.controller.takeEvent()?.result == changed)
        #expect(records(read(fixture, byteCount: 12288)).count == 9)
    }
}
