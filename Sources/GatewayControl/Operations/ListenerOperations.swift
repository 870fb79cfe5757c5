// What can be done to listeners: the addresses at which each gateway of the group offers a subsystem. A
// listener belongs to the gateway whose host name it has; any gateway keeps it for that one.

internal import GatewayCore
internal import Glibc

/// The control calls about listeners.
public struct ListenerOperations: Sendable {
    private let plane: ControlPlane

    public init(_ plane: ControlPlane) { self.plane = plane }

    /// Creates a listener. One of another gateway is kept for that gateway, and answered with EREMOTE, which
    /// clients take for success.
    /// - Parameter request: IPv6 addresses may be in brackets. `addressFamily` nil stands for IPv4.
    public func create(_ request: ListenerRecord) async throws(ControlFailure) {
        let prefix = Self.failurePrefix(of: request)
        if request.nqn == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(prefix): Can't create a listener for a discovery subsystem")
        }
        if !StateKey.isValidPart(request.hostName) {
            throw ControlFailure(
                EINVAL, "\(prefix): Host name \"\(request.hostName)\" contains invalid characters")
        }
        let record = Self.normalized(request)
        let isOurs = record.hostName == plane.identity.hostName
        let state = plane.state.current
        if isOurs, await isAutomatic(record) {
            throw ControlFailure(
                EEXIST,
                "\(prefix): Subsystem already listens on address "
                    + "\(record.bracketedAddress):\(record.portOrDefault), for it is in its network mask")
        }
        if record.secure == true, state.subsystems[record.nqn]?.allowsAnyHost == true {
            throw ControlFailure(
                EINVAL,
                "\(prefix): Secure channel is only allowed for subsystems in which \"allow any host\" is off")
        }
        if record.verifyHostName == true, !isOurs {
            throw ControlFailure(
                ENODEV,
                "\(prefix): Gateway's host name must match current host (\(plane.identity.hostName))")
        }
        if record.secure == true, isOurs, !plane.target.offersTLS {
            throw .notSupported("\(prefix): Secure channels are")
        }
        try await plane.change { state throws(ControlFailure) in
            try check(record, isOurs: isOurs, in: state, prefix)
            return [.put(record)]
        }
        guard isOurs else {
            throw ControlFailure(
                EREMOTE,
                "Host name mismatch, listener will only be active when the appropriate gateway is up")
        }
        try await takeBackIfItDoesNotListen(record, prefix)
    }

    private func check(
        _ record: ListenerRecord, isOurs: Bool, in state: GroupState, _ prefix: String
    ) throws(ControlFailure) {
        let subsystem = state.subsystems[record.nqn]
        let family = record.addressFamily ?? .ipv4
        if isOurs {
            if subsystem?.listeners.values.contains(where: { $0.isSameAddress(as: record) }) == true {
                throw ControlFailure(
                    EEXIST,
                    "\(prefix): Subsystem already listens on address "
                        + "\(record.bracketedAddress):\(record.portOrDefault)")
            }
            if plane.policy.verifiesListenerAddresses, record.force != true,
                record.address != (family == .ipv6 ? "::" : "0.0.0.0"),
                !plane.target.hasAddress(record.address, family)
            {
                throw ControlFailure(
                    EADDRNOTAVAIL,
                    "\(prefix): Address \(record.address) is not available as an "
                        + "\(family.description.uppercased()) address")
            }
        }
        if !(1...65535).contains(record.portOrDefault) {
            throw ControlFailure(EINVAL, "\(prefix): The port must be 1 to 65535")
        }
        if NetworkMask("\(record.address)/0") == nil {
            throw ControlFailure(EINVAL, "\(prefix): \"\(record.address)\" is not an IP address")
        }
        if subsystem == nil { throw ControlFailure(ENOENT, "\(prefix): No such subsystem") }
    }

    /// A listener that this gateway cannot open is no listener: its caller is told, and it is not kept.
    private func takeBackIfItDoesNotListen(
        _ record: ListenerRecord, _ prefix: String
    ) async throws(ControlFailure) {
        let standing = await plane.target.listeners(of: record.nqn).first {
            $0.record.isSameAddress(as: record)
        }
        guard let problem = standing?.problem else { return }
        try await plane.change { (_) throws(ControlFailure) in [.remove(record.key)] }
        throw ControlFailure(EADDRINUSE, "\(prefix): \(problem)")
    }

    /// Deletes a listener, of this gateway or, with `force`, of another; of "*", with `force`, on all.
    public func delete(_ request: ListenerRecord, force: Bool) async throws(ControlFailure) {
        let record = Self.normalized(request)
        let place = "\(record.bracketedAddress):\(record.portOrDefault)"
        let prefix = "Failed to delete listener \(place) from \(record.nqn)"
        if record.hostName == "*", !force {
            throw ControlFailure(
                EINVAL,
                "\(prefix): Must use the \"--force\" parameter when setting the host name to \"*\".")
        }
        if record.nqn == NQNRules.discovery {
            throw ControlFailure(EINVAL, "\(prefix): Can't delete a listener from a discovery subsystem")
        }
        if await isAutomatic(record) {
            throw ControlFailure(
                EINVAL,
                "\(prefix): Listener was created automatically as part of the subsystem's network mask. To "
                    + "remove it, modify the network mask.")
        }
        if !force { try await checkUnused(record, place, prefix) }
        try await plane.change { state throws(ControlFailure) in
            let there =
                state.subsystems[record.nqn]?.listeners.filter { $0.value.isSamePlace(as: record) } ?? [:]
            let named = there.filter { record.hostName == "*" || $0.value.hostName == record.hostName }
            guard !named.isEmpty else {
                throw ControlFailure(ENOENT, "\(prefix): Listener not found")
            }
            if !force, record.hostName != plane.identity.hostName {
                throw ControlFailure(
                    ENOENT,
                    "\(prefix): Gateway's host name must match current host "
                        + "(\(plane.identity.hostName)). You can continue to delete the listener by "
                        + "adding the `--force` parameter.")
            }
            return named.keys.map { .remove(key: $0) }
        }
    }

    /// Whether this gateway listens there by itself.
    private func isAutomatic(_ record: ListenerRecord) async -> Bool {
        guard plane.state.current.subsystems[record.nqn]?.record.networkMasks.isEmpty == false else {
            return false
        }
        return await plane.target.listeners(of: record.nqn).contains {
            $0.isAutomatic && $0.record.isSameAddress(as: record)
        }
    }

    private func checkUnused(
        _ record: ListenerRecord, _ place: String, _ prefix: String
    ) async throws(ControlFailure) {
        guard plane.state.current.subsystems[record.nqn] != nil else {
            throw ControlFailure(
                ENOTEMPTY, "\(prefix): Can't verify there are no active connections for this address")
        }
        let isUsed = await plane.target.connections(of: record.nqn).contains {
            $0.address == record.address && $0.port == record.portOrDefault
        }
        if isUsed {
            throw ControlFailure(
                ENOTEMPTY,
                "\(prefix): There are active connections for \(place). Deleting the listener terminates "
                    + "active connections. You can continue to delete the listener by adding the "
                    + "`--force` parameter."
            )
        }
    }

    // MARK: Asking

    /// The listeners of a subsystem. Those of other gateways are there, too, as far as they were created:
    /// what another gateway listens at by itself is in no state. A subsystem that is not there has none.
    public func list(of nqn: String) async -> [ListedListener] {
        let standings = await plane.target.listeners(of: nqn)
        let active = Set(standings.filter { $0.problem == nil }.map(\.record.key))
        let created = plane.state.current.subsystems[nqn]?.sortedListeners ?? []
        return created.map { ListedListener($0, isActive: active.contains($0.key), isAutomatic: false) }
            + standings.filter(\.isAutomatic).map {
                ListedListener($0.record, isActive: $0.problem == nil, isAutomatic: true)
            }
    }

    /// The listeners of this gateway, and how it reaches each load-balancing group.
    public func ours(
        of nqn: String
    ) async throws(ControlFailure) -> (listeners: [ListenerStanding], groups: [(UInt32, GroupANAState)]) {
        guard plane.state.current.subsystems[nqn] != nil else {
            throw ControlFailure(ENODEV, "Failure listing gateway listeners: No such device")
        }
        let listeners = await plane.target.listeners(of: nqn).filter { $0.problem == nil }
        var groups: [(UInt32, GroupANAState)] = []
        for group in 1...max(1, plane.policy.gatewaysPerGroupMax) {
            groups.append((group, await plane.target.anaState(ofGroup: group, of: nqn)))
        }
        return (listeners, groups)
    }

    private static func failurePrefix(of request: ListenerRecord) -> String {
        "Failure adding \(request.nqn) listener at \(request.address):\(request.portOrDefault)"
    }

    /// The form in which it is kept and compared: without brackets, with all that has a default.
    private static func normalized(_ request: ListenerRecord) -> ListenerRecord {
        var record = request
        record.address = record.bareAddress
        record.addressFamily = record.addressFamily ?? .ipv4
        record.port = record.portOrDefault
        record.hostName = String(record.hostName.drop { $0 == " " })
        return record
    }
}

