// What a peer that we have ended the connection of may still do.

import CLiburing
import GatewayCore
import NVMeTCP
import Testing

@testable import GatewayIO

@Suite("A connection that ended here")
struct LingeringTests {
    @Test("A host that was told why its connection ends may go on sending, and is not reset")
    func goesOnSending() async throws {
        let target = try await Target.start(
            Target.Configuration(
                listeners: [ListenAddress(host: "127.0.0.1", port: 0)], subsystems: [], log: SilentLog()))
        let socket = try TestHost.connect(port: target.listeners[0].port)
        defer { close(socket) }
        var bytes = [UInt8](repeating: 0x55, count: 65536)
        #expect(send(socket, bytes, 128, Int32(MSG_NOSIGNAL)) == 128)
        #expect(recv(socket, &bytes, bytes.count, 0) > 0, "C2HTermReq comes")
        #expect(bytes[0] == PDUType.controllerTermination.rawValue)
        #expect(recv(socket, &bytes, bytes.count, 0) == 0, "and then the end")
        for _ in 0..<32 {
            #expect(send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
        }
        // A host that does not end its direction does not keep the target from ending.
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    private static let start = Instant(nanoseconds: 1_000)

    @Test("Each peer's time is over once, and the table has a bound")
    func table() {
        var lingering = Lingering()
        for number in 0..<Bounds.lingeringMax {
            let until = Self.start.advanced(byMilliseconds: UInt64(number))
            #expect(lingering.add(Int32(number), until: until) != nil)
        }
        #expect(lingering.add(1_000, until: Self.start) == nil)
        #expect(lingering.deadline == Self.start)
        #expect(lingering.takeOverdue(at: Self.start.advanced(byMilliseconds: 1)) == [0, 1])
        #expect(lingering.takeOverdue(at: Self.start.advanced(byMilliseconds: 1)) == [])
        #expect(lingering.deadline == Self.start.advanced(byMilliseconds: 2))
    }

    @Test("A place that is free again is the next one's, and a wait of before is not its")
    func reuse() throws {
        var lingering = Lingering()
        let first = lingering.add(3, until: Self.start)
        let before = try #require(first)
        lingering.remove(before)
        #expect(lingering.deadline == nil)
        let second = lingering.add(4, until: Self.start)
        let now = try #require(second)
        #expect(now.index == before.index)
        #expect(lingering.entry(of: before) == nil)
        #expect(lingering.entry(of: now)?.socket == 4)
    }
}
