// The service `Inspection`: what our own command line asks a gateway beside what upstream's interface has.

internal import GRPCCore
internal import GatewayCore
package import GatewayControl
internal import SwiftProtobuf

/// The methods of `Inspection`, over the operations.
package struct InspectionService: Sendable {
    private let operations: InspectionOperations

    package init(_ plane: ControlPlane) { operations = InspectionOperations(plane) }

    /// The table, to be registered with a server.
    package func table(reporting report: @escaping CallReport = { _, _, _ in }) -> MethodTable {
        MethodTable(
            [
                UnaryMethod(PB_Inspection.Method.get_status.descriptor, status),
                UnaryMethod(PB_Inspection.Method.get_activity.descriptor, activity),
            ], reporting: report)
    }

    private func status(_ request: PB_get_status_req) async -> PB_gateway_status {
        await .answer { answer throws(ControlFailure) in
            let status = await operations.status()
            answer.uptimeSeconds = status.uptimeSeconds
            answer.stateVersion = status.stateVersion
            answer.subsystems = PB_served_count(status.subsystems)
            answer.namespaces = PB_served_count(status.namespaces)
            answer.listeners = PB_served_count(status.listeners)
            answer.hosts = PB_served_count(status.hosts)
            answer.connectionCount = UInt32(status.connectionCount)
            answer.unserved = status.unserved.map { object, reason in
                .with {
                    $0.object = object
                    $0.reason = reason
                }
            }
        }
    }

    private func activity(_ request: PB_get_activity_req) async -> PB_gateway_activity {
        await .answer { answer throws(ControlFailure) in
            let activity = try await operations.activity(
                of: request.hasSubsystemNqn ? request.subsystemNqn : nil)
            answer.now = activity.now
            answer.namespaces = activity.namespaces.map { traffic in
                PB_namespace_activity(
                    traffic, image: operations.image(ofNamespace: traffic.namespaceID, traffic.subsystemNQN))
            }
            answer.controllers = activity.controllers.map(PB_controller_activity.init)
        }
    }
}

// MARK: Messages

extension PB_served_count {
    init(_ counts: GatewayStatus.Served) {
        self.init()
        configured = UInt32(counts.configured)
        served = UInt32(counts.served)
    }
}

extension PB_namespace_activity {
    init(_ traffic: NamespaceTraffic, image: String) {
        self.init()
        subsystemNqn = traffic.subsystemNQN
        nsid = traffic.namespaceID
        self.image = image
        reads = PB_command_totals(traffic.totals.reads)
        writes = PB_command_totals(traffic.totals.writes)
        others = PB_command_totals(traffic.totals.others)
        inFlightCount = UInt32(clamping: traffic.inFlightCount)
    }
}

extension PB_command_totals {
    init(_ totals: CommandTotals) {
        self.init()
        count = totals.count
        failureCount = totals.failureCount
        byteCount = totals.byteCount
        nanoseconds = totals.nanoseconds
    }
}

extension PB_controller_activity {
    init(_ report: ControllerReport) {
        let traffic = report.traffic
        self.init()
        subsystemNqn = report.subsystemNQN
        hostNqn = report.hostNQN
        controllerID = UInt32(report.controllerID)
        queueCount = UInt32(clamping: report.ioQueueCount)
        readCount = traffic.readCount
        readBytes = traffic.readBytes
        writeCount = traffic.writeCount
        writtenBytes = traffic.writtenBytes
        endedCount = traffic.endedCount
        endedNanoseconds = traffic.endedNanoseconds
        inFlightCount = UInt32(clamping: traffic.inFlightCount)
    }
}
