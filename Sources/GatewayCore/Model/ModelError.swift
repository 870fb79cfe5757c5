// Why a configuration can't be served: what a model's parts can't know by themselves. Each description names
// the object and the next step; programs show it as it is.

public import NVMeTCP

/// Why a model can't be served, or can't follow the one that is served.
public enum ModelError: Error, Equatable, Sendable, CustomStringConvertible {
    case noSubsystem(nqn: String)
    /// A subsystem is called as the Discovery subsystem is.
    case discoveryNameTaken(nqn: String)
    case noANAGroup(id: UInt32, nqn: String)
    /// An ANA group's identifier is above `Limits.anaGroupsMax`.
    case anaGroupTooHigh(id: UInt32, nqn: String, max: UInt32)
    /// A subsystem with ANA has more NSIDs than `Limits.anaNamespacesMax`.
    case tooManyNamespaces(nqn: String, count: UInt32, max: Int)
    /// A subsystem with ANA would have another number of NSIDs than its hosts were told.
    case namespaceMaximumChanged(nqn: String, from: UInt32, to: UInt32)
    /// An ANA group would leave the ANA Persistent Loss state.
    case persistentLossIsFinal(id: UInt32, nqn: String)

    public var description: String {
        switch self {
        case .noSubsystem(let nqn): "there is no subsystem \(nqn)"
        case .discoveryNameTaken(let nqn):
            "\(nqn) is the Discovery subsystem's name: give one of the two another"
        case .noANAGroup(let id, let nqn): "\(nqn) has no ANA group \(id)"
        case .anaGroupTooHigh(let id, let nqn, let max):
            "ANA group \(id) of \(nqn) is above \(max); number groups from 1 on, or raise the limit"
        case .tooManyNamespaces(let nqn, let count, let max):
            "\(nqn) may have \(count) namespaces, whose ANA log no host could read at once: \(max) at most; "
                + "with a larger maximum data transfer size there may be more"
        case .namespaceMaximumChanged(let nqn, let from, let to):
            "the highest NSID of \(nqn) is \(from), as its hosts were told; to make it \(to), remove the "
                + "subsystem and add it again"
        case .persistentLossIsFinal(let id, let nqn):
            "ANA group \(id) of \(nqn) is lost to this target for good; restart the target to serve it again"
        }
    }
}

extension TargetModel {
    /// Checks that a target of these limits can serve the model, and that hosts can follow it from the one
    /// before.
    public func check(limits: Limits, after old: TargetModel? = nil) throws(ModelError) {
        for subsystem in subsystems {
            guard !discovery.answers(to: subsystem.nqn) else {
                throw .discoveryNameTaken(nqn: subsystem.nqn)
            }
            guard let reporting = subsystem.anaReporting else { continue }
            try subsystem.check(reporting, limits)
            if let known = old?.subsystem(subsystem.nqn), let before = known.anaReporting {
                try subsystem.check(reporting, after: known, before)
            }
        }
    }

    /// The subsystems, with an ANA group of one in another state.
    public func subsystems(
        with state: ANAState, ofANAGroup group: UInt32, of nqn: String
    ) throws(ModelError) -> [Subsystem] {
        guard let changed = subsystem(nqn) else { throw .noSubsystem(nqn: nqn) }
        guard changed.anaReporting?.state(of: group) != nil else {
            throw .noANAGroup(id: group, nqn: nqn)
        }
        return subsystems.map { $0 === changed ? $0.with(state, ofGroup: group) : $0 }
    }
}

extension Subsystem {
    fileprivate func check(_ reporting: ANAReporting, _ limits: Limits) throws(ModelError) {
        if let highest = reporting.groups.last?.id, highest > limits.anaGroupsMax {
            throw .anaGroupTooHigh(id: highest, nqn: nqn, max: limits.anaGroupsMax)
        }
        if namespaceIDMax > limits.anaNamespacesMax {
            throw .tooManyNamespaces(nqn: nqn, count: namespaceIDMax, max: limits.anaNamespacesMax)
        }
    }

    fileprivate func check(
        _ reporting: ANAReporting, after old: Subsystem, _ before: ANAReporting
    ) throws(ModelError) {
        if namespaceIDMax != old.namespaceIDMax {
            throw .namespaceMaximumChanged(nqn: nqn, from: old.namespaceIDMax, to: namespaceIDMax)
        }
        // Source: NVM Express Base Specification, "ANA Persistent Loss state": no other follows.
        for group in before.groups where group.state == .persistentLoss {
            if let state = reporting.state(of: group.id), state != .persistentLoss {
                throw .persistentLossIsFinal(id: group.id, nqn: nqn)
            }
        }
    }
}
