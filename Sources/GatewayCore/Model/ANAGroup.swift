// Asymmetric Namespace Access as configured: the groups that a subsystem's namespaces are in, and how this
// target reaches them. Another gateway of the subsystem has the same groups in other states.

public import NVMeTCP

/// An ANA group: namespaces that change their state together.
///
/// Source: NVM Express Base Specification, "ANA Groups".
public struct ANAGroup: Sendable, Equatable, Identifiable {
    /// ANA Group ID (ANAGRPID): 1 and up.
    public let id: UInt32
    /// How this target's controllers reach the group's namespaces.
    public var state: ANAState

    public init(id: UInt32, state: ANAState) {
        precondition(id > 0, "an ANA group identifier is 1 or higher")
        precondition(
            ANAState.table.contains { $0.value == state }, "the specification has five ANA states")
        self.id = id
        self.state = state
    }
}

/// What a subsystem reports of Asymmetric Namespace Access.
public struct ANAReporting: Sendable, Equatable {
    /// In ascending order of identifiers.
    public let groups: [ANAGroup]
    /// ANA Transition Time (ANATT), in seconds: how long a group may be in the ANA Change state, or have no
    /// controller that can reach it while it moves. A group that stays in ANA Change for longer is served
    /// as ANA Inaccessible from then on.
    public let transitionSeconds: UInt8

    public init(groups: [ANAGroup], transitionSeconds: UInt8 = 30) {
        precondition(transitionSeconds > 0, "a transition takes some time")
        self.groups = groups.sorted { $0.id < $1.id }
        self.transitionSeconds = transitionSeconds
        for (a, b) in zip(self.groups, self.groups.dropFirst()) {
            precondition(a.id != b.id, "ANA group \(a.id) is there twice")
        }
    }

    /// The state of a group; nil if there is none of this identifier.
    public func state(of group: UInt32) -> ANAState? { groups.first { $0.id == group }?.state }

    /// The same with one group in another state.
    public func with(_ state: ANAState, of group: UInt32) -> ANAReporting {
        ANAReporting(
            groups: groups.map { $0.id == group ? ANAGroup(id: group, state: state) : $0 },
            transitionSeconds: transitionSeconds)
    }
}

extension ANAState {
    /// What a command for a namespace of a group in this state is answered with; nil if it is served. Not Do
    /// Not Retry: the host is to try another controller.
    ///
    /// Source: NVM Express Base Specification, "Asymmetric Namespace Access states".
    var refusal: Status? {
        switch self {
        case .optimized, .nonOptimized: nil
        case .inaccessible: .anaInaccessible
        case .persistentLoss: .anaPersistentLoss
        default: .anaTransition
        }
    }
}
