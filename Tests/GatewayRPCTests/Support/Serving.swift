// Runs a server, and a client of it, for the length of a closure.

import GRPCCore
import GRPCNIOTransportHTTP2
import GatewayRPC

func withServer<Result: Sendable>(
    _ settings: ControlServerSettings, _ services: [any RegistrableRPCService],
    _ body: @Sendable @escaping (_ port: Int) async throws -> Result
) async throws -> Result {
    let server = ControlServer(settings, services: services)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        defer { group.cancelAll() }
        return try await body(try await server.port)
    }
}

func withClient<Result: Sendable>(
    port: Int, security: HTTP2ClientTransport.Posix.TransportSecurity,
    _ body: @Sendable @escaping (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Result
) async throws -> Result {
    try await withClient(address: .ipv4(address: "127.0.0.1", port: port), security: security, body)
}

func withClient<Result: Sendable>(
    address: any ResolvableTarget, security: HTTP2ClientTransport.Posix.TransportSecurity,
    _ body: @Sendable @escaping (GRPCClient<HTTP2ClientTransport.Posix>) async throws -> Result
) async throws -> Result {
    let transport = try HTTP2ClientTransport.Posix(target: address, transportSecurity: security)
    return try await withGRPCClient(transport: transport) { try await body($0) }
}
