// A subsystem as one host sees it. Namespaces that are hidden from the host are not there: a controller knows
// no other side of its subsystem, and a shard's I/O queues look namespaces up in the same set.

internal import NVMeTCP

/// A subsystem and the namespaces that one host sees.
struct SubsystemView: Sendable {
    let subsystem: Subsystem
    /// In ascending order of NSID.
    let namespaces: [Namespace]

    init(of subsystem: Subsystem, for hostNQN: String) {
        self.subsystem = subsystem
        let isWhole = subsystem.namespaces.allSatisfy { $0.visibility == .any }
        namespaces =
            isWhole
            ? subsystem.namespaces : subsystem.namespaces.filter { $0.visibility.admits(hostNQN) }
    }

    var nqn: String { subsystem.nqn }
    var namespaceIDMax: UInt32 { subsystem.namespaceIDMax }
    var anaReporting: ANAReporting? { subsystem.anaReporting }

    /// The namespace with this NSID, if it is there for the host.
    func namespace(_ id: UInt32) -> Namespace? { namespaces.namespace(id) }

    /// How this target reaches a namespace.
    func anaState(of namespace: Namespace) -> ANAState { subsystem.anaState(of: namespace) }

    /// Why no command can be served that needs every namespace of the host; nil if it can.
    var refusal: Status? {
        guard let groups = anaReporting?.groups, groups.contains(where: { $0.state.refusal != nil }) else {
            return nil
        }
        for namespace in namespaces {
            if let refusal = anaState(of: namespace).refusal { return refusal }
        }
        return nil
    }

    /// The ANA groups that have a namespace here, as the log reports them; without change counts.
    var anaDescriptors: [ANAGroupDescriptor] {
        guard let reporting = anaReporting else { return [] }
        var members: [UInt32: [UInt32]] = [:]
        for namespace in namespaces { members[namespace.anaGroupID, default: []].append(namespace.id) }
        return reporting.groups.compactMap { group in
            members[group.id].map {
                ANAGroupDescriptor(groupID: group.id, changeCount: 0, state: group.state, namespaceIDs: $0)
            }
        }
    }
}
