// A host as Linux is one: it connects an admin queue, enables the controller, asks what there is, connects
// its I/O queues, works, and when anything is lost it lets go of everything and begins again. This file is
// the life of an association; what it does meanwhile is in the files beside it.

import GatewayCore
import NVMeTCP

/// One host.
final class SimulatedHost {
    enum Phase: Equatable {
        case resting
        case connecting
        case working
        /// Ending the association in order, or resetting the controller.
        case leaving
        /// It has done all that it wanted and has no connection.
        case gone
    }

    unowned let world: World
    let number: Int
    let plan: HostPlan
    private(set) var phase = Phase.resting
    private(set) var admin: HostQueue?
    private(set) var queues: [HostQueue] = []
    /// Its queue at the Discovery service, while it has one.
    var discovery: HostQueue?
    private var controllerID: UInt16 = 0
    /// Counts associations: what was begun in an older one is of no interest.
    private(set) var epoch = 0
    /// I/O commands that it still wants to do.
    var quota: Int
    /// Commands whose answers never came, to be sent again.
    var unanswered: [CommandWish] = []
    /// Sends nothing, though it could: its keep-alive must expire.
    var isMute = false
    /// Nothing of it runs.
    private var isDead = false
    /// Whether it is to leave for good.
    private var wantsToGo = false
    var eventsAsked = 0
    /// Whether its controller has reservations.
    private(set) var hasReservations = false
    /// The active namespaces that it was told of last.
    var knownNamespaces: [UInt32] = []

    init(_ world: World, number: Int, plan: HostPlan) {
        self.world = world
        self.number = number
        self.plan = plan
        quota = plan.quota
        world.schedule(after: world.random.time(1_000, 20_000_000)) { [self] in connect() }
        watch()
    }

    var nqn: String { Plan.hostNQN(number) }
    var allQueues: [HostQueue] { (admin.map { [$0] } ?? []) + queues }

    /// Does `action` later, if the association is still the same.
    func later(_ delay: UInt64, _ action: @escaping () -> Void) {
        let epoch = epoch
        world.schedule(after: delay) { [self] in
            if epoch == self.epoch { action() }
        }
    }

    // MARK: Connecting

    private func connect() {
        guard phase == .resting, !isDead, !wantsToGo else { return }
        phase = .connecting
        epoch += 1
        isMute = false
        eventsAsked = 0
        // A host gives up on an association that does not come about.
        later(60_000_000_000) { [self] in
            if phase == .connecting { recover() }
        }
        admin = openQueue(0, entries: 32) { [self] queue in
            sendConnect(queue, controller: 0xFFFF) { [self] completion in
                controllerID = ConnectResponse.controllerID(completion.result)
                world.counts.connects += 1
                world.judge.connected(controllerID, admin: queue)
                enable()
            }
        }
    }

    private func openQueue(
        _ id: UInt16, entries: Int, whenReady: @escaping (HostQueue) -> Void
    ) -> HostQueue {
        let epoch = epoch
        return HostQueue(
            self, queueID: id, entries: entries, whenReady: whenReady,
            whenLost: { [self] queue in
                if epoch == self.epoch { lost(queue) }
            })
    }

    private func sendConnect(
        _ queue: HostQueue, controller: UInt16, then: @escaping (CompletionEntry) -> Void
    ) {
        let command = ConnectCommand(
            queueID: queue.queueID, submissionQueueSize: UInt16(queue.entries - 1),
            attributes: plan.isFlowControlDisabled ? .disableFlowControl : [],
            keepAliveMilliseconds: queue.queueID == 0 ? plan.keepAliveMilliseconds : 0)
        let data = ConnectData(
            hostID: HostID(rawValue: UInt128(number + 1)), controllerID: controller,
            subsystemNQN: try! NQN(Plan.subsystemNQN), hostNQN: try! NQN(nqn))
        var bytes = [UInt8](repeating: 0, count: ConnectData.byteCount)
        bytes.withUnsafeMutableBytes { raw in
            var span = raw.mutableBytes
            data.encode(into: &span)
        }
        world.count(.connect)
        let epoch = epoch
        let sent = world.step
        var entry = command.entry(commandID: 0)
        let isInCapsule = world.random.chance(0.8)
        if !isInCapsule { entry.sgl = .transport(length: UInt32(bytes.count)) }
        queue.send(entry, data: bytes, inCapsule: isInCapsule) { [self] completion, _ in
            guard epoch == self.epoch else { return }
            if completion.status.isSuccess { return then(completion) }
            checkRefusal(completion.status, queue: queue, since: sent)
            recover()
        }
    }

