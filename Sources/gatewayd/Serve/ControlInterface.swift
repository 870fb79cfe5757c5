// The control interface of a running gateway: the gRPC services, over the operations, over the reconciler.

import GatewayControl
import GatewayCore
import GatewayIO
import GatewayRPC
import Synchronization

/// The gRPC servers: `Gateway` and `Inspection` at the configured port, `MonitorGroup` at the one below it.
struct ControlInterface: Sendable {
    private let servers: [ControlServer]
    private let serving: [Task<Void, any Error>]

    /// Returns when both listen.
    static func start(
        _ configuration: ServeConfiguration, plane: ControlPlane, group: MonitoredGroup, _ log: any TargetLog
    ) async throws(ProgramFailure) -> ControlInterface {
        let report: CallReport = { method, duration, error in
            let problem = error.map { ": \($0)" } ?? ""
            log.write(.debug, "call \(method), \(duration)\(problem)")
        }
        let monitor = MonitorGroupService.table(reporting: report) { await group.set(index: $0) }
        let gateway = [
            GatewayService(plane).table(reporting: report), InspectionService(plane).table(reporting: report),
        ]
        let tables = [(0, gateway), (-1, [monitor])]
        let servers = tables.map { offset, services in
            ControlServer(
                ControlServerSettings(
                    address: configuration.controlAddress, port: configuration.controlPort + offset,
                    tls: configuration.controlTLS, messageBytesMax: configuration.messageMegabytesMax << 20),
                services: services)
        }
        let interface = ControlInterface(
            servers: servers, serving: servers.map { server in Task { try await server.run() } })
        for (index, (offset, _)) in tables.enumerated() {
            let port = configuration.controlPort + offset
            do { _ = try await servers[index].port } catch {
                // Why is what serving ended with.
                let ended = await interface.serving[index].result
                await interface.end()
                var reason = "\(error)"
                if case .failure(let why) = ended { reason = "\(why)" }
                throw ProgramFailure(
                    .addressUnusable,
                    "the control interface can't listen on \(configuration.controlAddress):\(port): \(reason)"
                )
            }
        }
        log.write(
            .notice, "control interface at \(configuration.controlAddress):\(configuration.controlPort)")
        return interface
    }

    /// Answers the calls that are under way, and takes no more.
    func end() async {
        for server in servers { server.stop() }
        for task in serving {
            // Why it does not listen was told when it began.
            _ = await task.result
        }
    }
}

extension ServeConfiguration {
    fileprivate var controlTLS: ControlServerSettings.TLS? {
        guard requiresClientCertificates else { return nil }
        return ControlServerSettings.TLS(
            serverKeyPath: serverKeyFile, serverCertificatePath: serverCertificateFile,
            clientCertificatePath: clientCertificateFile)
    }

    var identity: GatewayIdentity {
        GatewayIdentity(
            name: ownName, group: group, hostName: ownHostName, address: controlAddress, port: controlPort)
    }

    var policy: ControlPolicy {
        var policy = ControlPolicy()
        policy.subsystemsMax = UInt32(subsystemsMax)
        policy.namespacesMax = UInt32(namespacesMax)
        policy.namespacesPerSubsystemMax = UInt32(namespacesPerSubsystemMax)
        policy.hostsPerSubsystemMax = UInt32(hostsPerSubsystemMax)
        policy.hostsMax = UInt32(hostsMax)
        policy.hostsPerNamespaceMax = UInt32(hostsPerNamespaceMax)
        policy.maskedNamespacesMax = UInt32(maskedNamespacesMax)
        policy.gatewaysPerGroupMax = UInt32(gatewaysInGroupMax)
        policy.verifiesNQNs = verifiesNQNs
        policy.verifiesKeys = verifiesKeys
        policy.verifiesListenerAddresses = verifiesListenerAddresses
        return policy
    }
}

/// The group as far as the monitor has told of it: which gateway of it this is.
final class MonitoredGroup: GatewayGroup {
    private let name: String
    private let target: Target
    private let configuredIDs: ClosedRange<UInt16>?
    private let log: any TargetLog
    private let told = Mutex<UInt32>(0)

    /// - Parameter controllerIDs: what the configuration names; nil if they go by the index.
    init(name: String, target: Target, controllerIDs: ClosedRange<UInt16>?, log: any TargetLog) {
        self.name = name
        self.target = target
        configuredIDs = controllerIDs
        self.log = log
    }

    /// The monitor has told. Returns when every controller has an identifier that is this gateway's to give.
    func set(index: UInt32) async {
        guard index <= gatewayIndexMax else {
            log.write(
                .error,
                "the monitor says that this is gateway \(index) of its group, from 0: there are controller "
                    + "identifiers for 32. Set [gateway] min_controller_id and max_controller_id")
            return
        }
        let isNew = told.withLock { told in
            defer { told = index }
            return told != index
        }
        if isNew {
            log.write(.notice, "the monitor says that this is gateway \(index) of its group, from 0")
        }
        // It throws only when the target has ended.
        do throws(TargetError) { try await target.setControllerIDs(controllerIDs) } catch { return }
    }

    var index: UInt32 { told.withLock { $0 } }
    var controllerIDs: ClosedRange<UInt16> { configuredIDs ?? .ofGateway(index: index) }

    func members() async throws(ControlFailure) -> [Member] {
        [Member(anaGroup: index + 1, owner: name)]
    }
}
