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
        /// It was open, and is not this gateway's any more: it is closed when no namespace is in it.
        case lost(OpenedStore)
        /// Nothing uses it any more. If it is wanted again, it is opened again after that.
        case closing
    }
    var standing = Standing.queued
    var backoff = Backoff()
    /// Why it is not open; kept while it is tried again.
    var problem: String?

    /// The fenced client that had it open last; nil if none has.
    var lostClient: String?
    /// What stands for it since it was lost to a fence.
    var placeholder: LostStore?
    /// The pass that had begun last when it was opened: a later one serves it.
    var openedDuringPass: UInt64 = 0

    var isOpening: Bool { if case .opening = standing { true } else { false } }

    /// Whether it is on its way for the first time.
    var isNew: Bool {
        switch standing {
        case .queued, .opening: backoff.failureCount == 0
        case .closing: backoff.failureCount == 0 && problem == nil
        case .open, .failed, .lost: false
        }
    }

    /// Whether a pass could not serve it yet that it may be waited for.
    func isUnderWay(after pass: UInt64) -> Bool {
        if case .open = standing { openedDuringPass >= pass } else { isNew }
    }

    var nextTry: ContinuousClock.Instant? {
        if case .failed = standing { backoff.nextTry } else { nil }
    }
}

/// A store whose turn to be opened comes.
struct DueStore {
    let name: StoreName
    let group: UInt32
    let failureCount: Int
}

extension Reconciler {
    /// Begins to open what is wanted and not open, as far as there is room. The rest has its turn when
    /// others have been opened.
    func openStores(_ wanted: Wanted, at now: ContinuousClock.Instant) {
        for name in wanted.stores.keys where stores[name] == nil { stores[name] = StoreEntry() }
        due = wanted.stores.filter { name, _ in
            guard let entry = stores[name] else { return false }
            if case .queued = entry.standing { return true }
            return entry.nextTry.map { $0 <= now } ?? false
        }.map {
            DueStore(name: $0.key, group: $0.value, failureCount: stores[$0.key]?.backoff.failureCount ?? 0)
        }
        // Taken from the end: those that were not tried yet come first.
        due.sort { $0.failureCount > $1.failureCount }
        openNext()
    }

    private func openNext() {
        var room = settings.opensMax - stores.values.count(where: \.isOpening)
        while room > 0, let next = due.popLast() {
            switch stores[next.name]?.standing {
            case .queued, .failed: break
            case .opening, .open, .lost, .closing, nil: continue
            }
            room -= 1
            stores[next.name]?.standing = .opening
            let (opener, lostClient) = (opener, stores[next.name]?.lostClient)
            Task {
                do throws(StoreProblem) {
                    await self.opened(
                        next.name,
                        .success(try await opener.open(next.name, group: next.group, after: lostClient)))
                } catch { await self.opened(next.name, .failure(error)) }
            }
        }
    }

    private func opened(_ name: StoreName, _ result: Result<OpenedStore, StoreProblem>) async {
        switch result {
        case .success(let store):
            guard !hasEnded else { return await store.close() }
            stores[name]?.standing = .open(store)
            stores[name]?.lostClient = nil
            stores[name]?.placeholder = nil
            store.onLoss { loss in Task { await self.lost(name, store.backend, loss) } }
            stores[name]?.openedDuringPass = passesBegunSoFar
            stores[name]?.problem = nil
            stores[name]?.backoff = Backoff()
        case .failure(let problem):
            stores[name]?.standing = .failed
            stores[name]?.problem = problem.description
            stores[name]?.backoff.failed(settings, at: now())
        }
        lastOutcome = now()
        if !hasEnded { openNext() }
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
            case .open(let store), .lost(let store):
                guard !inUse.contains(ObjectIdentifier(store.backend)) else { continue }
                stores[name]?.standing = .closing
                close(store, of: name, after: change) { $0.closed(name) }
            }
        }
        closeLost(inUse: inUse, after: change)
    }

    func close(
        _ store: OpenedStore, of name: StoreName, after change: ServingChange?,
        _ closed: @escaping @Sendable (isolated Reconciler) -> Void
    ) {
        closings[name] = Task {
            // A change of before is complete when a later one is: requests end in their order.
            await change?.complete()
            await store.close()
            closings[name] = nil
            closed(self)
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
