// Listeners that nobody created one by one: a subsystem may name networks, and each gateway of the group then
// listens at its own addresses in them. They are no entries of the state; each gateway finds its own.

extension SubsystemState {
    /// What this gateway listens at by itself, in the order of the addresses. An address that a listener of
    /// this gateway names is that listener's.
    ///
    /// Loopback addresses are taken only for a network of such, and link-local ones of IPv6 never: hosts
    /// elsewhere can't use what discovery would tell them.
    /// - Parameter addresses: the machine's.
    func automaticListeners(hostName: String, addresses: [String]) -> [ListenerRecord] {
        let networks = record.networkMasks.compactMap(NetworkMask.init)
        guard !networks.isEmpty else { return [] }
        let named = listeners.values.filter { $0.hostName == hostName }
        var found: [String: ListenerRecord] = [:]
        for address in addresses where networks.contains(where: { $0.offers(address) }) {
            var listener = ListenerRecord(
                nqn: record.subsystemNQN, hostName: hostName, address: address,
                port: record.port ?? ListenerRecord.defaultPort)
            listener.addressFamily = address.contains(":") ? .ipv6 : .ipv4
            listener.secure = record.secureListeners
            if named.contains(where: { $0.isSamePlace(as: listener) }) { continue }
            found[address] = listener
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The listeners of this gateway: those that somebody created, then its own.
    func listeners(hostName: String, addresses: [String]) -> [ListenerRecord] {
        sortedListeners.filter { $0.hostName == hostName }
            + automaticListeners(hostName: hostName, addresses: addresses)
    }
}

extension NetworkMask {
    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap(NetworkMask.init)
    private static let linkLocal = NetworkMask("fe80::/10")

    /// Whether a gateway listens at this address of its machine because of this network.
    fileprivate func offers(_ address: String) -> Bool {
        guard contains(address), Self.linkLocal?.contains(address) != true else { return false }
        guard let loopback = Self.loopback.first(where: { $0.contains(address) }) else { return true }
        return loopback.contains(self)
    }
}

extension GroupState {
    /// Whether any subsystem names networks.
    var hasNetworks: Bool { subsystems.values.contains { !$0.record.networkMasks.isEmpty } }
}

extension Reconciler {
    /// The machine's addresses, if they matter; asked once a pass.
    func findAddresses(for state: GroupState) {
        localAddresses = state.hasNetworks ? settings.localAddresses() : []
        guard state.hasNetworks else {
            addressWatch?.cancel()
            addressWatch = nil
            return
        }
        guard addressWatch == nil else { return }
        addressWatch = Task {
            while true {
                // Sleeping throws only when no subsystem names networks any more, or at the end.
                do { try await Task.sleep(for: settings.addressInterval) } catch { return }
                if settings.localAddresses() != localAddresses { wake.yield() }
            }
        }
    }
}
