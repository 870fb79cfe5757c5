// Stores that this gateway loses while it serves them: their client was fenced, or the image is gone. A lost
// store is closed as soon as nothing uses it any more, and tried again like one that could not be opened;
// hosts get their namespaces back. Docs/Decisions/0014 says why nothing of before can come after that.

internal import GatewayCore
internal import NVMeTCP

extension Reconciler {
    /// A store was lost. It may have been closed since.
    func lost(_ name: StoreName, _ backend: any BlockBackend, _ loss: StoreLoss) {
        guard !hasEnded, case .open(let store) = stores[name]?.standing, store.backend === backend else {
            return
        }
        stores[name]?.standing = .lost(store)
        stores[name]?.backoff = Backoff()
        switch loss {
        case .fenced:
            stores[name]?.lostClient = store.clientAddresses
            stores[name]?.placeholder = LostStore(in: backend)
            stores[name]?.problem =
                "\(name): its client \(store.clientAddresses) was fenced; it is served again when that is "
                + "off the blocklist"
            leaveGroups(of: name)
        case .gone:
            stores[name]?.problem = "\(name): it is not there any more; it is served again when it is"
        }
        wake.yield()
    }

    /// Somebody fenced this gateway and may serve the groups in its place: those that the monitor has spoken
    /// of are not reached here before it says so again.
    private func leaveGroups(of name: StoreName) {
        for subsystem in newest.subsystems.values where subsystem.record.enableHA {
            let nqn = subsystem.record.subsystemNQN
            for namespace in subsystem.namespaces.values where namespace.record.store == name {
                let group = max(UInt32(exactly: namespace.record.anaGroupID ?? 1) ?? 0, 1)
                if anaStates[nqn]?[group] != nil { anaStates[nqn]?[group] = .inaccessible }
            }
        }
    }

    /// Closes lost stores that no namespace is in any more.
    func closeLost(inUse: Set<ObjectIdentifier>, after change: ServingChange?) {
        for (name, entry) in stores {
            guard case .lost(let store) = entry.standing, !inUse.contains(ObjectIdentifier(store.backend))
            else { continue }
            stores[name]?.standing = .closing
            close(store, of: name, after: change) { $0.lostClosed(name) }
        }
    }

    private func lostClosed(_ name: StoreName) {
        stores[name]?.standing = .failed
        stores[name]?.backoff.failed(settings, at: now())
        wake.yield()
    }

    /// The subsystems whose hosts must connect anew for what is served now: a group was in the ANA Persistent
    /// Loss state, which no controller leaves, and its stores are there again.
    ///
    /// Source: NVM Express Base Specification, "ANA Persistent Loss state".
    func returning(_ subsystems: [Subsystem]) -> Set<String> {
        let lostBefore = Set(
            served.filter { $0.anaReporting != nil && $0.namespaces.contains(where: \.backend.isLost) }.map(
                \.nqn))
        return Set(
            subsystems.filter { subsystem in
                guard lostBefore.contains(subsystem.nqn),
                    let old = served.first(where: { $0.nqn == subsystem.nqn })
                else { return false }
                let groups = Set(old.namespaces.filter(\.backend.isLost).map(\.anaGroupID))
                let still = Set(subsystem.namespaces.filter(\.backend.isLost).map(\.anaGroupID))
                return !groups.isSubset(of: still)
            }.map(\.nqn))
    }
}
