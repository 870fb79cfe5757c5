// What can be done to subsystems. Called by the gRPC services and by our own command line, whose requests are
// the records that the state keeps.

internal import GatewayCore
internal import Glibc

/// The control calls about subsystems.
public struct SubsystemOperations: Sendable {
    private let plane: ControlPlane

    public init(_ plane: ControlPlane) { self.plane = plane }

    /// Creates a subsystem. An empty serial number and no maximum of namespaces get defaults; the group's
    /// name is appended to the NQN unless `noGroupAppend` says otherwise.
    /// - Returns: its NQN.
    public func create(_ request: SubsystemRecord) async throws(ControlFailure) -> String {
        let prefix = "Failure creating subsystem \(request.subsystemNQN)"
        if !request.enableHA { throw ControlFailure(EINVAL, "\(prefix): HA must be enabled for subsystems") }
        if request.subsystemNQN.isEmpty {
            throw ControlFailure(EINVAL, "Failure creating subsystem, missing subsystem NQN")
        }
        try checkName(request.subsystemNQN, prefix)
        if request.subsystemNQN == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(prefix): Can't create a discovery subsystem")
        }
        var record = request
        if record.serialNumber.isEmpty {
            record.serialNumber = "Ceph\(Int64.random(in: 2...99_999_999_999_999))"
        }
        if (record.maxNamespaces ?? 0) == 0 { record.maxNamespaces = plane.policy.namespacesPerSubsystemMax }
        if record.noGroupAppend != true, !plane.identity.group.isEmpty {
            record.subsystemNQN += "." + plane.identity.group.replacing("_", with: "-")
            record.noGroupAppend = true
        }
        keep(request.dhchapKey, in: &record)
        let subsystem = record
        return try await plane.change { state throws(ControlFailure) in
            if state.subsystems.count >= plane.policy.subsystemsMax {
                throw ControlFailure(
                    E2BIG,
                    "\(prefix): Maximal number of subsystems (\(plane.policy.subsystemsMax)) has already "
                        + "been reached")
            }
            try plane.check(.dhchap, request.dhchapKey, prefix)
            try checkNew(subsystem, in: state, prefix)
            return StateDecision([.put(subsystem)], subsystem.subsystemNQN)
        }
    }

    /// What the state and NVMe allow of a new subsystem.
    private func checkNew(
        _ record: SubsystemRecord, in state: GroupState, _ prefix: String
    ) throws(ControlFailure) {
        if state.holds(record.key) { throw ControlFailure(EEXIST, "\(prefix): Subsystem already exists") }
        if let other = state.subsystems.values.first(where: {
            $0.record.serialNumber == record.serialNumber
        }) {
            throw ControlFailure(
                EEXIST,
                "\(prefix): Serial number \(record.serialNumber) is already used by subsystem "
                    + other.record.subsystemNQN)
        }
        // With the group's name it may have become too long.
        try plane.check(nqn: record.subsystemNQN, prefix)
        if record.serialNumber.utf8.count > 20 || !record.serialNumber.utf8.allSatisfy({ 0x20...0x7E ~= $0 })
        {
            throw ControlFailure(
                EINVAL, "\(prefix): Serial number must be at most 20 printable ASCII characters")
        }
        for mask in record.networkMasks { try checkMask(mask, prefix) }
    }

    /// Deletes a subsystem.
    /// - Parameters:
    ///   - force: with its namespaces.
    ///   - trashes: the images that are to go with their namespaces go; otherwise they stay.
    public func delete(_ nqn: String, force: Bool, trashes: Bool = false) async throws(ControlFailure) {
        let prefix = "Failure deleting subsystem \(nqn)"
        if nqn.isEmpty { throw ControlFailure(EINVAL, "Failure deleting subsystem, missing subsystem NQN") }
        try plane.check(nqn: nqn, prefix)
        if nqn == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(prefix): Can't delete a discovery subsystem")
        }
        let doomed = try await plane.change { state throws(ControlFailure) in
            let namespaces = state.subsystems[nqn]?.sortedNamespaces ?? []
            if let first = namespaces.first, !force {
                throw ControlFailure(
                    EBUSY,
                    "\(prefix): Namespace \(first.record.nsid) is still using the subsystem. Either "
                        + "remove it or use the '--force' command line option")
            }
            if !state.holds(.subsystem(nqn)) { throw ControlFailure(ENOENT, "\(prefix): No such subsystem") }
            return StateDecision(
                state.removal(ofSubsystem: nqn), namespaces.filter { $0.record.trashImage == true })
        }
        if trashes { for namespace in doomed { await plane.trash(namespace.record) } }
    }

    /// Changes the subsystem's key, or deletes it.
    public func changeKey(of nqn: String, to key: String?) async throws(ControlFailure) {
        let prefix = "Failure changing DH-HMAC-CHAP key for subsystem \(nqn)"
        if !StateKey.isValidPart(nqn) {
            throw ControlFailure(
                EINVAL, "\(prefix): Invalid subsystem NQN \"\(nqn)\", contains invalid characters")
        }
        try plane.check(nqn: nqn, prefix)
        try plane.check(.dhchap, key, prefix)
        if nqn == NQNRules.discovery {
            throw ControlFailure(
                EINVAL, "\(prefix): Can't change DH-HMAC-CHAP key for a discovery subsystem")
        }
        let key = key?.isEmpty == true ? nil : key
        try await plane.change { state throws(ControlFailure) in
            if key != nil,
                let host = state.subsystems[nqn]?.sortedHosts.first(where: { !$0.hasDHCHAPKey })
            {
                throw ControlFailure(
                    EINVAL,
                    "\(prefix): Can't set a subsystem's DH-HMAC-CHAP key when it has hosts with no key, like "
                        + "host \(host.hostNQN)")
            }
            guard var record = state.subsystems[nqn]?.record else {
                throw ControlFailure(ENODEV, "\(prefix): Can't find entry for subsystem \(nqn)")
            }
            keep(key, in: &record)
            return [.put(record)]
        }
    }

    /// The key as the state keeps it. Without an encryption key the subsystem is made all the same, as
    /// upstream does, and no host gets in with a key.
    private func keep(_ key: String?, in record: inout SubsystemRecord) {
        guard let key, !key.isEmpty else {
            record.dhchapKey = nil
            record.keyEncrypted = nil
            return
        }
        let kept = plane.keys.protect(key)
        if kept == nil {
            plane.log.write(
                .warning,
                "subsystem \(record.subsystemNQN): its DH-HMAC-CHAP key is not kept, for there is no "
                    + "encryption key; hosts can't be added with one until it is changed")
        }
        record.dhchapKey = (kept ?? .invalid).text
        record.keyEncrypted = (kept ?? .invalid).isEncrypted
    }

    // MARK: Networks

    /// Has every gateway listen on its addresses in a network.
    public func addNetwork(_ mask: String, to nqn: String) async throws(ControlFailure) {
        let prefix = "Failure adding network \(mask) to subsystem \(nqn)"
        try checkMask(mask, prefix)
        try await plane.change { state throws(ControlFailure) in
            var record = try subsystem(nqn, in: state, prefix)
            if record.networkMasks.contains(mask) {
                throw ControlFailure(EEXIST, "\(prefix): Network is already added")
            }
            record.networkMasks.append(mask)
            return [.put(record)]
        }
    }

    /// Takes a network away, and the listeners that it made.
    public func removeNetwork(_ mask: String, from nqn: String) async throws(ControlFailure) {
        let prefix = "Failure deleting network \(mask) from subsystem \(nqn)"
        try await plane.change { state throws(ControlFailure) in
            var record = try subsystem(nqn, in: state, prefix)
            guard let index = record.networkMasks.firstIndex(of: mask) else {
                throw ControlFailure(ENOENT, "\(prefix): Network is not found")
            }
            record.networkMasks.remove(at: index)
            return [.put(record)]
        }
    }

    private func subsystem(
        _ nqn: String, in state: GroupState, _ prefix: String
    ) throws(ControlFailure) -> SubsystemRecord {
        guard let subsystem = state.subsystems[nqn] else {
            throw ControlFailure(ENOENT, "\(prefix): No such subsystem")
        }
        return subsystem.record
    }

    private func checkName(_ nqn: String, _ prefix: String) throws(ControlFailure) {
        if !StateKey.isValidPart(nqn) {
            throw ControlFailure(EINVAL, "\(prefix): Invalid NQN \"\(nqn)\", contains invalid characters")
        }
        try plane.check(nqn: nqn, prefix)
    }

    private func checkMask(_ mask: String, _ prefix: String) throws(ControlFailure) {
        if NetworkMask(mask) == nil {
            throw ControlFailure(EINVAL, "\(prefix): \"\(mask)\" is not a network in CIDR notation")
        }
    }

    // MARK: Asking

    /// The subsystems, or the one with this NQN, or that with this serial number. One that is asked for by
    /// its NQN and is not there is a failure.
    public func list(nqn: String? = nil, serialNumber: String? = nil) throws(ControlFailure)
        -> [SubsystemState]
    {
        let state = plane.state.current
        var subsystems = state.sortedSubsystems
        if let nqn, !nqn.isEmpty {
            guard let subsystem = state.subsystems[nqn] else {
                throw ControlFailure(ENODEV, "Failure listing subsystems: No such device")
            }
            subsystems = [subsystem]
        }
        if let serialNumber, !serialNumber.isEmpty {
            subsystems = subsystems.filter { $0.record.serialNumber == serialNumber }
        }
        return subsystems
    }

    /// All subsystems as this gateway serves them: what the Ceph monitor's client asks for every second.
    public func served() async -> [ServedSubsystem] {
        let namespaces = await plane.target.namespaces()
        var served: [ServedSubsystem] = []
        for subsystem in plane.state.current.sortedSubsystems {
            served.append(
                ServedSubsystem(
                    state: subsystem,
                    listeners: await plane.target.listeners(of: subsystem.record.subsystemNQN)
                        .filter { $0.problem == nil }.map(\.record),
                    namespaces: subsystem.sortedNamespaces.compactMap { namespace in
                        let name = NamespaceName(subsystem.record.subsystemNQN, namespace.record.nsid)
                        return namespaces[name].map { (namespace, $0) }
                    }))
        }
        return served
    }

    /// The controllers' identifiers (CNTLID) that this gateway gives.
    public var controllerIDs: ClosedRange<UInt16> { get async { await plane.group.controllerIDs } }

    /// Model Number (MN) of every subsystem, as upstream has it.
    public static let modelNumber = "Ceph bdev Controller"
}

/// A subsystem as this gateway serves it.
public struct ServedSubsystem: Sendable {
    public var state: SubsystemState
    /// Those of this gateway that listen.
    public var listeners: [ListenerRecord]
    /// Those that this gateway has come to.
    public var namespaces: [(state: NamespaceState, standing: NamespaceStanding)]
}

extension HostRecord {
    /// The host proves itself with DH-HMAC-CHAP.
    public var hasDHCHAPKey: Bool { dhchapKey?.isEmpty == false }
    /// The host connects over TLS with a pre-shared key.
    public var hasPSK: Bool { psk?.isEmpty == false }
}

extension SubsystemRecord {
    /// The controllers of the subsystem prove themselves with DH-HMAC-CHAP.
    public var hasDHCHAPKey: Bool { dhchapKey?.isEmpty == false }
    /// It was given a key, which could not be kept.
    public var lacksItsKey: Bool { dhchapKey == ProtectedKey.invalid.text }
}
