// A command is served: all of its data is here, or its buffer for the answer is. Then its end: the answer is
// put in the connection's line, or, if the host is gone, the operation is freed.

internal import NVMeTCP

extension TargetShard {
    /// Serves a command whose data is complete.
    func execute(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>,
        at now: Instant
    ) {
        unsafe operation.pointee.state = .executing
        if let queue = unsafe connection.pointee.queue {
            if unsafe operation.pointee.command.opcode == IOOpcode.fabrics.rawValue {
                // Disconnect, the only one that is let in: the queue is deleted, its association stays.
                return unsafe disconnect(operation, on: connection)
            }
            // Valid: a connection keeps its queue, also while operations of it are orphans.
            return unsafe queue.use { unsafe executeIO(operation, of: $0, on: connection) }
        }
        switch unsafe connection.pointee.role {
        case .unconnected: unsafe connect(operation, on: connection, at: now)
        case .joining:
            unsafe fail(operation, CommandFailure(.commandSequenceError.notRetryable), on: connection)
        case .io: preconditionFailure("a connection that is an I/O queue has one")
        case .admin(let controller): unsafe executeAdmin(operation, of: controller, on: connection, at: now)
        }
    }

    /// A backend's request ended; the driver took the node from its mailbox.
    public func completed(_ node: UnsafeMutablePointer<CompletionNode>, at now: Instant) {
        self.now = now
        let operation = unsafe slab[node.pointee.slot]
        precondition(unsafe operation.pointee.state == .executing, "a backend ends a request once")
        let connection = unsafe connections[operation.pointee.connection]
        let result = unsafe node.pointee.result
        let isLast = unsafe requestEnded(operation)
        defer { if isLast { tellSettled() } }
        if unsafe operation.pointee.half == .first {
            return unsafe fusedEnded(operation, result, on: connection)
        }
        if unsafe operation.pointee.isOrphan {
            unsafe free(operation, of: connection)
            return
        }
        if let queue = unsafe connection.pointee.queue {
            // Valid: a connection keeps its queue.
            unsafe queue.use { unsafe goOn(operation, after: result, of: $0, on: connection) }
        } else if case .admin(let controller) = unsafe connection.pointee.role,
            let queue = controllers[controller.id]?.flushQueue
        {
            unsafe goOn(operation, after: result, of: queue, on: connection)
        } else {
            preconditionFailure("only I/O commands and a shutdown's flush go to a backend")
        }
    }

    private func goOn(
        _ operation: UnsafeMutablePointer<Operation>, after result: BackendResult, of queue: IOQueue,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        if unsafe takeResult(result, of: operation, of: queue, on: connection) {
            unsafe executeIO(operation, of: queue, on: connection)
        }
    }

    /// Answers with success.
    func succeed(
        _ operation: UnsafeMutablePointer<Operation>, result: UInt64 = 0,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe operation.pointee.result = result
        unsafe operation.pointee.status = .success
        unsafe answer(operation, on: connection)
    }

    /// Answers with a failure.
    func fail(
        _ operation: UnsafeMutablePointer<Operation>, _ failure: CommandFailure,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe note(failure, of: operation, on: connection)
        unsafe answer(operation, on: connection)
    }

    /// Makes a failure what the command will be answered with, and records it in the controller's Error
    /// Information log; a Connect's is not to be there (Base Specification, "Connect Command and Response").
    func note(
        _ failure: CommandFailure, of operation: UnsafeMutablePointer<Operation>,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        let isConnect = unsafe ConnectRequest.isConnect(operation.pointee.command)
        let failure = isConnect ? failure.ofConnect : failure
        unsafe operation.pointee.result = failure.result
        unsafe operation.pointee.status = failure.status
        switch unsafe connection.pointee.role {
        case _ where isConnect, .unconnected, .joining:
            break
        case .admin(let controller):
            unsafe operation.pointee.status = controller.record(
                failure, of: operation.pointee.command, queue: 0)
        case .io(let queue):
            unsafe enqueue(
                .post(
                    .failed(
                        QueueFailure(
                            controller: queue.controllerID, queue: queue.queueID,
                            command: operation.pointee.command, failure: failure)),
                    to: shard(of: queue.controllerID)))
        }
    }

