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
        guard let subsystem else {
            if DiscoveryView(old, hostNQN: hostNQN).differs(from: DiscoveryView(model, hostNQN: hostNQN)) {
                raise(.discoveryLogChanged)
            }
            return
        }
        guard let new = model.subsystem(subsystem.nqn) else {
            want(.ended(reason: "its subsystem was removed"))
            return
        }
        if new !== subsystem.subsystem { apply(new, inPlaceOf: subsystem) }
    }

    private func apply(_ new: Subsystem, inPlaceOf old: SubsystemView) {
        let view = SubsystemView(of: new, for: hostNQN)
        replace(view)
        guard new.access.admits(hostNQN) else {
            want(.ended(reason: "its host may not connect any more"))
            return
        }
        guard let port = model.port(port), new.isServed(at: port) else {
            want(.ended(reason: "its port does not serve its subsystem any more"))
            return
        }
        guard ControllerKind.io(new).type == type else {
            // What a controller says that it has must not change under its host.
            want(.ended(reason: "its subsystem reports ANA now, or does not any more"))
            return
        }
        let changed = Self.namespacesChanged(from: old, to: view)
        if !changed.isEmpty {
            for id in changed { changedNamespaces.insert(id) }
            raise(.namespaceAttributeChanged)
        }
        if anaChanges.apply(from: old, to: view) { raise(.anaChanged) }
    }

    /// A namespace's store has another size or other abilities now.
    func geometryChanged(namespace id: UInt32) {
        guard subsystem?.namespace(id) != nil else { return }
        changedNamespaces.insert(id)
        raise(.namespaceAttributeChanged)
    }

    /// Tells the host of an event, if it wants to hear of it.
    func raise(_ kind: EventKind) {
        guard state.servesCommands, features.asyncEvents.contains(kind.configuration) else { return }
        events.raise(kind)
    }

    /// Namespaces that came, went, or are another one or of another shape now, ascending. Another ANA group
    /// is no such change: the Asymmetric Namespace Access Change event tells of it.
    private static func namespacesChanged(from old: SubsystemView, to new: SubsystemView) -> [UInt32] {
        if new.hasSameNamespaces(as: old) { return [] }
        var changed: [UInt32] = []
        for namespace in old.namespaces {
            guard let other = new.namespace(namespace.id) else {
                changed.append(namespace.id)
                continue
            }
            if !other.isSame(as: namespace) { changed.append(namespace.id) }
        }
        for namespace in new.namespaces where old.namespace(namespace.id) == nil {
            changed.append(namespace.id)
        }
        return changed.sorted()
    }
}
