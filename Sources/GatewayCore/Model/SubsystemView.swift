// A subsystem as one host sees it. Namespaces that are hidden from the host are not there: a controller knows
// no other side of its subsystem, and a shard's I/O queues look namespaces up in the same set.

internal import NVMeTCP

/// A subsystem and the namespaces that one host sees.
struct SubsystemView: Sendable {
    let subsystem: Subsystem
    /// In ascending order of NSID.
    let namespaces: [Namespace]
    /// The namespaces of each ANA group that has any here.
    private let anaMembers: [UInt32: [UInt32]]

    /// Costs nothing if every host sees all: there may be a thousand hosts.
    init(of subsystem: Subsystem, for hostNQN: String) {
        self.subsystem = subsystem
        if subsystem.isForAll {
            namespaces = subsystem.namespaces
            anaMembers = subsystem.anaMembers
        } else {
            namespaces = subsystem.namespaces.filter { $0.visibility.admits(hostNQN) }
            anaMembers = subsystem.anaReporting == nil ? [:] : Subsystem.anaMembers(namespaces)
        }
    }

    var nqn: String { subsystem.nqn }
    var namespaceIDMax: UInt32 { subsystem.namespaceIDMax }
    var anaReporting: ANAReporting? { subsystem.anaReporting }

    /// The namespace with this NSID, if it is there for the host.
    func namespace(_ id: UInt32) -> Namespace? { namespaces.namespace(id) }

    /// Whether nothing but the ANA groups' states can differ.
    func hasSameNamespaces(as other: SubsystemView) -> Bool {
        namespaces.elementsEqual(other.namespaces, by: ===)
    }

    /// How this target reaches a namespace.
    func anaState(of namespace: Namespace) -> ANAState { subsystem.anaState(of: namespace) }

    /// Why no command can be served that needs every namespace of the host; nil if it can.
    var refusal: Status? {
        for group in anaReporting?.groups ?? [] where anaMembers[group.id] != nil {
            if let refusal = group.state.refusal { return refusal }
        }
        return nil
    }

    /// The ANA groups that have a namespace here, as the log reports them; without change counts.
    var anaDescriptors: [ANAGroupDescriptor] {
        (anaReporting?.groups ?? []).compactMap { group in
            anaMembers[group.id].map {
                ANAGroupDescriptor(groupID: group.id, changeCount: 0, state: group.state, namespaceIDs: $0)
            }
        }
    }
}
