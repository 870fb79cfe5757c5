// What can be asked about namespaces.

internal import Glibc

/// A namespace as `namespace list` has it.
public struct NamespaceEntry: Sendable {
    public var state: NamespaceState
    /// In this gateway; nil if it has not come to it yet.
    public var standing: NamespaceStanding?
}

/// A namespace's limits as they hold, in the wire's units; 0 is unlimited.
public struct NamespaceLimits: Hashable, Sendable {
    /// Reads and writes a second.
    public var readWriteIOs: UInt64 = 0
    /// MiB a second.
    public var readWriteMebibytes: UInt64 = 0
    public var readMebibytes: UInt64 = 0
    public var writeMebibytes: UInt64 = 0

    /// No more than fit into 64 bits as bytes.
    public static let mebibytesMax = UInt64.max / (1 << 20)
    /// Limits of I/Os a second are multiples of this.
    public static let ioStep: UInt64 = 1000

    /// What was asked for, rounded up as upstream does.
    public init(_ record: QoSRecord?) {
        guard let record else { return }
        let ios = record.readWriteIOsPerSecond ?? 0
        let (sum, isTooLarge) = ios.addingReportingOverflow(Self.ioStep - 1)
        readWriteIOs = isTooLarge ? ios - ios % Self.ioStep : sum - sum % Self.ioStep
        readWriteMebibytes = min(record.readWriteMegabytesPerSecond ?? 0, Self.mebibytesMax)
        readMebibytes = min(record.readMegabytesPerSecond ?? 0, Self.mebibytesMax)
        writeMebibytes = min(record.writeMegabytesPerSecond ?? 0, Self.mebibytesMax)
    }
}

extension NamespaceOperations {
    /// Stands for every subsystem.
    public static let allSubsystems = "*"

    /// The namespaces of a subsystem, or of all ("*", or nothing), in the order of NQNs and NSIDs.
    public func list(
        of nqn: String, nsid: UInt32? = nil, uuid: String? = nil
    ) async throws(ControlFailure) -> [NamespaceEntry] {
        let state = plane.state.current
        var subsystems = state.sortedSubsystems
        if nqn != Self.allSubsystems, !nqn.isEmpty {
            guard let subsystem = state.subsystems[nqn] else {
                throw ControlFailure(ENODEV, "Failure listing namespaces: No such device")
            }
            subsystems = [subsystem]
        }
        let standings = await plane.target.namespaces()
        let wanted = uuid?.isEmpty == false ? uuid?.lowercased() : nil
        return subsystems.flatMap { subsystem in
            subsystem.sortedNamespaces.compactMap { namespace in
                if let nsid, nsid != 0, nsid != namespace.record.nsid { return nil }
                if let wanted, wanted != namespace.record.uuid?.lowercased() { return nil }
                let name = NamespaceName(subsystem.record.subsystemNQN, namespace.record.nsid)
                return NamespaceEntry(state: namespace, standing: standings[name])
            }
        }
    }

    /// What a namespace has done.
    public func statistics(
        of nsid: UInt32, in nqn: String
    ) async throws(ControlFailure) -> (record: NamespaceRecord, statistics: NamespaceStatistics) {
        try checkNames(nsid, nqn, "getting IO stats for namespace")
        let prefix = "Failure getting IO stats for namespace \(nsid) on \(nqn)"
        let namespace = try find(nsid, nqn, in: plane.state.current, prefix)
        guard let statistics = await plane.target.statistics(ofNamespace: nsid, of: nqn) else {
            throw ControlFailure(ENODEV, "\(prefix): Can't find associated block device")
        }
        return (namespace.record, statistics)
    }

    /// What namespaces have done that are open here: all, those of a subsystem, or one.
    public func allStatistics(
        of nqn: String?, nsid: UInt32?
    ) async throws(ControlFailure) -> [(record: NamespaceRecord, statistics: NamespaceStatistics)] {
        var found: [(NamespaceRecord, NamespaceStatistics)] = []
        let statistics = await plane.target.statistics()
        for entry in try await list(of: nqn ?? "", nsid: nsid) {
            let record = entry.state.record
            if let counted = statistics[NamespaceName(record.subsystemNQN, record.nsid)] {
                found.append((record, counted))
            }
        }
        if found.isEmpty, let nqn, let nsid, nsid != 0 {
            throw ControlFailure(
                ENODEV, "Failure getting IO stats for namespace \(nsid) on \(nqn): Can't find namespace")
        }
        return found
    }
}
