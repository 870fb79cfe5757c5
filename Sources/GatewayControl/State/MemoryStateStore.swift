// A store that lives as long as its process: for a gateway without a configuration to keep, and for tests,
// where several gateways share one.

internal import Synchronization

/// Keeps a state in memory.
public final class MemoryStateStore: StateStore {
    private struct Kept {
        var snapshot: StateSnapshot
        var followers: [@Sendable () -> Void] = []
    }
    private let kept: Mutex<Kept>

    public let name = "the gateway's memory"

    public init(_ entries: [String: String] = [:], version: UInt64 = 1) {
        kept = Mutex(Kept(snapshot: StateSnapshot(version: version, entries: entries)))
    }

    public func version() async throws(StoreFailure) -> UInt64 { kept.withLock { $0.snapshot.version } }

    public func load() async throws(StoreFailure) -> StateSnapshot { kept.withLock { $0.snapshot } }

    public func commit(
        _ changes: StateChanges, onto version: UInt64
    ) async throws(StoreFailure) -> CommitOutcome {
        let (outcome, followers) = kept.withLock { kept -> (CommitOutcome, [@Sendable () -> Void]) in
            guard kept.snapshot.version == version else { return (.superseded, []) }
            changes.apply(to: &kept.snapshot.entries)
            kept.snapshot.version += 1
            return (.committed(version: kept.snapshot.version), kept.followers)
        }
        for changed in followers { changed() }
        return outcome
    }

    /// Puts another state in the place of this one, as an operator does who puts a copy back.
    public func restore(_ snapshot: StateSnapshot) {
        let followers = kept.withLock { kept in
            kept.snapshot = snapshot
            return kept.followers
        }
        for changed in followers { changed() }
    }

    public func follow(_ changed: @escaping @Sendable () -> Void) async {
        kept.withLock { $0.followers.append(changed) }
    }

    /// The store may be others', too: what it holds stays, and so do its followers.
    public func close() async {}
}
