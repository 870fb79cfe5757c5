// Brings the target to where the group's state wants it, and keeps it there: the only one who changes what
// is served. It works in passes. A pass takes the newest state, has missing stores opened and addresses
// listened at (each a task of its own, so that none waits for another), serves what is there, and lets go of
// what is not wanted any more. Whatever ends or changes asks for another pass; what failed is tried again
// later.

public import GatewayCore
internal import NVMeTCP

/// Applies a group's state to a target.
public actor Reconciler {
    let settings: ReconcilerSettings
    let target: any ServingTarget
    let opener: any StoreOpener
    let log: any TargetLog
    private let clock = ContinuousClock()
    private let start = ContinuousClock.now
    /// Each asks for a pass; one that waits already is enough.
    private let calls: AsyncStream<Void>
    nonisolated let wake: AsyncStream<Void>.Continuation

    private(set) var newest = GroupState.none
    var assembly: TargetAssembly
    /// What the target serves.
    private(set) var served: [Subsystem] = []
    /// The newest change of what it serves.
    private(set) var lastChange: ServingChange?
    var stores: [StoreName: StoreEntry] = [:]
    /// Stores that are being closed.
    var closings: [StoreName: Task<Void, Never>] = [:]
    /// Stores that wait for others to have been opened, the next one last.
    var due: [DueStore] = []
    /// When the opening of a store ended last, either way.
    var lastOutcome = ContinuousClock.now
    var addresses: [ServedAddress: AddressEntry] = [:]
    /// The machine's, while subsystems name networks.
    var localAddresses: [String] = []
    var addressWatch: Task<Void, Never>?
    var anaStates: [String: [UInt32: ANAState]] = [:]
    /// The problems that the log has.
    private var told: [ServedObject: String] = [:]
    private(set) var passesBegunSoFar: UInt64 = 0
    private(set) var passesDone: UInt64 = 0
    var waiting: [SettleWaiter] = []
    var lastWaiterID: UInt64 = 0
    private var retry: Task<Void, Never>?
    /// A pass was asked for, but not yet: more is about to end.
    private var isPassDue = false
    private var isEnding = false

    public init(
        _ settings: ReconcilerSettings, target: any ServingTarget, opener: any StoreOpener,
        log: any TargetLog = SilentLog()
    ) {
        self.settings = settings
        self.target = target
        self.opener = opener
        self.log = log
        assembly = TargetAssembly(settings)
        (calls, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Follows the state until the task is cancelled or the state closed.
    public func run(_ state: SharedState) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await update in state.updates { await self.take(update.new) }
            }
            group.addTask {
                for await _ in self.calls { await self.pass() }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// A newer state is to be applied.
    func take(_ state: GroupState) {
        newest = state
        wake.yield()
    }

    // MARK: A pass

    private func pass() async {
        guard !isEnding else { return }
        passesBegunSoFar += 1
        let number = passesBegunSoFar
        isPassDue = false
        let state = newest
        findAddresses(for: state)
        let wanted = Wanted(state, settings, localAddresses)
        openStores(wanted, at: clock.now)
        listen(wanted, at: clock.now)
        assembly.make(state, with: means)
        let change = await serve()
        tellProblems()
        leaveAddresses(wanted)
        closeStores(wanted, after: change)
        scheduleRetry()
        passesDone = number
        resumeSettled()
    }

    /// What is there now.
    private var means: ServingMeans {
        var means = ServingMeans()
        for (name, entry) in stores {
            if case .open(let store) = entry.standing { means.stores[name] = store.backend }
            if let placeholder = entry.placeholder { means.stores[name] = placeholder }
            means.storeProblems[name] = entry.problem
        }
        for (address, entry) in addresses {
            if case .listening(let id) = entry.standing { means.ports[address] = id }
            means.portProblems[address] = entry.problem
        }
        means.localAddresses = localAddresses
        means.anaStates = anaStates
        return means
    }

    /// Has the target serve what was assembled. A subsystem that it refuses stays as it was, or is left out;
    /// the others are served.
    /// - Returns: the change; nil if there was none.
    private func serve() async -> ServingChange? {
        var refused: Set<String> = []
        while !assembly.subsystems.elementsEqual(served, by: ===) {
            let subsystems = assembly.subsystems
            do throws(ServingFailure) {
                let returning = returning(subsystems)
                if !returning.isEmpty {
                    // Out and in again: their hosts lose their controllers, and connect anew at once.
                    _ = try await target.serve(subsystems.filter { !returning.contains($0.nqn) })
                }
                let change = try await target.serve(subsystems)
                served = subsystems
                lastChange = change
                return change
            } catch {
                guard let nqn = error.nqn, subsystems.contains(where: { $0.nqn == nqn }) else {
                    log.write(.error, "the configuration can't be served: \(error)")
                    return nil
                }
                let old = refused.insert(nqn).inserted ? served.first { $0.nqn == nqn } : nil
                assembly.refuse(nqn, because: error.description, keeping: old)
            }
        }
        return nil
    }

    /// One line for each object that can't be served, when that begins, and one when it is over.
    private func tellProblems() {
        let problems = assembly.problems
        for (object, reason) in problems.sorted(by: { $0.key < $1.key }) where told[object] != reason {
            log.write(.warning, "\(object): \(reason)")
        }
        for object in told.keys.sorted() where problems[object] == nil {
            log.write(.notice, "\(object): no problem any more")
        }
        told = problems
    }

    // MARK: What asks for a pass

    /// Something has ended. If much more is about to, all of it is served by one pass soon.
    func passSoon() {
        guard !isPassDue else { return }
        guard stores.values.count(where: \.isOpening) > 8 else {
            wake.yield()
            return
        }
        isPassDue = true
        // A pass takes longer the more there is to serve.
        let pause = Duration.milliseconds(20 + stores.count / 20)
        Task {
            // Sleeping throws only when the task is cancelled, and nobody does.
            do { try await Task.sleep(for: pause) } catch { return }
            wake.yield()
        }
    }

    private func scheduleRetry() {
        retry?.cancel()
        retry = nil
        let times = stores.values.compactMap(\.nextTry) + addresses.values.compactMap(\.nextTry)
        guard let time = times.min() else { return }
        retry = Task {
            // Sleeping throws only when another time was found.
            do { try await Task.sleep(until: time, clock: clock) } catch { return }
            wake.yield()
        }
    }

    /// Whether a pass is under way.
    var isPassing: Bool { passesBegunSoFar > passesDone }

    func now() -> ContinuousClock.Instant { clock.now }

    /// In nanoseconds.
    var sinceStart: UInt64 {
        let time = (clock.now - start).components
        return UInt64(time.seconds) * 1_000_000_000 + UInt64(time.attoseconds / 1_000_000_000)
    }

    // MARK: The end

    /// Applies nothing any more, and closes all stores. The target must have been shut down.
    public func close() async {
        isEnding = true
        wake.finish()
        retry?.cancel()
        addressWatch?.cancel()
        for waiter in waiting { waiter.continuation.resume() }
        waiting = []
        let open = stores.values.compactMap { entry in
            switch entry.standing {
            case .open(let store), .lost(let store): store
            case .queued, .opening, .failed, .closing: nil
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for (index, store) in open.enumerated() {
                if index >= settings.closesMax { await group.next() }
                group.addTask { await store.close() }
            }
        }
        for closing in closings.values { await closing.value }
        stores = [:]
    }

    /// Whether it is over: a store that opens now is closed at once.
    var hasEnded: Bool { isEnding }
}

/// What a state asks for.
struct Wanted {
    /// With the load-balancing group of one of the namespaces in it.
    private(set) var stores: [StoreName: UInt32] = [:]
    private(set) var addresses: Set<ServedAddress> = []

    /// - Parameter localAddresses: the machine's; needed only if subsystems name networks.
    init(_ state: GroupState, _ settings: ReconcilerSettings, _ localAddresses: [String]) {
        for subsystem in state.subsystems.values {
            for namespace in subsystem.namespaces.values {
                stores[namespace.record.store] = UInt32(exactly: namespace.record.anaGroupID ?? 1) ?? 1
            }
            for record in subsystem.listeners(hostName: settings.hostName, addresses: localAddresses) {
                if let address = record.servedAddress { addresses.insert(address) }
            }
        }
    }
}
