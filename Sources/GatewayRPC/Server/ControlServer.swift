// Where clients' calls come in: a gRPC server on an address and a port. The daemon runs two, one for the
// service `Gateway` and one, a port below, for `MonitorGroup`. Each call is a task of its own; none waits for
// another here.

package import GRPCCore
internal import GRPCNIOTransportHTTP2

/// A gRPC server. It listens when `run` is called, and stops when `run`'s task is cancelled or `stop` is
/// called: calls that are under way are answered first.
package final class ControlServer: Sendable {
    private let server: GRPCServer<HTTP2ServerTransport.Posix>

    package init(_ settings: ControlServerSettings, services: [any RegistrableRPCService]) {
        let transport = HTTP2ServerTransport.Posix(
            address: settings.socketAddress,
            transportSecurity: settings.transportSecurity,
            config: .defaults { config in
                config.rpc.maxRequestPayloadSize = settings.messageBytesMax
                config.http2.maxConcurrentStreams = RPCLimits.callsPerConnectionMax
                config.http2.targetWindowSize = RPCLimits.windowBytes
            })
        server = GRPCServer(transport: transport, services: services)
    }

    /// Serves until it is stopped. Throws when the address cannot be listened on.
    package func run() async throws {
        try await withTaskCancellationHandler {
            try await server.serve()
        } onCancel: {
            server.beginGracefulShutdown()
        }
    }

    /// The port it listens on: the one that was chosen when 0 was asked for. Returns when it listens;
    /// throws when it cannot.
    package var port: Int {
        get async throws {
            let address = try await server.transport.listeningAddress
            return address.ipv4?.port ?? address.ipv6?.port ?? 0
        }
    }

    /// Takes no more calls, and ends `run` when those under way are answered.
    package func stop() {
        server.beginGracefulShutdown()
    }
}
