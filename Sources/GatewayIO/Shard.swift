// One thread of the target: it owns a ring, a share of the connections and the core's state machine for them.
// Each turn it submits what was queued and sleeps, tells the core what happened, and carries out what the
// core asks for. The folder Transport has the parts: accept, receive, send, close.

import GatewayCore
import NVMeTCP
import Synchronization

/// What a shard is made from, on its thread.
struct ShardConfiguration: Sendable {
    let handle: ShardHandle
    /// All shards of the target, by number.
    let peers: [ShardHandle]
    /// What this shard accepts from.
    let listeners: [Listener]
    let model: TargetModel
    /// Who waits for changes of the model.
    let settlements: Settlements
    let trafficReports: ShardReports<NamespaceTraffic>
    let controllerReports: ShardReports<ControllerReport>
    let limits: Limits
    let log: any TargetLog
    let features: RingFeatures
    var spinning = SpinSetting.off
    /// Where reservations are saved; nil if none persist.
    var reservationStore: (any ReservationStore)?
}

/// The driver of one TargetShard. It belongs to the thread that made it.
final class Shard {
    let handle: ShardHandle
    let peers: [ShardHandle]
    let log: any TargetLog
    private let settlements: Settlements
    private let reservationStore: (any ReservationStore)?
    private let trafficReports: ShardReports<NamespaceTraffic>
    private let controllerReports: ShardReports<ControllerReport>
    let reactor: Reactor
    let services: RingServices
    let core: TargetShard
    let slots: ConnectionSlots
    @safe @exclusivity(unchecked) var staging: StagingBuffers
    @safe @exclusivity(unchecked) var batches = SendBatchPool()
    var accepting: [AcceptState]
    @safe @exclusivity(unchecked) var lingering = Lingering()
    /// Connections of the table in use.
    var openCount = 0
    /// When this turn began.
    var now = MonotonicClock.now()
    /// Connections whose receive found no staging buffer, and those to send to again; both are emptied each
    /// turn.
    @safe @exclusivity(unchecked) var starved: [UInt32] = []
    @safe @exclusivity(unchecked) var unsent: [UInt32] = []
    var isDraining = false
    private var drainDeadline: Instant?
    private var isPastDrain = false
    /// Turns in which a tick was due and waited for completions.
    private var postponedTicks = 0
    private var isDrained = false
    private var isFinished = false

    /// What a turn takes from the ring at most, so that mail and timers are seen to in between.
    private static let completionsPerTurn = 1024

    init(_ configuration: ShardConfiguration) throws(RingError) {
        handle = configuration.handle
        peers = configuration.peers
        log = configuration.log
        settlements = configuration.settlements
        reservationStore = configuration.reservationStore
        trafficReports = configuration.trafficReports
        controllerReports = configuration.controllerReports
        let limits = configuration.limits
        reactor = try Reactor(
            mailbox: handle.mailbox, entries: Bounds.ringEntries, spinning: configuration.spinning,
            allowing: configuration.features)
        staging = try StagingBuffers(
            on: reactor.ring, byteCount: Bounds.stagingByteCount, offered: Bounds.stagingOffered,
            spare: min(limits.connectionsMax, Bounds.stagingHeldMax))
        services = RingServices(shardID: handle.id, reactor: reactor, operationsMax: limits.operationsMax)
        core = unsafe TargetShard(
            id: handle.id, shardCount: peers.count, limits: limits, model: configuration.model, log: log,
            checksum: .fastest, services: services, mailbox: handle.mailbox.address, deliver: Mailbox.deliver)
        slots = ConnectionSlots(count: limits.connectionsMax)
        accepting = configuration.listeners.map { AcceptState(listener: $0) }
        starved.reserveCapacity(limits.connectionsMax)
        unsent.reserveCapacity(limits.connectionsMax)
    }

    /// Runs until told to finish.
    func run() {
        for index in accepting.indices { accept(index) }
        while !isFinished { turn() }
    }

    /// Waits until something has happened, tells the core, and does what it asks for.
    func turn() {
        let hasWaited = reactor.wait(until: deadline)
        now = MonotonicClock.now()
        handle.countTurn(hasWaited: hasWaited)
        let isBehind = !takeCompletions()
        takeNodes()
        if handle.mailbox.takeBell() { takeInstructions() }
        tick(isBehind: isBehind)
        retryAccepts()
        endLingering()
        if let deadline = drainDeadline, deadline <= now { closeAll() }
        performActions()
        serveStarved()
        // Requests that hang in a backend keep the core from saying so itself.
        if isPastDrain && openCount == 0 { drained() }
    }

