// GatewayIO's Shard without a ring and without a thread: the same turns in the same order, over simulated
// connections. A receive takes what is there when it completes, completions are served in the order that they
// came, at most so many a turn; then come what backends ended, messages, the clock, and what the core wants
// done. That order is what fairness rests on, so it must stay that of Sources/GatewayIO/Shard.swift.

import GatewayCore
import NVMeTCP

/// One shard of the simulated target.
final class SimulatedShard: ShardServices {
    let shardID: Int
    unowned let world: World
    let habits: ShardHabits
    private(set) var core: TargetShard!
    var slots: [SimulatedSlot] = []
    var completions: [SimulatedCompletion] = []
    private var nodes: [UnsafeMutablePointer<CompletionNode>] = []
    private var messages: [ShardMessage] = []
    private var accepted: [Wire] = []
    /// Sends that ended in this turn, whose connections have more to send.
    var unsent: [UInt32] = []
    private var turnAt: UInt64?
    private var busyUntil: UInt64 = 0
    private(set) var isDrained = false
    /// What it has served, for the measure of fairness.
    var load = ShardLoad()

    init(_ world: World, id: Int, plan: Plan, model: TargetModel, log: any TargetLog) {
        shardID = id
        self.world = world
        habits = plan.shardHabits
        let box = Unmanaged.passUnretained(self).toOpaque()
        core = TargetShard(
            id: id, shardCount: plan.shardCount, limits: plan.limits, model: model, log: log,
            checksum: .standard, services: self, mailbox: box,
            deliver: { node in
                let node = node.assumingMemoryBound(to: CompletionNode.self)
                let owner = Unmanaged<SimulatedShard>.fromOpaque(node.pointee.mailbox)
                owner.takeUnretainedValue().push(node)
            })
    }

    var now: Instant { Instant(nanoseconds: world.now) }

    // MARK: What wakes it

    private func push(_ node: UnsafeMutablePointer<CompletionNode>) {
        nodes.append(node)
        wake()
    }

    func deliver(_ message: ShardMessage) {
        messages.append(message)
        wake()
    }

    func adopt(_ wire: Wire) {
        accepted.append(wire)
        wake()
    }

    func complete(_ completion: SimulatedCompletion) {
        completions.append(completion)
        wake()
    }

    /// Runs a turn soon: at once if it sleeps, else when the turn under way is over.
    func wake(at time: UInt64 = 0) {
        let wanted = max(time, world.now + 1_000, busyUntil)
        if let turnAt, turnAt <= wanted { return }
        turnAt = wanted
        world.schedule(at: wanted) { [self] in
            guard turnAt == wanted else { return }
            turnAt = nil
            if busyUntil > world.now { return wake() }
            turn()
        }
    }

    /// Nothing of it runs for a while.
    func stall(_ time: UInt64) { busyUntil = max(busyUntil, world.now + time) }

    // MARK: A turn

    private func turn() {
        let cost = world.random.time(habits.turnNanoseconds.0, habits.turnNanoseconds.1)
        busyUntil = world.now + cost
        world.trace.mix(world.now, UInt64(shardID), UInt64(completions.count))
        for index in completions.indices { fill(&completions[index]) }
        takeCompletions()
        takeNodes()
        takeMessages()
        // What arrived is seen to first: who sent it is not silent.
        if let deadline = core.deadline, deadline <= now, completions.isEmpty { core.tick(at: now) }
        performActions()
        world.judge.check(self)
        if !completions.isEmpty { wake() }
        if let deadline = core.deadline { wake(at: deadline.nanoseconds) }
    }

    private func takeCompletions() {
        let batch = completions.prefix(habits.completionsPerTurn)
        completions.removeFirst(batch.count)
        for completion in batch {
            switch completion.kind {
            case .receive: received(completion)
            case .send: sent(completion)
            }
        }
    }

    private func takeNodes() {
        let batch = nodes
        nodes = []
        for node in batch { core.completed(node, at: now) }
    }

    private func takeMessages() {
        let wires = accepted
        accepted = []
        for wire in wires { open(wire) }
        let batch = messages
        messages = []
        for message in batch { receive(message) }
    }

    private func receive(_ message: ShardMessage) {
        world.operations.delivered(message, to: shardID)
        core.receive(message, at: now)
    }

    private func performActions() {
        performQueuedActions()
        let ended = unsent
        unsent = []
        for index in ended { sendMore(index) }
        performQueuedActions()
    }

    private func performQueuedActions() {
        while let action = core.nextAction(at: now) {
            switch action {
            case .transmit(let id): transmit(id)
            case .resumeReceive(let id): resumeReceive(id)
            case .close(let id): if openSlot(id) != nil { beginClose(id.index) }
            case .post(let message, to: let destination):
                if destination == shardID {
                    receive(message)
                } else {
                    world.post(message, from: shardID, to: destination)
                }
            case .settled(let generation): world.operations.settled(generation, by: shardID)
            case .saveReservations: preconditionFailure("the models here have no store of reservations")
            // Nobody in the simulation asks for them.
            case .traffic, .controllers: break
            case .drained: isDrained = true
            }
        }
    }
}
