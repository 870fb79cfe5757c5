// Who asks all shards for something: what hosts did with each namespace (Target.traffic), which controllers
// they have (Target.controllers). Every shard answers for itself.

import Synchronization

/// Reports that some shard has not answered yet, and those that nobody has taken.
final class ShardReports<Entry: Sendable>: Sendable {
    private struct Report {
        var shardsLeft: Int
        var entries: [Entry] = []
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
    func add(_ entries: [Entry], to id: UInt64) {
        let complete: Gate? = state.withLock { state in
            guard var report = state.reports[id] else { return nil }
            report.entries += entries
            report.shardsLeft -= 1
            state.reports[id] = report
            return report.shardsLeft == 0 ? report.complete : nil
        }
        complete?.open()
    }

    /// What the shards said, in no order.
    func take(_ id: UInt64) -> [Entry] {
        state.withLock { $0.reports.removeValue(forKey: id)?.entries ?? [] }
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