/// A listener as a list of them has it.
public struct ListedListener: Hashable, Sendable {
    public var record: ListenerRecord
    /// This gateway listens there.
    public var isActive: Bool
    /// Because of a network that the subsystem names.
    public var isAutomatic: Bool

    init(_ record: ListenerRecord, isActive: Bool, isAutomatic: Bool) {
        self.record = record
        self.isActive = isActive
        self.isAutomatic = isAutomatic
    }
}

extension ListenerRecord {
    /// The address without the brackets that clients put around IPv6.
    public var bareAddress: String {
        var text = address[...]
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        if text.first == "[" { text.removeFirst() }
        if text.last == "]" { text.removeLast() }
        return String(text)
    }

    /// The address as it stands before a colon and a port.
    public var bracketedAddress: String { bareAddress.contains(":") ? "[\(bareAddress)]" : bareAddress }

    /// The same address, family and port, of whatever gateway.
    func isSamePlace(as other: ListenerRecord) -> Bool {
        bareAddress == other.bareAddress && portOrDefault == other.portOrDefault
            && (addressFamily ?? .ipv4) == (other.addressFamily ?? .ipv4)
    }

    /// The same place of the same gateway.
    func isSameAddress(as other: ListenerRecord) -> Bool {
        isSamePlace(as: other) && hostName == other.hostName
    }
}
