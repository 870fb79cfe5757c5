// Waiting until a state is served: what a control call does after its change was kept, so that a host that is
// told of it finds it.

internal import GatewayCore

/// Who waits until a state is served.
struct SettleWaiter {
    let id: UInt64
    /// The pass that must be over.
    let pass: UInt64
    let state: GroupState
    let continuation: CheckedContinuation<Void, Never>
}

extension Reconciler {
    /// Returns when the target serves by `state` or a later one, as far as that can be: a store that can't be
    /// opened, or takes longer than `ReconcilerSettings.settleDeadline`, is left for later, and the log says
    /// which.
    public func settle(_ state: GroupState) async {
        if state.version > newest.version { take(state) }
        await settled(state)
    }

    /// The same for a gateway that starts, with many stores to open: it takes as long as they come, and gives
    /// up on those that are missing when none has come for `patience`.
    public func comeUp(_ state: GroupState, patience: Duration) async {
        if state.version > newest.version { take(state) }
        lastOutcome = now()
        await settled(state) { try await self.lull(of: patience) }
    }

    /// Returns when no store was opened for so long, and none failed.
    private func lull(of patience: Duration) async throws {
        while true {
            let last = lastOutcome
            try await Task.sleep(until: last + patience, clock: .continuous)
            if lastOutcome == last { return }
        }
    }

    /// Waits for what has changed in the reconciler itself, too.
    func settled(_ state: GroupState) async {
        let deadline = settings.settleDeadline
        await settled(state) { try await Task.sleep(for: deadline) }
    }

    /// - Parameter deadline: returns when it is not waited any longer, and throws when it is cancelled.
    private func settled(
        _ state: GroupState, until deadline: @escaping @Sendable () async throws -> Void
    ) async {
        guard !hasEnded else { return }
        // The pass that may be under way has begun before.
        let pass = passesBegunSoFar + 1
        lastWaiterID += 1
        let id = lastWaiterID
        let timer = Task {
            // It throws only when it has settled.
            do { try await deadline() } catch { return }
            self.giveUp(id)
        }
        await withCheckedContinuation { continuation in
            waiting.append(SettleWaiter(id: id, pass: pass, state: state, continuation: continuation))
            wake.yield()
        }
        timer.cancel()
    }

    private func giveUp(_ id: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        let waiter = waiting.remove(at: index)
        let missing = missing(waiter.state)
        let names = missing.prefix(3).joined(separator: ", ")
        let more = missing.count > 3 ? " and \(missing.count - 3) more" : ""
        log.write(
            .notice,
            "not waited for any longer, but gone on with: \(missing.isEmpty ? "a change" : names + more)")
        waiter.continuation.resume()
    }

    /// What a state asks for that is on its way for the first time.
    private func missing(_ state: GroupState) -> [String] {
        let wanted = Wanted(state, settings, localAddresses)
        let stores = wanted.stores.keys.filter { self.stores[$0]?.isUnderWay(after: passesDone) ?? false }
        let addresses = wanted.addresses.filter {
            self.addresses[$0]?.isUnderWay(after: passesDone) ?? false
        }
        return stores.map(\.description).sorted() + addresses.map { "address \($0)" }.sorted()
    }

    /// After a pass: sends those on who wait for nothing more.
    func resumeSettled() {
        guard !waiting.isEmpty else { return }
        let isUnderWay =
            stores.contains { $0.value.isUnderWay(after: passesDone) }
            || addresses.contains { $0.value.isUnderWay(after: passesDone) }
        waiting.removeAll { waiter in
            guard waiter.pass <= passesDone, !isUnderWay || missing(waiter.state).isEmpty else {
                return false
            }
            waiter.continuation.resume()
            return true
        }
    }
}
