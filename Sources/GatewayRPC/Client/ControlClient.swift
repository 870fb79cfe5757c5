// The other end of ControlServer: calls a gateway's control interface and turns what comes back, or does not
// come, into an answer or a failure with an errno. Our command line works with it.

package import GRPCCore
internal import GRPCNIOTransportHTTP2
internal import GRPCProtobuf
package import GatewayControl
internal import Glibc
package import SwiftProtobuf

/// A method with the types of its messages.
package struct ControlMethod<Input: Message, Output: Message>: Sendable {
    let descriptor: MethodDescriptor

    package init(_ descriptor: MethodDescriptor) { self.descriptor = descriptor }
}

/// A connection to a gateway.
package struct ControlClient: Sendable {
    private let client: GRPCClient<HTTP2ClientTransport.Posix>
    private let settings: ControlClientSettings

    /// The list of 4,096 namespaces with their hosts is a tenth of this.
    private static let answerBytesMax = 64 << 20

    /// Connects, hands the connection to `body`, and closes it. Nothing is sent before the first call.
    /// - Throws: what `body` throws; EINVAL for keys and certificates that can't be used.
    package static func connected<Result: Sendable>(
        to settings: ControlClientSettings,
        _ body: @Sendable (ControlClient) async throws -> Result
    ) async throws -> Result {
        let transport: HTTP2ClientTransport.Posix
        do {
            transport = try HTTP2ClientTransport.Posix(
                target: settings.target, transportSecurity: settings.transportSecurity)
        } catch {
            throw ControlFailure(
                EINVAL, "the keys and certificates for \(settings.place) can't be used: \(error)")
        }
        return try await withGRPCClient(transport: transport) { client in
            try await body(ControlClient(client: client, settings: settings))
        }
    }

    /// Calls a method.
    /// - Throws: what the gateway refused, with its errno; ECONNREFUSED if none answers, ETIMEDOUT if it
    ///   does not in time, EOPNOTSUPP if it has no such method, EIO for what else can go wrong.
    package func call<Input, Output>(
        _ method: ControlMethod<Input, Output>, _ request: Input
    ) async throws(ControlFailure) -> Output {
        let answer: Output
        do {
            answer = try await client.unary(
                request: ClientRequest(message: request), descriptor: method.descriptor,
                serializer: ProtobufSerializer<Input>(), deserializer: ProtobufDeserializer<Output>(),
                options: options
            ) { try $0.message }
        } catch let error as RPCError { throw failure(error, method.descriptor) } catch {
            throw ControlFailure(EIO, "\(settings.place): \(error)")
        }
        if let refused = answer as? any StatusMessage, refused.status != 0 {
            throw ControlFailure(refused.status, refused.errorMessage)
        }
        return answer
    }

    private var options: CallOptions {
        var options = CallOptions.defaults
        options.timeout = settings.deadline
        options.maxResponseMessageBytes = Self.answerBytesMax
        return options
    }

    private func failure(_ error: RPCError, _ method: MethodDescriptor) -> ControlFailure {
        let place = settings.place
        switch error.code {
        case .unavailable:
            let cause = error.cause.map { "\($0)" } ?? error.message
            let reason = cause.contains("errno: \(ECONNREFUSED)") ? "connection refused" : cause
            return ControlFailure(
                ECONNREFUSED,
                "no gateway answers at \(place) (\(reason)). Does `gatewayd serve` run there, and does it "
                    + "ask for certificates? --server-address, --server-port and --client-cert say where "
                    + "and how.")
        case .deadlineExceeded, .cancelled:
            return ControlFailure(
                ETIMEDOUT,
                "the gateway at \(place) has not answered \(method.method) within \(settings.deadline). The "
                    + "change may have been made: look, and ask again.")
        case .unimplemented:
            return ControlFailure(
                EOPNOTSUPP,
                "the gateway at \(place) has no call \(method.method): it is an older one, or not gatewayd")
        default:
            return ControlFailure(EIO, "the gateway at \(place), \(method.method): \(error.message)")
        }
    }
}
