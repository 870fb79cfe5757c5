// Several gateways on one state: what one changes is decided on what the others made of it, is seen by all in
// order, and is there as a whole or not at all.

import GatewayCore
import Synchronization
import Testing

@testable import GatewayControl

@Suite("Shared state")
struct SharedStateTests {
    @Test("A change that another gateway overtook is decided again on what that one made")
    func decidedAgain() async throws {
        let store = MemoryStateStore(["subsystem_nqn.s": #"{"subsystem_nqn":"nqn.s"}"#])
        try await withStates(2, on: store) { states in
            try await states[0].commit { _ in [.put(NamespaceRecord.sample(1))] }
            let seen = Mutex<[UInt32?]>([])
            let (state, nsid) = try await states[1].commit { state throws(ControlFailure) in
                let nsid = state.unusedNSID(in: "nqn.s", max: 8)
                seen.withLock { $0.append(nsid) }
                return StateDecision([.put(NamespaceRecord.sample(nsid ?? 0))], nsid)
            }
            #expect(nsid == 2 && seen.withLock { $0 } == [1, 2])
            #expect(state.subsystems["nqn.s"]?.namespaces.keys.sorted() == [1, 2])
            #expect(states[1].current.version == state.version)
        }
    }

    @Test("A refusal that was decided on an outdated state does not count")
    func refusedOnOutdated() async throws {
        let store = MemoryStateStore()
        try await withStates(2, on: store) { states in
            try await states[0].commit { _ in [.put(SubsystemRecord(subsystemNQN: "s", serialNumber: "1"))] }
            let addNamespace: @Sendable (GroupState) throws(ControlFailure) -> [StateChange] = {
                state throws(ControlFailure) in
                guard state.subsystems["s"] != nil else { throw ControlFailure(2, "no subsystem s") }
                return [
                    .put(NamespaceRecord(subsystemNQN: "s", nsid: 1, rbdPoolName: "p", rbdImageName: "i"))
                ]
            }
            #expect(try await states[1].commit(addNamespace).namespace(1, of: "s") != nil)
            try await states[0].commit { $0.removal(ofSubsystem: "s") }
            await #expect(throws: ControlFailure(2, "no subsystem s")) {
                try await states[1].commit(addNamespace)
            }
            #expect(states[1].current.entries.isEmpty)
        }
    }

    @Test(
        "Gateways that change one state at once, at random, lose nothing and leave nothing half",
        arguments: 1...8)
    func random(seed: UInt64) async throws {
        let store = MemoryStateStore()
        try await withStates(4, on: store) { states in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, state) in states.enumerated() {
                    group.addTask {
                        var generator = SplitMix(state: seed << 8 | UInt64(index))
                        for _ in 0..<60 {
                            let key = "k\(Int.random(in: 0..<6, using: &generator))"
                            // The sum counts every change; the pair of a key is changed together.
                            try await state.commit { state in
                                let sum = Int(state.entries["sum"] ?? "0") ?? -1
                                let old = state.entries[key] ?? ""
                                #expect(old == state.entries[key + "-twin"] ?? "")
                                let new: [StateChange] =
                                    old.count > 5
                                    ? [.remove(key: key), .remove(key: key + "-twin")]
                                    : [
                                        .put(key: key, text: old + "x"),
                                        .put(key: key + "-twin", text: old + "x"),
                                    ]
                                return new + [.put(key: "sum", text: "\(sum + 1)")]
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for state in states { await state.refresh() }
            #expect(Set(states.map { $0.current.entries }).count == 1)
            #expect(states[0].current.entries["sum"] == "240" && states[0].current.version == 241)
        }
    }

    @Test("Who applies the state gets pairs without a gap, the first from nothing and the last the newest")
    func updates() async throws {
        let store = MemoryStateStore()
        try await withStates(2, on: store) { states in
            let applier = Task {
                var (seen, last) = ([UInt64](), GroupState.none)
                for await update in states[1].updates {
                    #expect(update.old.version == last.version)
                    last = update.new
                    seen.append(last.version)
                }
                return seen
            }
            for index in 1...50 {
                try await states[0].commit { _ in [.put(key: "k", text: "\(index)")] }
                await states[1].refresh()
            }
            while states[1].current.version != 51 { await states[1].refresh() }
            var late = states[1].updates.makeAsyncIterator()
            let first = await late.next()
            #expect(first?.old.version == 0 && first?.new.entries == ["k": "50"])
            // It is waiting, and its task ends.
            let waiting = Task {
                var iterator = states[0].updates.makeAsyncIterator()
                while await iterator.next() != nil {}
            }
            waiting.cancel()
            await waiting.value
            await states[1].close()
            await #expect(throws: ControlFailure.self) { try await states[1].commit { _ in [] } }
            let seen = await applier.value
            #expect(seen == seen.sorted() && seen.last == 51)
        }
    }

    @Test("A change that nothing comes of is not written, and an outdated one is decided again")
    func nothing() async throws {
        let store = MemoryStateStore()
        try await withStates(2, on: store) { states in
            try await states[0].commit { _ in [.put(key: "k", text: "1")] }
            let (state, value) = try await states[1].commit { state throws(ControlFailure) in
                StateDecision([], state.entries["k"])
            }
            #expect(value == "1" && state.version == 2)
            #expect(try await store.version() == 2)
        }
    }

    @Test("A gateway that loses every race gives up with EAGAIN")
    func conflicts() async throws {
        var limits = StateLimits()
        limits.attemptsMax = 5
        let shared = try await SharedState.open(RacingStore(), limits: limits)
        let failure = await #expect(throws: ControlFailure.self) {
            try await shared.commit { _ in [.put(key: "k", text: "1")] }
        }
        #expect(failure?.errno == 11 && failure?.message.contains("5 times") == true)
        await shared.close()
    }

    @Test("A store that does not answer fails the change and those that wait for it, and is named once")
    func unreachable() async throws {
        let store = TroubledStore()
        let log = RecordedLines()
        var limits = StateLimits()
        limits.pollInterval = nil
        let shared = try await SharedState.open(store, limits: limits, log: log)
        store.begin(StoreFailure(.outcomeUnknown, "the store is away"))
        let changes = (0..<5).map { index in
            Task { try await shared.commit { _ in [.put(key: "k\(index)", text: "1")] } }
        }
        for change in changes {
            let result = await change.result
            #expect(throws: ControlFailure(110, "the store is away")) { try result.get() }
        }
        for _ in 0..<3 { await shared.refresh() }
        #expect(log.lines == ["the store is away"])
        #expect(shared.current.version == 1)
        store.end()
        await shared.refresh()
        #expect(log.lines.last?.contains("answers again") == true)
        #expect(try await shared.commit { _ in [.put(key: "k", text: "1")] }.version == 2)
        await shared.close()
    }

    @Test("A gateway that polls sees what it was not told of, also that somebody put an old state back")
    func polls() async throws {
        let store = MemoryStateStore(["k": "new"], version: 9)
        var limits = StateLimits()
        limits.pollInterval = .milliseconds(1)
        let shared = try await SharedState.open(QuietStore(store), limits: limits)
        var updates = shared.updates.makeAsyncIterator()
        #expect(await updates.next()?.new.version == 9)
        _ = try await store.commit(StateChanges([.put(key: "k", text: "newer")]), onto: 9)
        #expect(await updates.next()?.new.entries["k"] == "newer")
        store.restore(StateSnapshot(version: 3, entries: ["k": "old"]))
        #expect(await updates.next()?.new.version == 3)
        await shared.close()
        #expect(await updates.next() == nil)
    }

    @Test("Of corrupt and unknown entries the log says so when they appear, once")
    func corruptEntries() async throws {
        let log = RecordedLines()
        let shared = try await SharedState.open(
            MemoryStateStore(["host_nqn.s_h": "{", "later_x": "?"]), log: log)
        #expect(log.lines.count == 2)
        try await shared.commit { _ in [.put(key: "qos_nqn.s_1", text: "1")] }
        #expect(log.lines.count == 3 && log.lines[2].contains("qos_nqn.s_1"))
        await shared.close()
    }

    /// Runs `body` with gateways that look at the store only when they are told to.
    private func withStates(
        _ count: Int, on store: some StateStore, _ body: ([SharedState]) async throws -> Void
    ) async throws {
        var limits = StateLimits()
        limits.pollInterval = nil
        var states: [SharedState] = []
        for _ in 0..<count { states.append(try await SharedState.open(QuietStore(store), limits: limits)) }
        let result: Result<Void, any Error>
        do {
            try await body(states)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for state in states { await state.close() }
        try result.get()
    }
}

extension NamespaceRecord {
    static func sample(_ nsid: UInt32) -> NamespaceRecord {
        NamespaceRecord(subsystemNQN: "nqn.s", nsid: nsid, rbdPoolName: "rbd", rbdImageName: "image\(nsid)")
    }
}

/// A store in which somebody else is faster each time.
private struct RacingStore: StateStore {
    private let inner = MemoryStateStore()
    let name = "a store with a fast neighbour"

    func version() async throws(StoreFailure) -> UInt64 { try await inner.version() }
    func load() async throws(StoreFailure) -> StateSnapshot { try await inner.load() }
    func commit(_ changes: StateChanges, onto version: UInt64) async throws(StoreFailure) -> CommitOutcome {
        _ = try await inner.commit(StateChanges([.put(key: "theirs", text: "\(version)")]), onto: version)
        return try await inner.commit(changes, onto: version)
    }
    func follow(_ changed: @escaping @Sendable () -> Void) async {}
    func close() async {}
}

/// A store that fails while it is told to.
private final class TroubledStore: StateStore {
    private let inner = MemoryStateStore()
    private let trouble = Mutex<StoreFailure?>(nil)
    let name = "a troubled store"

    func begin(_ failure: StoreFailure) { trouble.withLock { $0 = failure } }
    func end() { trouble.withLock { $0 = nil } }
    private func check() throws(StoreFailure) { if let failure = trouble.withLock({ $0 }) { throw failure } }

    func version() async throws(StoreFailure) -> UInt64 {
        try check()
        return try await inner.version()
    }
    func load() async throws(StoreFailure) -> StateSnapshot {
        try check()
        return try await inner.load()
    }
    func commit(_ changes: StateChanges, onto version: UInt64) async throws(StoreFailure) -> CommitOutcome {
        try check()
        return try await inner.commit(changes, onto: version)
    }
    func follow(_ changed: @escaping @Sendable () -> Void) async {}
    func close() async {}
}
