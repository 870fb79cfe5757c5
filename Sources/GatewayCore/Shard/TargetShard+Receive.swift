// Bytes in: the driver hands them over, the wire's state machine says what they are, and each event is served
// here. Nothing is kept of a staged buffer: payload is copied to its operation, all else is parsed in place.

internal import NVMeTCP

extension TargetShard {
    /// Where the connection's next bytes go.
    public func receiveStep(_ id: ConnectionID) -> ReceiveStep {
        guard let connection = unsafe connections[id], unsafe connection.pointee.phase == .open else {
            return .ended
        }
        if unsafe connection.pointee.isPaused { return .paused }
        switch unsafe connection.pointee.wire.receivePlan {
        case .staged: return .staged
        case .nothing: return .ended
        case .payload(let slot, let offset, let count):
            // Valid: a receiving operation holds a buffer of all its bytes, and the wire keeps inside them.
            return unsafe .direct(base: place(of: slab[slot]) + offset, count: count)
        }
    }

    /// Staged bytes arrived.
    /// - Returns: How many were taken. Fewer than all only where `receiveStep` is then `.paused` (hand the
    ///   rest over after `.resumeReceive`) or `.ended` (drop them).
    public func received(_ id: ConnectionID, _ bytes: RawSpan, at now: Instant) -> Int {
        guard let connection = unsafe connections[id] else { return bytes.byteCount }
        self.now = now
        unsafe connection.pointee.lastReceived = now
        var position = 0
        while unsafe connection.pointee.phase == .open, unsafe !mustPause(connection) {
            guard let event = unsafe connection.pointee.wire.next(bytes, from: &position) else { break }
            unsafe serve(event, of: connection, bytes, at: now)
        }
        unsafe connection.pointee.arrivedByteCount += position
        return position
    }

    /// Bytes arrived where `.direct` said.
    public func receivedDirect(_ id: ConnectionID, count: Int, at now: Instant) {
        guard let connection = unsafe connections[id], unsafe connection.pointee.phase == .open,
            case .payload(let slot, let offset, let planned) = unsafe connection.pointee.wire.receivePlan
        else { return }
        precondition(count <= planned, "the driver keeps to the plan")
        self.now = now
        unsafe connection.pointee.lastReceived = now
        unsafe connection.pointee.arrivedByteCount += count
        // Valid: the plan's bytes are inside the operation's buffer, which lives until its command ends.
        let bytes = unsafe UnsafeRawBufferPointer(start: place(of: slab[slot]) + offset, count: count)
        if let event = unsafe connection.pointee.wire.receivedPayload(bytes.bytes) {
            unsafe serve(event, of: connection, bytes.bytes, at: now)
        }
    }

    /// Whether the next event has to wait: no operation could be taken for it, or its data waits for a
    /// buffer.
    private func mustPause(_ connection: UnsafeMutablePointer<QueueConnection>) -> Bool {
        if unsafe connection.pointee.capsuleAwaitingBuffer != SlotList.none { return true }
        // A host may have more commands in flight than its queue has entries, if it knows that they were
        // taken; it waits for its own completions then.
        let isBusy = unsafe connection.pointee.operationCount > connection.pointee.queueEntries
        if isBusy, unsafe isOverflowing(connection) {
            unsafe endOverflowing(connection)
            return true
        }
        if isBusy { unsafe connection.pointee.isPaused = true }
        if unsafe slab.isFull || owesReading(connection) { unsafe starve(connection) }
        return unsafe connection.pointee.isPaused
    }

    private func serve(
        _ event: ControllerEvent, of connection: UnsafeMutablePointer<QueueConnection>, _ bytes: RawSpan,
        at now: Instant
    ) {
        switch event {
        case .initialized:
            unsafe connection.pointee.sendsInitializeResponse = true
            unsafe requestTransmit(connection)
        case .command(let command, let dataLength):
            unsafe commandArrived(command, capsuleDataLength: dataLength, on: connection, at: now)
        case .payload(let slot, let offset, let range):
            copy(bytes.extracting(range), to: slot, at: offset)
        case .transferred(let slot, let isDigestValid):
            unsafe transferred(slab[slot], isDigestValid: isDigestValid, on: connection, at: now)
        case .fatal(let error):
            unsafe terminate(connection, error)
        case .terminated(let request):
            unsafe log.write(
                .warning, "\(connection.pointee.peer): the host ended the connection: \(request)")
            unsafe beginClose(connection)
        }
    }

    /// In-capsule data has arrived, or what one R2T asked for. The command is served when nothing of its data
    /// is left to ask for or to come.
    private func transferred(
        _ operation: UnsafeMutablePointer<Operation>, isDigestValid: Bool,
        on connection: UnsafeMutablePointer<QueueConnection>, at now: Instant
    ) {
        if !isDigestValid { unsafe operation.pointee.isDataIntact = false }
        let isIntact = unsafe operation.pointee.isDataIntact
        if unsafe !operation.pointee.isInCapsule {
            unsafe operation.pointee.transferCount -= 1
            let isAllRequested = unsafe operation.pointee.requestedByteCount == operation.pointee.byteCount
            if isIntact, !isAllRequested {
                if unsafe operation.pointee.state == .receivingData {
                    unsafe operation.pointee.state = .requestingData
                    unsafe makeReady(operation, on: connection)
                }
                return
            }
            guard unsafe operation.pointee.transferCount == 0 else { return }
            if unsafe operation.pointee.state == .requestingData {
                // The command has failed: the rest of its data is not asked for any more.
                unsafe connection.pointee.ready.remove(operation.pointee.slot, in: slab)
            }
        }
        if unsafe operation.pointee.half != .none {
            unsafe halfTransferred(operation, isDigestValid: isIntact, on: connection)
        } else if isIntact {
            // What came by R2T had its turn before it was asked for.
            if unsafe operation.pointee.isInCapsule, unsafe !pace(operation) { return }
            unsafe execute(operation, on: connection, at: now)
        } else {
            // Not fatal: the command fails and may be retried (TCP Transport Specification, "Data Digest").
            unsafe fail(operation, CommandFailure(.transientTransportError), on: connection)
        }
    }

    private func copy(_ bytes: RawSpan, to slot: UInt32, at offset: Int) {
        let operation = unsafe slab[slot]
        precondition(
            unsafe offset + bytes.byteCount <= operation.pointee.byteCount,
            "the wire keeps inside the transfer")
        // Valid: just checked.
        unsafe bytes.withUnsafeBytes { source in
            unsafe (place(of: operation) + offset).copyMemory(
                from: source.baseAddress.unsafelyUnwrapped, byteCount: source.count)
        }
    }

    /// Where an operation's data goes: its buffer, or for a fused second what its first's has room for behind
    /// its own.
    private func place(of operation: UnsafeMutablePointer<Operation>) -> UnsafeMutableRawPointer {
        if let buffer = unsafe operation.pointee.buffer { return unsafe buffer.base }
        precondition(unsafe operation.pointee.half == .second, "data is received into a buffer")
        let first = unsafe slab[operation.pointee.partner]
        guard let buffer = unsafe first.pointee.buffer else {
            preconditionFailure("a second is received once its first has a buffer")
        }
        // Valid: the buffer has room for both, and stays until both have their data.
        return unsafe buffer.base + first.pointee.byteCount
    }
}
