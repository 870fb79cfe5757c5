// Where a gateway's control interface is and how to get there: what the command line makes of its options.

internal import GRPCCore
internal import GRPCNIOTransportHTTP2

/// A gateway to be called, and how long to wait for it.
package struct ControlClientSettings: Sendable, Equatable {
    /// The files of mutual TLS, as PEM.
    package struct TLS: Sendable, Equatable {
        package var clientKeyPath: String
        package var clientCertificatePath: String
        /// The gateway must show this certificate, or one that it signed, and be named in it.
        package var serverCertificatePath: String

        package init(clientKeyPath: String, clientCertificatePath: String, serverCertificatePath: String) {
            self.clientKeyPath = clientKeyPath
            self.clientCertificatePath = clientCertificatePath
            self.serverCertificatePath = serverCertificatePath
        }
    }

    /// A name, or an IPv4 or IPv6 address without brackets.
    package var address: String
    package var port: Int
    /// Without it connections are cleartext HTTP/2 with prior knowledge.
    package var tls: TLS?
    /// How long a call may take, with the time that the connection takes.
    package var deadline: Duration

    package init(address: String, port: Int, tls: TLS? = nil, deadline: Duration) {
        self.address = address
        self.port = port
        self.tls = tls
        self.deadline = deadline
    }

    /// The address and the port for people.
    package var place: String { address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)" }

    var target: any ResolvableTarget {
        if address.contains(":") { return .ipv6(address: address, port: port) }
        let isNumeric = address.allSatisfy { $0 == "." || $0.isASCII && $0.isNumber }
        return isNumeric ? .ipv4(address: address, port: port) : .dns(host: address, port: port)
    }

    var transportSecurity: HTTP2ClientTransport.Posix.TransportSecurity {
        guard let tls else { return .plaintext }
        return .mTLS(
            certificateChain: [.file(path: tls.clientCertificatePath, format: .pem)],
            privateKey: .file(path: tls.clientKeyPath, format: .pem)
        ) { config in
            config.trustRoots = .certificates([.file(path: tls.serverCertificatePath, format: .pem)])
        }
    }
}
