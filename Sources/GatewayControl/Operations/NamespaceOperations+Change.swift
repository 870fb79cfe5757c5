// What can be changed of a namespace: size, limits, load-balancing group, who sees it, and its flags.

internal import Foundation
internal import GatewayCore
internal import Glibc
internal import RBDBackend

extension NamespaceOperations {
    /// Makes a namespace's image larger.
    /// - Parameter mebibytes: 0 asks for the image's size to be read again, by all gateways.
    public func resize(
        _ nsid: UInt32, of nqn: String, toMebibytes mebibytes: UInt64
    ) async throws(ControlFailure) {
        try checkNames(nsid, nqn, "resizing namespace")
        let prefix = "Failure resizing namespace \(nsid) on \(nqn)"
        let namespace = try find(nsid, nqn, in: plane.state.current, prefix)
        if mebibytes == 0 {
            let mark = Date.now.ISO8601Format(.iso8601(timeZone: .gmt, includingFractionalSeconds: true))
            try await plane.change { state throws(ControlFailure) in
                _ = try find(nsid, nqn, in: state, prefix)
                return [.put(.refreshSize(nqn, nsid), text: mark)]
            }
        } else {
            try await resizeImage(of: namespace.record, toMebibytes: mebibytes, prefix)
        }
        await plane.target.refreshSize(ofNamespace: nsid, of: nqn)
    }

    private func resizeImage(
        of record: NamespaceRecord, toMebibytes mebibytes: UInt64, _ prefix: String
    ) async throws(ControlFailure) {
        let (size, isTooLarge) = mebibytes.multipliedReportingOverflow(by: 1 << 20)
        if isTooLarge || size > Int64.max { throw ControlFailure(EINVAL, "\(prefix): New size is too large") }
        if record.image.snapshot != nil {
            throw ControlFailure(EINVAL, "\(prefix): \(record.image) is a snapshot, which keeps its size")
        }
        do throws(ControlFailure) {
            guard let current = try await plane.images.sizeBytes(of: record.image) else {
                throw ControlFailure(ENODEV, "RBD image \(record.image) doesn't exist")
            }
            if current > size {
                throw ControlFailure(
                    EINVAL, "new size \(size) bytes is smaller than current size \(current) bytes")
            }
            try await plane.images.resize(record.image, sizeBytes: size)
        } catch { throw ControlFailure(error.errno, "\(prefix): \(error.message)") }
    }

    /// Sets a namespace's limits. One that is nil stays as it is, 0 is unlimited.
    public func setLimits(_ request: QoSRecord) async throws(ControlFailure) {
        let (nsid, nqn) = (request.nsid, request.subsystemNQN)
        try checkNames(nsid, nqn, "setting QOS limits for namespace")
        let prefix = "Failure setting QOS limits for namespace \(nsid) on \(nqn)"
        let namespace = try find(nsid, nqn, in: plane.state.current, prefix)
        if request.limits.allSatisfy({ $0 == nil }) {
            throw ControlFailure(EINVAL, "\(prefix): No limit was given")
        }
        if request.force != true {
            // An image that cannot be asked has no limits that anybody knows of.
            let hasOwn = (try? await plane.images.hasOwnLimits(namespace.record.image)) ?? false
            if hasOwn {
                throw ControlFailure(
                    EEXIST,
                    "\(prefix): RBD image \(namespace.record.image) has QOS limits of its own, remove "
                        + "them or use the \"force\" argument")
            }
        }
        try await plane.change { state throws(ControlFailure) in
            var record =
                try find(nsid, nqn, in: state, prefix).qos ?? QoSRecord(subsystemNQN: nqn, nsid: nsid)
            record.merge(request)
            return [.put(record)]
        }
    }

    /// Moves a namespace to another load-balancing group.
    /// - Parameter byBalancing: a gateway asks that balances the groups; otherwise the owner of the
    ///   namespace's group must be asked.
    public func changeGroup(
        of nsid: UInt32, in nqn: String, to group: Int32, byBalancing: Bool = false
    ) async throws(ControlFailure) {
        let what = "Failure changing load balancing group for namespace"
        if nqn.isEmpty { throw ControlFailure(EINVAL, "\(what), missing subsystem NQN") }
        if nsid == 0 { throw ControlFailure(ENODEV, "\(what) in \(nqn): No namespace ID was given") }
        let prefix = "\(what) with ID \(nsid) in \(nqn)"
        let members = try await plane.group.members()
        if !members.contains(where: { Int64($0.anaGroup) == Int64(group) }) {
            throw ControlFailure(ENODEV, "\(prefix): Load balancing group \(group) doesn't exist")
        }
        try await plane.change { state throws(ControlFailure) in
            guard var record = state.namespace(nsid, of: nqn)?.record else {
                throw ControlFailure(ENOENT, "\(prefix): Can't find entry for namespace \(nsid) in \(nqn)")
            }
            let current = record.anaGroupID ?? 0
            let owner = members.first { Int64($0.anaGroup) == Int64(current) }?.owner
            let name = plane.identity.name
            if !byBalancing, let owner, !owner.isEmpty, owner != name {
                throw ControlFailure(
                    EEXIST,
                    "ANA group of ns#\(nsid) - \(current) is owned by gateway \(owner) so try this "
                        + "command from it, this gateway name is \(name)")
            }
            record.anaGroupID = group
            return [.put(record)]
        }
    }

