// Certificates of a test, made with the openssl command: each side's own, self-signed, as operators of the
// gateway make them.

import Foundation
import GRPCNIOTransportHTTP2
import GatewayRPC

struct TestCertificates {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("gatewayd-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for side in ["server", "client"] {
            let openssl = Process()
            openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            openssl.arguments =
                ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
                + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
                + ["-keyout", path("\(side).key"), "-out", path("\(side).crt")]
            openssl.standardError = FileHandle.nullDevice
            try openssl.run()
            openssl.waitUntilExit()
        }
    }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    var server: ControlServerSettings.TLS {
        .init(
            serverKeyPath: path("server.key"), serverCertificatePath: path("server.crt"),
            clientCertificatePath: path("client.crt"))
    }

    var client: HTTP2ClientTransport.Posix.TransportSecurity {
        .mTLS(
            certificateChain: [.file(path: path("client.crt"), format: .pem)],
            privateKey: .file(path: path("client.key"), format: .pem)
        ) { $0.trustRoots = .certificates([.file(path: path("server.crt"), format: .pem)]) }
    }

    var clientWithoutCertificate: HTTP2ClientTransport.Posix.TransportSecurity {
        .tls { $0.trustRoots = .certificates([.file(path: path("server.crt"), format: .pem)]) }
    }
}
