// Property Get and Set: every offset and size, and CC's effects.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Properties of a controller")
struct ControllerPropertyTests {
    func get(_ fixture: ControllerFixture, _ offset: PropertyOffset, _ size: PropertySize = .fourBytes)
        -> Answer?
    {
        fixture.send(PropertyGetCommand(offset, size: size).entry(commandID: 1))
    }

    func set(
        _ fixture: ControllerFixture, _ offset: PropertyOffset, _ value: UInt64,
        _ size: PropertySize = .fourBytes
    ) -> Answer? {
        fixture.send(PropertySetCommand(offset, size: size, value: value).entry(commandID: 1))
    }

    func status(_ fixture: ControllerFixture) -> UInt64? { get(fixture, .status)?.result }

    @Test("Every offset and size but those of the table answers Invalid Field at the field that is wrong")
    func sweep() throws {
        let fixture = try ControllerFixture()
        let known: [UInt32: PropertySize] = [
            0x00: .eightBytes, 0x08: .fourBytes, 0x14: .fourBytes, 0x1C: .fourBytes, 0x20: .fourBytes,
            0x68: .fourBytes,
        ]
        for offset in UInt32(0)...0x1000 {
            for size in UInt8(0)...7 {
                let size = PropertySize(rawValue: size)
                let answer = get(fixture, PropertyOffset(rawValue: offset), size)
                switch known[offset] {
                case nil: #expect(answer == .failure(.invalidField, byte: 44))
                case size: #expect(answer?.status == .success)
                default: #expect(answer == .failure(.invalidField, byte: 40))
                }
            }
        }
    }

