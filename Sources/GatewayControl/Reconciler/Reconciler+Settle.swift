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
    /// opened, or takes longer than `ReconcilerSettings.settleDeadline`, is left for later.
    public func settle(_ state: GroupState) async {
        if state.version > newest.version { take(state) }
        await settled(state)
    }

    /// The same for what has changed in the reconciler itself.
    func settled(_ state: GroupState) async {
        guard !hasEnded else { return }
        // The pass that may be under way has begun before.
        let pass = passesBegunSoFar + 1
        lastWaiterID += 1
        let id = lastWaiterID
        let deadline = Task {
            // Sleeping throws only when it has settled.
            do { try await Task.sleep(for: settings.settleDeadline) } catch { return }
            self.giveUp(id)
        }
        await withCheckedContinuation { continuation in
            waiting.append(SettleWaiter(id: id, pass: pass, state: state, continuation: continuation))
            wake.yield()
        }
        deadline.cancel()
    }

    private func giveUp(_ id: UInt64) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
        waiting.remove(at: index).continuation.resume()
    }

    /// After a pass: sends those on who wait for nothing more.
    func resumeSettled() {
        guard !waiting.isEmpty else { return }
        let isUnderWay = stores.contains { $0.value.isNew } || addresses.contains { $0.value.isNew }
        waiting.removeAll { waiter in
            guard waiter.pass <= passesDone else { return false }
            if isUnderWay {
                let wanted = Wanted(waiter.state, settings, localAddresses)
                guard !wanted.stores.keys.contains(where: { stores[$0]?.isNew ?? false }),
                    !wanted.addresses.contains(where: { addresses[$0]?.isNew ?? false })
                else { return false }
            }
            waiter.continuation.resume()
            return true
        }
    }
}
