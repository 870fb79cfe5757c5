// Connect: a connection becomes the admin queue of a new controller on this shard, or an I/O queue of a
// controller that may live on another: then it asks that shard, and the command waits for the answer.

internal import NVMeTCP

/// A controller of this shard, and where its queues are.
final class ControllerSeat {
    let controller: Controller
    /// The admin queue's connection; nil once it is closed.
    var adminConnection: ConnectionID?
    /// I/O queues that joined and are not gone yet.
    var queues: [UInt16: QueueAddress] = [:]
    /// An I/O queue was lost: when the association ends, unless the host ends it in order before.
    var associationDeadline: Instant?
    /// What waits for the I/O queues to be gone.
    var isResetting = false
    var isShuttingDown = false
    /// While a shutdown's flush is under way: the namespaces that it goes through.
    var flushQueue: IOQueue?

    init(_ controller: Controller, adminConnection: ConnectionID) {
        self.controller = controller
        self.adminConnection = adminConnection
    }

    /// How log lines name it.
    var name: String {
        "host \(controller.hostNQN), controller \(controller.id) of \(controller.subsystemNQN)"
    }
}

extension TargetShard {
    /// The controllers of this shard, by number: a dictionary's own order differs from process to process,
    /// and what a shard does must not, or no run could be repeated.
    var seats: [ControllerSeat] { controllers.keys.sorted().compactMap { controllers[$0] } }

    /// The identifiers that controllers may have now.
    var ownControllerIDs: ClosedRange<UInt16> { model.controllerIDs ?? limits.controllerIDs }

    /// The shard that a controller lives on: the numbers are dealt out so that its CNTLID tells, whatever
    /// range they are of.
    func shard(of controllerID: UInt16) -> Int {
        precondition(Limits.allControllerIDs.contains(controllerID), "only such identifiers are dealt out")
        return (Int(controllerID) - Int(Limits.allControllerIDs.lowerBound)) % shardCount
    }

    /// Serves a Connect whose data is complete.
    func connect(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>,
        at now: Instant
    ) {
        guard let buffer = unsafe operation.pointee.buffer else {
            preconditionFailure("Connect has its data")
        }
        // Valid: the data is complete and stays in its buffer until the command ends.
        let data = unsafe UnsafeRawBufferPointer(start: buffer.base, count: operation.pointee.byteCount)
        var read: ConnectRequest?
        do throws(CommandFailure) {
            let request = try unsafe ConnectRequest.parse(operation.pointee.command, data: data.bytes)
            read = request
            if request.queueID == 0 {
                try unsafe connectAdmin(request, operation, on: connection, at: now)
            } else {
                try unsafe askToJoin(request, operation, on: connection)
            }
        } catch {
            unsafe logRefusal(of: read, from: connection.pointee.peer, error)
            unsafe fail(operation, error, on: connection)
        }
    }

    /// One line for each host that is refused: who it is, what it wanted, and why not.
    private func logRefusal(of request: ConnectRequest?, from peer: String, _ failure: CommandFailure) {
        let who = request.map { "host \($0.hostNQN) at \($0.subsystemNQN)" } ?? "a host"
        log.write(.warning, "\(peer): refused \(who): \(failure.status.name(scope: .fabrics))")
    }

    private func connectAdmin(
        _ request: ConnectRequest, _ operation: UnsafeMutablePointer<Operation>,
        on connection: UnsafeMutablePointer<QueueConnection>, at now: Instant
    ) throws(CommandFailure) {
        let kind = try unsafe request.admit(to: model, port: connection.pointee.port, limits: limits)
        guard unsafe promise(entries: request.queueEntries, to: connection), let id = takeControllerID()
        else {
            throw CommandFailure(.connectControllerBusy)
        }
        let controller = unsafe Controller(
            id: id, kind: kind, connect: request, port: connection.pointee.port, model: model, limits: limits,
            log: log, reservations: reservationViews, at: now)
        unsafe controller.attach(connection.pointee.counters, queue: 0)
        let seat = unsafe ControllerSeat(controller, adminConnection: connection.pointee.id)
        controllers[id] = seat
        unsafe connection.pointee.role = .admin(controller)
        unsafe becomeQueue(request, on: connection)
        unsafe log.write(.info, "\(seat.name): connected from \(connection.pointee.peer)")
        unsafe succeed(operation, result: ConnectResponse.success(controllerID: id), on: connection)
    }

    private func askToJoin(
        _ request: ConnectRequest, _ operation: UnsafeMutablePointer<Operation>,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) throws(CommandFailure) {
        guard Limits.allControllerIDs.contains(request.controllerID) else {
            throw .connectInvalidParameter(inData: ConnectData.Offset.controllerID)
        }
        // The controller refuses longer queues.
        guard unsafe promise(entries: min(request.queueEntries, limits.queueEntriesMax), to: connection)
        else {
            throw CommandFailure(.connectControllerBusy)
        }
        unsafe connection.pointee.role = .joining
        unsafe operation.pointee.state = .parked
        let join = unsafe QueueJoin(
            from: QueueAddress(shard: id, connection: connection.pointee.id), slot: operation.pointee.slot,
            request: request, counters: connection.pointee.counters)
        enqueue(.post(.join(join), to: shard(of: request.controllerID)))
    }

