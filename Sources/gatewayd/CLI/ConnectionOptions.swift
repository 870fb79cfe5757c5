// Which gateway a command calls, and how: options, environment variables, the gateway's own configuration
// file, defaults, in this order. Options and two of the variables are called as upstream's command line calls
// them.

import ArgumentParser
import GatewayControl
import GatewayRPC
import Glibc

/// Options of every command that calls a gateway.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the gateway is called. (GATEWAYD_SERVER_ADDRESS, CEPH_NVMEOF_SERVER_ADDRESS; otherwise "
                + "localhost)", valueName: "name or address"))
    var serverAddress: String?

    @Option(
        help: ArgumentHelp(
            "The port of its control interface. (GATEWAYD_SERVER_PORT, CEPH_NVMEOF_SERVER_PORT; otherwise "
                + "5500)", valueName: "port"))
    var serverPort: UInt16?

    @Option(
        help: ArgumentHelp(
            "For mutual TLS: our key, as PEM. All three are needed, or none. (GATEWAYD_CLIENT_KEY)",
            valueName: "file"), completion: .file())
    var clientKey: String?

    @Option(
        help: ArgumentHelp("Our certificate. (GATEWAYD_CLIENT_CERT)", valueName: "file"),
        completion: .file())
    var clientCert: String?

    @Option(
        help: ArgumentHelp(
            "The gateway's certificate, or the one that it was signed with. (GATEWAYD_SERVER_CERT)",
            valueName: "file"), completion: .file())
    var serverCert: String?

    @Option(
        help: ArgumentHelp(
            "The gateway's configuration file: what is not said otherwise is taken from its sections "
                + "gateway and mtls. (GATEWAYD_CONFIG)", valueName: "file"), completion: .file())
    var config: String?

    @Option(help: ArgumentHelp("How long the gateway may take to answer.", valueName: "seconds"))
    var timeout: UInt16 = 60
}

extension ConnectionOptions {
    private static let standardAddress = "localhost"
    private static let standardPort: UInt16 = 5500

    /// - Throws: EINVAL for what can't be meant.
    func settings(_ environment: [String: String]) throws(ControlFailure) -> ControlClientSettings {
        func variable(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let file = try (config ?? variable("GATEWAYD_CONFIG")).map(Self.read)
        var port = serverPort
        if port == nil, let text = variable("GATEWAYD_SERVER_PORT", "CEPH_NVMEOF_SERVER_PORT") {
            guard let number = UInt16(text) else {
                throw ControlFailure(EINVAL, "the environment's server port '\(text)' is no port: 1 to 65535")
            }
            port = number
        }
        let files = [
            ("--client-key", clientKey ?? variable("GATEWAYD_CLIENT_KEY") ?? file?.tls?.clientKeyPath),
            (
                "--client-cert",
                clientCert ?? variable("GATEWAYD_CLIENT_CERT") ?? file?.tls?.clientCertificatePath
            ),
            (
                "--server-cert",
                serverCert ?? variable("GATEWAYD_SERVER_CERT") ?? file?.tls?.serverCertificatePath
            ),
        ]
        let address =
            serverAddress ?? variable("GATEWAYD_SERVER_ADDRESS", "CEPH_NVMEOF_SERVER_ADDRESS")
            ?? file?.address ?? Self.standardAddress
        return ControlClientSettings(
            address: address.trimmingBrackets, port: Int(port ?? file?.port ?? Self.standardPort),
            tls: try Self.tls(files), deadline: .seconds(Int64(max(1, timeout))))
    }

    /// All three files, or none.
    private static func tls(
        _ files: [(option: String, path: String?)]
    ) throws(ControlFailure) -> ControlClientSettings.TLS? {
        let paths = files.compactMap(\.path)
        guard !paths.isEmpty else { return nil }
        for (option, path) in files {
            guard let path else {
                throw ControlFailure(
                    EINVAL, "\(option) is missing: mutual TLS takes a key and two certificates")
            }
            guard Machine.content(of: path, byteCountMax: 1) != nil else {
                throw ControlFailure(EINVAL, "\(option) \(path): the file can't be read")
            }
        }
        return ControlClientSettings.TLS(
            clientKeyPath: paths[0], clientCertificatePath: paths[1], serverCertificatePath: paths[2])
    }

    /// What a gateway's configuration file says about calling it.
    private struct FileSettings {
        var address: String?
        var port: UInt16?
        var tls: ControlClientSettings.TLS?
    }

    private static func read(_ path: String) throws(ControlFailure) -> FileSettings {
        let loaded: LoadedConfiguration
        do throws(ProgramFailure) {
            loaded = try ConfigurationFile(path: path, arguments: []).load()
        } catch { throw ControlFailure(EINVAL, error.description) }
        let values = loaded.values
        var settings = FileSettings(port: UInt16(exactly: values.controlPort))
        // A gateway that listens at all its addresses is called at the nearest.
        let isWildcard = ["0.0.0.0", "::"].contains(values.controlAddress)
        settings.address = isWildcard ? nil : values.controlAddress
        if values.requiresClientCertificates {
            let key = ConfigurationTable.row("mtls", "client_key").flatMap(loaded.text)
            settings.tls = ControlClientSettings.TLS(
                clientKeyPath: key ?? "", clientCertificatePath: values.clientCertificateFile,
                serverCertificatePath: values.serverCertificateFile)
        }
        return settings
    }
}

extension String {
    /// An IPv6 address without the brackets that people put around it.
    var trimmingBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
