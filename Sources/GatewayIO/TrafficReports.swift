// Who asks what hosts did with each namespace: Target.traffic, which every shard answers for itself.

import GatewayCore
import Synchronization

/// Reports that some shard has not answered yet, and those that nobody has taken.
final class TrafficReports: Sendable {
    private struct Name: Hashable {
        let subsystemNQN: String
        let namespaceID: UInt32
    }

    private struct Report {
        var shardsLeft: Int
        var totals: [Name: TrafficTotals] = [:]
        let complete = Gate()
    }

    private struct State {
        var reports: [UInt64: Report] = [:]
        var nextID: UInt64 = 0
        var isAbandoned = false
    }

    private let state = Mutex(State())

    /// So many shards are about to be asked.
    /// - Returns: What the report is called, and what opens when all have answered.
    func begin(shardCount: Int) -> (id: UInt64, complete: Gate) {
        state.withLock { state in
            let report = Report(shardsLeft: shardCount)
            if state.isAbandoned { report.complete.open() }
            state.nextID += 1
            state.reports[state.nextID] = report
            return (state.nextID, report.complete)
        }
    }

    /// A shard has answered.
    func add(_ traffic: [NamespaceTraffic], to id: UInt64) {
        let complete: Gate? = state.withLock { state in
            guard var report = state.reports[id] else { return nil }
            for entry in traffic {
                let name = Name(subsystemNQN: entry.subsystemNQN, namespaceID: entry.namespaceID)
                report.totals[name, default: TrafficTotals()] += entry.totals
            }
            report.shardsLeft -= 1
            state.reports[id] = report
            return report.shardsLeft == 0 ? report.complete : nil
        }
        complete?.open()
    }

    /// What the shards said, by subsystem and namespace.
    func take(_ id: UInt64) -> [NamespaceTraffic] {
        let totals = state.withLock { $0.reports.removeValue(forKey: id)?.totals ?? [:] }
        return totals.map {
            NamespaceTraffic(
                subsystemNQN: $0.key.subsystemNQN, namespaceID: $0.key.namespaceID, totals: $0.value)
        }.sorted { ($0.subsystemNQN, $0.namespaceID) < ($1.subsystemNQN, $1.namespaceID) }
    }

    /// The shards have ended: nobody waits any longer.
    func abandon() {
        let gates = state.withLock { state in
            state.isAbandoned = true
            return state.reports.values.map(\.complete)
        }
        for gate in gates { gate.open() }
    }
}
