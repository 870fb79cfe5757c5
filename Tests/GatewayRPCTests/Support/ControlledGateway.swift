// A gateway whose target is a fake, served to clients on a port of its own.

import GRPCCore
import GRPCNIOTransportHTTP2
import GatewayControl
import GatewayRPC
import Synchronization

struct ControlledGateway: Sendable {
    let target: FakeTarget
    let images: FakeImages
    let plane: ControlPlane

    static let hostName = "gw1"

    init(
        _ images: [String: UInt64] = [:], entries: [String: String] = [:], group: String = "",
        groupMembers: any GatewayGroup = SoleGateway(), policy: ControlPolicy = ControlPolicy(),
        keys: any KeyProtection = PlainKeys()
    ) async throws {
        self.images = FakeImages(images)
        target = FakeTarget(hostName: Self.hostName, images: self.images)
        var limits = StateLimits()
        limits.pollInterval = nil
        let state = try await SharedState.open(MemoryStateStore(entries), limits: limits)
        await target.settle(state.current)
        plane = ControlPlane(
            state: state, target: target, images: self.images, group: groupMembers,
            identity: GatewayIdentity(name: "client.gw1", group: group, hostName: Self.hostName),
            policy: policy, keys: keys)
    }

    /// Serves it, and hands the port to `body`.
    func serve<Result: Sendable>(
        _ tls: ControlServerSettings.TLS? = nil,
        _ body: @Sendable @escaping (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let settings = ControlServerSettings(address: "127.0.0.1", port: 0, tls: tls)
        return try await withServer(
            settings, [GatewayService(plane).table(), InspectionService(plane).table()], body)
    }

    /// Serves it, and hands a client of it to `body`.
    func call<Result: Sendable>(
        _ body: @Sendable @escaping (PB_Gateway.Client<HTTP2ClientTransport.Posix>) async throws -> Result
    ) async throws -> Result {
        try await serve { port in
            try await withClient(port: port, security: .plaintext) {
                try await body(PB_Gateway.Client(wrapping: $0))
            }
        }
    }
}
