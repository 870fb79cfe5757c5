// The change counts of one controller's ANA log, and what of a change the host is to hear of.

internal import NVMeTCP

/// How often the ANA log and each group's descriptor changed since the controller was reset.
///
/// Source: NVM Express Base Specification, "Asymmetric Namespace Access", Change Count.
struct ANAChanges {
    private var log: UInt64 = 0
    /// By group; one that is not here has not changed: its count is 1, as 0 would say that none is reported.
    private var groups: [UInt32: UInt64] = [:]

    /// The log page as it stands now.
    func log(of view: SubsystemView, groupsOnly: Bool) -> ANALog {
        ANALog(
            changeCount: log,
            groups: view.anaDescriptors.map { descriptor in
                var descriptor = descriptor
                descriptor.changeCount = groups[descriptor.groupID, default: 1]
                if groupsOnly { descriptor.namespaceIDs = [] }
                return descriptor
            })
    }

    /// The subsystem has changed.
    /// - Returns: Whether the host is to be told (Asymmetric Namespace Access Change).
    mutating func apply(from old: SubsystemView, to new: SubsystemView) -> Bool {
        let (before, after) = (Self.byGroup(old), Self.byGroup(new))
        let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        guard !changed.isEmpty else { return false }
        log = Self.next(log)
        for group in changed { groups[group] = Self.next(groups[group, default: 1]) }
        return Self.hasEntered(from: before, to: after) || Self.hasMoved(from: old, to: new)
    }

    private static func byGroup(_ view: SubsystemView) -> [UInt32: ANAGroupDescriptor] {
        Dictionary(uniqueKeysWithValues: view.anaDescriptors.map { ($0.groupID, $0) })
    }

    /// Rolls over to 1, as 0 stands for a log that never changed, or for no count at all.
    private static func next(_ count: UInt64) -> UInt64 { count == .max ? 1 : count + 1 }

    /// Whether a group that the host knows has another state now, ANA Change excepted: its end will be told.
    ///
    /// Source: NVM Express Base Specification, "Asymmetric Namespace Access Change Notifications".
    private static func hasEntered(
        from before: [UInt32: ANAGroupDescriptor], to after: [UInt32: ANAGroupDescriptor]
    ) -> Bool {
        after.values.contains { group in
            guard let known = before[group.groupID] else { return false }
            return known.state != group.state && group.state != .change
        }
    }

    /// Whether a namespace that the host knows is in another group now. Those that came or went are told by
    /// the Attached Namespace Attribute Changed event, and by no other.
    private static func hasMoved(from old: SubsystemView, to new: SubsystemView) -> Bool {
        if new.hasSameNamespaces(as: old) { return false }
        return new.namespaces.contains { namespace in
            guard let known = old.namespace(namespace.id) else { return false }
            return known.anaGroupID != namespace.anaGroupID
        }
    }
}
