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