    /// Answers with the status that the operation has.
    func answer(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe countTraffic(operation, on: connection)
        unsafe endNamespaceUse(operation)
        if unsafe operation.pointee.isInternal, case .admin(let controller) = unsafe connection.pointee.role {
            unsafe flushEnded(operation, of: controller)
            unsafe free(operation, of: connection)
            // No answer leaves that would let a drain go on.
            if isDraining { unsafe closeIfDrained(connection) }
            return
        }
        // Nothing follows Disconnect's answer (Base Specification, "Disconnect Command and Response").
        guard unsafe connection.pointee.phase == .open, unsafe !connection.pointee.closesWhenSent else {
            unsafe free(operation, of: connection)
            return
        }
        unsafe operation.pointee.state = .answering
        unsafe connection.pointee.unsentByteCount += operation.pointee.unsentByteCount
        unsafe makeReady(operation, on: connection)
        if unsafe connection.pointee.disconnect != SlotList.none { unsafe endDisconnectIfIdle(connection) }
    }

    /// Frees the operation and its buffer; the last one of a closed connection frees that too.
    func free(
        _ operation: UnsafeMutablePointer<Operation>, of connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe endNamespaceUse(operation)
        unsafe connection.pointee.unsentByteCount -= operation.pointee.unsentByteCount
        if let buffer = unsafe operation.pointee.buffer { buffers.give(buffer) }
        unsafe unlink(operation, from: connection)
        unsafe slab.give(operation.pointee.slot)
        hasFreed = true
        if unsafe connection.pointee.phase == .closed {
            unsafe releaseIfUnused(connection)
        } else {
            unsafe resumeIfPossible(connection)
        }
    }

    private func countTraffic(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        guard let namespace = unsafe operation.pointee.namespace, unsafe !operation.pointee.isInternal else {
            return
        }
        let nanoseconds = unsafe now.nanoseconds &- operation.pointee.arrival.nanoseconds
        unsafe connection.pointee.counters.countEnd(nanoseconds: nanoseconds)
        // Valid: an attachment with commands in flight is kept.
        unsafe namespace.use { namespace in
            unsafe namespace.traffic.count(
                operation.pointee.action, operation.pointee.status, byteCount: operation.pointee.byteCount,
                nanoseconds: nanoseconds)
        }
    }

    func endNamespaceUse(_ operation: UnsafeMutablePointer<Operation>) {
        guard let namespace = unsafe operation.pointee.namespace else { return }
        // Valid: an attachment with commands in flight is kept, in its subsystem's table or among the
        // retired.
        unsafe namespace.use { namespace in
            namespace.inFlightCount -= 1
            if let buffer = unsafe operation.pointee.buffer { namespace.lines.gave(buffer) }
        }
        unsafe operation.pointee.namespace = nil
        releaseRetired()
    }

    /// Counts a finished I/O command for the health log.
    ///
    /// Source: NVM Command Set Specification, Definitions: "SMART Data Units Read Command", "SMART Host Read
    /// Command", "User Data Out Command".
    func count(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        // Valid: a connection keeps its counters.
        unsafe Unmanaged.passUnretained(connection.pointee.counters).use { counters in
            switch unsafe operation.pointee.action {
            case .read, .compare:
                unsafe counters.countRead(byteCount: operation.pointee.byteCount)
            case .write: unsafe counters.countWrite(byteCount: operation.pointee.byteCount)
            case .verify:
                unsafe counters.countVerified(byteCount: Int(operation.pointee.position))
            case .copy: unsafe counters.countCopy(byteCount: copiedByteCount(operation))
            case .flush, .writeZeroes, .datasetManagement, .reservationRegister, .reservationReport,
                .reservationAcquire, .reservationRelease:
                break
            }
        }
    }

    // MARK: The connection's list of operations

    func link(
        _ operation: UnsafeMutablePointer<Operation>, to connection: UnsafeMutablePointer<QueueConnection>
    ) {
        let first = unsafe connection.pointee.firstOperation
        unsafe operation.pointee.connection = connection.pointee.id.index
        unsafe operation.pointee.next = first
        if first != SlotList.none { unsafe slab[first].pointee.previous = operation.pointee.slot }
        unsafe connection.pointee.firstOperation = operation.pointee.slot
        unsafe connection.pointee.operationCount += 1
        unsafe connection.pointee.counters.setUnderWay(connection.pointee.operationCount)
    }

    private func unlink(
        _ operation: UnsafeMutablePointer<Operation>, from connection: UnsafeMutablePointer<QueueConnection>
    ) {
        let (previous, next) = unsafe (operation.pointee.previous, operation.pointee.next)
        if next != SlotList.none { unsafe slab[next].pointee.previous = previous }
        if previous != SlotList.none {
            unsafe slab[previous].pointee.next = next
        } else {
            unsafe connection.pointee.firstOperation = next
        }
        unsafe connection.pointee.operationCount -= 1
        unsafe connection.pointee.counters.setUnderWay(connection.pointee.operationCount)
    }
}
