// The reconciler as control calls see it: what is served here, who is connected, and how this gateway
// reaches ANA groups.

internal import GatewayCore
internal import Glibc
internal import NVMeTCP

extension Reconciler: ControlledTarget {
    public func connections(of nqn: String) async -> [HostConnection] {
        let reports = await target.controllers()
        var ports: [UInt16: ServedAddress] = [:]
        for (address, entry) in addresses {
            if case .listening(let id) = entry.standing { ports[id] = address }
        }
        return reports.filter { $0.subsystemNQN == nqn && !$0.isDiscovery }.map { report in
            let address = ports[report.portID]
            return HostConnection(
                hostNQN: report.hostNQN, controllerID: report.controllerID, address: address?.host ?? "",
                port: UInt32(address?.port ?? 0),
                addressFamily: address?.family == .ipv6 ? .ipv6 : .ipv4,
                ioQueueCount: Int32(clamping: report.ioQueueCount))
        }
    }

    public func listeners(of nqn: String) async -> [ListenerStanding] {
        guard let subsystem = newest.subsystems[nqn] else { return [] }
        return subsystem.listeners(hostName: settings.hostName, addresses: localAddresses).map { record in
            ListenerStanding(
                record: record, isAutomatic: subsystem.listeners[record.key.text] == nil,
                problem: problem(of: record))
        }
    }

    private func problem(of record: ListenerRecord) -> String? {
        if let problem = assembly.problems[.listener(record)] { return problem }
        if let address = record.servedAddress, case .listening = addresses[address]?.standing { return nil }
        return "nothing listens there yet"
    }

    public func namespace(_ nsid: UInt32, of nqn: String) async -> NamespaceStanding? {
        newest.namespace(nsid, of: nqn).flatMap(standing)
    }

    public func namespaces() async -> [NamespaceName: NamespaceStanding] {
        var standings: [NamespaceName: NamespaceStanding] = [:]
        for (nqn, subsystem) in newest.subsystems {
            for (nsid, namespace) in subsystem.namespaces {
                standings[NamespaceName(nqn, nsid)] = standing(namespace)
            }
        }
        return standings
    }

    private func standing(_ namespace: NamespaceState) -> NamespaceStanding? {
        let record = namespace.record
        guard let entry = stores[record.store], !entry.isNew else { return nil }
        let name = ServedObject.namespace(nqn: record.subsystemNQN, nsid: record.nsid)
        var standing = NamespaceStanding(sizeBytes: 0, problem: assembly.problems[name] ?? entry.problem)
        if case .open(let store) = entry.standing {
            standing.sizeBytes = store.backend.geometry.byteCount
            standing.clientAddresses = store.clientAddresses
            standing.clientName = store.clientName
        }
        return standing
    }

    public func statistics(
        ofNamespace nsid: UInt32, of nqn: String
    ) async -> NamespaceStatistics? {
        await statistics()[NamespaceName(nqn, nsid)]
    }

    public func statistics() async -> [NamespaceName: NamespaceStatistics] {
        var totals: [NamespaceName: TrafficTotals] = [:]
        for traffic in await target.traffic() {
            totals[NamespaceName(traffic.subsystemNQN, traffic.namespaceID)] = traffic.totals
        }
        var all: [NamespaceName: NamespaceStatistics] = [:]
        for subsystem in newest.subsystems.values {
            for namespace in subsystem.namespaces.values {
                guard case .open = stores[namespace.record.store]?.standing else { continue }
                let name = NamespaceName(namespace.record.subsystemNQN, namespace.record.nsid)
                var statistics = NamespaceStatistics()
                statistics.now = sinceStart
                statistics.reads = NamespaceStatistics.Requests(totals[name]?.reads ?? CommandTotals())
                statistics.writes = NamespaceStatistics.Requests(totals[name]?.writes ?? CommandTotals())
                all[name] = statistics
            }
        }
        return all
    }

    public func activity() async -> TargetActivity {
        let traffic = await target.traffic()
        let controllers = await target.controllers()
        return TargetActivity(
            now: sinceStart, namespaces: traffic, controllers: controllers.filter { !$0.isDiscovery })
    }

    public func problems() async -> [ServedObject: String] { assembly.problems }

    public func refreshSize(ofNamespace nsid: UInt32, of nqn: String) async {
        guard let record = newest.namespace(nsid, of: nqn)?.record,
            case .open(let store) = stores[record.store]?.standing
        else { return }
        await store.refresh()
        // A size that was new to the backend was told by it; hosts are asked to look again in any case.
        target.geometryChanged(of: store.backend)
    }

    public nonisolated func hasAddress(_ address: String, _ family: ListenerRecord.AddressFamily) -> Bool {
        ServedAddress(host: address, port: 1).isWildcard || settings.localAddresses().contains(address)
    }

    public func shards() async -> [ShardStatistics] { settings.shardStatistics() }

    // MARK: ANA groups

    public func anaState(ofGroup group: UInt32, of nqn: String) async -> GroupANAState {
        switch anaStates[nqn]?[group] ?? settings.anaStateAtStart {
        case .optimized: .optimized
        case .nonOptimized: .nonOptimized
        case _: .inaccessible
        }
    }

    public func setANAStates(_ changes: [ANAStateChange]) async throws(ControlFailure) {
        if changes.contains(where: { $0.state != .inaccessible }) {
            // A gateway that was fenced must not be overtaken by what this one serves in its place.
            do throws(StoreProblem) { try await opener.catchUp() } catch {
                throw ControlFailure(ETIMEDOUT, error.description)
            }
        }
        for change in changes { anaStates[change.nqn, default: [:]][change.group] = ANAState(change.state) }
        await settled(newest)
        guard let last = lastChange else { return }
        guard await isComplete(last) else {
            throw ControlFailure(
                ETIMEDOUT,
                "commands that were under way have not ended within \(settings.settleDeadline); the ANA "
                    + "states are in force")
        }
    }

    /// Whether a change completes in time.
    private func isComplete(_ change: ServingChange) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            let deadline = settings.settleDeadline
            let (stream, done) = AsyncStream<Void>.makeStream()
            // It may take for ever: nobody waits for this one.
            Task {
                await change.complete()
                done.finish()
            }
            group.addTask {
                for await _ in stream {}
                return !Task.isCancelled
            }
            group.addTask {
                // Sleeping throws only when the change was complete before.
                do { try await Task.sleep(for: deadline) } catch { return true }
                return false
            }
            let isComplete = await group.next() ?? false
            group.cancelAll()
            return isComplete
        }
    }
}

extension ReconcilerSettings {
    var anaStateAtStart: ANAState { groupsStartOptimized ? .optimized : .inaccessible }
}

extension ANAState {
    fileprivate init(_ state: GroupANAState) {
        self =
            switch state {
            case .optimized: .optimized
            case .nonOptimized: .nonOptimized
            case .inaccessible: .inaccessible
            }
    }
}

extension NamespaceStatistics.Requests {
    fileprivate init(_ totals: CommandTotals) {
        self.init(count: totals.count, byteCount: totals.byteCount, duration: totals.nanoseconds)
    }
}
