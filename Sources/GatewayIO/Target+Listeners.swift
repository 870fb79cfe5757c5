// Where a target listens, and how that changes while it runs: a new socket is made before any shard hears of
// it, so that a wrong address changes nothing, and the model has its port before the first connection comes.

internal import GatewayCore
import Synchronization

extension Target {
    /// The highest Port Identifier (PORTID) that a listener has. Those above are for ports of other gateways.
    public static var portIDMax: UInt16 { Bounds.portIDMax }

    /// Where the target listens, in the order in which that began, with the ports that the system chose.
    public var listeners: [BoundListener] { state.withLock { $0.listeners } }

    /// Listens at one more address. Subsystems that are served at all ports are served there at once, others
    /// when an update says so.
    ///
    /// - Returns: the listener, as soon as hosts can connect.
    /// - Throws: `TargetError.listen` if the address can't be listened on; all is as before.
    public func listen(on address: ListenAddress) async throws(TargetError) -> BoundListener {
        let listener = try await Self.listen(address, portID: try takePortID())
        let port = Port(listener, as: address)
        try await change { (model) throws(ModelError) in
            model.next(with: model.subsystems, ports: model.ports + [port])
        }
        let bound = BoundListener(listener, as: address)
        // Under the lock: a shutdown that begins meanwhile is told to the shard after this, which then ends
        // it.
        try state.withLock { (state) throws(TargetError) in
            guard !state.isStopping else { throw .ended }
            state.listeners.append(bound)
            shards[Int(listener.portID) % shards.count].send(.listen(listener))
        }
        return bound
    }

    /// Listens no more at a port. Hosts that are connected there lose their I/O controllers, as their port
    /// does not serve their subsystem any more; from Discovery controllers nothing is taken.
    ///
    /// Returns when that is complete, as `update` does. A port that is not there is passed over.
    public func stopListening(on portID: UInt16) async throws(TargetError) {
        let isKnown = state.withLock { state in
            guard let index = state.listeners.firstIndex(where: { $0.portID == portID }) else { return false }
            state.listeners.remove(at: index)
            return true
        }
        guard isKnown else { return }
        for shard in shards { shard.send(.stopListening(port: portID)) }
        try await change { (model) throws(ModelError) in
            model.next(with: model.subsystems, ports: model.ports.filter { $0.id != portID })
        }
    }

    /// An identifier that no port has, and none has had lately: connections of a port that is gone may still
    /// be there.
    private func takePortID() throws(TargetError) -> UInt16 {
        try state.withLock { (state) throws(TargetError) in
            guard !state.isStopping else { throw .ended }
            repeat {
                state.lastPortID = state.lastPortID == Bounds.portIDMax ? 1 : state.lastPortID + 1
            } while state.listeners.contains { $0.portID == state.lastPortID }
            return state.lastPortID
        }
    }
}

extension Port {
    /// What hosts are told of a listener.
    init(_ listener: Listener, as configured: ListenAddress) {
        self.init(
            id: listener.portID, family: listener.address.isIPv6 ? .ipv6 : .ipv4,
            address: configured.advertisedHost ?? listener.address.host,
            service: configured.advertisedPort ?? listener.address.port,
            isDiscoveryOnly: configured.isDiscoveryOnly, isAdvertised: configured.isAdvertised)
    }
}

extension BoundListener {
    init(_ listener: Listener, as configured: ListenAddress) {
        self.init(
            host: listener.address.host, port: listener.address.port,
            isDiscoveryOnly: configured.isDiscoveryOnly, portID: listener.portID)
    }
}
