// The public entry: a target is started with a few lines, listens, serves on threads of its own, takes new
// subsystems while it runs, and ends in order: listeners, connections, threads, backends.

public import GatewayCore
public import NVMeTCP
import Synchronization

/// An NVMe/TCP target.
public final class Target: Sendable {
    /// What a target is started with.
    public struct Configuration: Sendable {
        public var listeners: [ListenAddress]
        public var subsystems: [Subsystem]
        /// The Discovery subsystem's own name, and referrals.
        public var discovery = DiscoveryService()
        /// Threads that serve connections; nil for one.
        public var shardCount: Int?
        /// How those threads wait.
        public var spinning = SpinSetting.automatic
        public var limits = Limits()
        public var log: any TargetLog
        /// Where reservations are kept that persist through power loss; nil if none do.
        public var reservationStore: (any ReservationStore)?

        /// What of io_uring may be used, if the kernel has it: less is for tests.
        package var features = RingFeatures.all

        public init(
            listeners: [ListenAddress], subsystems: [Subsystem], shardCount: Int? = nil,
            limits: Limits = Limits(), log: any TargetLog
        ) {
            self.listeners = listeners
            self.subsystems = subsystems
            self.shardCount = shardCount
            self.limits = limits
            self.log = log
        }
    }

    private let limits: Limits
    let shards: [ShardHandle]
    private let reservationStore: (any ReservationStore)?
    let state: Mutex<State>
    private let settlements = Settlements()
    private let trafficReports = ShardReports<NamespaceTraffic>()
    private let controllerReports = ShardReports<ControllerReport>()
    private let stopRequested = Gate()
    private let stopped = Gate()

    struct State: Sendable {
        var model: TargetModel
        var listeners: [BoundListener]
        /// The port identifier that was given last.
        var lastPortID: UInt16
        /// Backends that were told whom to tell of a resize.
        var watched: Set<ObjectIdentifier> = []
        var isStopping = false
    }

    /// Starts a target: when it returns, hosts can connect.
    ///
    /// The target owns its subsystems' backends from then on: `shutdown` closes them. A target must be shut
    /// down.
    public static func start(_ configuration: Configuration) async throws(TargetError) -> Target {
        let count = max(1, configuration.shardCount ?? 1)
        // Before any thread: a wrong address is the common mistake.
        var sockets: [Listener] = []
        for (index, address) in configuration.listeners.enumerated() {
            sockets.append(try await listen(address, portID: UInt16(index + 1)))
        }
        var shards: [ShardHandle] = []
        do throws(RingError) {
            for id in 0..<count { shards.append(try ShardHandle(id: id)) }
        } catch { throw .ring(error) }
        // Before any host can come: what is reserved must be refused from the first command on.
        let saved = try await SavedReservations.load(
            configuration.subsystems, from: configuration.reservationStore)
        let target = Target(configuration, sockets, shards, saved)
        do throws(ModelError) { try target.model.check(limits: configuration.limits) } catch {
            throw .model(error)
        }
        for shard in shards {
            let own = sockets.enumerated().filter { $0.offset % count == shard.id }.map(\.element)
            let shardConfiguration = ShardConfiguration(
                handle: shard, peers: shards, listeners: own, model: target.model,
                settlements: target.settlements, trafficReports: target.trafficReports,
                controllerReports: target.controllerReports,
                limits: configuration.limits,
                log: configuration.log, features: configuration.features, spinning: configuration.spinning,
                reservationStore: configuration.reservationStore)
            if let failure = await startShard(shardConfiguration) {
                // Those that run may have connections already.
                await end(shards[..<shard.id], deadlineMilliseconds: 0)
                throw failure
            }
        }
        target.watchGeometry()
        return target
    }

    /// Listens, waiting a little for an address that is still in use.
    static func listen(_ address: ListenAddress, portID: UInt16) async throws(TargetError) -> Listener {
        for _ in 1..<Bounds.listenTries {
            do throws(TargetError) {
                return try Listener(address, portID: portID)
            } catch .listen(_, .addressInUse) {
                // A cancelled sleep returns at once: the last try then decides.
                do { try await Task.sleep(for: .milliseconds(Bounds.listenRetryMilliseconds)) } catch {
                    break
                }
            }
        }
        return try Listener(address, portID: portID)
    }

    private init(
        _ configuration: Configuration, _ sockets: [Listener], _ shards: [ShardHandle],
        _ savedReservations: [NamespaceUUID: ReservationRecord]
    ) {
        self.shards = shards
        reservationStore = configuration.reservationStore
        limits = configuration.limits
        let ports = zip(configuration.listeners, sockets).map { Port($1, as: $0) }
        let listeners = zip(configuration.listeners, sockets).map { BoundListener($1, as: $0) }
        let model = TargetModel(
            generation: 1, subsystems: configuration.subsystems, ports: ports,
            discovery: configuration.discovery, discoveryGeneration: 0,
            persistsReservations: configuration.reservationStore?.isPersistent ?? false,
            savedReservations: savedReservations)
        state = Mutex(
            State(model: model, listeners: listeners, lastPortID: UInt16(configuration.listeners.count)))
    }

