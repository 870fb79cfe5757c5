// Fused Compare and Write: two commands that follow each other in one queue and are one step to everybody
// else. The halves find each other here when they arrive, wait for each other's data, become one request of
// the backend, and are answered one after the other. Where the specification leaves a choice, Decision 0008
// tells it.

internal import NVMeTCP

// MARK: Arrival

extension TargetShard {
    /// Says which half of a fused operation a command is, if any, and ends a first half before it that it is
    /// not the second of.
    ///
    /// Source: NVM Express Base Specification, "Fused Operations": the second command is the next one in the
    /// queue. NVM Command Set Specification, "Compare and Write": both name the same blocks.
    func fuse(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) throws(CommandFailure) {
        let command = unsafe operation.pointee.command
        let expected = unsafe connection.pointee.expectedSecond
        unsafe connection.pointee.expectedSecond = .nothing
        let half = unsafe Self.half(of: command, on: connection.pointee.role)
        if half == .second { return try unsafe join(operation, as: expected, on: connection) }
        if case .of(let slot) = expected { unsafe secondIsMissing(of: slab[slot], on: connection) }
        guard half == .first else {
            // An opcode that is not there is the lower wrong field, and refused as such.
            let isRefused = unsafe Self.isRefused(command, connection.pointee.role)
            if command.fusedOperation == 0 || isRefused { return }
            throw .invalidField(byte: 1)
        }
        unsafe operation.pointee.half = .first
        unsafe connection.pointee.expectedSecond = .of(first: operation.pointee.slot)
    }

    /// Compare and Write is the only fused operation that there is.
    private static func half(of command: SubmissionEntry, on role: QueueRole) -> FusedHalf {
        guard case .io = role else { return .none }
        switch (command.fusedOperation, command.opcode) {
        case (1, IOOpcode.compare.rawValue): return .first
        case (2, IOOpcode.write.rawValue): return .second
        case (_, _): return .none
        }
    }

    private static func isRefused(_ command: SubmissionEntry, _ role: QueueRole) -> Bool {
        guard case .io = role, command.opcode != IOOpcode.fabrics.rawValue else { return false }
        return CommandTable.io(command.opcode)?.action == nil
    }

    /// A second half arrived: it joins the first that its connection knows of.
    private func join(
        _ second: UnsafeMutablePointer<Operation>, as expected: ExpectedSecond,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) throws(CommandFailure) {
        switch expected {
        case .nothing:
            throw CommandFailure(.abortedMissingFused.notRetryable, at: ParameterErrorLocation(byte: 1))
        case .failed(let status):
            throw CommandFailure(status)
        case .of(let slot):
            let first = unsafe slab[slot]
            unsafe second.pointee.half = .second
            unsafe second.pointee.partner = slot
            unsafe first.pointee.partner = second.pointee.slot
            if let failure = unsafe Self.difference(first.pointee.command, second.pointee.command) {
                // Both commands are to have this status.
                unsafe noteOfHalf(failure, first, on: connection)
                throw failure
            }
        }
    }

    /// What the second half names that its first does not: the namespace, the start, the length.
    private static func difference(_ first: SubmissionEntry, _ second: SubmissionEntry) -> CommandFailure? {
        if first.namespaceID != second.namespaceID { return .invalidField(byte: 4) }
        let (compare, write) = (BlockCommand(first), BlockCommand(second))
        if compare.start != write.start { return .invalidField(byte: 40) }
        if compare.blockCount != write.blockCount { return .invalidField(byte: 48) }
        return nil
    }

    /// The next command after a first half is not its second.
    private func secondIsMissing(
        of first: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe halfFailed(first, CommandFailure(.abortedMissingFused.notRetryable), on: connection)
    }

    /// A second half's entry is good: its data goes behind its first's, in the same buffer, so that the two
    /// never wait for memory one after the other.
    func receiveSecond(
        _ second: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>,
        at now: Instant
    ) {
        let first = unsafe slab[second.pointee.partner]
        let isInCapsule = unsafe second.pointee.isInCapsule
        if unsafe first.pointee.buffer == nil, !isInCapsule {
            // Neither stands in the stream's way: they wait together.
            unsafe second.pointee.state = .awaitingBuffer
        } else if unsafe hasPlace(for: second, of: first) {
            unsafe dataArranged(second, on: connection, at: now)
        } else {
            // Memory is short, and waiting for it here could be for ever (Limits.capsuleBufferBytesMax).
            if isInCapsule { unsafe connection.pointee.wire.discardInCapsuleData() }
            unsafe halfFailed(second, CommandFailure(.namespaceNotReady), on: connection)
        }
    }

