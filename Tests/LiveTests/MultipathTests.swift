// A Linux host with two paths to one namespace: two targets in this process, as two gateways would be, share
// a store and a subsystem's name. The program moves the namespace's ANA group between them while the host
// writes, and stops one of them. The steps are in Scripts/guest-tests/multipath.sh.

import Dispatch
import GatewayCore
import GatewayIO
import NVMeTCP
import Synchronization
import Testing

extension Live {
    @Suite("A Linux host with two paths", .needsGuest)
    struct MultipathTests {
        @Test(
            "loses nothing and sees no error while the namespace moves between two gateways",
            .timeLimit(.minutes(10)))
        func moves() async throws { try await move(Guest(seconds: 400)) }

        @Test("does so with Debian 12's kernel", .needsOldGuest, .timeLimit(.minutes(10)))
        func movesOnOldKernel() async throws { try await move(Guest(kernel: "6.1", seconds: 400)) }

        private func move(_ guest: Guest) async throws {
            let pair = try await GatewayPair.start()
            var guest = guest
            guest.answers = pair.answers
            let result: Result<Void, any Error>
            do {
                try await guest.run(
                    "multipath.sh", Guest.hostAddress, String(pair.first.port), String(pair.second.port),
                    GatewayPair.nqn)
                result = .success(())
            } catch { result = .failure(error) }
            await pair.shutdown()
            try result.get()
        }
    }
}

/// One gateway of a pair, and how many requests its namespace has had.
private struct PairedGateway {
    let target: Target
    let store: CountingStore
    var port: UInt16 { target.listeners[0].port }

    /// - Parameter controllers: Its share of the subsystem's controller identifiers.
    static func start(
        _ backend: MemoryBackend, _ state: ANAState, controllers: ClosedRange<UInt16>
    ) async throws -> PairedGateway {
        let store = CountingStore(backend)
        let namespace = Namespace(id: 1, name: "shared", uuid: 0x2026_1125, backend: store)
        let subsystem = Subsystem(
            nqn: GatewayPair.nqn, serialNumber: "PAIR", access: .any, namespaces: [namespace],
            anaReporting: ANAReporting(groups: [ANAGroup(id: 1, state: state)], transitionSeconds: 5))
        var limits = Limits()
        limits.controllerIDs = controllers
        let target = try await Target.start(
            Target.Configuration(
                listeners: [ListenAddress(host: "127.0.0.1", port: 0)], subsystems: [subsystem],
                shardCount: 2, limits: limits, log: SilentLog()))
        return PairedGateway(target: target, store: store)
    }

    func set(_ state: ANAState) async throws {
        try await target.setANAState(state, ofGroup: 1, of: GatewayPair.nqn)
    }
}

/// Two gateways of one subsystem.
private struct GatewayPair {
    static let nqn = "nqn.2026-11.com.example:pair"

    let first: PairedGateway
    let second: PairedGateway

    static func start() async throws -> GatewayPair {
        let backend = MemoryBackend(byteCount: 128 << 20)
        return GatewayPair(
            first: try await .start(backend, .optimized, controllers: 1...1000),
            second: try await .start(backend, .inaccessible, controllers: 1001...2000))
    }

    func shutdown() async {
        await first.target.shutdown(deadlineMilliseconds: 5_000)
        await second.target.shutdown(deadlineMilliseconds: 5_000)
    }

    /// What the script asks for.
    var answers: [String: @Sendable () async throws -> Void] {
        var answers: [String: @Sendable () async throws -> Void] = [:]
        for (step, gateway, state) in [
            (1, first, .inaccessible), (1, second, .optimized), (2, first, .optimized),
            (2, second, .inaccessible), (3, first, .change), (3, first, .inaccessible),
            (3, second, .nonOptimized), (4, second, .change), (5, second, .nonOptimized),
            (5, first, .optimized), (6, second, .inaccessible), (6, second, .optimized),
        ] as [(Int, PairedGateway, ANAState)] {
            answers["\(name(of: gateway))-\(Self.word(state))-\(step)"] = { try await gateway.set(state) }
        }
        for (step, gateway) in [
            (0, first), (1, second), (2, first), (3, second), (5, first), (6, second), (7, second),
        ] {
            answers["served-by-\(name(of: gateway))-\(step)"] = { try await isServed(by: gateway) }
        }
        answers["lose-first"] = { first.store.lose() }
        answers["stop-first"] = { await first.target.shutdown(deadlineMilliseconds: 5_000) }
        return answers
    }

    /// Waits until this gateway's store has had many more requests, and checks that the other's had none.
    private func isServed(by gateway: PairedGateway) async throws {
        let other = gateway.target === first.target ? second : first
        let before = (gateway.store.requestCount, other.store.requestCount)
        let isServed = await gateway.store.reaches(before.0 + 500, seconds: 30)
        #expect(isServed, "the host does not use the \(name(of: gateway)) gateway")
        #expect(other.store.requestCount == before.1, "the other gateway was asked as well")
        print("\(name(of: gateway)) serves: \(gateway.store.requestCount), \(other.store.requestCount)")
    }

    private func name(of gateway: PairedGateway) -> String {
        gateway.target === first.target ? "first" : "second"
    }

    private static func word(_ state: ANAState) -> String {
        switch state {
        case .optimized: "optimized"
        case .nonOptimized: "non-optimized"
        case .inaccessible: "inaccessible"
        default: "change"
        }
    }
}

/// Counts the requests that pass through it.
private final class CountingStore: BlockBackend {
    private let store: MemoryBackend
    private let state = Mutex(State())

    private struct State {
        var isLost = false
        var handlers: [@Sendable () -> Void] = []
        var count = 0
        var waiting: (count: Int, continuation: CheckedContinuation<Bool, Never>)?
    }

    init(_ store: MemoryBackend) { self.store = store }

    var requestCount: Int { state.withLock { $0.count } }
    var geometry: BlockGeometry { store.geometry }
    var isLost: Bool { state.withLock { $0.isLost } }

    func onGeometryChange(_ notify: @escaping @Sendable () -> Void) {
        state.withLock { $0.handlers.append(notify) }
    }

    /// From now on it is as if this gateway were fenced: it must not be asked any more.
    func lose() {
        let handlers = state.withLock { state in
            state.isLost = true
            return state.handlers
        }
        for handler in handlers { handler() }
    }

    func submit(_ request: BackendRequest) -> BackendSubmission {
        let reached = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            state.count += 1
            guard let waiting = state.waiting, state.count >= waiting.count else { return nil }
            state.waiting = nil
            return waiting.continuation
        }
        reached?.resume(returning: true)
        return store.submit(request)
    }

    /// Waits for so many requests, one task at a time; false when the time was over first.
    func reaches(_ count: Int, seconds: Int) async -> Bool {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.count < count { state.waiting = (count, continuation) }
                return state.count >= count
            }
            if isReached { return continuation.resume(returning: true) }
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [self] in
                let late = state.withLock { state in
                    guard state.waiting?.count == count else {
                        return nil as CheckedContinuation<Bool, Never>?
                    }
                    defer { state.waiting = nil }
                    return state.waiting?.continuation
                }
                late?.resume(returning: false)
            }
        }
    }
}
