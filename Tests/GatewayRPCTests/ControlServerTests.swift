// The server as a client on the network finds it: cleartext, mutual TLS, bounds.

import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import GatewayRPC
import SwiftProtobuf
import Synchronization
import Testing

@Suite("Control server")
struct ControlServerTests {
    @Test("The monitor's client tells the gateway its index over cleartext HTTP/2")
    func groupIndex() async throws {
        let told = Mutex<UInt32?>(nil)
        let table = MonitorGroupService.table { index in told.withLock { $0 = index } }
        try await withServer(.init(address: "127.0.0.1", port: 0), [table]) { port in
            try await withClient(port: port, security: .plaintext) { client in
                let monitor = PB_MonitorGroup.Client(wrapping: client)
                _ = try await monitor.group_id(.with { $0.id = 3 })
            }
        }
        #expect(told.withLock { $0 } == 3)
    }

    @Test("An option of the cluster's configuration is rejected by name")
    func configurationOption() async throws {
        let table = MonitorGroupService.table { _ in }
        try await withServer(.init(address: "::1", port: 0), [table]) { port in
            try await withClient(address: .ipv6(address: "::1", port: port), security: .plaintext) {
                let reply = try await PB_MonitorGroup.Client(wrapping: $0).apply_config(
                    .with {
                        $0.group = [
                            .with {
                                $0.section = "gateway"
                                $0.key = "max_hosts"
                                $0.present = true
                            },
                            .with { $0.key = "at its default" },
                        ]
                    })
                #expect(reply.rejects.map(\.key) == ["max_hosts"])
            }
        }
    }

    @Test("With mutual TLS a client that shows the right certificate is served, one that shows none is not")
    func mutualTLS() async throws {
        let keys = try TestCertificates()
        defer { keys.remove() }
        let table = MonitorGroupService.table { _ in }
        try await withServer(.init(address: "127.0.0.1", port: 0, tls: keys.server), [table]) { port in
            try await withClient(port: port, security: keys.client) { client in
                _ = try await PB_MonitorGroup.Client(wrapping: client).group_id(.init())
            }
            await #expect(throws: RPCError.self) {
                try await withClient(port: port, security: keys.clientWithoutCertificate) { client in
                    _ = try await PB_MonitorGroup.Client(wrapping: client).group_id(
                        .init(), options: oneAttempt)
                }
            }
        }
    }

    @Test("A request larger than the bound ends its call, and the next is served")
    func tooLarge() async throws {
        let table = MonitorGroupService.table { _ in }
        let settings = ControlServerSettings(address: "127.0.0.1", port: 0, messageBytesMax: 1000)
        try await withServer(settings, [table]) { port in
            try await withClient(port: port, security: .plaintext) { client in
                let monitor = PB_MonitorGroup.Client(wrapping: client)
                await #expect(throws: RPCError.self) {
                    _ = try await monitor.apply_config(
                        .with { $0.group = [.with { $0.value = String(repeating: "x", count: 2000) }] })
                }
                _ = try await monitor.group_id(.init())
            }
        }
    }

    @Test("A port that is taken is an error that is told")
    func portTaken() async throws {
        let table = MonitorGroupService.table { _ in }
        try await withServer(.init(address: "127.0.0.1", port: 0), [table]) { port in
            let second = ControlServer(.init(address: "127.0.0.1", port: port), services: [table])
            await #expect(throws: (any Error).self) { try await second.run() }
        }
    }

    /// A call that fails is not tried again until its deadline.
    private var oneAttempt: CallOptions {
        var options = CallOptions.defaults
        options.waitForReady = false
        options.timeout = .seconds(300)
        return options
    }
}