    /// Starts a shard's thread and waits until it has its ring, or has failed to get one.
    private static func startShard(_ configuration: ShardConfiguration) async -> TargetError? {
        await withCheckedContinuation { continuation in
            do throws(TargetError) {
                try ShardThread.start(name: "gw-shard-\(configuration.handle.id)") {
                    do throws(RingError) {
                        let shard = try Shard(configuration)
                        continuation.resume(returning: nil)
                        shard.run()
                        shard.leave()
                    } catch { continuation.resume(returning: .ring(error)) }
                    configuration.handle.ended.open()
                }
            } catch { continuation.resume(returning: error) }
        }
    }
}

// MARK: While it runs

extension Target {
    /// The configuration that shards serve, or are about to.
    public var model: TargetModel { state.withLock { $0.model } }

    /// Replaces the subsystems, and the Discovery subsystem if another is given. Each shard swaps in the new
    /// model between two commands and serves by it at once, whatever backends do.
    ///
    /// Returns when the change is complete, or the target has ended:
    /// - Every shard serves by it, and then hosts that wait for an event have been sent it.
    /// - No backend has a request any more that was submitted before and that the model takes away: of a host
    ///   that may not connect or does not see the namespace any more, or for a namespace that is gone, is
    ///   another one now, or whose ANA group refuses commands. A backend that hangs delays this.
    ///
    /// Backends that are no longer there are not closed: their owner can do that then.
    ///
    /// - Throws: `TargetError.model` for what can't be served, `.reservations` if what was saved of a new
    ///   namespace can't be read; all is as before.
    public func update(
        subsystems: [Subsystem], discovery: DiscoveryService? = nil
    ) async throws(TargetError) {
        try await beginUpdate(subsystems: subsystems, discovery: discovery).complete()
    }

    /// The same for who does not wait: returns as soon as shards are told, and gives what waits.
    public func beginUpdate(
        subsystems: [Subsystem], discovery: DiscoveryService? = nil
    ) async throws(TargetError) -> TargetChange {
        let saved = try await SavedReservations.load(
            subsystems, from: reservationStore, but: model.savedReservations)
        return try beginChange { (model) throws(ModelError) in
            model.next(with: subsystems, discovery: discovery, savedReservations: saved)
        }
    }

    /// Puts an ANA group of a subsystem into another state.
    ///
    /// Returns when that is complete, as `update` does: from then on nothing that was submitted while the
    /// group could be reached here is under way any more, and another gateway may serve it. A state that
    /// lets hosts reach the group is in force at once.
    public func setANAState(
        _ state: ANAState, ofGroup group: UInt32, of nqn: String
    ) async throws(TargetError) {
        try await change { (model) throws(ModelError) in
            model.next(with: try model.subsystems(with: state, ofANAGroup: group, of: nqn))
        }
    }

    /// The identifiers (CNTLID) that controllers get.
    public var controllerIDs: ClosedRange<UInt16> { model.controllerIDs ?? limits.controllerIDs }

    /// Gives controllers identifiers (CNTLID) of this range from now on: in a group of gateways each has a
    /// range of its own, which it may learn of late. Controllers that have others lose their hosts, which
    /// connect anew. Each shard needs one of them.
    public func setControllerIDs(_ ids: ClosedRange<UInt16>) async throws(TargetError) {
        let all = Limits.allControllerIDs
        precondition(ids.clamped(to: all) == ids && ids.count >= shards.count, "identifiers for each shard")
        guard controllerIDs != ids else { return }
        try await change { (model) throws(ModelError) in
            model.next(with: model.subsystems, controllerIDs: ids)
        }
    }

    /// Serves another model, made from what is served now. Returns as `update` does.
    func change(
        _ make: (TargetModel) throws(ModelError) -> TargetModel
    ) async throws(TargetError) {
        try await beginChange(make).complete()
    }

    /// The same without waiting.
    private func beginChange(
        _ make: (TargetModel) throws(ModelError) -> TargetModel
    ) throws(TargetError) -> TargetChange {
        let settled: Gate
        do throws(ModelError) {
            settled = try state.withLock { (state) throws(ModelError) in
                let model = try make(state.model)
                try model.check(limits: limits, after: state.model)
                state.model = model
                let settled = settlements.expect(model.generation, from: shards.count)
                // Under the lock, so that every shard sees the models in one order.
                for shard in shards { shard.send(.core(.model(model))) }
                return settled
            }
        } catch { throw .model(error) }
        watchGeometry()
        return TargetChange(settled: settled)
    }

    /// Tells the shards that the backend's size or abilities changed, or that it is lost. Backends that
    /// implement `onGeometryChange` need nobody to call it.
    public func geometryChanged(of backend: any BlockBackend) {
        for subsystem in model.subsystems {
            for namespace in subsystem.namespaces where namespace.backend === backend {
                for shard in shards {
                    shard.send(.core(.geometryChanged(subsystem: subsystem.nqn, namespace: namespace.id)))
                }
            }
        }
    }