    /// After `run`: gives up the thread's hold of the shard.
    ///
    /// A backend that never answered may still do so, and its request's node and buffer are the core's: then
    /// everything stays where it is, for good.
    func leave() {
        closeLingering()
        let count = core.operationsInFlight
        guard count > 0 else { return }
        log.write(.error, "shard \(handle.id): \(count) requests never ended in their backends")
        handle.orphanCount.store(count, ordering: .releasing)
        _ = unsafe Unmanaged.passRetained(self)
    }

    /// When something is due without an event.
    private var deadline: Instant? {
        var earliest = core.deadline
        for other in [drainDeadline, acceptDeadline, lingering.deadline] {
            guard let other else { continue }
            earliest = min(earliest ?? other, other)
        }
        return earliest
    }

    // MARK: What happened

    /// - Returns: Whether no completion is left.
    private func takeCompletions() -> Bool {
        for _ in 0..<Self.completionsPerTurn {
            guard let completion = reactor.next() else { return true }
            switch completion.operation.kind {
            case .receiveStaged: receivedStaged(completion)
            case .receiveDirect: receivedDirect(completion)
            case .pollReadable: becameReadable(completion)
            case .send: sent(completion)
            case .accept: accepted(completion)
            case .linger: lingered(completion)
            case .file: services.files.completed(completion)
            default: preconditionFailure("the shard submits no operation of another kind")
            }
        }
        return false
    }

    /// Tells the core that time has passed, but not before it has what arrived meanwhile: after a standstill
    /// of the process, hosts whose commands are here would be taken for silent.
    private func tick(isBehind: Bool) {
        guard let deadline = core.deadline, deadline <= now else { return }
        if isBehind, postponedTicks < Bounds.postponedTicksMax {
            postponedTicks += 1
            return
        }
        postponedTicks = 0
        core.tick(at: now)
    }

    private func takeNodes() {
        var next = unsafe handle.mailbox.takeNodes()
        while let node = unsafe next {
            // Read first: the node is the core's afterwards. It is in the core's slab, which never moves.
            unsafe next = node.pointee.next?.assumingMemoryBound(to: CompletionNode.self)
            unsafe core.completed(node, at: now)
        }
    }

    private func takeInstructions() {
        for instruction in handle.instructions.takeAll() {
            switch instruction {
            case .core(let message): core.receive(message, at: now)
            case .adopt(let socket, let port): adopt(socket, port: port)
            case .listen(let listener): listen(listener)
            case .stopListening(let port): stopListening(port)
            case .drain(let deadline):
                isDraining = true
                drainDeadline = deadline
                stopAccepting()
                core.receive(.drain, at: now)
            case .finish: isFinished = true
            }
        }
    }

    // MARK: What the core asks for

    private func performActions() {
        performQueuedActions()
        // Sends that ended in this turn go on once all else was asked for, so that more leaves together.
        for index in unsent { sendMore(index) }
        unsent.removeAll(keepingCapacity: true)
        // What was answered by them is free: those that waited for it must not wait for the next turn.
        performQueuedActions()
    }

    private func performQueuedActions() {
        while let action = core.nextAction(at: now) {
            switch action {
            case .transmit(let id): transmit(id)
            case .resumeReceive(let id): resumeReceive(id)
            case .close(let id): close(id)
            case .post(let message, let shard):
                if shard == handle.id {
                    core.receive(message, at: now)
                } else {
                    peers[shard].send(.core(message))
                }
            case .settled(let generation): settlements.settled(generation)
            case .saveReservations(let save): self.save(save)
            case .traffic(let traffic, let report): trafficReports.add(traffic, to: report)
            case .controllers(let list, let report): controllerReports.add(list, to: report)
            case .drained: drained()
            }
        }
    }

    private func save(_ save: ReservationSave) {
        guard let reservationStore else { preconditionFailure("what is saved has a store") }
        let handle = handle
        reservationStore.save(save.record, of: save.namespace, replacing: save.replacing) { result in
            handle.send(
                .core(.reservationsSaved(save.namespace, version: save.record.version, result)))
        }
    }

    private func drained() {
        guard !isDrained else { return }
        isDrained = true
        drainDeadline = nil
        handle.drained.open()
    }

    /// The drain's time is over: whatever a peer still waits for, its connection ends.
    private func closeAll() {
        drainDeadline = nil
        isPastDrain = true
        if openCount > 0 {
            log.write(.warning, "shard \(handle.id): closing \(openCount) connections at the deadline")
        }
        for index in 0..<UInt32(slots.count) where unsafe slots[index].pointee.state == .open {
            beginClose(index)
        }
    }
}