    /// Connect may be refused for want of room, to a host that may not, to a subsystem that is not there, and
    /// to an I/O queue whose controller is gone.
    private func checkRefusal(_ status: Status, queue: HostQueue, since step: UInt64) {
        let views = world.operations.views(since: step)
        let hasReason: Bool
        switch status {
        case .connectControllerBusy: hasReason = true
        case .connectInvalidHost: hasReason = views.contains { $0.isForbidden(number) }
        case .connectInvalidParameters:
            hasReason = queue.queueID > 0 || views.contains { !$0.hasSubsystem }
        default: hasReason = false
        }
        if !hasReason {
            world.fail(
                "host \(number): Connect of queue \(queue.queueID) was refused: "
                    + status.name(scope: .fabrics)
            )
        }
    }

    /// CC as Linux sets it, then what Linux asks.
    private func enable() {
        setProperty(.configuration, 0x460061) { [self] in
            getProperty(.status) { [self] value in
                guard value & 1 == 1 else { return world.fail("host \(number): enabled, CSTS is \(value)") }
                identify(.controller) { [self] data in
                    // Optional NVM Command Support (ONCS), bit 5.
                    hasReservations = data[520] & 1 << 5 != 0
                    setFeature(.numberOfQueues, UInt32((plan.queueCount - 1) * 0x10001)) { [self] in
                        enableCopy { [self] in connectQueues() }
                    }
                }
            }
        }
    }

    private func connectQueues() {
        for id in 1...plan.queueCount {
            let queue = openQueue(UInt16(id), entries: min(plan.entries, world.plan.limits.queueEntriesMax)) {
                [self] queue in
                sendConnect(queue, controller: controllerID) { [self] _ in
                    queue.isConnected = true
                    if queues.allSatisfy(\.isConnected), phase == .connecting { beginWork() }
                }
            }
            queues.append(queue)
        }
    }

    private func beginWork() {
        phase = .working
        startKeepAlive()
        askForEvents()
        chatter()
        discoverSometimes()
        for queue in queues { work(on: queue) }
    }

    // MARK: The end of an association

    /// A connection ended without the host's doing.
    private func lost(_ queue: HostQueue) {
        // A host that leaves expects its queues to go.
        if phase == .leaving, queue.queueID > 0 { return }
        recover()
    }

    /// Lets go of everything, and begins again after a while.
    func recover(after delay: UInt64? = nil) {
        guard phase != .gone else { return }
        for queue in queues {
            for id in queue.commandIDs {
                guard let command = queue.command(id), command.wish.refusal == nil, command.partner == nil,
                    command.wish.reservation == nil
                else { continue }
                if world.random.chance(0.7) { unanswered.append(command.wish) }
            }
        }
        letGo(abruptly: world.random.chance(0.5))
        rest(delay ?? world.random.time(1_000_000, 3_000_000_000))
    }

    private func letGo(abruptly: Bool) {
        epoch += 1
        for queue in queues { queue.close(abruptly: abruptly) }
        admin?.close(abruptly: abruptly)
        if let discovery { leaveDiscovery(discovery) }
        queues = []
        admin = nil
    }

    private func rest(_ delay: UInt64) {
        phase = .resting
        if wantsToGo || isDead {
            phase = .gone
            return
        }
        later(delay) { [self] in connect() }
    }