    /// Whether the second half's data can be received now. The reserve for data in capsules is never held for
    /// longer than the stream needs, so a pair that waits for an R2T's answer needs a common buffer.
    private func hasPlace(
        for second: UnsafeMutablePointer<Operation>, of first: UnsafeMutablePointer<Operation>
    ) -> Bool {
        guard let held = unsafe first.pointee.buffer else { return false }
        if unsafe second.pointee.isInCapsule || held.use != .capsule { return true }
        let namespace = unsafe namespace(of: first).takeUnretainedValue()
        guard namespace.lines.common.isEmpty,
            let buffer = take(unsafe first.pointee.bufferByteCount, for: .common, of: namespace)
        else { return false }
        // The first's data was in its capsule, hence is complete.
        unsafe buffer.base.copyMemory(from: held.base, byteCount: first.pointee.byteCount)
        namespace.lines.gave(held)
        buffers.give(held)
        hasFreed = true
        unsafe first.pointee.buffer = buffer
        return true
    }

    /// A first half that had to wait has its buffer: so has a second that waited with it.
    func firstGotBuffer(
        _ first: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>,
        at now: Instant
    ) {
        guard unsafe first.pointee.partner != SlotList.none else { return }
        let second = unsafe slab[first.pointee.partner]
        if unsafe second.pointee.state == .awaitingBuffer {
            unsafe dataArranged(second, on: connection, at: now)
        }
    }
}

// MARK: Waiting for each other

extension TargetShard {
    /// A half's data is complete.
    func halfTransferred(
        _ half: UnsafeMutablePointer<Operation>, isDigestValid: Bool,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe half.pointee.state = .paired
        if !isDigestValid {
            unsafe noteOfHalf(CommandFailure(.transientTransportError), half, on: connection)
        }
        unsafe goOn(half, on: connection)
    }

    /// A half has failed. Data of it that is on its way is received all the same, and its answer waits for
    /// that.
    func halfFailed(
        _ half: UnsafeMutablePointer<Operation>, _ failure: CommandFailure,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe noteOfHalf(failure, half, on: connection)
        switch unsafe half.pointee.state {
        case .free, .paired: unsafe half.pointee.state = .paired
        case .awaitingBuffer: unsafe stopWaiting(half)
        case .receivingCapsule, .requestingData, .receivingData: return
        case .paced, .executing, .parked, .answering, .sending:
            preconditionFailure("a pair executes as a whole")
        }
        unsafe goOn(half, on: connection)
    }

    /// A half's first failure is what it is answered with.
    private func noteOfHalf(
        _ failure: CommandFailure, _ half: UnsafeMutablePointer<Operation>,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        if unsafe half.pointee.status.isSuccess { unsafe note(failure, of: half, on: connection) }
    }

    private func stopWaiting(_ half: UnsafeMutablePointer<Operation>) {
        // A second waits in no line of its own.
        if unsafe half.pointee.half == .first {
            unsafe stopAwaitingBuffer(half)
        }
        unsafe half.pointee.state = .paired
    }

    /// Goes on with a pair one of whose halves waits for nothing any more.
    private func goOn(
        _ half: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        guard unsafe half.pointee.partner != SlotList.none else {
            return unsafe goOnAlone(half, on: connection)
        }
        let partner = unsafe slab[half.pointee.partner]
        let hasFailed = unsafe !half.pointee.status.isSuccess || !partner.pointee.status.isSuccess
        if hasFailed, unsafe partner.pointee.state == .awaitingBuffer { unsafe stopWaiting(partner) }
        guard unsafe partner.pointee.state == .paired else { return }
        let isFirst = unsafe half.pointee.half == .first
        let (first, second) = unsafe isFirst ? (half, partner) : (partner, half)
        if hasFailed {
            unsafe answerPair(first, second, on: connection)
        } else {
            unsafe executePair(first, second, on: connection)
        }
    }