    private func watchGeometry() {
        let new = state.withLock { state in
            let backends = state.model.subsystems.flatMap(\.namespaces).map(\.backend)
            // Another backend may have the address of one that is gone.
            state.watched.formIntersection(backends.map { ObjectIdentifier($0) })
            return backends.filter { state.watched.insert(ObjectIdentifier($0)).inserted }
        }
        for backend in new {
            backend.onGeometryChange { [weak self, weak backend] in
                guard let self, let backend else { return }
                geometryChanged(of: backend)
            }
            // It may have been lost before anybody was to be told.
            if backend.isLost { geometryChanged(of: backend) }
        }
    }

    /// What hosts did with each namespace since it was added, and how long it took them: all shards together.
    /// Namespaces that no host has used are not there, and after `shutdown` none is.
    public func traffic() async -> [NamespaceTraffic] {
        let (id, complete) = trafficReports.begin(shardCount: shards.count)
        for shard in shards { shard.send(.core(.reportTraffic(report: id))) }
        await complete.wait()
        var sums: [NamespaceTraffic.Name: (totals: TrafficTotals, inFlightCount: Int)] = [:]
        for entry in trafficReports.take(id) {
            sums[entry.name, default: (TrafficTotals(), 0)].totals += entry.totals
            sums[entry.name]?.inFlightCount += entry.inFlightCount
        }
        return sums.map { name, sum in
            NamespaceTraffic(
                subsystemNQN: name.subsystemNQN, namespaceID: name.namespaceID, totals: sum.totals,
                inFlightCount: sum.inFlightCount)
        }.sorted { ($0.subsystemNQN, $0.namespaceID) < ($1.subsystemNQN, $1.namespaceID) }
    }

    /// The controllers that hosts have now, by subsystem and identifier. After `shutdown` there are none.
    public func controllers() async -> [ControllerReport] {
        let (id, complete) = controllerReports.begin(shardCount: shards.count)
        for shard in shards { shard.send(.core(.reportControllers(report: id))) }
        await complete.wait()
        return controllerReports.take(id)
            .sorted { ($0.subsystemNQN, $0.controllerID) < ($1.subsystemNQN, $1.controllerID) }
    }

    /// What each thread that serves connections has done so far, by shard.
    public func threads() -> [ThreadReport] {
        shards.map { shard in
            ThreadReport(
                shardID: shard.id, turns: shard.turns.load(ordering: .relaxed),
                sleeps: shard.sleeps.load(ordering: .relaxed))
        }
    }

    // MARK: The end

    /// Serves until the task is cancelled, or `shutdown` is called elsewhere, then shuts down: what a service
    /// puts into its task group, `group.addTask { await target.run() }`.
    public func run(shutdownMilliseconds: UInt64 = 10_000) async {
        await withTaskCancellationHandler {
            await stopRequested.wait()
        } onCancel: {
            stopRequested.open()
        }
        await shutdown(deadlineMilliseconds: shutdownMilliseconds)
    }

    /// Ends the target: no new connection is taken, commands under way end, connections and threads end,
    /// backends are closed. What has not ended after `deadlineMilliseconds` is cut off. Returns when all is
    /// done.
    public func shutdown(deadlineMilliseconds: UInt64 = 10_000) async {
        stopRequested.open()
        let isFirst = state.withLock { state in
            defer { state.isStopping = true }
            return !state.isStopping
        }
        guard isFirst else { return await stopped.wait() }
        await Self.end(shards[...], deadlineMilliseconds: deadlineMilliseconds)
        settlements.abandon()
        trafficReports.abandon()
        controllerReports.abandon()
        // A backend must not be closed under its requests. Which one it is nobody knows here: all stay open.
        let hasOrphans = shards.contains { $0.orphanCount.load(ordering: .acquiring) > 0 }
        if !hasOrphans { await closeBackends() }
        stopped.open()
    }

    private static func end(_ shards: ArraySlice<ShardHandle>, deadlineMilliseconds: UInt64) async {
        let deadline = MonotonicClock.now().advanced(byMilliseconds: deadlineMilliseconds)
        for shard in shards { shard.send(.drain(deadline: deadline)) }
        // All before any ends: a shard that drains still talks to the others.
        for shard in shards { await shard.drained.wait() }
        for shard in shards { shard.send(.finish) }
        for shard in shards { await shard.ended.wait() }
    }

    private func closeBackends() async {
        var seen: Set<ObjectIdentifier> = []
        let backends = model.subsystems.flatMap(\.namespaces).map(\.backend)
            .filter { seen.insert(ObjectIdentifier($0)).inserted }
        await withTaskGroup(of: Void.self) { group in
            for (index, backend) in backends.enumerated() {
                if index >= Bounds.closesAtOnce { await group.next() }
                group.addTask { await backend.close() }
            }
        }
    }
}

/// A change that every shard has been told of.
public struct TargetChange: Sendable {
    fileprivate let settled: Gate

    /// Returns when it is complete, as `Target.update` says.
    public func complete() async { await settled.wait() }
}

extension NamespaceTraffic {
    fileprivate struct Name: Hashable {
        let subsystemNQN: String
        let namespaceID: UInt32
    }

    fileprivate var name: Name { Name(subsystemNQN: subsystemNQN, namespaceID: namespaceID) }
}
