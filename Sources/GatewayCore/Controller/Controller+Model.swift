// What a controller tells its host when the configuration or a namespace's store changes.

internal import NVMeTCP

/// The Changed Attached Namespace List of one controller: what changed since the host last looked.
///
/// Source: NVM Express Base Specification, "Changed Attached Namespace List".
struct ChangedNamespaces {
    private var ids: Set<UInt32> = []

    mutating func insert(_ id: UInt32) { ids.insert(id) }

    mutating func clear() { ids = [] }

    /// The log page: at most 1,024 identifiers, else FFFFFFFFh alone.
    var list: NamespaceList {
        ids.count > NamespaceList.countMax ? .tooManyChanged : NamespaceList(ids.sorted())
    }
}

extension Controller {
    /// The configuration is now this one.
    func apply(_ model: TargetModel) {
        let old = self.model
        self.model = model
        switch kind {
        case .discovery:
            if DiscoveryView(old, hostNQN: hostNQN).differs(from: DiscoveryView(model, hostNQN: hostNQN)) {
                raise(.discoveryLogChanged)
            }
        case .io(let subsystem):
            guard let new = model.subsystem(subsystem.nqn) else {
                want(.ended(reason: "its subsystem was removed"))
                return
            }
            replace(new)
            guard new.access.admits(hostNQN) else {
                want(.ended(reason: "its host may not connect any more"))
                return
            }
            let changed = Self.namespacesChanged(from: subsystem, to: new)
            guard !changed.isEmpty else { return }
            for id in changed { changedNamespaces.insert(id) }
            raise(.namespaceAttributeChanged)
        }
    }

    /// A namespace's store has another size or other abilities now.
    func geometryChanged(namespace id: UInt32) {
        guard subsystem?.namespace(id) != nil else { return }
        changedNamespaces.insert(id)
        raise(.namespaceAttributeChanged)
    }

    /// Tells the host of an event, if it wants to hear of it.
    private func raise(_ kind: EventKind) {
        guard state.servesCommands, features.asyncEvents.contains(kind.configuration) else { return }
        events.raise(kind)
    }

    /// Namespaces that came, went, or are another one or of another shape now, ascending.
    private static func namespacesChanged(from old: Subsystem, to new: Subsystem) -> [UInt32] {
        if old === new { return [] }
        var changed: [UInt32] = []
        for namespace in old.namespaces {
            guard let other = new.namespace(namespace.id) else {
                changed.append(namespace.id)
                continue
            }
            let isSame =
                other === namespace
                || (other.backend === namespace.backend && other.blockSize == namespace.blockSize
                    && other.uuid == namespace.uuid && other.nguid == namespace.nguid)
            if !isSame { changed.append(namespace.id) }
        }
        for namespace in new.namespaces where old.namespace(namespace.id) == nil {
            changed.append(namespace.id)
        }
        return changed.sorted()
    }
}
