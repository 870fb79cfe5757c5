// Who waits for a change of the model: Target.update, until every shard serves by it and nothing that it
// forbids is at a backend any more.

import Synchronization

/// The changes of the model that some shard has not settled yet.
final class Settlements: Sendable {
    private struct Change {
        var shardsLeft: Int
        let gate = Gate()
    }

    private struct State {
        var changes: [UInt64: Change] = [:]
        var isAbandoned = false
    }

    private let state = Mutex(State())

    /// A change to this generation is about to be told to so many shards.
    /// - Returns: What opens when all have settled it.
    func expect(_ generation: UInt64, from shardCount: Int) -> Gate {
        state.withLock { state in
            let change = Change(shardsLeft: shardCount)
            if state.isAbandoned { change.gate.open() } else { state.changes[generation] = change }
            return change.gate
        }
    }

    /// A shard has settled a change.
    func settled(_ generation: UInt64) {
        let gate: Gate? = state.withLock { state in
            guard var change = state.changes[generation] else { return nil }
            change.shardsLeft -= 1
            state.changes[generation] = change.shardsLeft == 0 ? nil : change
            return change.shardsLeft == 0 ? change.gate : nil
        }
        gate?.open()
    }

    /// The shards have ended: nobody waits any longer.
    func abandon() {
        let gates = state.withLock { state in
            state.isAbandoned = true
            defer { state.changes = [:] }
            return state.changes.values.map(\.gate)
        }
        for gate in gates { gate.open() }
    }
}
