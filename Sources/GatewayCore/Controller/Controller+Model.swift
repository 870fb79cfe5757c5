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
        if new !== subsystem.subsystem {
            apply(new, inPlaceOf: subsystem)
        } else if !isServedHere(new) {
            want(.ended(reason: "its port is not there any more"))
        }
        let changed = model.reservability.changed
        if model.generation > old.generation, !changed.isEmpty {
            // Reservation Capabilities (RESCAP), maybe for what another subsystem has now.
            attributesChanged(of: self.subsystem?.namespaces.filter { changed.contains($0.uuid) } ?? [])
        }
    }

    private func apply(_ new: Subsystem, inPlaceOf old: SubsystemView) {
        let view = SubsystemView(of: new, for: hostNQN)
        replace(view)
        guard new.access.admits(hostNQN) else {
            want(.ended(reason: "its host may not connect any more"))
            return
        }
        guard isServedHere(new) else {
            want(.ended(reason: "its port does not serve its subsystem any more"))
            return
        }
        guard ControllerKind.io(new).type == type else {
            // What a controller says that it has must not change under its host.
            want(.ended(reason: "its subsystem reports ANA now, or does not any more"))
            return
        }
        attributesChanged(of: Self.namespacesChanged(from: old, to: view))
        if anaChanges.apply(from: old, to: view) { raise(.anaChanged) }
    }

    private func isServedHere(_ subsystem: Subsystem) -> Bool {
        model.port(port).map(subsystem.isServed(at:)) ?? false
    }

    /// A namespace's store has another size or other abilities now.
    func geometryChanged(namespace id: UInt32) {
        if let namespace = subsystem?.namespace(id) { attributesChanged(of: [namespace]) }
    }

    private func attributesChanged(of namespaces: [Namespace]) {
        guard !namespaces.isEmpty else { return }
        for namespace in namespaces { changedNamespaces.insert(namespace.id) }
        raise(.namespaceAttributeChanged)
    }

    /// Tells the host of an event, if it wants to hear of it.
    func raise(_ kind: EventKind) {
        guard state.servesCommands, features.asyncEvents.contains(kind.configuration) else { return }
        events.raise(kind)
    }

    /// Namespaces that came, went, or are another one or of another shape now. Another ANA group is no such
    /// change: the Asymmetric Namespace Access Change event tells of it.
    private static func namespacesChanged(from old: SubsystemView, to new: SubsystemView) -> [Namespace] {
        if new.hasSameNamespaces(as: old) { return [] }
        let changed = old.namespaces.filter { new.namespace($0.id)?.isSame(as: $0) != true }
        return changed + new.namespaces.filter { old.namespace($0.id) == nil }
    }
}
