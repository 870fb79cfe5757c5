// Asynchronous events, the Changed Namespace List, Abort: what a host hears, when, and how often.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Asynchronous events")
struct AsyncEventTests {
    let namespaceChanged: UInt64 = 0x04_0002

    /// An I/O controller whose host wants namespace events and has requests waiting.
    func fixture(requests: Range<UInt16> = 100..<104, wants: UInt32 = 0x100) throws -> ControllerFixture {
        let fixture = try ControllerFixture()
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: wants)) == .success())
        for id in requests { #expect(fixture.send(entry(.asyncEventRequest, commandID: id)) == nil) }
        return fixture
    }

    func changedList(_ fixture: ControllerFixture, retains: Bool = false) -> [UInt32] {
        let reply = fixture.exchange(
            entry(.getLogPage, dword10: 0x04 | (retains ? 1 << 15 : 0) | 1023 << 16)
        ).reply
        return reply.withUnsafeBytes { bytes in
            (0..<1024).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
        }.prefix { $0 != 0 }.map { $0 }
    }

    @Test("One request more than AERL + 1 answers Asynchronous Event Request Limit Exceeded")
    func limit() throws {
        let fixture = try fixture(requests: 1..<9)
        #expect(
            fixture.send(entry(.asyncEventRequest, commandID: 9)) == .failure(.asyncEventLimitExceeded))
        #expect(fixture.controller.takeEvent() == nil)
    }

    @Test("A resize is told once, until the host reads the list; reading with RAE keeps event and list")
    func masking() throws {
        let fixture = try fixture()
        fixture.controller.geometryChanged(namespace: 3)
        fixture.controller.geometryChanged(namespace: 1)
        #expect(
            fixture.controller.takeEvent()
                == EventCompletion(commandID: 100, result: namespaceChanged, status: .success))
        #expect(fixture.controller.takeEvent() == nil)
        #expect(changedList(fixture, retains: true) == [1, 3])
        fixture.controller.geometryChanged(namespace: 1)
        #expect(fixture.controller.takeEvent() == nil)
        #expect(changedList(fixture) == [1, 3])
        #expect(changedList(fixture) == [])
        fixture.controller.geometryChanged(namespace: 1)
        #expect(fixture.controller.takeEvent()?.commandID == 101)
    }

    @Test("An event without a request waits for one, and is dropped if its log is read first")
    func waiting() throws {
        let fixture = try fixture(requests: 0..<0)
        fixture.controller.geometryChanged(namespace: 1)
        #expect(fixture.controller.takeEvent() == nil)
        #expect(fixture.send(entry(.asyncEventRequest, commandID: 7)) == nil)
        #expect(fixture.controller.takeEvent()?.commandID == 7)
        _ = changedList(fixture)
        fixture.controller.geometryChanged(namespace: 1)
        _ = changedList(fixture)
        #expect(fixture.send(entry(.asyncEventRequest, commandID: 8)) == nil)
        #expect(fixture.controller.takeEvent() == nil)
    }

    @Test("An event that the host does not want is not told, the list still has it")
    func unwanted() throws {
        let fixture = try fixture(wants: 0)
        fixture.controller.geometryChanged(namespace: 1)
        #expect(fixture.controller.takeEvent() == nil)
        #expect(changedList(fixture) == [1])
    }

    @Test("Namespaces that came, went or became others are on the list; the same ones are not")
    func model() throws {
        let fixture = try fixture()
        let old = try #require(fixture.controller.subsystem)
        let replaced = ControllerFixture.namespace(3, uuid: 99)
        let new = ControllerFixture.subsystem([old.namespaces[0], replaced, ControllerFixture.namespace(5)])
        fixture.controller.apply(TargetModel(generation: 8, subsystems: [new], ports: fixture.model.ports))
        #expect(fixture.controller.takeEvent()?.result == namespaceChanged)
        #expect(changedList(fixture) == [3, 5])
        #expect(fixture.controller.subsystem?.subsystem === new)
        let fewer = ControllerFixture.subsystem([replaced])
        fixture.controller.apply(TargetModel(generation: 9, subsystems: [fewer], ports: fixture.model.ports))
        #expect(changedList(fixture) == [1, 5])
        fixture.controller.apply(
            TargetModel(
                generation: 10, subsystems: [ControllerFixture.subsystem([replaced])],
                ports: fixture.model.ports))
        #expect(changedList(fixture) == [])
    }

    @Test("A threshold that the temperature is beyond is told, and again if the log is read and it stays")
    func temperature() throws {
        let fixture = try fixture(wants: 0x02)
        let crossed: UInt64 = 0x02_0101
        func threshold(_ value: UInt32) {
            #expect(fixture.send(entry(.setFeatures, dword10: 0x04, dword11: value)) == .success())
        }
        func warning(retains: Bool = false) -> UInt8 {
            fixture.exchange(entry(.getLogPage, dword10: 0x02 | (retains ? 1 << 15 : 0) | 127 << 16)).reply[0]
        }
        #expect(warning() == 0)
        threshold(296)
        #expect(fixture.controller.takeEvent()?.result == crossed)
        threshold(295)
        #expect(fixture.controller.takeEvent() == nil)
        #expect(warning(retains: true) == 2)
        #expect(fixture.controller.takeEvent() == nil)
        #expect(warning() == 2)
        #expect(fixture.controller.takeEvent()?.result == crossed)
        threshold(297)
        #expect(warning() == 0)
        #expect(fixture.controller.takeEvent() == nil)
        threshold(296 | 1 << 20)
        #expect(fixture.controller.takeEvent()?.result == crossed)
        #expect(warning(retains: true) == 2)
    }

    @Test("A host that asks for temperature events late hears of a threshold that is crossed already")
    func temperatureLate() throws {
        let fixture = try fixture(wants: 0)
        #expect(fixture.send(entry(.setFeatures, dword10: 0x04, dword11: 200)) == .success())
        #expect(fixture.controller.takeEvent() == nil)
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: 0x02)) == .success())
        #expect(fixture.controller.takeEvent()?.result == 0x02_0101)
    }

    @Test("More than 1,024 changes are FFFFFFFFh alone")
    func many() throws {
        let fixture = try fixture()
        let new = ControllerFixture.subsystem((10..<1035).map { ControllerFixture.namespace($0) })
        fixture.controller.apply(TargetModel(generation: 8, subsystems: [new], ports: fixture.model.ports))
        #expect(changedList(fixture) == [0xFFFF_FFFF])
    }

    @Test("The association ends when the subsystem goes or the host is struck off, once")
    func gone() throws {
        let removed = try fixture()
        removed.controller.apply(TargetModel(generation: 8, subsystems: [], ports: []))
        #expect(removed.controller.takeEffect() == .ended(reason: "its subsystem was removed"))
        removed.controller.apply(TargetModel(generation: 9, subsystems: [], ports: []))
        #expect(removed.controller.takeEffect() == nil)
        let struck = try fixture()
        let closed = ControllerFixture.subsystem([], access: .only([]))
        struck.controller.apply(TargetModel(generation: 8, subsystems: [closed], ports: []))
        #expect(struck.controller.takeEffect() == .ended(reason: "its host may not connect any more"))
    }

    @Test("Abort ends a request that waits, hands others to the shard, and has a limit")
    func abort() throws {
        let fixture = try fixture()
        func abort(_ queueID: UInt32, _ commandID: UInt32) -> Answer? {
            fixture.send(entry(.abort, commandID: 9, dword10: queueID | commandID << 16))
        }
        #expect(abort(0, 102) == .success(0))
        #expect(
            fixture.controller.takeEvent()
                == EventCompletion(commandID: 102, result: 0, status: .abortRequested))
        #expect(abort(1, 5) == .success(1))
        try fixture.join(1)
        for _ in 0..<4 { #expect(abort(1, 5) == nil) }
        #expect(abort(0, 5) == .failure(.abortLimitExceeded))
        fixture.controller.abortEnded()
        #expect(abort(0, 5) == nil)
    }
}
