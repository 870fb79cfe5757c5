// What a host sees of a subsystem whose namespaces are not all for it: the others are inactive to it in every
// list, structure, log and event. And subsystems of thousands of namespaces.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("What a host sees of namespaces")
struct VisibilityTests {
    static let mine = HostAccess.only([ControllerFixture.host])
    static let others = HostAccess.only(["nqn.2026-11.io.example:other-host"])
    static let reporting = ANAReporting(groups: [
        ANAGroup(id: 1, state: .optimized), ANAGroup(id: 2, state: .inaccessible),
    ])

    /// Namespace 1 is for all, 2 for others, 3 for this host.
    func fixture(anaReporting: ANAReporting? = nil) throws -> ControllerFixture {
        try ControllerFixture(
            namespaces: [
                ControllerFixture.namespace(1), ControllerFixture.namespace(2, visibility: Self.others),
                ControllerFixture.namespace(3, visibility: Self.mine),
            ], anaReporting: anaReporting)
    }

    func identifiers(_ reply: [UInt8]) -> [UInt32] {
        reply.withUnsafeBytes { bytes in
            (0..<1024).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
        }.prefix { $0 != 0 }.map { $0 }
    }

    func list(_ fixture: ControllerFixture, _ cns: UInt32 = 2, after id: UInt32 = 0) -> [UInt32] {
        identifiers(fixture.exchange(entry(.identify, namespaceID: id, dword10: cns)).reply)
    }

    func changed(_ fixture: ControllerFixture) -> [UInt32] {
        identifiers(fixture.exchange(entry(.getLogPage, dword10: 0x04 | 1023 << 16)).reply)
    }

    func log(_ fixture: ControllerFixture, dwords: UInt32 = 32_768) -> ANALog? {
        let reply = fixture.exchange(
            entry(.getLogPage, dword10: 0x0C | (dwords - 1) << 16, dword11: (dwords - 1) >> 16)
        ).reply
        return ANALog(reply.span.bytes)
    }

