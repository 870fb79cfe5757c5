// Worlds that are made for one question, apart from what their seed decides.

import GatewayCore

/// What a world is like.
public enum Scenario: Sendable, CaseIterable {
    /// As the seed decides.
    case everything
    /// On one shard a host keeps 128 commands under way on each of several queues, and another host one
    /// command: how long does that one wait? Nothing goes wrong.
    case crowd

    func adjust(_ plan: inout Plan) {
        switch self {
        case .everything: return
        case .crowd: makeCrowd(&plan)
        }
    }

    private func makeCrowd(_ plan: inout Plan) {
        plan.shardCount = 1
        plan.limits = Limits()
        var loud = HostPlan()
        (loud.queueCount, loud.entries, loud.depth, loud.quota) = (4, 129, 128, 1_500)
        var quiet = HostPlan()
        (quiet.queueCount, quiet.entries, quiet.depth, quiet.quota) = (1, 2, 1, 60)
        plan.hosts = [loud, quiet]
        plan.chaosNanoseconds = 30_000_000_000
        plan.faultInterval = 0
    }
}
