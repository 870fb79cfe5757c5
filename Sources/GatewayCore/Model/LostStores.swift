// What hosts are served of stores that this target has lost: its client was fenced, and others may have
// written since. A host must turn to another path or hear an error, and must not ask here again and again, as
// Linux does when the only path that it knows of answers with a path related status.

internal import NVMeTCP

extension TargetModel {
    /// This model as it is to be served: itself, unless a store of it is lost.
    func withoutLostStores() -> TargetModel {
        guard subsystems.contains(where: { $0.namespaces.contains(where: \.backend.isLost) }) else {
            return self
        }
        return serving(subsystems.map { $0.withoutLostStores() })
    }
}

extension Subsystem {
    /// With ANA, the groups of lost namespaces are in the ANA Persistent Loss state, whatever state the
    /// program gave them: no relationship leaves it. Without, a lost namespace is not attached any more.
    ///
    /// Source: NVM Express Base Specification, "ANA Persistent Loss state".
    fileprivate func withoutLostStores() -> Subsystem {
        let lost = namespaces.filter(\.backend.isLost)
        if lost.isEmpty { return self }
        guard anaReporting != nil else { return without(lost) }
        return Set(lost.map(\.anaGroupID)).sorted()
            .reduce(self) { $0.with(.persistentLoss, ofGroup: $1) }
    }

    /// Whether hosts are still let to a namespace whose store is lost.
    func serves(_ lost: Namespace) -> Bool {
        namespace(lost.id) != nil && anaState(of: lost) != .persistentLoss
    }

    /// Whether a host would have this namespace, had this target not lost its store.
    func hasLost(_ namespaceID: UInt32, for hostNQN: String) -> Bool {
        lostNamespaces.namespace(namespaceID)?.visibility.admits(hostNQN) ?? false
    }
}
