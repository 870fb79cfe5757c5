// What must hold. Judge sees every command when it is sent, when a backend gets it, when the backend is done
// with it, when it is answered and when its connection is gone, and every shard after each of its turns.

import GatewayCore
import NVMeTCP

/// The rules, and the commands that are under way.
final class Judge {
    private unowned let world: World
    private var nextNumber: UInt64 = 1
    private var nextValue: UInt64 = 1
    /// Commands by their start; those in front may be over.
    private var active: [SimulatedCommand] = []
    private var activeHead = 0
    /// Requests that backends have.
    private(set) var openRequests: [PendingRequest] = []
    /// The command whose request was just handed over.
    private(set) var current: SimulatedCommand?
    private(set) var lastLines: [String] = []
    /// The admin queue that was given each controller identifier last.
    private var associations: [UInt16: HostQueue] = [:]

    init(_ world: World) { self.world = world }

    /// Commands that began before it are over.
    var oldestStart: UInt64 {
        while activeHead < active.count, active[activeHead].isForgotten { activeHead += 1 }
        if activeHead > 1024 {
            active.removeFirst(activeHead)
            activeHead = 0
        }
        return activeHead < active.count ? active[activeHead].start : world.step
    }

    /// Values that no block has had.
    func freshValues(_ count: Int) -> [UInt64] {
        defer { nextValue += UInt64(count) }
        return (0..<UInt64(count)).map { nextValue + $0 }
    }

    // MARK: A command's life

    /// The two halves of a fused operation are sent, one right after the other.
    func sent(_ first: CommandWish, _ second: CommandWish, on queue: HostQueue) -> [SimulatedCommand] {
        let (compare, write) = (sent(first, on: queue), sent(second, on: queue))
        (compare.partner, write.partner) = (write, compare)
        return [compare, write]
    }

    func sent(_ wish: CommandWish, on queue: HostQueue) -> SimulatedCommand {
        let command = SimulatedCommand(
            number: nextNumber, wish: wish, store: world.operations.store(of: wish.namespaceID), queue: queue,
            start: world.nextStep())
        nextNumber += 1
        active.append(command)
        world.count(wish.kind)
        world.trace.add(
            world.now, "host % queue % sends command %", UInt64(queue.host.number), UInt64(queue.queueID),
            command.number)
        if let wanted = wish.reservation {
            command.store?.ledger.sent(command.number, by: queue.host.number, wanted)
        }
        if let store = command.store {
            command.forEachWritten { store.shadow.begin(command.number, block: $0, value: $1) }
        }
        return command
    }

    /// A backend gets a request.
    func dispatched(_ request: BackendRequest, to store: FaultingBackend, from shard: SimulatedShard) {
        current = nil
        guard let (index, entry) = shard.core.command(of: request.ticket) else { return }
        guard let wire = shard.slots[Int(index)].wire, let queue = wire.queue else {
            return world.fail("a request reached store \(store.number) from a connection that is gone")
        }
        guard let command = queue.command(entry.commandID) else {
            return world.fail("a request reached store \(store.number) for no command of its queue")
        }
        current = command
        world.trace.add(
            world.now, "store % gets command % of shard %", UInt64(store.number), command.number,
            UInt64(shard.shardID))
        if command.requestsBegun == 0 { firstDispatch(of: command, on: shard) }
        if let complaint = complaint(of: request, to: store, for: command) {
            world.fail("\(command.description): \(complaint)")
        }
        command.requestsBegun += 1
        command.partner?.requestsBegun += 1
    }

    /// Counts the command as served, and holds its wait to the bound.
    private func firstDispatch(of command: SimulatedCommand, on shard: SimulatedShard) {
        defer { shard.load.served += 1 }
        guard let mark = command.arrival?.served else { return }
        let waited = Int(shard.load.served - mark)
        world.counts.waitedMax = max(world.counts.waitedMax, waited)
        let bound = FairnessBound.commands(before: command, on: shard)
        if waited > bound {
            world.fail(
                "\(command.description): \(waited) commands were served before it; the bound is \(bound)")
        }
    }

