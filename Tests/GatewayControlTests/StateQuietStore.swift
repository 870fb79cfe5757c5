// A store whose followers are never told: each gateway knows what it knew until it asks.

import GatewayControl

struct QuietStore<Inner: StateStore>: StateStore {
    let inner: Inner
    var name: String { inner.name }

    init(_ inner: Inner) { self.inner = inner }

    func version() async throws(StoreFailure) -> UInt64 { try await inner.version() }
    func load() async throws(StoreFailure) -> StateSnapshot { try await inner.load() }
    func commit(_ changes: StateChanges, onto version: UInt64) async throws(StoreFailure) -> CommitOutcome {
        try await inner.commit(changes, onto: version)
    }
    func follow(_ changed: @escaping @Sendable () -> Void) async {}
    func close() async { await inner.close() }
}