    /// Makes a namespace visible to all hosts, or to those that are added to it.
    /// - Parameter force: even though hosts were added to it (they are removed), or are connected.
    public func changeVisibility(
        of nsid: UInt32, in nqn: String, toAll: Bool, force: Bool
    ) async throws(ControlFailure) {
        let what = "Failure changing visibility for namespace"
        if nqn.isEmpty { throw ControlFailure(EINVAL, "\(what), missing subsystem NQN") }
        if nsid == 0 { throw ControlFailure(ENODEV, "\(what) in \(nqn): No namespace ID was given") }
        let prefix = "\(what) \(nsid) in \(nqn)"
        let hasConnections = await !plane.target.connections(of: nqn).isEmpty
        try await plane.change { state throws(ControlFailure) in
            if state.subsystems[nqn] == nil {
                throw ControlFailure(ENODEV, "\(prefix): Can't find subsystem")
            }
            let namespace = try find(nsid, nqn, in: state, prefix)
            if toAll, !namespace.hosts.isEmpty, !force {
                throw ControlFailure(
                    EBUSY,
                    "\(prefix): Asking to change visibility of namespace to be visible to all hosts "
                        + "while there are already hosts added to it. Either remove these hosts or use "
                        + "the \"--force\" parameter")
            }
            if hasConnections, !force {
                throw ControlFailure(
                    EBUSY,
                    "\(prefix): Asking to change visibility of namespace while there are active "
                        + "connections on the subsystem, please disconnect them or use the \"--force\" "
                        + "parameter.")
            }
            if namespace.isAutoVisible == toAll { return [] }
            var record = namespace.record
            record.noAutoVisible = !toAll
            return [.put(record)] + (toAll ? namespace.hosts.values.map { .remove($0.key) } : [])
        }
    }

    /// Sets whether the image goes to the trash when the namespace is deleted.
    public func setTrashesImage(_ trashes: Bool, _ nsid: UInt32, of nqn: String) async throws(ControlFailure)
    {
        try checkNames(nsid, nqn, "setting RBD trash image flag for namespace")
        let prefix = "Failure setting RBD trash image flag for namespace \(nsid) in \(nqn)"
        let image = plane.state.current.namespace(nsid, of: nqn)?.record.image
        if trashes, let image, image.snapshot != nil {
            throw ControlFailure(EINVAL, "\(prefix): \(image) is a snapshot: its image stays")
        }
        try await change(nsid, nqn, prefix) { $0.trashImage = trashes }
    }

    /// Sets whether the namespace takes the size of an image that was resized by others.
    public func setResizesItself(_ resizes: Bool, _ nsid: UInt32, of nqn: String) async throws(ControlFailure)
    {
        try checkNames(nsid, nqn, "setting auto resize flag for namespace")
        let prefix = "Failure setting auto resize flag for namespace \(nsid) in \(nqn)"
        try await change(nsid, nqn, prefix) { $0.disableAutoResize = !resizes }
    }

    /// Sets where the namespace is, in an operator's own words; nil for nowhere.
    public func setLocation(_ location: String?, _ nsid: UInt32, of nqn: String) async throws(ControlFailure)
    {
        try checkNames(nsid, nqn, "changing location for namespace")
        let prefix = "Failure changing location for namespace \(nsid) in \(nqn)"
        try await change(nsid, nqn, prefix) { $0.location = location }
    }

    /// Changes the record of a namespace; a change that changes nothing writes nothing.
    private func change(
        _ nsid: UInt32, _ nqn: String, _ prefix: String, _ change: @Sendable (inout NamespaceRecord) -> Void
    ) async throws(ControlFailure) {
        try await plane.change { state throws(ControlFailure) in
            let before = try find(nsid, nqn, in: state, prefix).record
            var record = before
            change(&record)
            return record == before ? [] : [.put(record)]
        }
    }

    // MARK: Hosts

