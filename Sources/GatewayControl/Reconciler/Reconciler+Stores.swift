// The stores of a reconciler: each is opened by a task of its own, a bounded number at a time, tried again
// when that fails, and closed when nothing uses it any more.

internal import GatewayCore

/// A store that is wanted, or was.
struct StoreEntry {
    enum Standing {
        /// Waits until others have been opened.
        case queued
        case opening
        case open(OpenedStore)
        /// Its time to be tried again is the backoff's.
        case failed
        /// Nothing uses it any more. If it is wanted again, it is opened again after that.
        case closing
    }
    var standing = Standing.queued
    var backoff = Backoff()
    /// Why it is not open; kept while it is tried again.
    var problem: String?

    var isOpening: Bool { if case .opening = standing { true } else { false } }

    /// Whether it is on its way for the first time.
    var isNew: Bool {
        switch standing {
        case .queued, .opening, .closing: backoff.failureCount == 0
        case .open, .failed: false
        }
    }

    var nextTry: ContinuousClock.Instant? {
        if case .failed = standing { backoff.nextTry } else { nil }
    }
}

extension Reconciler {
    /// Begins to open what is wanted and not open, as far as there is room.
    func openStores(_ wanted: Wanted, at now: ContinuousClock.Instant) {
        for name in wanted.stores.keys where stores[name] == nil { stores[name] = StoreEntry() }
        var room = settings.opensMax - stores.values.count(where: \.isOpening)
        guard room > 0 else { return }
        // Those that were not tried yet come first.
        let due = wanted.stores.filter { name, _ in
            guard let entry = stores[name] else { return false }
            if case .queued = entry.standing { return true }
            return entry.nextTry.map { $0 <= now } ?? false
        }.sorted { (stores[$0.key]?.backoff.failureCount ?? 0) < (stores[$1.key]?.backoff.failureCount ?? 0) }
        for (name, group) in due {
            guard room > 0 else { return }
            room -= 1
            stores[name]?.standing = .opening
            let opener = opener
            Task {
                do throws(StoreProblem) {
                    await self.opened(name, .success(try await opener.open(name, group: group)))
                } catch { await self.opened(name, .failure(error)) }
            }
        }
    }

    private func opened(_ name: StoreName, _ result: Result<OpenedStore, StoreProblem>) async {
        switch result {
        case .success(let store):
            guard !hasEnded else { return await store.close() }
            stores[name]?.standing = .open(store)
            stores[name]?.problem = nil
            stores[name]?.backoff = Backoff()
        case .failure(let problem):
            stores[name]?.standing = .failed
            stores[name]?.problem = problem.description
            stores[name]?.backoff.failed(settings, at: now())
        }
        passSoon()
    }

    /// Lets go of stores that are neither wanted nor served, once no request of before is in them.
    func closeStores(_ wanted: Wanted, after change: ServingChange?) {
        var inUse: Set<ObjectIdentifier> = []
        for namespace in served.lazy.flatMap(\.namespaces) {
            inUse.insert(ObjectIdentifier(namespace.backend))
        }
        for (name, entry) in stores where wanted.stores[name] == nil {
            switch entry.standing {
            case .queued, .failed: stores[name] = nil
            case .opening, .closing: break
            case .open(let store):
                guard !inUse.contains(ObjectIdentifier(store.backend)) else { continue }
                stores[name]?.standing = .closing
                Task {
                    // A change of before is complete when a later one is: requests end in their order.
                    await change?.complete()
                    await store.close()
                    self.closed(name)
                }
            }
        }
    }

    private func closed(_ name: StoreName) {
        stores[name] = nil
        wake.yield()
    }

    /// How far the opening of stores is: those that are open, those that failed, and all.
    public var progress: (open: Int, failed: Int, all: Int) {
        var progress = (open: 0, failed: 0, all: stores.count)
        for entry in stores.values {
            if case .open = entry.standing {
                progress.open += 1
            } else if !entry.isNew {
                progress.failed += 1
            }
        }
        return progress
    }
}