    @Test("A hidden namespace is on no list, its structures are zeroes, its features are an inactive one's")
    func hidden() throws {
        let fixture = try fixture()
        #expect(list(fixture) == [1, 3])
        #expect(list(fixture, 7) == [1, 3])
        for cns in [0, 5, 8] as [UInt32] {
            let (answer, reply) = fixture.exchange(entry(.identify, namespaceID: 2, dword10: cns))
            #expect(answer == .success())
            #expect(reply.allSatisfy { $0 == 0 })
        }
        #expect(
            fixture.send(entry(.identify, namespaceID: 2, dword10: 3)) == .failure(.invalidField, byte: 4))
        for opcode in [AdminOpcode.getFeatures, .setFeatures] {
            #expect(
                fixture.send(entry(opcode, namespaceID: 2, dword10: 5)) == .failure(.invalidField, byte: 4))
        }
    }

    @Test("What a hidden namespace does is no event: a resize, its end")
    func silent() throws {
        let fixture = try fixture()
        fixture.controller.geometryChanged(namespace: 2)
        #expect(changed(fixture) == [])
        let old = try #require(fixture.controller.subsystem?.subsystem)
        fixture.apply(ControllerFixture.subsystem([old.namespaces[0], old.namespaces[2]]))
        #expect(changed(fixture) == [])
    }

    @Test("A namespace that is hidden or shown is told like one that goes or comes; one for another is not")
    func changes() throws {
        let fixture = try fixture()
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: 0x100)) == .success())
        #expect(fixture.send(entry(.asyncEventRequest, commandID: 100)) == nil)
        let old = try #require(fixture.controller.subsystem?.subsystem).namespaces
        func shown(_ namespace: Namespace, to visibility: HostAccess) -> Namespace {
            Namespace(
                id: namespace.id, name: namespace.name, uuid: namespace.uuid, visibility: visibility,
                backend: namespace.backend)
        }
        // 1 goes, 2 comes, 3 is shown to everybody: this host saw it before.
        fixture.apply(
            ControllerFixture.subsystem([
                shown(old[0], to: Self.others), shown(old[1], to: .any), shown(old[2], to: .any),
            ]))
        #expect(fixture.controller.takeEvent()?.result == 0x04_0002)
        #expect(changed(fixture) == [1, 2])
        #expect(list(fixture) == [2, 3])
    }

    @Test("A write cache is reported if a namespace of the host has one")
    func writeCache() throws {
        for (visibility, expected) in [(Self.others, 0b110), (Self.mine, 0b111)] as [(HostAccess, UInt8)] {
            let cached = ControllerFixture.namespace(
                2, visibility: visibility, backend: ShapeBackend(hasCache: true))
            let fixture = try ControllerFixture(namespaces: [ControllerFixture.namespace(1), cached])
            #expect(fixture.exchange(entry(.identify, dword10: 1)).reply[525] == expected)
        }
    }

    @Test("The ANA log has no hidden namespace, and no group that holds nothing else")
    func anaLog() throws {
        let groupOfOthers = ControllerFixture.namespace(2, visibility: Self.others, group: 2)
        let fixture = try ControllerFixture(
            namespaces: [ControllerFixture.namespace(1), groupOfOthers], anaReporting: Self.reporting)
        let log = try #require(self.log(fixture))
        #expect(log.groups.map(\.groupID) == [1])
        #expect(log.groups.first?.namespaceIDs == [1])
        // What happens in a group of others is no event, and Set Features for all has no part in it.
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: 1 << 11)) == .success())
        #expect(fixture.send(entry(.asyncEventRequest, commandID: 100)) == nil)
        #expect(fixture.send(entry(.setFeatures, namespaceID: .broadcastNamespace, dword10: 5)) == .success())
        fixture.apply(
            ControllerFixture.subsystem(
                [ControllerFixture.namespace(1), groupOfOthers],
                anaReporting: Self.reporting.with(.optimized, of: 2)))
        #expect(fixture.controller.takeEvent() == nil)
    }

    @Test("A name that only looks the same is another host's")
    func exactNames() {
        let composed = "nqn.2026-11.io.example:caf\u{E9}"
        let decomposed = "nqn.2026-11.io.example:cafe\u{301}"
        let namespace = ControllerFixture.namespace(1, visibility: .only([composed]))
        let subsystem = ControllerFixture.subsystem([namespace])
        #expect(SubsystemView(of: subsystem, for: composed).namespaces.count == 1)
        #expect(SubsystemView(of: subsystem, for: decomposed).namespaces.isEmpty)
    }

    @Test("5,000 namespaces: pages of the list, the changed list's overflow, one ANA log within MDTS")
    func thousands() throws {
        let namespaces = (1...5000).map { ControllerFixture.namespace($0, group: $0 % 2 + 1) }
        func subsystem(_ count: Int) -> Subsystem {
            Subsystem(
                nqn: ControllerFixture.nqn, serialNumber: "SN0001", access: .any,
                namespaces: Array(namespaces.prefix(count)), anaReporting: Self.reporting,
                namespaceIDMax: 5000)
        }
        let fixture = try ControllerFixture(subsystem: subsystem(3000))
        fixture.apply(subsystem(5000))
        #expect(changed(fixture) == [0xFFFF_FFFF])
        #expect(changed(fixture) == [])
        var (all, last): ([UInt32], UInt32) = ([], 0)
        while true {
            let page = list(fixture, after: last)
            guard let end = page.last else { break }
            all += page
            last = end
        }
        #expect(all == Array(1...5000))
        let identity = fixture.exchange(entry(.identify, dword10: 1)).reply
        #expect(identity.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 516, as: UInt32.self) } == 5000)
        #expect(identity.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 540, as: UInt32.self) } == 5000)
        let log = try #require(self.log(fixture))
        #expect(log.byteCount == 16 + 2 * 32 + 5000 * 4)
        #expect(log.groups.map(\.namespaceIDs.count) == [2500, 2500])
        #expect(
            fixture.send(entry(.identify, namespaceID: 5001)) == .failure(.invalidNamespaceOrFormat, byte: 4))
        #expect(fixture.exchange(entry(.identify, namespaceID: 5000)).reply[92] == 1)
    }

    @Test("The most that a host can be told of fits one transfer, whatever MDTS is", arguments: 5...8)
    func largestLog(shift: Int) {
        var limits = Limits()
        limits.transferShift = UInt8(shift)
        let byteCount =
            ANALog.headerByteCount + Int(limits.anaGroupsMax) * ANAGroupDescriptor.headerByteCount
            + limits.anaNamespacesMax * 4
        #expect(byteCount <= limits.transferBytesMax && byteCount + 4 > limits.transferBytesMax)
    }
}