    /// Ends the association in order: I/O queues first, then a shutdown, then the admin queue.
    func leave() {
        guard phase == .working else { return }
        phase = .leaving
        let byCommand = world.random.chance(0.4)
        for queue in queues where byCommand && queue.outstandingCount < queue.entries - 1 {
            world.count(.disconnect)
            queue.isDisconnecting = true
            queue.send(DisconnectCommand().entry(commandID: 0)) { [self] _, _ in
                checkNothingOpen(of: [queue], "after its Disconnect was answered")
            }
        }
        later(byCommand ? world.random.time(1_000, 5_000_000) : 0) { [self] in
            for queue in queues { queue.close(abruptly: false) }
            setProperty(.configuration, 0x464061) { [self] in
                awaitProperty(.status, mask: 0xC, 0x8) { [self] in
                    checkNothingOpen(of: queues, "after its shutdown was complete")
                    letGo(abruptly: false)
                    rest(world.random.time(1_000_000, 1_000_000_000))
                }
            }
        }
    }

    /// Resets the controller, and begins again.
    func reset() {
        guard phase == .working else { return }
        phase = .leaving
        setProperty(.configuration, 0x460060) { [self] in
            awaitProperty(.status, mask: 1, 0) { [self] in
                checkNothingOpen(of: queues, "after its controller was reset")
                recover()
            }
        }
    }

    /// Once a reset or a shutdown is complete no backend has anything of the association, and after
    /// Disconnect nothing of the queue.
    private func checkNothingOpen(of queues: [HostQueue], _ moment: String) {
        for request in world.judge.openRequests {
            guard let command = request.command else { continue }
            if queues.contains(where: { $0 === command.queue }) {
                world.fail("\(command.description) is in a backend \(moment)")
            }
        }
    }

    // MARK: Disasters

    /// The machine is gone: nobody closes its connections.
    func die(forNanoseconds time: UInt64) {
        guard phase == .working || phase == .connecting else { return }
        for queue in allQueues { queue.wire.silence(healingAfter: nil) }
        for queue in allQueues { queue.abandon() }
        if let discovery { leaveDiscovery(discovery) }
        epoch += 1
        queues = []
        admin = nil
        rest(time)
    }

    /// It is to do what it still wants to do, and to go.
    func settleDown() {
        isMute = false
        for queue in allQueues { queue.hearAgain() }
        quota = min(quota, 8)
        if phase == .working { for queue in queues { work(on: queue) } }
    }

    /// Whether it has done all it wanted.
    var isContent: Bool {
        quota == 0 && unanswered.isEmpty && phase == .working
            && queues.allSatisfy { $0.outstandingCount == 0 }
            && knownNamespaces
                == ModelView(generation: 0, settings: world.operations.current).namespaces(of: number)
    }

    func goAway(inOrder: Bool) {
        wantsToGo = true
        if inOrder, phase == .working {
            leave()
        } else {
            letGo(abruptly: !inOrder)
            phase = .gone
        }
    }

    /// Linux gives a command thirty seconds. Then it lets go of the controller, or tries an Abort first.
    private func watch() {
        world.schedule(after: 2_000_000_000) { [self] in
            guard phase != .gone else { return }
            watch()
            if let command = allQueues.lazy.compactMap(\.forgottenCommand).first {
                return world.fail("\(command.description): its store is done with it, and nobody is told")
            }
            let limit = world.now - 30_000_000_000
            guard !isMute else { return }
            let late = allQueues.first { ($0.oldestSentAt ?? .max) < limit }
            guard let late else { return }
            if late.queueID > 0, world.random.chance(0.5),
                (late.oldestSentAt ?? .max) > limit - 10_000_000_000
            {
                return abortSome(of: late)
            }
            world.count(.commandTimesOut)
            recover()
        }
    }

    var state: String {
        let waiting = allQueues.map { "queue \($0.queueID): \($0.outstandingCount)" }.joined(separator: ", ")
        return "host \(number) is \(phase), wants \(quota) + \(unanswered.count) commands; \(waiting)"
    }
}