    /// A half without a partner waits for one, unless it has failed: then it is answered at once, for its
    /// host may send the second no more.
    private func goOnAlone(
        _ half: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        let status = unsafe half.pointee.status
        guard !status.isSuccess else { return }
        if unsafe connection.pointee.expectedSecond == .of(first: half.pointee.slot) {
            unsafe connection.pointee.expectedSecond = .failed(Self.failedFused(after: status))
        }
        unsafe answer(half, on: connection)
    }

    /// What the other half is answered with.
    private static func failedFused(after status: Status) -> Status {
        status.doNotRetry ? .abortedFailedFused.notRetryable : .abortedFailedFused
    }
}

// MARK: Execution

extension TargetShard {
    /// Submits a pair whose data is complete, if both may still have what they ask for.
    private func executePair(
        _ first: UnsafeMutablePointer<Operation>, _ second: UnsafeMutablePointer<Operation>,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        guard case .io(let queue) = unsafe connection.pointee.role, let buffer = unsafe first.pointee.buffer
        else { preconditionFailure("a pair is an I/O queue's, and has a buffer") }
        unsafe first.pointee.state = .executing
        unsafe second.pointee.state = .executing
        var judged = unsafe first
        do throws(CommandFailure) {
            let range = try unsafe judge(first, .read, of: queue)
            unsafe judged = second
            _ = try unsafe judge(second, .write, of: queue)
            // Valid: the buffer is as long as both halves' data.
            let request = unsafe BackendRequest(
                operation: .compareAndWrite,
                forceUnitAccess: BlockCommand(second.pointee.command).forceUnitAccess, offset: range.offset,
                byteCount: Int(range.byteCount), buffer: buffer.base,
                writeBuffer: buffer.base + first.pointee.byteCount, ticket: ticket(first))
            let submission = try unsafe submit(
                IOStep(request: request), first, of: queue, mayEndAtOnce: true)
            if case .completed(let result) = submission {
                unsafe pairEnded(first, second, result, on: connection)
            }
        } catch {
            unsafe note(error, of: judged, on: connection)
            unsafe answerPair(first, second, on: connection)
        }
    }

    /// Judges a half again, right before its request.
    private func judge(
        _ half: UnsafeMutablePointer<Operation>, _ access: BlockAccess, of queue: IOQueue
    ) throws(CommandFailure) -> BlockRange {
        _ = try unsafe hasMoved(half, of: queue)
        let namespace = unsafe namespace(of: half).takeUnretainedValue()
        try namespace.admit(access, from: queue)
        return try blockRange(of: unsafe half.pointee.command, on: namespace)
    }

    /// The backend has ended a pair's request.
    func fusedEnded(
        _ first: UnsafeMutablePointer<Operation>, _ result: BackendResult,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        let second = unsafe slab[first.pointee.partner]
        if unsafe first.pointee.isOrphan {
            unsafe free(first, of: connection)
            unsafe free(second, of: connection)
        } else {
            unsafe pairEnded(first, second, result, on: connection)
        }
    }

    private func pairEnded(
        _ first: UnsafeMutablePointer<Operation>, _ second: UnsafeMutablePointer<Operation>,
        _ result: BackendResult, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        if result == .success {
            unsafe count(first, on: connection)
            unsafe count(second, on: connection)
        } else {
            let block = unsafe failedBlock(first)
            let compare = CommandFailure(result.status(for: .compare), at: nil, block: block)
            unsafe note(compare, of: first, on: connection)
            // It was one request: what went wrong is not known to have been one half's fault.
            if result != .miscompare {
                let write = CommandFailure(result.status(for: .write), at: nil, block: block)
                unsafe note(write, of: second, on: connection)
            }
        }
        unsafe answerPair(first, second, on: connection)
    }

    /// Answers both halves, the first one first; where only one has failed, the other fails for that.
    private func answerPair(
        _ first: UnsafeMutablePointer<Operation>, _ second: UnsafeMutablePointer<Operation>,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        let (one, other) = unsafe (first.pointee.status, second.pointee.status)
        if !one.isSuccess {
            unsafe noteOfHalf(CommandFailure(Self.failedFused(after: one)), second, on: connection)
        } else if !other.isSuccess {
            unsafe noteOfHalf(CommandFailure(Self.failedFused(after: other)), first, on: connection)
        }
        unsafe answer(first, on: connection)
        unsafe answer(second, on: connection)
    }
}