    private func complaint(
        of request: BackendRequest, to store: FaultingBackend, for command: SimulatedCommand
    ) -> String? {
        if command.isAnswered { return "a request after its answer" }
        if command.wasAborted { return "a request after it was aborted" }
        if command.requestsOpen > 0 { return "a second request at once" }
        if command.failure != nil { return "a request after one that failed" }
        if let complaint = ReservationRules.complaint(of: request, to: store, for: command) {
            return complaint
        }
        if command.wish.refusal != nil { return "it must be refused and reached a store" }
        if command.isDigestWrong { return "its data's digest was wrong and it reached a store" }
        return RequestRules.complaint(of: request, to: store, for: command)
    }

    /// The backend took the request, and will end it or has.
    func requestBegan(_ pending: PendingRequest) {
        pending.command?.requestsOpen += 1
        pending.command?.partner?.requestsOpen += 1
        pending.place = openRequests.count
        openRequests.append(pending)
    }

    func requestEnded(_ pending: PendingRequest) {
        let last = openRequests.removeLast()
        if last !== pending {
            openRequests[pending.place] = last
            last.place = pending.place
        }
        guard let command = pending.command else { return }
        ended(command, pending.result, pending.request.operation)
        guard let write = command.partner else { return }
        // A compare that finds a difference is nothing that the write did wrong.
        let result = pending.result == .miscompare ? .success : pending.result
        ended(write, result, .write)
    }

    private func ended(_ command: SimulatedCommand, _ result: BackendResult, _ operation: BackendOperation) {
        command.requestsOpen -= 1
        command.doneAt = world.now
        // Deallocate is advisory: a store that can't do it has done enough.
        let isAdvisory = result == .unsupported && operation == .deallocate
        if result != .success, !isAdvisory, command.failure == nil {
            command.failure = (result, operation == .compareAndWrite ? .compare : operation)
        }
        if command.queue.wire.isClosedByTarget, command.requestsOpen == 0 { over(command) }
    }

    /// The host got its answer, with `data` if it reads.
    func answered(_ command: SimulatedCommand, _ status: Status, data: [UInt8]) {
        command.isAnswered = true
        command.status = status
        world.trace.add(
            world.now, "command % is answered with status %", command.number, UInt64(status.rawValue))
        if command.requestsOpen > 0 {
            return world.fail("\(command.description): answered while a backend has it")
        }
        if let complaint = StatusRules.complaint(of: status, for: command, world) {
            return world.fail("\(command.description): \(complaint)")
        }
        if command.wish.reservation != nil, let complaint = ReservationRules.answered(command, status, world)
        {
            return world.fail("\(command.description): \(complaint)")
        }
        if let other = command.partner, let complaint = FusedRules.complaint(command, other) {
            return world.fail("\(command.description): \(complaint)")
        }
        if status.isSuccess {
            world.counts.succeeded += 1
            succeeded(command, data)
        } else {
            world.counts.failed += 1
            if status ~= .compareFailure { miscompared(command) }
            over(command)
        }
    }

    private func succeeded(_ command: SimulatedCommand, _ data: [UInt8]) {
        command.isOver = true
        guard let store = command.store else { return }
        switch command.wish.kind {
        case .read:
            let values = data.withUnsafeBytes {
                BlockPattern.values(of: $0, blockByteCount: store.blockByteCount)
            }
            for (block, value) in zip(command.wish.ranges[0], values) { saw(value, block, command) }
        case .compare, .fusedCompare:
            for (block, value) in zip(command.wish.ranges[0], command.wish.values) {
                saw(value, block, command)
            }
        case .write, .fusedWrite, .writeZeroes, .copy:
            command.forEachWritten { block, _ in store.shadow.succeed(command.number, block: block) }
        case .deallocate:
            command.forEachWritten { block, _ in store.shadow.end(command.number, block: block) }
        default: break
        }
    }

