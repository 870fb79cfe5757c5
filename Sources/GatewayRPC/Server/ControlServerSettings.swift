// What a gRPC server listens on, and how its connections are secured. The daemon makes it from the
// configuration's sections `gateway` and `mtls`.

internal import GRPCNIOTransportHTTP2

/// An address to listen on, TLS or not, and a bound.
package struct ControlServerSettings: Sendable {
    /// The files of mutual TLS, as PEM.
    package struct TLS: Sendable, Equatable {
        package var serverKeyPath: String
        package var serverCertificatePath: String
        /// A client must show this certificate, or one that it signed.
        package var clientCertificatePath: String

        package init(serverKeyPath: String, serverCertificatePath: String, clientCertificatePath: String) {
            self.serverKeyPath = serverKeyPath
            self.serverCertificatePath = serverCertificatePath
            self.clientCertificatePath = clientCertificatePath
        }
    }

    /// IPv4 or IPv6, without brackets.
    package var address: String
    /// 0: any that is free.
    package var port: Int
    /// Without it connections are cleartext HTTP/2 with prior knowledge.
    package var tls: TLS?
    /// The largest request, in bytes.
    package var messageBytesMax: Int

    package init(
        address: String, port: Int, tls: TLS? = nil, messageBytesMax: Int = RPCLimits.messageBytesMax
    ) {
        self.address = address
        self.port = port
        self.tls = tls
        self.messageBytesMax = messageBytesMax
    }

    var socketAddress: GRPCNIOTransportHTTP2.SocketAddress {
        address.contains(":") ? .ipv6(host: address, port: port) : .ipv4(host: address, port: port)
    }

    var transportSecurity: HTTP2ServerTransport.Posix.TransportSecurity {
        guard let tls else { return .plaintext }
        return .mTLS(
            certificateChain: [.file(path: tls.serverCertificatePath, format: .pem)],
            privateKey: .file(path: tls.serverKeyPath, format: .pem)
        ) { config in
            config.trustRoots = .certificates([.file(path: tls.clientCertificatePath, format: .pem)])
        }
    }
}
