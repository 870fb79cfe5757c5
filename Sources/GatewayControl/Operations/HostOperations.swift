// What can be done to the hosts of a subsystem: its allow list, their keys, and their connections.

internal import GatewayCore
internal import Glibc

/// The control calls about hosts.
public struct HostOperations: Sendable {
    let plane: ControlPlane

    public init(_ plane: ControlPlane) { self.plane = plane }

    /// Lets a host connect, or any host.
    public func add(_ request: HostRecord) async throws(ControlFailure) {
        let nqn = request.subsystemNQN
        let prefix = "Failure adding host \(request.hostNQN) to \(nqn)"
        let isAny = request.hostNQN == HostRecord.any
        let failure = isAny ? "Failure allowing open host access to \(nqn)" : prefix
        try checkParts(request.hostNQN, nqn, prefix)
        if isAny, plane.state.current.subsystems[nqn]?.record.hasDHCHAPKey == true {
            throw ControlFailure(
                EINVAL, "\(failure): Can't allow any host access on a subsystem having a DH-HMAC-CHAP key")
        }
        if !isAny { try plane.check(nqn: request.hostNQN, prefix) }
        if nqn == NQNRules.discovery {
            let what = isAny ? "Can't allow host access" : "Can't add host"
            throw ControlFailure(EINVAL, "\(failure): \(what) to a discovery subsystem")
        }
        if request.hostNQN == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(prefix): Can't use a discovery NQN as host's")
        }
        if isAny, request.hasPSK {
            throw ControlFailure(EINVAL, "\(failure): PSK is only allowed for specific hosts")
        }
        if isAny, request.hasDHCHAPKey {
            throw ControlFailure(EINVAL, "\(failure): DH-HMAC-CHAP key is only allowed for specific hosts")
        }
        try plane.check(.psk, request.psk, prefix)
        try plane.check(.dhchap, request.dhchapKey, prefix)
        try plane.check(.dhchap, request.dhchapControllerKey, prefix)
        try await plane.change { state throws(ControlFailure) in
            try checkPlace(of: request, in: state, failure)
            let record = try kept(request, in: state, prefix)
            if state.subsystems[nqn] == nil {
                throw ControlFailure(ENOENT, "\(failure): No such subsystem")
            }
            return [.put(record)]
        }
    }

    /// Whether the state has room for a host.
    private func checkPlace(
        of request: HostRecord, in state: GroupState, _ failure: String
    ) throws(ControlFailure) {
        let subsystem = state.subsystems[request.subsystemNQN]
        let isAny = request.hostNQN == HostRecord.any
        if isAny, let subsystem {
            if subsystem.record.secureListeners == true
                || subsystem.listeners.values.contains(where: { $0.secure == true })
            {
                throw ControlFailure(
                    EINVAL, "\(failure): Can't allow open host access on a subsystem with secure listeners")
            }
        }
        if state.holds(request.key) {
            throw ControlFailure(
                EEXIST,
                isAny
                    ? "\(failure): Open host access is already allowed" : "\(failure): Host is already added")
        }
        guard !isAny else { return }
        if subsystem?.namedHostCount ?? 0 >= plane.policy.hostsPerSubsystemMax {
            throw ControlFailure(
                E2BIG,
                "\(failure): Maximal number of hosts for subsystem "
                    + "(\(plane.policy.hostsPerSubsystemMax)) has already been reached")
        }
        if state.subsystems.values.reduce(0, { $0 + $1.namedHostCount }) >= plane.policy.hostsMax {
            throw ControlFailure(
                E2BIG,
                "\(failure): Maximal number of hosts (\(plane.policy.hostsMax)) has already been reached")
        }
    }

    /// The record as the state keeps it, with its keys protected.
    private func kept(
        _ request: HostRecord, in state: GroupState, _ prefix: String
    ) throws(ControlFailure) -> HostRecord {
        var record = request
        let host = request.hostNQN
        let dhchap = try protect(request.dhchapKey, "DH-HMAC-CHAP", of: host, prefix)
        let psk = try protect(request.psk, "PSK", of: host, prefix)
        let controller = try protect(request.dhchapControllerKey, "DH-HMAC-CHAP controller", of: host, prefix)
        record.dhchapKey = dhchap?.text
        record.keyEncrypted = dhchap?.isEncrypted
        record.psk = psk?.text
        record.pskEncrypted = psk?.isEncrypted
        record.dhchapControllerKey = controller?.text
        record.controllerKeyEncrypted = controller?.isEncrypted
        if dhchap == nil, state.subsystems[request.subsystemNQN]?.record.hasDHCHAPKey == true {
            throw ControlFailure(
                ENOKEY, "\(prefix): Host must have a DH-HMAC-CHAP key if the subsystem has one")
        }
        if dhchap == nil, controller != nil {
            throw ControlFailure(
                ENOKEY, "\(prefix): Host must have a DH-HMAC-CHAP key if it has a controller key")
        }
        return record
    }

    private func protect(
        _ key: String?, _ kind: String, of host: String, _ prefix: String
    ) throws(ControlFailure) -> ProtectedKey? {
        guard let key, !key.isEmpty else { return nil }
        if let kept = plane.keys.protect(key) { return kept }
        throw ControlFailure(
            ENOKEY,
            "\(prefix): No encryption key or the wrong key was found but we need to encrypt host \(host) "
                + "\(kind) key")
    }

    private func checkParts(_ host: String, _ nqn: String, _ prefix: String) throws(ControlFailure) {
        if !StateKey.isValidPart(host) {
            throw ControlFailure(
                EINVAL, "\(prefix): Invalid host NQN \"\(host)\", contains invalid characters")
        }
        if !StateKey.isValidPart(nqn) {
            throw ControlFailure(
                EINVAL, "\(prefix): Invalid subsystem NQN \"\(nqn)\", contains invalid characters")
        }
    }

    /// Takes a host from the allow list: it is disconnected, unless `keepsConnections`.
    public func remove(
        _ host: String, from nqn: String, keepsConnections: Bool = false
    ) async throws(ControlFailure) {
        let isAny = host == HostRecord.any
        let prefix = "Failure removing host \(host) access from \(nqn)"
        let failure = isAny ? "Failure disabling open host access to \(nqn)" : prefix
        if !isAny { try plane.check(nqn: host, prefix) }
        if nqn == NQNRules.discovery {
            let what = isAny ? "Can't disable open host access to" : "Can't remove host access from"
            throw ControlFailure(EINVAL, "\(failure): \(what) a discovery subsystem")
        }
        if host == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(failure): Can't use a discovery NQN as host's")
        }
        try checkRemoval(of: host, from: nqn, in: plane.state.current, failure)
        if keepsConnections { try await plane.target.keepConnected(host, nqn) }
        try await plane.change { state throws(ControlFailure) in
            try checkRemoval(of: host, from: nqn, in: state, failure)
            return state.removal(ofHost: host, nqn)
        }
    }

    private func checkRemoval(
        of host: String, from nqn: String, in state: GroupState, _ failure: String
    ) throws(ControlFailure) {
        if !state.holds(.subsystem(nqn)) { throw ControlFailure(ENOENT, "\(failure): No such subsystem") }
        if host != HostRecord.any, !state.holds(.host(nqn, host)) {
            throw ControlFailure(ENOENT, "\(failure): Host is not found")
        }
    }

    /// Which of a host's keys a call is about.
    public enum KeyChange: Sendable {
        case keep
        case delete
        case set(String)
    }

    /// Changes or deletes a host's key, and the key that controllers prove themselves to it with.
    public func changeKeys(
        of host: String, in nqn: String, to key: KeyChange, controllerKey: KeyChange = .keep
    ) async throws(ControlFailure) {
        let prefix = "Failure changing DH-HMAC-CHAP key for host \(host) on subsystem \(nqn)"
        if host == HostRecord.any { throw ControlFailure(EINVAL, "\(prefix): Host NQN can't be '*'") }
        try plane.check(.dhchap, key.new, prefix)
        try plane.check(.dhchap, controllerKey.new, prefix)
        try checkParts(host, nqn, prefix)
        try plane.check(nqn: nqn, prefix)
        try plane.check(nqn: host, prefix)
        if nqn == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(prefix): Can't use a discovery NQN as subsystem's")
        }
        if host == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(prefix): Can't use a discovery NQN as host's")
        }
        try await plane.change { state throws(ControlFailure) in
            let subsystem = state.subsystems[nqn]
            if case .delete = key, subsystem?.record.hasDHCHAPKey == true {
                throw ControlFailure(
                    ENOKEY, "\(prefix): Host must have a DH-HMAC-CHAP key if the subsystem has one")
            }
            guard var record = subsystem?.hosts[host] else {
                throw ControlFailure(ENODEV, "\(prefix): Can't find host on subsystem")
            }
            if let changed = try change(key, "DH-HMAC-CHAP", of: host, prefix) {
                record.dhchapKey = changed.text
                record.keyEncrypted = changed.isEncrypted
            }
            if let changed = try change(controllerKey, "DH-HMAC-CHAP controller", of: host, prefix) {
                record.dhchapControllerKey = changed.text
                record.controllerKeyEncrypted = changed.isEncrypted
            }
            if !record.hasDHCHAPKey {
                // A controller proves itself to hosts that prove themselves.
                record.dhchapControllerKey = nil
                record.controllerKeyEncrypted = nil
            }
            return [.put(record)]
        }
    }

    /// What a change puts into the record; nil to leave that alone.
    private func change(
        _ change: KeyChange, _ kind: String, of host: String, _ prefix: String
    ) throws(ControlFailure) -> (text: String?, isEncrypted: Bool?)? {
        switch change {
        case .keep: return nil
        case .delete: return (nil, nil)
        case .set(let key):
            let kept = try protect(key, kind, of: host, prefix)
            return (kept?.text, kept?.isEncrypted)
        }
    }
}

extension HostOperations.KeyChange {
    fileprivate var new: String? {
        if case .set(let key) = self { key } else { nil }
    }
}

extension SubsystemState {
    /// Hosts on the allow list, "*" apart.
    fileprivate var namedHostCount: Int { hosts.count - (allowsAnyHost ? 1 : 0) }
}
