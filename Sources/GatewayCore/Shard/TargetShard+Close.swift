// The end of a connection: a fatal error is told to the host first, the driver closes, and what a backend
// still holds stays behind as orphans until it ends. The last operation takes the connection with it.

internal import NVMeTCP

extension TargetShard {
    /// A fatal error: tell the host why, then close.
    func terminate(_ connection: UnsafeMutablePointer<QueueConnection>, _ error: FatalError) {
        guard unsafe connection.pointee.phase == .open else { return }
        unsafe log.write(.warning, "\(connection.pointee.peer): connection ends: \(error)")
        unsafe connection.pointee.phase = .terminating
        unsafe connection.pointee.fatalError = error
        unsafe requestTransmit(connection)
    }

    /// Asks the driver to close.
    func beginClose(_ connection: UnsafeMutablePointer<QueueConnection>) {
        guard unsafe connection.pointee.phase != .closing, unsafe connection.pointee.phase != .closed else {
            return
        }
        unsafe connection.pointee.phase = .closing
        unsafe enqueue(.close(connection.pointee.id))
    }

    /// The driver has closed the connection: nothing of it is being received or sent any more. The ID means
    /// nothing from now on.
    public func closed(_ id: ConnectionID, at now: Instant) {
        guard let connection = unsafe connections[id] else { preconditionFailure("a connection closes once") }
        unsafe connection.pointee.phase = .closed
        unsafe connection.pointee.ready = SlotList()
        unsafe dropOperations(of: connection)
        if case .admin(let controller) = unsafe connection.pointee.role { adminClosed(controller) }
        unsafe releaseIfUnused(connection)
    }

    /// Frees all operations but those that a backend has: they become orphans.
    private func dropOperations(of connection: UnsafeMutablePointer<QueueConnection>) {
        // The connection itself must outlive the walk.
        unsafe connection.pointee.phase = .closing
        var slot = unsafe connection.pointee.firstOperation
        while slot != SlotList.none {
            let operation = unsafe slab[slot]
            slot = unsafe operation.pointee.next
            switch unsafe operation.pointee.state {
            case .executing:
                unsafe operation.pointee.isOrphan = true
            case .paced:
                unsafe stopPacing(operation)
                unsafe free(operation, of: connection)
            case .awaitingBuffer:
                unsafe stopAwaitingBuffer(operation)
                unsafe free(operation, of: connection)
            case .receivingCapsule, .requestingData, .receivingData, .paired, .parked, .answering, .sending:
                unsafe free(operation, of: connection)
            case .free:
                preconditionFailure("a free operation is on no connection")
            }
        }
        unsafe connection.pointee.phase = .closed
    }

    /// Frees a closed connection that no operation belongs to any more.
    func releaseIfUnused(_ connection: UnsafeMutablePointer<QueueConnection>) {
        guard unsafe connection.pointee.phase == .closed, unsafe connection.pointee.operationCount == 0 else {
            return
        }
        let id = unsafe connection.pointee.id
        if case .io(let queue) = unsafe connection.pointee.role {
            let address = QueueAddress(shard: self.id, connection: id)
            unsafe enqueue(
                .post(
                    .queueClosed(
                        controller: queue.controllerID, queue: queue.queueID, connection: address,
                        wasDeleted: connection.pointee.closesWhenSent),
                    to: shard(of: queue.controllerID)))
        }
        promisedOperations -= unsafe connection.pointee.promisedOperations
        if unsafe connection.pointee.isStarved { starvedCount -= 1 }
        connections.remove(id)
        finishDrainIfDone()
    }

    /// The admin queue is gone, and with it the association: the I/O queues follow.
    private func adminClosed(_ controller: Controller) {
        guard let seat = controllers[controller.id] else { return }
        log.write(.info, "\(seat.name): disconnected")
        seat.adminConnection = nil
        closeQueues(of: seat, because: "its admin queue is gone")
        vacateIfUnused(seat)
    }

    /// An I/O queue of a controller here is gone.
    func queueClosed(
        controller id: UInt16, queue: UInt16, connection: QueueAddress, wasDeleted: Bool, at now: Instant
    ) {
        guard let seat = controllers[id], seat.queues[queue] == connection else { return }
        seat.queues[queue] = nil
        seat.controller.queueClosed(queue)
        if seat.isResetting || seat.isShuttingDown {
            queuesMayBeGone(of: seat)
        } else if !wasDeleted, !seat.controller.deletesQueuesAlone, seat.controller.isEnabled,
            seat.associationDeadline == nil
        {
            // A host that disconnects in order closes its I/O queues first and then shuts the controller
            // down; one that lost a queue has lost the association, unless it said at Connect that it can do
            // without (Base Specification, "I/O Queue Deletion").
            seat.associationDeadline = now.advanced(byMilliseconds: limits.associationGraceMilliseconds)
        }
        if isDraining, let admin = seat.adminConnection, let connection = unsafe connections[admin] {
            unsafe closeIfDrained(connection)
        }
        vacateIfUnused(seat)
    }

    private func vacateIfUnused(_ seat: ControllerSeat) {
        if seat.adminConnection == nil, seat.queues.isEmpty { controllers[seat.controller.id] = nil }
    }

    // MARK: Drain

    /// Reads no more commands; connections close as soon as what is under way has been answered.
    func drain() {
        isDraining = true
        log.write(.info, "draining: \(connections.count) connections")
        unsafe forEachConnection { connection in
            unsafe connection.pointee.isPaused = true
            unsafe closeIfDrained(connection)
        }
        finishDrainIfDone()
    }

    /// Closes a connection that has nothing at a backend and nothing to send.
    func closeIfDrained(_ connection: UnsafeMutablePointer<QueueConnection>) {
        // The end of an admin queue takes the I/O queues with it, so it goes last.
        if case .admin(let controller) = unsafe connection.pointee.role,
            controllers[controller.id]?.queues.isEmpty == false
        {
            return
        }
        var slot = unsafe connection.pointee.firstOperation
        while slot != SlotList.none {
            let operation = unsafe slab[slot]
            switch unsafe operation.pointee.state {
            case .executing, .answering, .sending: return
            // Not begun, so not promised: the host sends it again elsewhere.
            case .free, .paced, .awaitingBuffer, .receivingCapsule, .requestingData, .receivingData, .paired,
                .parked:
                break
            }
            slot = unsafe operation.pointee.next
        }
        unsafe beginClose(connection)
    }

    func finishDrainIfDone() {
        guard isDraining, !isDrained, connections.count == 0 else { return }
        isDrained = true
        enqueue(.drained)
    }
}
