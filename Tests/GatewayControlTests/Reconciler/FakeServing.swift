// A target and stores that do what a test says: for the reconciler alone, without sockets and clusters.

import GatewayCore
import RBDBackend
import Synchronization

@testable import GatewayControl

/// Remembers what it was told to serve.
final class FakeServingTarget: ServingTarget {
    struct Told {
        var subsystems: [Subsystem] = []
        var serveCount = 0
        var addresses: [UInt16: ServedAddress] = [:]
        var lastPortID: UInt16 = 0
        /// Why a subsystem is refused, by NQN.
        var refusals: [String: String] = [:]
        /// Why an address can't be listened on.
        var unusable: [ServedAddress: String] = [:]
        /// Changes are not in force before this ends.
        var hold: AsyncStream<Void>?
        /// Changes that are made now are not complete before this ends.
        var completion: AsyncStream<Void>?
        /// Subsystems that were taken away, one after the other.
        var withdrawn: [String] = []
    }
    private let told = Mutex(Told())

    func change(_ body: (inout sending Told) -> Void) { told.withLock { body(&$0) } }
    var now: Told { told.withLock { told in told } }
    func subsystem(_ nqn: String) -> Subsystem? { now.subsystems.first { $0.nqn == nqn } }

    func serve(_ subsystems: [Subsystem]) async throws(ServingFailure) -> ServingChange {
        let hold = told.withLock { told in told.hold }
        if let hold { for await _ in hold {} }
        let refused: ServingFailure? = told.withLock { told in
            for subsystem in subsystems {
                let isNew = !told.subsystems.contains { $0 === subsystem }
                if isNew, let reason = told.refusals[subsystem.nqn] {
                    return ServingFailure(reason, subsystem: subsystem.nqn)
                }
            }
            let names = Set(subsystems.map(\.nqn))
            told.withdrawn += told.subsystems.map(\.nqn).filter { !names.contains($0) }
            told.subsystems = subsystems
            told.serveCount += 1
            return nil
        }
        if let refused { throw refused }
        let completion = told.withLock { told in told.completion }
        return ServingChange { if let completion { for await _ in completion {} } }
    }

    func listen(on address: ServedAddress) async throws(ServingFailure) -> UInt16 {
        let result: Result<UInt16, ServingFailure> = told.withLock { told in
            if let reason = told.unusable[address] { return .failure(ServingFailure(reason)) }
            told.lastPortID += 1
            told.addresses[told.lastPortID] = address
            return .success(told.lastPortID)
        }
        return try result.get()
    }

    func stopListening(on portID: UInt16) async {
        told.withLock { told in told.addresses[portID] = nil }
    }

    func controllers() async -> [ControllerReport] { [] }
    func traffic() async -> [NamespaceTraffic] { [] }
    func geometryChanged(of store: any BlockBackend) {}
}

/// Opens memory, or fails, or never ends.
final class FakeStores: StoreOpener {
    struct State {
        var problems: [String: String] = [:]
        /// Images that are not open before they leave this set.
        var held: Set<String> = []
        var openCounts: [String: Int] = [:]
        var open: Set<String> = []
        var mostAtOnce = 0
        var openingNow = 0
        var waiting: [String: CheckedContinuation<Void, Never>] = [:]
        var backends: [String: LosableBackend] = [:]
        var lossHandlers: [String: @Sendable (StoreLoss) -> Void] = [:]
        /// The fenced clients that the last openings were told of.
        var lostClients: [String: String] = [:]
        var refreshed: [String] = []
    }
    private let state = Mutex(State())

    var now: State { state.withLock { state in state } }
    func change(_ body: (inout sending State) -> Void) { state.withLock { body(&$0) } }
    func release(_ image: String) {
        let waiting = state.withLock { state in
            state.held.remove(image)
            return state.waiting.removeValue(forKey: image)
        }
        waiting?.resume()
    }

    /// Has an image be lost.
    func lose(_ image: String, _ loss: StoreLoss) {
        let (backend, notify) = state.withLock { state in (state.backends[image], state.lossHandlers[image]) }
        if loss == .fenced { backend?.isFenced.store(true, ordering: .relaxed) }
        notify?(loss)
    }

    func open(
        _ store: StoreName, group: UInt32, after lostClient: String?
    ) async throws(StoreProblem) -> OpenedStore {
        let image = store.image.image
        state.withLock { state in
            state.openingNow += 1
            state.mostAtOnce = max(state.mostAtOnce, state.openingNow)
            state.openCounts[image, default: 0] += 1
        }
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.held.contains(image) { state.waiting[image] = continuation }
                return state.held.contains(image)
            }
            if !isHeld { continuation.resume() }
        }
        let problem: String? = state.withLock { state in
            state.openingNow -= 1
            if let problem = state.problems[image] { return problem }
            precondition(state.open.insert(store.description).inserted, "an image is open once")
            return nil
        }
        if let problem { throw StoreProblem(problem) }
        let backend = LosableBackend()
        state.withLock { state in
            state.backends[image] = backend
            state.lostClients[image] = lostClient
        }
        return OpenedStore(
            backend: backend, clientAddresses: "192.0.2.1:0/7", clientName: "client.fake",
            onLoss: { notify in self.state.withLock { state in state.lossHandlers[image] = notify } },
            refresh: { self.state.withLock { state in state.refreshed.append(image) } },
            close: { self.state.withLock { state in _ = state.open.remove(store.description) } })
    }

    func catchUp() async throws(StoreProblem) {}
}

/// Keeps the lines of a log.
final class KeptLog: TargetLog {
    private let kept = Mutex<[String]>([])
    func write(_ level: LogLevel, _ message: String) { kept.withLock { $0.append(message) } }
    var lines: [String] { kept.withLock { $0 } }
}

/// Memory that can be lost.
final class LosableBackend: BlockBackend {
    private let memory = MemoryBackend(byteCount: 1 << 20)
    let isFenced = Atomic<Bool>(false)

    var geometry: BlockGeometry { memory.geometry }
    var isLost: Bool { isFenced.load(ordering: .relaxed) }
    func submit(_ request: BackendRequest) -> BackendSubmission { memory.submit(request) }
}
