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
    func model(
        generation: UInt64 = 42, theirs hosts: Set<String> = ["nqn.2016-06.io.example:host"],
        discovery: DiscoveryService = DiscoveryService()
    ) -> TargetModel {
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
            ], discovery: discovery)
    }

    /// A discovery controller at port 1.
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

    func command(
        offset: UInt32 = 0, byteCount: Int, retains: Bool = true, parameter: UInt32 = 0
    ) -> SubmissionEntry {
        entry(
            .getLogPage,
            dword10: 0x70 | parameter << 8 | (retains ? 1 << 15 : 0) | UInt32(byteCount / 4 - 1) << 16,
            dword12: offset)
    }

    func read(
        _ fixture: ControllerFixture, offset: Int = 0, byteCount: Int, retains: Bool = true,
        parameter: UInt32 = 0
    ) -> [UInt8] {
        let (answer, reply) = fixture.exchange(
            command(offset: UInt32(offset), byteCount: byteCount, retains: retains, parameter: parameter))
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

    @Test("Subsystems are told at other gateways' ports too; a port that stands for many tells of none")
    func elsewhere() throws {
        let other = Port(id: 0x8000, family: .ipv4, address: "192.0.2.99", service: 4420)
        let shared = Subsystem(
            nqn: open, serialNumber: "1", access: .any, ports: .only([1]), portsElsewhere: [other],
            namespaces: [])
        let discovery = Port(
            id: 2, family: .ipv4, address: "0.0.0.0", service: 8009, isDiscoveryOnly: true,
            isAdvertised: false)
        let before = try fixture()
        before.controller.apply(
            TargetModel(
                generation: 43, subsystems: [shared], ports: [ControllerFixture.port(1), discovery]))
        let seen = records(read(before, byteCount: 8192)).map {
            "\($0.portid) \($0.subtype) \(text($0.traddr))"
        }
        #expect(seen == ["1 3 192.0.2.1", "1 2 192.0.2.1", "32768 2 192.0.2.99"])
        let local = records(read(before, byteCount: 8192, parameter: 0b10)).map(\.portid)
        #expect(local == [1, 1])
    }

    @Test("A change of ports, here or elsewhere, is one of the Discovery log")
    func portGenerations() {
        let first = model()
        let ports = [ControllerFixture.port(1)]
        #expect(first.next(with: first.subsystems).discoveryGeneration == first.discoveryGeneration)
        #expect(
            first.next(with: first.subsystems, ports: ports).discoveryGeneration
                == first.discoveryGeneration + 1)
        let shared = first.subsystems.map {
            Subsystem(
                nqn: $0.nqn, serialNumber: $0.serialNumber, access: $0.access, ports: $0.ports,
                portsElsewhere: ports, namespaces: [])
        }
        #expect(first.next(with: shared).discoveryGeneration == first.discoveryGeneration + 1)
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

    @Test("Beyond its end the log reads as zeroes; it can be read from its end, and from no farther")
    func edges() throws {
        let fixture = try fixture()
        // Seven records and the header.
        let tail = read(fixture, offset: 8192 - 4, byteCount: 4096)
        #expect(tail == [UInt8](repeating: 0, count: 4096))
        #expect(read(fixture, offset: 8192, byteCount: 4) == [0, 0, 0, 0])
        #expect(fixture.send(command(offset: 8196, byteCount: 4)) == .failure(.invalidField, byte: 48))
        #expect(fixture.send(command(offset: 2, byteCount: 4)) == .failure(.invalidField, byte: 48))
        var far = command(byteCount: 4)
        far.dword13 = 1
        #expect(fixture.send(far) == .failure(.invalidField, byte: 48))
        #expect(read(fixture, offset: 1024 + 256, byteCount: 8) == Array("nqn.2014".utf8))
    }

    @Test("Port local entries are those of the port that the host came by; referrals stay")
    func portLocal() throws {
        let fixture = try fixture()
        fixture.controller.apply(
            model(discovery: DiscoveryService(referrals: [Referral(family: .ipv4, address: "192.0.2.9")])))
        let seen = records(read(fixture, byteCount: 12288, parameter: 1 << 1))
        #expect(seen.map(\.portid) == [1, 1, 1, 0])
        #expect(seen.map(\.subtype) == [3, 2, 2, 1])
        // Extended entries and all entries are not there to be had: the log is the ordinary one.
        let whole = read(fixture, byteCount: 12288)
        #expect(read(fixture, byteCount: 12288, parameter: 0b101) == whole)
        #expect(records(whole).count == 8)
        let (_, pages) = fixture.exchange(entry(.getLogPage, dword10: 255 << 16))
        #expect(pages[0x70 * 4..<0x70 * 4 + 4] == [1, 0, 2, 0])
    }

    @Test("A referral tells where another Discovery service is")
    func referral() throws {
        let fixture = try fixture()
        let other = "nqn.2016-06.io.example:discovery"
        let referrals = [
            Referral(
                nqn: other, family: .ipv6, address: "2001:db8::9", service: 9009, portID: 7,
                isPersistent: true),
            Referral(family: .ipv4, address: "192.0.2.9"),
        ]
        fixture.controller.apply(model(discovery: DiscoveryService(referrals: referrals)))
        let all = records(read(fixture, byteCount: 12288))
        #expect(all.count == 9)
        #expect(all[7].subtype == UInt8(NVME_NQN_DISC.rawValue))
        #expect(all[7].trtype == UInt8(NVMF_TRTYPE_TCP.rawValue))
        #expect(all[7].adrfam == UInt8(NVMF_ADDR_FAMILY_IP6.rawValue))
        #expect(text(all[7].subnqn) == other && text(all[7].traddr) == "2001:db8::9")
        #expect(text(all[7].trsvcid) == "9009" && all[7].portid == 7 && all[7].cntlid == 0xFFFF)
        #expect(all[7].eflags == UInt16(NVMF_DISC_EFLAGS_EPCSD.rawValue) && all[7].treq == 0)
        #expect(text(all[8].subnqn) == NQN.discovery.text && text(all[8].trsvcid) == "8009")
        #expect(all[8].eflags == 0 && all[8].asqsz == 32)
    }

    @Test("A Discovery subsystem with a name of its own answers to both, and says its own")
    func ownName() throws {
        let own = "nqn.2016-06.io.example:discovery"
        let model = model(discovery: DiscoveryService(nqn: own))
        for name in [own, NQN.discovery.text] {
            let request = try ControllerFixture.connect(subsystem: name).get()
            for port in 1...3 as ClosedRange<UInt16> {
                let kind = try request.admit(to: model, port: port, limits: Limits())
                #expect(kind.type == .discovery)
            }
            let controller = Controller(
                id: 1, kind: .discovery, connect: request, port: 3, model: model, limits: Limits(),
                log: SilentLog(), at: Instant(nanoseconds: 0))
            #expect(controller.identifyController().subsystemNQN == own)
            #expect(controller.identifyController().controllerType == .discovery)
        }
        let fixture = try fixture()
        fixture.controller.apply(model)
        let names = records(read(fixture, byteCount: 8192)).filter { $0.subtype == 3 }.map { text($0.subnqn) }
        #expect(names == [own, own, own])
        let wrong = try ControllerFixture.connect(subsystem: "nqn.2016-06.io.example:Discovery").get()
        #expect(throws: CommandFailure.self) { try wrong.admit(to: model, port: 1, limits: Limits()) }
        for name in [own, NQN.discovery.text] {
            let taken = TargetModel(
                generation: 1, subsystems: [ControllerFixture.subsystem([], nqn: name)], ports: [],
                discovery: DiscoveryService(nqn: own))
            #expect(throws: ModelError.discoveryNameTaken(nqn: name)) { try taken.check(limits: Limits()) }
        }
    }

    @Test("A subsystem that is served at some ports is found there, can be had there, and nowhere else")
    func somePorts() throws {
        let ports = [1, 2, 3].map { ControllerFixture.port($0, isDiscoveryOnly: $0 == 3) }
        func model(_ access: PortAccess, generation: UInt64 = 2) -> TargetModel {
            let subsystem = Subsystem(
                nqn: ControllerFixture.nqn, serialNumber: "1", access: .any, ports: access, namespaces: [])
            return TargetModel(generation: generation, subsystems: [subsystem], ports: ports)
        }
        let connect = try ControllerFixture.connect().get()
        func isServed(_ port: UInt16, _ model: TargetModel) -> Bool {
            do {
                _ = try connect.admit(to: model, port: port, limits: Limits())
                return true
            } catch { return false }
        }
        #expect([1, 2, 3, 4].map { isServed($0, model(.all)) } == [true, true, false, false])
        #expect([1, 2, 3, 4].map { isServed($0, model(.only([2, 3, 4]))) } == [false, true, false, false])
        let discovery = try fixture()
        discovery.controller.apply(model(.only([2, 3])))
        let found = records(read(discovery, byteCount: 8192)).filter { $0.subtype == 2 }
        #expect(found.map(\.portid) == [2])
        // A controller at a port that the subsystem leaves ends.
        let disk = try ControllerFixture()
        disk.controller.apply(model(.only([1])))
        #expect(disk.controller.takeEffect() == nil)
        disk.controller.apply(model(.only([2]), generation: 3))
        #expect(
            disk.controller.takeEffect()
                == .ended(reason: "its port does not serve its subsystem any more"))
    }

    @Test("The generation counter goes up with what logs say, and with nothing else")
    func generations() {
        let subsystems = model().subsystems
        let first = TargetModel(
            generation: 1, subsystems: subsystems, ports: model().ports, discoveryGeneration: 0)
        let same = first.next(
            with: subsystems.map {
                Subsystem(
                    nqn: $0.nqn, serialNumber: "1", access: $0.access,
                    namespaces: [ControllerFixture.namespace(1)])
            }, discovery: DiscoveryService())
        #expect(same.generation == 2 && same.discoveryGeneration == 0)
        let fewer = same.next(with: Array(subsystems.dropLast()), discovery: same.discovery)
        #expect(fewer.generation == 3 && fewer.discoveryGeneration == 1)
        let named = fewer.next(
            with: fewer.subsystems, discovery: DiscoveryService(nqn: "nqn.2016-06.io.example:d"))
        #expect(named.discoveryGeneration == 2)
        let closed = Subsystem(nqn: open, serialNumber: "1", access: .only([]), namespaces: [])
        let changed = named.next(
            with: [closed] + named.subsystems.dropFirst(), discovery: named.discovery)
        #expect(changed.discoveryGeneration == 3)
    }

    @Test("A host that reads in pieces while the log changes is told by the generation counter")
    func changeWhileReading() throws {
        let fixture = try fixture()
        let before = read(fixture, byteCount: 20)
        let first = read(fixture, offset: 1024, byteCount: 2048)
        fixture.controller.apply(
            model(
                generation: 43,
                discovery: DiscoveryService(referrals: [
                    Referral(family: .ipv4, address: "192.0.2.9")
                ])))
        #expect(read(fixture, offset: 1024, byteCount: 2048) == first)
        let after = read(fixture, byteCount: 20)
        #expect(after.first == 43 && before.first == 42)
        #expect(after[8] == 8 && before[8] == 7)
    }
}
