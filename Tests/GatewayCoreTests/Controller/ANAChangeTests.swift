// What a controller tells its host when an ANA group changes its state, a namespace its group, or a namespace
// comes and goes: events, change counts, and that no change is told twice.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("ANA changes")
struct ANAChangeTests {
    let anaChanged: UInt64 = 0x0C_0302
    let namespaceChanged: UInt64 = 0x04_0002

    /// A controller of a subsystem with namespace 1 in group 1 and 3 in group 2, whose host wants to hear of
    /// everything and has requests waiting.
    func fixture(_ states: ANAState..., wants: UInt32 = 1 << 8 | 1 << 11) throws -> ControllerFixture {
        let fixture = try ControllerFixture(
            namespaces: [Self.first, Self.second], anaReporting: Self.reporting(states))
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: wants)) == .success())
        for id in UInt16(100)..<104 { #expect(fixture.send(entry(.asyncEventRequest, commandID: id)) == nil) }
        return fixture
    }

    static let backend = ShapeBackend()
    static let first = ControllerFixture.namespace(1, group: 1)
    static let second = ControllerFixture.namespace(3, group: 2, backend: backend)

    static func reporting(_ states: [ANAState]) -> ANAReporting {
        ANAReporting(groups: states.enumerated().map { ANAGroup(id: UInt32($0) + 1, state: $1) })
    }

    func apply(
        _ states: ANAState..., namespaces: [Namespace] = [first, second], to fixture: ControllerFixture
    ) {
        fixture.apply(
            ControllerFixture.subsystem(namespaces, anaReporting: Self.reporting(states)))
    }

    func events(_ fixture: ControllerFixture) -> [UInt64] {
        var events: [UInt64] = []
        while let event = fixture.controller.takeEvent() { events.append(event.result) }
        return events
    }

    struct Counts: Equatable {
        var log: UInt64
        var groups: [UInt32: UInt64]

        init(log: UInt64, groups: [UInt32: UInt64]) {
            self.log = log
            self.groups = groups
        }

        init(_ log: UInt64, _ groups: [UInt32: UInt64]) { self.init(log: log, groups: groups) }
    }

    /// The log's change count and those of the groups, by identifier.
    @discardableResult
    func counts(_ fixture: ControllerFixture, retains: Bool = false) throws -> Counts {
        let reply = fixture.exchange(
            entry(.getLogPage, dword10: 0x0C | (retains ? 1 << 15 : 0) | 255 << 16)
        ).reply
        let log = ANALog(reply.span.bytes)
        return Counts(
            log: try #require(log?.changeCount),
            groups: Dictionary(
                uniqueKeysWithValues: (log?.groups ?? []).map { ($0.groupID, $0.changeCount) }))
    }

    @Test("Each entry into a state is told, ANA Change is not: its end is", arguments: ANATests.states)
    func transitions(old: ANAState) throws {
        for new in ANATests.states {
            let fixture = try fixture(old, .optimized)
            apply(new, .optimized, to: fixture)
            #expect(events(fixture) == (new == old || new == .change ? [] : [anaChanged]))
            #expect(try counts(fixture).log == (new == old ? 0 : 1))
        }
    }

    @Test("A transition that fails is told as well")
    func failedTransition() throws {
        let fixture = try fixture(.optimized, .optimized)
        apply(.change, .optimized, to: fixture)
        apply(.optimized, .optimized, to: fixture)
        #expect(events(fixture) == [anaChanged])
    }

    @Test("The change counts start at 0 and 1, go up with what changed, and start over with a reset")
    func changeCounts() throws {
        let fixture = try fixture(.optimized, .optimized)
        #expect(try counts(fixture) == Counts(0, [1: 1, 2: 1]))
        apply(.inaccessible, .optimized, to: fixture)
        #expect(try counts(fixture) == Counts(1, [1: 2, 2: 1]))
        apply(.inaccessible, .change, to: fixture)
        #expect(try counts(fixture) == Counts(2, [1: 2, 2: 2]))
        apply(.optimized, .optimized, to: fixture)
        #expect(try counts(fixture) == Counts(3, [1: 3, 2: 3]))
        // A group without namespaces is not in the log: nothing changes.
        apply(.optimized, .optimized, .inaccessible, to: fixture)
        #expect(try counts(fixture) == Counts(3, [1: 3, 2: 3]))
        func configure(_ value: UInt64) -> Answer? {
            fixture.send(
                PropertySetCommand(.configuration, size: .fourBytes, value: value).entry(commandID: 0))
        }
        #expect(configure(0x460060) == .success())
        fixture.controller.resetCompleted()
        #expect(configure(0x460061) == .success())
        #expect(try counts(fixture) == Counts(0, [1: 1, 2: 1]))
    }

    @Test("The event is told once until the log is read without RAE, and by no namespace event")
    func masking() throws {
        let fixture = try fixture(.optimized, .optimized)
        apply(.inaccessible, .optimized, to: fixture)
        #expect(events(fixture) == [anaChanged])
        apply(.optimized, .optimized, to: fixture)
        #expect(events(fixture) == [])
        try counts(fixture, retains: true)
        apply(.inaccessible, .optimized, to: fixture)
        #expect(events(fixture) == [])
        try counts(fixture)
        #expect(events(fixture) == [])
        apply(.nonOptimized, .optimized, to: fixture)
        #expect(events(fixture) == [anaChanged])
    }

    @Test("A host that does not want the event does not get it")
    func unwanted() throws {
        let fixture = try fixture(.optimized, .optimized, wants: 1 << 8)
        apply(.inaccessible, .optimized, to: fixture)
        #expect(events(fixture) == [])
        #expect(try counts(fixture).log == 1)
    }

    @Test("A namespace in another group is told by the ANA event, and not on the changed list")
    func moved() throws {
        let fixture = try fixture(.optimized, .optimized)
        let moved = ControllerFixture.namespace(3, group: 1, backend: Self.backend)
        apply(.optimized, .optimized, namespaces: [Self.first, moved], to: fixture)
        #expect(events(fixture) == [anaChanged])
        #expect(try counts(fixture) == Counts(1, [1: 2]))
        let list = fixture.exchange(entry(.getLogPage, dword10: 0x04 | 1023 << 16)).reply
        #expect(list.allSatisfy { $0 == 0 })
    }

    @Test("A namespace that comes or goes is told by the namespace event alone, its log counts")
    func attached() throws {
        let fixture = try fixture(.optimized, .inaccessible)
        apply(.optimized, .inaccessible, namespaces: [Self.first], to: fixture)
        #expect(events(fixture) == [namespaceChanged])
        #expect(try counts(fixture) == Counts(1, [1: 1]))
        _ = fixture.send(entry(.getLogPage, dword10: 0x04))
        apply(.optimized, .inaccessible, to: fixture)
        #expect(events(fixture) == [namespaceChanged])
        #expect(try counts(fixture) == Counts(2, [1: 1, 2: 3]))
    }

    @Test("A subsystem that begins to report ANA, or ceases to, ends its associations")
    func reporting() throws {
        let without = ControllerFixture.subsystem([Self.first, Self.second])
        let with = ControllerFixture.subsystem(
            [Self.first, Self.second], anaReporting: Self.reporting([.optimized, .optimized]))
        let reason = "its subsystem reports ANA now, or does not any more"
        let ceases = try fixture(.optimized, .optimized)
        ceases.apply(without)
        #expect(ceases.controller.takeEffect() == .ended(reason: reason))
        let begins = try ControllerFixture(namespaces: [Self.first, Self.second])
        begins.apply(with)
        #expect(begins.controller.takeEffect() == .ended(reason: reason))
    }
}
