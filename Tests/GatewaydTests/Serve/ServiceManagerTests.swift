// What systemd is told, received at a socket as systemd has one.

import Foundation
import Testing

@testable import gatewayd

@Suite("Service manager")
struct ServiceManagerTests {
    /// A datagram socket, and what comes to it.
    private final class Receiver {
        let path = "/tmp/gatewayd-notify-\(getpid())-\(UInt32.random(in: 0 ..< .max))"
        private let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)

        init() throws {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(status == 0)
        }

        deinit {
            close(descriptor)
            unlink(path)
        }

        /// The next datagram; nil if none is there.
        func next() -> String? {
            var buffer = [UInt8](repeating: 0, count: 1024)
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
        }
    }

    @Test("Each state of the service is told as sd_notify has it")
    func states() throws {
        let receiver = try Receiver()
        let manager = ServiceManager(environment: ["NOTIFY_SOCKET": receiver.path])
        manager.progress("opening")
        #expect(receiver.next() == "STATUS=opening")
        manager.ready("2 subsystems")
        #expect(receiver.next() == "READY=1\nSTATUS=2 subsystems")
        manager.isAlive()
        #expect(receiver.next() == "WATCHDOG=1")
        manager.reloading()
        let reload = try #require(receiver.next())
        #expect(reload.wholeMatch(of: #/RELOADING=1\nMONOTONIC_USEC=\d+/#) != nil)
        manager.stopping(within: 10)
        #expect(receiver.next()?.hasPrefix("STOPPING=1\n") == true)
        #expect(receiver.next() == nil)
    }

    @Test("Nobody is told where nobody listens, or nobody asked")
    func nobody() {
        for environment in [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "/nowhere/notify"]] {
            ServiceManager(environment: environment).ready("")
        }
    }

    @Test(
        "The watchdog is fed twice in its time, if it is this process's",
        arguments: [
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(15)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "\(getpid())"], .seconds(15)),
            (["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"], nil),
            (["WATCHDOG_USEC": "0"], nil), (["WATCHDOG_USEC": "x"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func watchdog(environment: [String: String], interval: Duration?) {
        #expect(ServiceManager(environment: environment).watchdogInterval == interval)
    }
}