    /// Lets a host see a namespace that not all hosts see.
    public func addHost(
        _ host: String, to nsid: UInt32, of nqn: String, force: Bool = false
    ) async throws(ControlFailure) {
        try checkHost(
            host, nsid, nqn, missingID: "adding host \(host) to namespace on \(nqn)", "adding", "to")
        let prefix = "Failure adding host \(host) to namespace \(nsid) on \(nqn)"
        try await plane.change { state throws(ControlFailure) in
            let namespace = try maskedNamespace(nsid, nqn, host, in: state, prefix)
            let most = plane.policy.hostsPerNamespaceMax
            if namespace.hosts.count >= most {
                throw ControlFailure(
                    E2BIG,
                    "\(prefix): Maximal host count for namespace (\(most)) has already been reached")
            }
            if namespace.hosts[host] != nil { return [] }
            var record = NamespaceHostRecord(subsystemNQN: nqn, nsid: nsid, hostNQN: host)
            if force { record.force = true }
            return [.put(record)]
        }
    }

    /// Hides a namespace from a host that was let see it.
    public func removeHost(
        _ host: String, from nsid: UInt32, of nqn: String
    ) async throws(ControlFailure) {
        try checkHost(host, nsid, nqn, missingID: "deleting host \(host) from namespace", "deleting", "from")
        let prefix = "Failure deleting host \(host) from namespace \(nsid) on \(nqn)"
        try await plane.change { state throws(ControlFailure) in
            let namespace = try maskedNamespace(nsid, nqn, host, in: state, prefix)
            guard let record = namespace.hosts[host] else {
                throw ControlFailure(ENODEV, "\(prefix): Host is not found in namespace's host list")
            }
            return [.remove(record.key)]
        }
    }

    private func checkHost(
        _ host: String, _ nsid: UInt32, _ nqn: String, missingID: String, _ doing: String,
        _ preposition: String
    ) throws(ControlFailure) {
        if nsid == 0 { throw ControlFailure(EINVAL, "Failure \(missingID): Missing ID") }
        if nqn.isEmpty {
            let which = doing == "adding" ? "host" : "host \(host)"
            throw ControlFailure(
                EINVAL, "Failure \(doing) \(which) \(preposition) namespace \(nsid): Missing subsystem NQN")
        }
        if host.isEmpty {
            throw ControlFailure(
                EINVAL, "Failure \(doing) host \(preposition) namespace \(nsid) on \(nqn): Missing host NQN")
        }
    }

    private func maskedNamespace(
        _ nsid: UInt32, _ nqn: String, _ host: String, in state: GroupState, _ prefix: String
    ) throws(ControlFailure) -> NamespaceState {
        if state.subsystems[nqn] == nil { throw ControlFailure(ENODEV, "\(prefix): Can't find subsystem") }
        if host == HostRecord.any { throw ControlFailure(EINVAL, "\(prefix): Host NQN can't be \"*\"") }
        try plane.check(nqn: nqn, "\(prefix): Invalid subsystem NQN")
        try plane.check(nqn: host, "\(prefix): Invalid host NQN")
        if host == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(prefix): Host NQN can't be a discovery NQN")
        }
        if !StateKey.isValidPart(host) {
            throw ControlFailure(
                EINVAL, "\(prefix): Invalid host NQN \"\(host)\", contains invalid characters")
        }
        let namespace = try find(nsid, nqn, in: state, prefix)
        if namespace.isAutoVisible {
            throw ControlFailure(EINVAL, "\(prefix): Namespace is visible to all hosts")
        }
        return namespace
    }

    // MARK: What they share

    func find(
        _ nsid: UInt32, _ nqn: String, in state: GroupState, _ prefix: String
    ) throws(ControlFailure) -> NamespaceState {
        guard let namespace = state.namespace(nsid, of: nqn) else {
            throw ControlFailure(ENODEV, "\(prefix): Can't find namespace")
        }
        return namespace
    }

    func checkNames(_ nsid: UInt32, _ nqn: String, _ doing: String) throws(ControlFailure) {
        if nsid == 0 { throw ControlFailure(EINVAL, "Failure \(doing), missing ID") }
        if nqn.isEmpty { throw ControlFailure(EINVAL, "Failure \(doing) \(nsid), missing subsystem NQN") }
    }
}

extension QoSRecord {
    fileprivate var limits: [UInt64?] {
        [
            readWriteIOsPerSecond, readWriteMegabytesPerSecond, readMegabytesPerSecond,
            writeMegabytesPerSecond,
        ]
    }

    /// Takes over what another one says.
    fileprivate mutating func merge(_ other: QoSRecord) {
        readWriteIOsPerSecond = other.readWriteIOsPerSecond ?? readWriteIOsPerSecond
        readWriteMegabytesPerSecond = other.readWriteMegabytesPerSecond ?? readWriteMegabytesPerSecond
        readMegabytesPerSecond = other.readMegabytesPerSecond ?? readMegabytesPerSecond
        writeMegabytesPerSecond = other.writeMegabytesPerSecond ?? writeMegabytesPerSecond
        force = other.force ?? force
    }
}