    /// A queue asks to join a controller of this shard.
    func join(_ join: QueueJoin) {
        let seat = controllers[join.request.controllerID]
        let outcome: Result<QueueAdmission, CommandFailure>
        do throws(CommandFailure) {
            guard let seat, seat.adminConnection != nil else {
                throw CommandFailure.connectInvalidParameter(inData: ConnectData.Offset.controllerID)
            }
            let subsystem = try seat.controller.admitQueue(join.request)
            seat.controller.attach(join.counters, queue: join.request.queueID)
            seat.queues[join.request.queueID] = join.from
            outcome = .success(
                QueueAdmission(
                    subsystem: subsystem, host: seat.controller.host, choices: seat.controller.choices))
        } catch {
            outcome = .failure(error)
        }
        let answer = QueueJoinAnswer(
            to: join.from, slot: join.slot, outcome: outcome, request: join.request)
        enqueue(.post(.joined(answer), to: join.from.shard))
    }

    /// The answer to a queue of this shard that asked to join.
    func joined(_ answer: QueueJoinAnswer) {
        guard let connection = unsafe connections[answer.to.connection] else {
            if case .success = answer.outcome { tellQueueClosed(answer.request, at: answer.to) }
            return
        }
        let operation = unsafe slab[answer.slot]
        switch answer.outcome {
        case .success(let admission):
            let queue = IOQueue(
                controllerID: answer.request.controllerID, queueID: answer.request.queueID,
                host: admission.host, choices: admission.choices,
                subsystem: attachment(of: admission.subsystem).namespaces(for: admission.host.nqn))
            unsafe connection.pointee.role = .io(queue)
            unsafe becomeQueue(answer.request, on: connection)
            unsafe succeed(
                operation, result: ConnectResponse.success(controllerID: queue.controllerID), on: connection)
            // The model may have moved on since the controller's shard looked.
            unsafe closeIfRevoked(connection)
        case .failure(let failure):
            unsafe connection.pointee.role = .unconnected
            // Less than it had: there is always room.
            _ = unsafe promise(entries: 1, to: connection)
            unsafe logRefusal(of: answer.request, from: connection.pointee.peer, failure)
            unsafe fail(operation, failure, on: connection)
        }
    }

    private func tellQueueClosed(_ request: ConnectRequest, at address: QueueAddress) {
        enqueue(
            .post(
                .queueClosed(
                    controller: request.controllerID, queue: request.queueID, connection: address,
                    wasDeleted: false),
                to: shard(of: request.controllerID)))
    }

    private func becomeQueue(_ request: ConnectRequest, on connection: UnsafeMutablePointer<QueueConnection>)
    {
        unsafe connection.pointee.queueID = request.queueID
        unsafe connection.pointee.queueEntries = request.queueEntries
        // The Connect itself was the first entry that was taken.
        unsafe connection.pointee.submissionQueueHead = UInt16(1 % request.queueEntries)
        unsafe connection.pointee.isFlowControlDisabled = request.isFlowControlDisabled
        let transfers = unsafe transfersPerCommand(on: connection)
        unsafe connection.pointee.transfersPerCommand = transfers
        // One more command than the queue has entries may come too early.
        unsafe connection.pointee.wire.reserveTransfers((request.queueEntries + 1) * transfers)
        unsafe connection.pointee.handshakeDeadline = nil
    }

    /// R2Ts that one command needs at a time, as far as the host and our own bound let it.
    private func transfersPerCommand(on connection: UnsafeMutablePointer<QueueConnection>) -> Int {
        guard let agreed = unsafe connection.pointee.wire.negotiated else {
            preconditionFailure("a Connect follows ICReq")
        }
        let pieces = (limits.transferBytesMax - 1) / limits.hostDataBytesMax + 1
        return min(agreed.maximumReadyToTransfers, limits.readyToTransfersMax, pieces)
    }

    /// This shard's side of a subsystem, made when its first queue comes.
    func attachment(of subsystem: Subsystem) -> SubsystemAttachment {
        if let known = subsystems[subsystem.nqn] { return known }
        // The model may have moved on since the controller's shard answered; its version is the one to serve.
        let made = SubsystemAttachment(
            model.subsystem(subsystem.nqn) ?? subsystem, services: services, reservations: reservationViews)
        subsystems[subsystem.nqn] = made
        return made
    }

    /// A free CNTLID of this shard's, or nil if it holds all the controllers it may.
    private func takeControllerID() -> UInt16? {
        guard controllers.count < limits.controllersMax else { return nil }
        let ids = ownControllerIDs
        let first = Int(ids.lowerBound) + (id - shard(of: ids.lowerBound) + shardCount) % shardCount
        let numberMax = (Int(ids.upperBound) - first) / shardCount
        // The range may have been another one before.
        if nextControllerNumber > numberMax { nextControllerNumber = 0 }
        for _ in 0...controllers.count {
            let candidate = UInt16(first + nextControllerNumber * shardCount)
            nextControllerNumber = nextControllerNumber == numberMax ? 0 : nextControllerNumber + 1
            if controllers[candidate] == nil { return candidate }
        }
        return nil
    }
}
