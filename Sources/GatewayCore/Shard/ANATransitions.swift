// How long ANA groups have been in the ANA Change state on one shard. A host bears that for ANATT seconds and
// then resets its controllers (Linux: twice that), so a transition that nobody ends in time is ended here.

internal import NVMeTCP

/// The ANA transitions under way.
struct ANATransitions {
    private struct Group: Hashable {
        let nqn: String
        let id: UInt32
    }

    /// When each group has been in the ANA Change state for too long.
    private var deadlines: [Group: Instant] = [:]
    /// The earliest that has not passed yet.
    private var next: Instant?

    /// Whether `model` gives another answer now.
    func isDue(at now: Instant) -> Bool { next.map { now >= $0 } ?? false }

    /// What to serve: the model as the program gave it, with groups in the ANA Inaccessible state that have
    /// been in ANA Change for ANATT. Both refuse the same commands, so nothing waits for this.
    /// - Parameter leeway: How much earlier that is, in milliseconds: as time is looked at no more often.
    mutating func model(_ given: TargetModel, at now: Instant, leeway: UInt64) -> TargetModel {
        let old = deadlines
        deadlines = [:]
        next = nil
        var isGiven = true
        let subsystems = given.subsystems.map { subsystem -> Subsystem in
            guard let reporting = subsystem.anaReporting else { return subsystem }
            var served = subsystem
            for group in reporting.groups where group.state == .change {
                let key = Group(nqn: subsystem.nqn, id: group.id)
                let milliseconds = UInt64(reporting.transitionSeconds) * 1_000 - min(leeway, 999)
                let deadline = old[key] ?? now.advanced(byMilliseconds: milliseconds)
                deadlines[key] = deadline
                if now >= deadline {
                    served = served.with(.inaccessible, ofGroup: group.id)
                    isGiven = false
                } else {
                    next = min(next ?? deadline, deadline)
                }
            }
            return served
        }
        if isGiven { return given }
        return given.serving(subsystems)
    }
}