    @Test("Only CC and NSSR can be written", arguments: [0x00, 0x08, 0x1C, 0x68])
    func readOnly(offset: UInt32) throws {
        let fixture = try ControllerFixture()
        let size: PropertySize = offset == 0 ? .eightBytes : .fourBytes
        #expect(
            set(fixture, PropertyOffset(rawValue: offset), 0, size) == .failure(.invalidField, byte: 44))
        #expect(set(fixture, .subsystemReset, UInt64(subsystemResetSignature)) == .success())
        #expect(get(fixture, .subsystemReset) == .success(0))
    }

    @Test("CAP, VS and CRTO say what the specification makes mandatory")
    func capabilities() throws {
        let fixture = try ControllerFixture(isEnabled: false)
        let raw = try #require(get(fixture, .capabilities, .eightBytes)).result
        #expect(raw & 0xFFFF == 1023)
        #expect(raw >> 16 & 1 == 1)
        #expect(raw >> 24 & 0xFF == 30)
        #expect(raw >> 37 & 0xFF == 0x41)
        #expect(raw >> 48 & 0xFF == 0)
        #expect(raw >> 59 & 3 == 1)
        #expect(get(fixture, .version) == .success(0x20100))
        #expect(get(fixture, .readyTimeouts) == .success(30))
        #expect(get(fixture, .configuration) == .success(0))
        #expect(status(fixture) == 0)
        let discovery = try ControllerFixture(discovery: true)
        #expect(get(discovery, .capabilities, .eightBytes)!.result >> 37 & 0xFF == 0x01)
    }

    @Test("A Linux host's writes enable the controller, then shut it down")
    func linux() throws {
        let fixture = try ControllerFixture(isEnabled: false)
        #expect(set(fixture, .configuration, 0x460060) == .success())
        #expect(status(fixture) == 0)
        #expect(set(fixture, .configuration, 0x460061) == .success())
        #expect(status(fixture) == 1)
        #expect(set(fixture, .configuration, 0x464061) == .success())
        #expect(status(fixture) == 0b0101)
        #expect(fixture.controller.takeEffect() == .shutdownStarted)
        #expect(fixture.controller.takeEffect() == nil)
        #expect(fixture.send(entry(.keepAlive)) == .failure(.commandSequenceError))
        fixture.controller.shutdownCompleted()
        #expect(status(fixture) == 0b1001)
        #expect(fixture.controller.deadline == nil)
    }

    @Test("An abrupt shutdown is a shutdown, and is started once")
    func abrupt() throws {
        let fixture = try ControllerFixture()
        #expect(set(fixture, .configuration, 0x468061) == .success())
        #expect(set(fixture, .configuration, 0x468061) == .success())
        #expect(fixture.controller.takeEffect() == .shutdownStarted)
        #expect(fixture.controller.takeEffect() == nil)
    }

    @Test("A reset keeps CSTS.RDY until the I/O queues are gone, and forgets features and events")
    func reset() throws {
        let fixture = try ControllerFixture()
        #expect(fixture.send(entry(.asyncEventRequest, commandID: 40)) == nil)
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: 0x100)) == .success())
        #expect(set(fixture, .configuration, 0x460060) == .success())
        #expect(status(fixture) == 1)
        #expect(fixture.controller.takeEffect() == .resetStarted)
        #expect(
            fixture.controller.takeEvent()
                == EventCompletion(commandID: 40, result: 0, status: .abortRequested, isSilent: true))
        #expect(set(fixture, .configuration, 0x460061) == .failure(.commandSequenceError))
        fixture.controller.resetCompleted()
        #expect(status(fixture) == 0)
        #expect(fixture.send(entry(.keepAlive)) == .failure(.commandSequenceError))
        #expect(set(fixture, .configuration, 0x460061) == .success())
        #expect(status(fixture) == 1)
        #expect(fixture.send(entry(.getFeatures, dword10: 0x0B)) == .success(0))
    }

    @Test(
        "Enabled as it can't run, the controller fails until it is disabled",
        arguments: [0x4600E1, 0x460861, 0x450061, 0x360061, 0x460011, 0x460071])
    func fatal(value: UInt64) throws {
        let fixture = try ControllerFixture(isEnabled: false)
        #expect(set(fixture, .configuration, value) == .success())
        #expect(status(fixture) == 0b10)
        #expect(fixture.send(entry(.keepAlive)) == .failure(.commandSequenceError))
        #expect(set(fixture, .configuration, value & ~1) == .success())
        #expect(status(fixture) == 0)
        #expect(set(fixture, .configuration, 0x460001) == .success())
        #expect(status(fixture) == 1)
    }

    @Test("Hosts may enable the controller before they know the sizes of queue entries, and set them later")
    func entrySizes() throws {
        for value: UInt64 in [0x1, 0x61, 0x400061, 0x060061] {
            let fixture = try ControllerFixture(isEnabled: false)
            #expect(set(fixture, .configuration, value) == .success())
            #expect(status(fixture) == 1)
            #expect(set(fixture, .configuration, value | 0x460000) == .success())
            #expect(status(fixture) == 1)
        }
    }

    @Test("A reset resets CC, and one that comes with a shutdown notification is a shutdown as well")
    func resetAndShutdown() throws {
        let fixture = try ControllerFixture()
        #expect(set(fixture, .configuration, 0x464060) == .success())
        #expect(status(fixture) == 0b0101)
        #expect(fixture.controller.takeEffect() == .resetStarted)
        #expect(fixture.controller.takeEffect() == .shutdownStarted)
        fixture.controller.resetCompleted()
        #expect(get(fixture, .configuration) == .success(0))
        #expect(status(fixture) == 0b0100)
        fixture.controller.shutdownCompleted()
        #expect(status(fixture) == 0b1000)
        #expect(set(fixture, .configuration, 0x460061) == .success())
        #expect(status(fixture) == 1)
        #expect(fixture.send(entry(.keepAlive)) == .success())
    }

    @Test("After a shutdown a reset that leaves the notification in CC is a reset only")
    func resetAfterShutdown() throws {
        let fixture = try ControllerFixture()
        #expect(set(fixture, .configuration, 0x464061) == .success())
        #expect(fixture.controller.takeEffect() == .shutdownStarted)
        fixture.controller.shutdownCompleted()
        #expect(set(fixture, .configuration, 0x464060) == .success())
        #expect(fixture.controller.takeEffect() == .resetStarted)
        #expect(fixture.controller.takeEffect() == nil)
        fixture.controller.resetCompleted()
        #expect(status(fixture) == 0)
    }

    @Test("Bits of CC that are reserved or read-only keep their 0", arguments: [0xFF46_006F, 0x0146_0061])
    func readOnlyBits(value: UInt64) throws {
        let fixture = try ControllerFixture(isEnabled: false)
        #expect(set(fixture, .configuration, value) == .success())
        #expect(get(fixture, .configuration) == .success(0x460061))
        #expect(status(fixture) == 1)
    }

    @Test(
        "What CC fixes while enabled can't be changed",
        arguments: [(0x460001, 48, 4), (0x4600E1, 48, 7), (0x460861, 49, 3)])
    func fixed(value: UInt64, byte: UInt8, bit: UInt8) throws {
        let fixture = try ControllerFixture()
        #expect(set(fixture, .configuration, value) == .failure(.invalidField, byte: byte, bit: bit))
        #expect(set(fixture, .configuration, 0x46C061) == .failure(.invalidField, byte: 49, bit: 6))
        #expect(get(fixture, .configuration) == .success(0x460061))
    }

    @Test(
        "A discovery controller takes the command set of any host",
        arguments: [0x460001, 0x460061, 0x460071, 0x1])
    func discovery(value: UInt64) throws {
        let fixture = try ControllerFixture(discovery: true, isEnabled: false)
        #expect(set(fixture, .configuration, value) == .success())
        #expect(status(fixture) == 1)
    }
}
