// The admin queue's commands: the controller serves them; here is what reaches beyond it: parked event
// requests, Abort on other queues, and the tear-down that a reset, a shutdown or an expired keep-alive asks
// for.

internal import NVMeTCP

extension TargetShard {
    /// Serves an admin or Fabrics command whose data is complete.
    func executeAdmin(
        _ operation: UnsafeMutablePointer<Operation>, of controller: Controller,
        on connection: UnsafeMutablePointer<QueueConnection>, at now: Instant
    ) {
        do throws(CommandFailure) {
            let outcome = try unsafe outcome(of: operation, of: controller, at: now)
            switch outcome {
            case .completed(let result):
                // An event request that an Abort ended is answered before the Abort (Base Specification,
                // "Abort command").
                unsafe answerEvents(of: controller, on: connection)
                unsafe succeed(operation, result: result, on: connection)
            case .eventAwaited:
                unsafe operation.pointee.state = .parked
            case .abort(let queueID, let commandID):
                unsafe abort(
                    operation, queueID: queueID, commandID: commandID, of: controller, on: connection)
            case .setPersistence(let persists, let namespaces):
                unsafe setPersistence(
                    persists, of: namespaces, host: controller.hostID, operation, on: connection)
            }
        } catch {
            unsafe fail(operation, error, on: connection)
        }
        serveController(controller.id)
    }

    private func outcome(
        of operation: UnsafeMutablePointer<Operation>, of controller: Controller, at now: Instant
    ) throws(CommandFailure) -> AdminOutcome {
        let command = unsafe operation.pointee.command
        let byteCount = unsafe operation.pointee.byteCount
        let empty = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
        guard let buffer = unsafe operation.pointee.buffer else {
            var reply = unsafe empty.mutableBytes
            return try unsafe controller.execute(
                command, hostData: UnsafeRawBufferPointer(empty).bytes, reply: &reply, at: now)
        }
        // Valid: the operation's buffer is at least so long and nobody else touches it now.
        let data = unsafe UnsafeMutableRawBufferPointer(start: buffer.base, count: byteCount)
        if unsafe operation.pointee.direction == .hostToController {
            var reply = unsafe empty.mutableBytes
            return try unsafe controller.execute(
                command, hostData: UnsafeRawBufferPointer(data).bytes, reply: &reply, at: now)
        }
        unsafe data.initializeMemory(as: UInt8.self, repeating: 0)
        var reply = unsafe data.mutableBytes
        return try unsafe controller.execute(
            command, hostData: UnsafeRawBufferPointer(empty).bytes, reply: &reply, at: now)
    }

    /// Carries out what a controller has to say or wants done, after each call to it.
    func serveController(_ id: UInt16) {
        guard let seat = controllers[id] else { return }
        if let admin = seat.adminConnection, let connection = unsafe connections[admin] {
            unsafe answerEvents(of: seat.controller, on: connection)
        }
        while let effect = seat.controller.takeEffect() {
            switch effect {
            case .resetStarted:
                seat.isResetting = true
                closeQueues(of: seat, because: "its controller is reset")
            case .shutdownStarted:
                seat.isShuttingDown = true
                closeQueues(of: seat, because: "its controller is shut down")
            case .ended(let reason):
                end(seat, because: reason)
            }
        }
        queuesMayBeGone(of: seat)
    }

    /// Answers the event requests that have ended.
    private func answerEvents(of controller: Controller, on connection: UnsafeMutablePointer<QueueConnection>)
    {
        while let event = controller.takeEvent() {
            // An Abort may be parked too, and a host may give both the same identifier.
            guard
                let operation = unsafe find(
                    event.commandID, among: connection, state: .parked, opcode: .asyncEventRequest)
            else { continue }
            if event.isSilent {
                unsafe free(operation, of: connection)
            } else if event.status.isSuccess {
                unsafe succeed(operation, result: event.result, on: connection)
            } else {
                unsafe fail(operation, CommandFailure(event.status), on: connection)
            }
        }
    }