    /// A host has been told that a block held a value.
    private func saw(_ value: UInt64?, _ block: Int, _ command: SimulatedCommand) {
        guard let store = command.store else { return }
        guard let value else {
            return world.fail("\(command.description): block \(block) is no block that anybody wrote")
        }
        if !store.shadow.permits(value, block: block, since: command.start) {
            let allowed = store.shadow.describe(block, since: command.start)
            return world.fail(
                "\(command.description), sent at step \(command.start): block \(block) was \(value); may be "
                    + allowed)
        }
        store.shadow.observe(value, block: block, since: command.start)
    }

    private func miscompared(_ command: SimulatedCommand) {
        guard let store = command.store, command.wish.kind != .fusedWrite else { return }
        let isPossible = zip(command.wish.ranges[0], command.wish.values).contains { block, value in
            store.shadow.permitsOther(than: value, block: block, since: command.start)
        }
        if !isPossible {
            world.fail("\(command.description): Compare Failure, but every block must be equal")
        }
    }

    /// The target has closed the connection: what it had not begun, it never will.
    func closed(_ commands: [SimulatedCommand]) {
        for command in commands where !command.isAnswered && command.requestsOpen == 0 { over(command) }
    }

    /// Nothing of the command is left, and its host was not told that it took effect.
    private func over(_ command: SimulatedCommand) {
        guard !command.isOver else { return }
        command.isOver = true
        guard let store = command.store else { return }
        if command.wish.reservation != nil, !command.isAnswered { store.ledger.lost(command.number) }
        command.forEachWritten { block, _ in
            if command.requestsBegun == 0 {
                store.shadow.withdraw(command.number, block: block)
            } else {
                store.shadow.end(command.number, block: block)
            }
        }
    }

    // MARK: Shards

    /// What must hold after each turn.
    func check(_ shard: SimulatedShard) {
        let inventory = shard.core.inventory
        let limits = world.plan.limits
        let bytesMax = limits.bufferBytesMax + limits.capsuleBufferBytesMax + limits.adminBufferBytesMax
        if inventory.bufferBytes > bytesMax {
            world.fail(
                "shard \(shard.shardID) holds \(inventory.bufferBytes) bytes; the limit is \(bytesMax)")
        }
        if inventory.promisedOperations > limits.operationsMax
            || inventory.operations > inventory.promisedOperations
        {
            world.fail("shard \(shard.shardID) has more operations than it may: \(inventory)")
        }
    }

    /// Everything has ended: nothing may be left.
    func checkEmpty() {
        for shard in world.shards where shard.core.inventory != ShardInventory() {
            world.fail("shard \(shard.shardID) still holds \(shard.core.inventory)")
        }
        if !openRequests.isEmpty { world.fail("\(openRequests.count) requests never ended") }
    }

    // MARK: Controllers

    /// A host was given a controller: no other of the target may have its identifier.
    func connected(_ controllerID: UInt16, admin: HostQueue) {
        let all = world.shards.flatMap { $0.core.controllerIDs }
        if Set(all).count != all.count { world.fail("two controllers with one identifier: \(all)") }
        if !world.plan.limits.controllerIDs.contains(controllerID) {
            world.fail("controller identifier \(controllerID) is not the target's to give")
        }
        associations[controllerID] = admin
    }

    /// The target says that a controller's keep-alive timeout has expired: its host must have been silent.
    private func expired(_ controllerID: UInt16) {
        guard let admin = associations[controllerID] else {
            return world.fail("controller \(controllerID) expired, and nobody was given it")
        }
        let silence = world.now - admin.wire.heardAt
        let timeout = UInt64(admin.host.plan.keepAliveMilliseconds) * 1_000_000
        if timeout == 0 || silence + 200_000_000 < timeout {
            let name = "controller \(controllerID) of host \(admin.host.number)"
            world.fail("\(name) expired \(silence / 1_000_000) ms after it was heard last")
        }
    }

    func logged(_ level: LogLevel, _ message: String) {
        if lastLines.count == 40 { lastLines.removeFirst() }
        lastLines.append("\(Trace.milliseconds(world.now)) ms  \(level): \(message)")
        guard message.hasSuffix("no command came within its keep-alive timeout"),
            let words = message.split(separator: "controller ").last,
            let id = words.split(separator: " ").first
        else { return }
        if let controllerID = UInt16(id) { expired(controllerID) }
    }
}
