// The keep-alive timer under a clock of our own.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Keep-alive")
struct KeepAliveTests {
    func expires(_ fixture: ControllerFixture, after milliseconds: UInt64) -> Bool {
        fixture.now = fixture.now.advanced(byMilliseconds: milliseconds)
        fixture.controller.timerFired(at: fixture.now)
        return fixture.controller.takeEffect() != nil
    }

    @Test("Without a command the association ends when the timeout is over, not a moment before")
    func expiry() throws {
        let fixture = try ControllerFixture(keepAliveMilliseconds: 5000)
        #expect(fixture.controller.deadline == fixture.now.advanced(byMilliseconds: 5000))
        #expect(!expires(fixture, after: 4999))
        #expect(expires(fixture, after: 1))
        #expect(!expires(fixture, after: 1000))
    }

    @Test(
        "A timeout is rounded up to the granularity that Identify reports",
        arguments: [(1, 1000), (1000, 1000), (1001, 2000)])
    func granularity(asked: UInt32, given: UInt64) throws {
        let fixture = try ControllerFixture(keepAliveMilliseconds: asked)
        #expect(fixture.send(entry(.getFeatures, dword10: 0x0F)) == .success(given))
        let longest = try ControllerFixture(keepAliveMilliseconds: .max)
        #expect(longest.send(entry(.getFeatures, dword10: 0x0F)) == .success(4_294_967_000))
    }

    @Test("Keep Alive and any traffic on any queue start the timer anew")
    func traffic() throws {
        let fixture = try ControllerFixture(keepAliveMilliseconds: 2000)
        #expect(!expires(fixture, after: 1999))
        #expect(fixture.send(entry(.keepAlive)) == .success())
        #expect(!expires(fixture, after: 1999))
        let queue = QueueCounters()
        fixture.controller.attach(queue, queue: 1)
        queue.countCommand()
        #expect(!expires(fixture, after: 1))
        #expect(!expires(fixture, after: 1999))
        #expect(expires(fixture, after: 1))
    }

    @Test("A timeout of 0 is none for an I/O controller, two idle minutes for a discovery controller")
    func none() throws {
        let io = try ControllerFixture()
        #expect(io.controller.deadline == nil)
        #expect(!expires(io, after: 1 << 40))
        let discovery = try ControllerFixture(discovery: true)
        #expect(!expires(discovery, after: 119_999))
        #expect(expires(discovery, after: 1))
    }

    @Test("Set Features changes the timeout from now on")
    func feature() throws {
        let fixture = try ControllerFixture(keepAliveMilliseconds: 5000)
        #expect(!expires(fixture, after: 4000))
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0F, dword11: 10_000)) == .success())
        #expect(!expires(fixture, after: 9999))
        #expect(expires(fixture, after: 1))
        let kept = try ControllerFixture(keepAliveMilliseconds: 5000)
        #expect(kept.send(entry(.setFeatures, dword10: 0x0F)) == .failure(.keepAliveInvalid, byte: 44))
        #expect(expires(kept, after: 5000))
    }

    @Test("A controller that is never enabled ends after the time for that, whatever is sent")
    func neverEnabled() throws {
        let fixture = try ControllerFixture(keepAliveMilliseconds: 5000, isEnabled: false)
        let queue = QueueCounters()
        fixture.controller.attach(queue, queue: 0)
        queue.countCommand()
        #expect(!expires(fixture, after: 119_999))
        #expect(expires(fixture, after: 1))
    }

    @Test("After a shutdown was asked for no timer runs")
    func shutdown() throws {
        let fixture = try ControllerFixture(keepAliveMilliseconds: 5000)
        _ = fixture.send(
            PropertySetCommand(.configuration, size: .fourBytes, value: 0x464061).entry(commandID: 1))
        #expect(fixture.controller.takeEffect() == .shutdownStarted)
        #expect(fixture.controller.deadline == nil)
        #expect(!expires(fixture, after: 1 << 40))
    }
}