    func closeQueues(of seat: ControllerSeat, because reason: String) {
        seat.associationDeadline = nil
        for (_, address) in seat.queues.sorted(by: { $0.key < $1.key }) {
            enqueue(.post(.closeQueue(address, reason: reason), to: address.shard))
        }
    }

    /// Ends an association: every connection of the controller is closed.
    func end(_ seat: ControllerSeat, because reason: String) {
        log.write(.warning, "\(seat.name): ends, \(reason)")
        closeQueues(of: seat, because: reason)
        if let admin = seat.adminConnection, let connection = unsafe connections[admin] {
            unsafe beginClose(connection)
        }
    }

    // MARK: Abort

    /// Looks for the command to abort: on this connection, or by a message on the queue's.
    private func abort(
        _ operation: UnsafeMutablePointer<Operation>, queueID: UInt16, commandID: UInt16,
        of controller: Controller, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        if queueID == 0 {
            let wasFound = unsafe abortWaiting(commandID, on: connection)
            unsafe succeed(operation, result: wasFound ? 0 : 1, on: connection)
            controller.abortEnded()
            return
        }
        guard let target = controllers[controller.id]?.queues[queueID] else {
            unsafe succeed(operation, result: 1, on: connection)
            controller.abortEnded()
            return
        }
        unsafe operation.pointee.state = .parked
        let request = unsafe AbortRequest(
            from: QueueAddress(shard: id, connection: connection.pointee.id), slot: operation.pointee.slot,
            target: target, commandID: commandID)
        enqueue(.post(.abort(request), to: target.shard))
    }

    /// Ends a command that has not reached a backend and moves no data yet. One that takes several requests
    /// makes no further one; all others run to their end.
    /// - Returns: Whether it has ended.
    func abortWaiting(_ commandID: UInt16, on connection: UnsafeMutablePointer<QueueConnection>) -> Bool {
        if let half = unsafe find(commandID, among: connection, state: .paired) {
            unsafe halfFailed(half, CommandFailure(.abortRequested), on: connection)
            return true
        }
        if let operation = unsafe find(commandID, among: connection, state: .executing),
            unsafe !operation.pointee.isInternal
        {
            unsafe operation.pointee.isAborted = true
            return false
        }
        if let operation = unsafe find(commandID, among: connection, state: .paced) {
            unsafe stopPacing(operation)
            unsafe fail(operation, CommandFailure(.abortRequested), on: connection)
            return true
        }
        guard let operation = unsafe find(commandID, among: connection, state: .awaitingBuffer),
            unsafe !operation.pointee.isInCapsule
        else { return false }
        if unsafe operation.pointee.half != .none {
            unsafe halfFailed(operation, CommandFailure(.abortRequested), on: connection)
            return true
        }
        unsafe stopAwaitingBuffer(operation)
        unsafe fail(operation, CommandFailure(.abortRequested), on: connection)
        return true
    }

    func aborted(_ request: AbortRequest, wasFound: Bool) {
        // A closed connection may be kept by a shutdown's flush; the Abort is gone.
        guard let connection = unsafe connections[request.from.connection],
            unsafe connection.pointee.phase != .closed,
            case .admin(let controller) = unsafe connection.pointee.role
        else { return }
        unsafe succeed(slab[request.slot], result: wasFound ? 0 : 1, on: connection)
        controller.abortEnded()
    }

    /// The connection's operation with this command identifier in this state, and of this kind if one is
    /// given. Walks them: for rare commands only.
    private func find(
        _ commandID: UInt16, among connection: UnsafeMutablePointer<QueueConnection>, state: OperationState,
        opcode: AdminOpcode? = nil
    ) -> UnsafeMutablePointer<Operation>? {
        var slot = unsafe connection.pointee.firstOperation
        while slot != SlotList.none {
            let operation = unsafe slab[slot]
            if unsafe operation.pointee.state == state,
                unsafe operation.pointee.command.commandID == commandID,
                unsafe opcode == nil || operation.pointee.command.opcode == opcode?.rawValue
            {
                return unsafe operation
            }
            slot = unsafe operation.pointee.next
        }
        return nil
    }
}
