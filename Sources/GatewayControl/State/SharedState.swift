// A gateway's hold on its group's state. It has the newest state that the gateway knows of, follows what the
// other gateways change, and commits what is decided here: the operations call `commit`, and the reconciler
// takes `updates`. One change at a time is on its way to the store from here; others wait for their turn.

public import GatewayCore
internal import Glibc

/// What a decision comes to: the steps that belong together, and what the caller wants to know of it.
public struct StateDecision<Value: Sendable>: Sendable {
    public var changes: [StateChange]
    public var value: Value

    public init(_ changes: [StateChange], _ value: Value) {
        self.changes = changes
        self.value = value
    }
}

/// A group's state as one gateway shares it.
///
/// Close it when it is not used any more.
public actor SharedState {
    private let store: any StateStore
    private let limits: StateLimits
    private let log: any TargetLog
    private let publisher = StatePublisher()
    private let turn: Turn
    /// Each asks the task that follows the store to look at it; one that waits already is enough.
    private let calls: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private var followers: [Task<Void, Never>] = []
    /// Why the store could not be read when it was last asked: said once.
    private var trouble: StoreFailure?

    private init(_ store: any StateStore, _ limits: StateLimits, _ log: any TargetLog) {
        self.store = store
        self.limits = limits
        self.log = log
        turn = Turn(waitingMax: limits.waitingMax)
        let (calls, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.wake = wake
        self.calls = calls
    }

    /// Reads the state, and follows it from then on.
    public static func open(
        _ store: any StateStore, limits: StateLimits = StateLimits(), log: any TargetLog = SilentLog()
    ) async throws(StoreFailure) -> SharedState {
        let shared = SharedState(store, limits, log)
        let wake = shared.wake
        // Before reading: a change between the two must not be missed.
        await store.follow { wake.yield() }
        do {
            try await shared.load()
        } catch {
            await shared.close()
            throw error
        }
        await shared.begin()
        return shared
    }

    private func begin() {
        let (calls, wake) = (calls, wake)
        followers.append(Task { for await _ in calls { await self.refresh() } })
        guard let interval = limits.pollInterval else { return }
        followers.append(
            Task {
                while true {
                    // Sleeping throws only when the state was closed.
                    do { try await Task.sleep(for: interval) } catch { return }
                    wake.yield()
                }
            })
    }

    /// Follows no more, lets a change that is under way end, and lets go of the store. Changes are refused
    /// from then on.
    public func close() async {
        wake.finish()
        for follower in followers { follower.cancel() }
        await turn.end(StoreFailure(.refused, "\(store.name): the gateway has let go of it."))
        publisher.end()
        await store.close()
    }

    /// The newest state that this gateway knows of.
    public nonisolated var current: GroupState { publisher.state }

    /// The states from now on, beginning with the newest: for one follower.
    public nonisolated var updates: StateUpdates { StateUpdates(publisher: publisher) }

    // MARK: Following

    /// Asks the store whether somebody has changed the state, and takes over what they did. If the store
    /// does not answer, the state stays as it is, and the log says so once.
    public func refresh() async {
        guard case .mine = await turn.take() else { return }
        do throws(StoreFailure) {
            try await loadIfChanged()
            if trouble != nil { log.write(.notice, "\(store.name): it answers again") }
            trouble = nil
            turn.pass()
        } catch {
            if trouble?.kind != error.kind { log.write(.error, "\(error)") }
            trouble = error
            // Those who wait would wait for the same store in vain.
            turn.fail(error)
        }
    }

    /// - Returns: whether the state is another one now.
    @discardableResult
    private func loadIfChanged() async throws(StoreFailure) -> Bool {
        guard try await store.version() != current.version else { return false }
        try await load()
        return true
    }

    private func load() async throws(StoreFailure) {
        publish(GroupState(try await store.load(), after: current))
    }

    private func publish(_ state: GroupState) {
        let known = Set(current.corruptEntries)
        for entry in state.corruptEntries where !known.contains(entry) {
            log.write(.warning, "\(store.name): passed over \(entry)")
        }
        let foreign = Set(current.foreignKeys)
        for key in state.foreignKeys where !foreign.contains(key) {
            log.write(.notice, "\(store.name): passed over \(key): entries of its kind are not known here")
        }
        publisher.publish(state)
    }

    // MARK: Changing

    /// Decides on the newest state and has the store keep what was decided, all of it or nothing.
    ///
    /// When another gateway was faster, `decide` runs again on what that one made of the state. A refusal
    /// counts only if the state that it was decided on is still the newest.
    /// - Returns: the state with the change, and the decision's value. The change is durable then.
    /// - Throws: what `decide` threw, or why the store did not keep the change.
    public func commit<Value: Sendable>(
        _ decide: @Sendable (GroupState) throws(ControlFailure) -> StateDecision<Value>
    ) async throws(ControlFailure) -> (state: GroupState, value: Value) {
        switch await turn.take() {
        case .mine: break
        case .full:
            throw ControlFailure(EAGAIN, "\(limits.waitingMax) changes are waiting already; try again later")
        case .failed(let failure): throw failure.controlFailure
        }
        do throws(AttemptFailure) {
            let result = try await attempt(decide)
            turn.pass()
            return result
        } catch {
            switch error {
            case .refused(let refusal):
                turn.pass()
                throw refusal
            case .store(let failure):
                // Those who wait would each wait for the same store in vain; only room may be enough for
                // another one's change.
                if failure.kind == .full { turn.pass() } else { turn.fail(failure) }
                wake.yield()
                throw failure.controlFailure
            }
        }
    }

    /// The same for a decision whose changes are all there is to know.
    @discardableResult
    public func commit(
        _ decide: @Sendable (GroupState) throws(ControlFailure) -> [StateChange]
    ) async throws(ControlFailure) -> GroupState {
        try await commit { state throws(ControlFailure) in StateDecision(try decide(state), ()) }.state
    }

    private enum AttemptFailure: Error {
        case refused(ControlFailure)
        case store(StoreFailure)
    }

    private func attempt<Value: Sendable>(
        _ decide: @Sendable (GroupState) throws(ControlFailure) -> StateDecision<Value>
    ) async throws(AttemptFailure) -> (state: GroupState, value: Value) {
        for attempt in 1...limits.attemptsMax {
            let base = current
            let decision: StateDecision<Value>
            do throws(ControlFailure) {
                decision = try decide(base)
            } catch {
                if await isOutdated() { continue }
                throw .refused(error)
            }
            let changes = StateChanges(decision.changes)
            do throws(StoreFailure) {
                if changes.isEmpty {
                    if try await loadIfChanged() { continue }
                    return (base, decision.value)
                }
                if case .committed(let version) = try await store.commit(changes, onto: base.version) {
                    var snapshot = StateSnapshot(version: version, entries: base.entries)
                    changes.apply(to: &snapshot.entries)
                    let state = GroupState(snapshot, after: base)
                    publish(state)
                    return (state, decision.value)
                }
                await backOff(attempt)
                try await load()
            } catch {
                throw .store(error)
            }
        }
        throw .refused(
            ControlFailure(
                EAGAIN,
                "\(store.name): other gateways changed the state \(limits.attemptsMax) times while this "
                    + "change was decided; try again"))
    }

    /// Whether the store had a newer state, which is the current one now. One that does not answer has none.
    private func isOutdated() async -> Bool {
        do throws(StoreFailure) { return try await loadIfChanged() } catch { return false }
    }

    /// Several gateways that all begin anew at once would be in each other's way again.
    private func backOff(_ attempt: Int) async {
        guard attempt > 2 else { return }
        let pause = Duration.milliseconds(Int.random(in: 0...min(2 * attempt, 40)))
        // Sleeping throws only when the caller has left; the change is decided all the same.
        do { try await Task.sleep(for: pause) } catch { return }
    }
}
