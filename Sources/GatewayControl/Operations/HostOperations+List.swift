// What can be asked about hosts: who may connect, and who has.

internal import Glibc

/// A host of a subsystem as `connection list` has it: a controller, or a host that may connect and has none.
public struct ConnectionEntry: Hashable, Sendable {
    public var nqn: String
    public var hostNQN: String
    public var connection: HostConnection?
    /// On the allow list by its name; nil if it is not.
    public var host: HostRecord?
}

extension HostOperations {
    /// The allow list of a subsystem, in the order of NQNs.
    public func list(of nqn: String) throws(ControlFailure) -> SubsystemState {
        guard let subsystem = plane.state.current.subsystems[nqn] else {
            throw ControlFailure(ENODEV, "Failure listing hosts, can't get subsystems: No such device")
        }
        return subsystem
    }

    /// The controllers of a subsystem, or of all for "*", then the hosts that may connect and have none.
    public func connections(of nqn: String) async throws(ControlFailure) -> [ConnectionEntry] {
        if nqn.isEmpty { throw ControlFailure(EINVAL, "Failure listing connections, missing subsystem NQN") }
        let state = plane.state.current
        if nqn == "*" {
            var entries: [ConnectionEntry] = []
            for subsystem in state.sortedSubsystems { entries += await connections(of: subsystem) }
            return entries
        }
        guard let subsystem = state.subsystems[nqn] else {
            throw ControlFailure(ENODEV, "Failure listing connections, can't get subsystems: No such device")
        }
        return await connections(of: subsystem)
    }

    private func connections(of subsystem: SubsystemState) async -> [ConnectionEntry] {
        let nqn = subsystem.record.subsystemNQN
        let connections = await plane.target.connections(of: nqn).sorted {
            ($0.hostNQN, $0.controllerID) < ($1.hostNQN, $1.controllerID)
        }
        let connected = Set(connections.map(\.hostNQN))
        return connections.map {
            ConnectionEntry(nqn: nqn, hostNQN: $0.hostNQN, connection: $0, host: subsystem.hosts[$0.hostNQN])
        }
            + subsystem.sortedHosts
            .filter { $0.hostNQN != HostRecord.any && !connected.contains($0.hostNQN) }
            .map { ConnectionEntry(nqn: nqn, hostNQN: $0.hostNQN, connection: nil, host: $0) }
    }

    /// The I/O of a host's connections to a subsystem.
    public func statistics(
        of host: String, _ nqn: String, reset: Bool
    ) async throws(ControlFailure) -> ConnectionStatistics {
        let prefix = "Failure getting connection IO statistics for host \(host) on \(nqn)"
        if nqn.isEmpty { throw ControlFailure(EINVAL, "\(prefix): Missing subsystem NQN") }
        if host.isEmpty { throw ControlFailure(EINVAL, "\(prefix): Missing host NQN") }
        if plane.state.current.subsystems[nqn] == nil {
            throw ControlFailure(ENODEV, "\(prefix): Can't find subsystem")
        }
        return try await plane.target.connectionStatistics(of: host, nqn, reset: reset)
    }

    /// Has a host's connections outlive its place on the allow list.
    public func keepConnected(_ host: String, _ nqn: String) async throws(ControlFailure) {
        try await plane.target.keepConnected(host, nqn)
    }
}
