// A command's arrival: an operation is taken for it, what it asks for is checked as far as the entry alone
// tells, and its data is arranged for: a buffer, and for data that is not in the capsule an R2T.

internal import NVMeTCP

extension TargetShard {
    /// A command capsule arrived; `capsuleDataLength` bytes of data follow in it.
    func commandArrived(
        _ command: SubmissionEntry, capsuleDataLength: Int,
        on connection: UnsafeMutablePointer<QueueConnection>, at now: Instant
    ) {
        let operation = unsafe slab.take()
        unsafe operation.pointee.command = command
        unsafe operation.pointee.arrival = now
        unsafe link(operation, to: connection)
        unsafe connection.pointee.advanceHead()
        unsafe connection.pointee.counters.countCommand()
        do throws(CommandFailure) {
            if unsafe command.fusedOperation != 0 || connection.pointee.expectedSecond != .nothing {
                try unsafe fuse(operation, on: connection)
            }
            try unsafe arrange(operation, on: connection)
            try unsafe checkDataPointer(operation, capsuleDataLength: capsuleDataLength)
        } catch {
            if capsuleDataLength > 0 { unsafe connection.pointee.wire.discardInCapsuleData() }
            if unsafe operation.pointee.half != .none {
                unsafe halfFailed(operation, error, on: connection)
            } else {
                unsafe fail(operation, error, on: connection)
            }
            return
        }
        if unsafe !operation.pointee.isInCapsule, unsafe !pace(operation) { return }
        if unsafe operation.pointee.bufferByteCount == 0 {
            unsafe execute(operation, on: connection, at: now)
        } else if unsafe operation.pointee.half == .second {
            unsafe receiveSecond(operation, on: connection, at: now)
        } else if unsafe takeBuffer(operation) {
            unsafe dataArranged(operation, on: connection, at: now)
        } else {
            unsafe operation.pointee.state = .awaitingBuffer
            if capsuleDataLength > 0 {
                unsafe connection.pointee.capsuleAwaitingBuffer = operation.pointee.slot
                unsafe connection.pointee.isPaused = true
            }
        }
    }

    /// Says what data the command moves, from its entry alone, and refuses what can be refused already.
    private func arrange(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) throws(CommandFailure) {
        // Valid: a connection keeps its queue.
        if let queue = unsafe connection.pointee.queue {
            return try unsafe queue.use { queue throws(CommandFailure) in
                try unsafe arrangeIO(operation, of: queue)
            }
        }
        let command = unsafe operation.pointee.command
        switch unsafe connection.pointee.role {
        case .unconnected where ConnectRequest.isConnect(command):
            unsafe operation.pointee.direction = .hostToController
            unsafe operation.pointee.byteCount = ConnectData.byteCount
            unsafe operation.pointee.bufferByteCount = ConnectData.byteCount
        case .unconnected, .joining:
            throw CommandFailure(.commandSequenceError.notRetryable)
        case .io:
            preconditionFailure("a connection that is an I/O queue has one")
        case .admin(let controller):
            let transfer = try controller.dataTransfer(command)
            guard transfer.byteCount <= limits.transferBytesMax else {
                throw CommandFailure(.invalidField.notRetryable)
            }
            unsafe operation.pointee.direction = transfer.direction
            unsafe operation.pointee.byteCount = transfer.byteCount
            unsafe operation.pointee.bufferByteCount = transfer.byteCount
        }
    }

    /// Checks the data pointer against what the command moves.
    ///
    /// Source: NVMe over TCP Transport Specification, "Data Transfer"; Base Specification, "SGL" statuses.
    private func checkDataPointer(
        _ operation: UnsafeMutablePointer<Operation>, capsuleDataLength: Int
    ) throws(CommandFailure) {
        let command = unsafe operation.pointee.command
        let (direction, byteCount) = unsafe (operation.pointee.direction, operation.pointee.byteCount)
        guard direction != .none else {
            if capsuleDataLength > 0 {
                throw CommandFailure(.dataSGLLengthInvalid.notRetryable, at: ParameterErrorLocation(byte: 32))
            }
            return
        }
        // PRPs do not exist over a message-based transport.
        guard command.dataPointerType == 1 || command.dataPointerType == 2 else {
            throw CommandFailure(
                .invalidField.notRetryable, at: ParameterErrorLocation(byte: 1, bit: 6))
        }
        let sgl = command.sgl
        switch sgl.identifier {
        case .inCapsule where direction == .hostToController:
            guard sgl.address == 0 else {
                throw CommandFailure(.sglOffsetInvalid.notRetryable, at: ParameterErrorLocation(byte: 24))
            }
            // What is longer than an I/O queue's capsules has to be asked for.
            guard capsuleDataLength == byteCount,
                unsafe operation.pointee.namespace == nil || byteCount <= limits.inCapsuleBytesMax
            else {
                throw CommandFailure(.dataSGLLengthInvalid.notRetryable, at: ParameterErrorLocation(byte: 32))
            }
            unsafe operation.pointee.isInCapsule = true
        case .transport where capsuleDataLength == 0:
            break
        case .transport:
            throw CommandFailure(.dataSGLLengthInvalid.notRetryable, at: ParameterErrorLocation(byte: 32))
        default:
            throw CommandFailure(
                .sglTypeInvalid.notRetryable, at: ParameterErrorLocation(byte: 39))
        }
        guard Int(sgl.length) == byteCount else {
            throw CommandFailure(.dataSGLLengthInvalid.notRetryable, at: ParameterErrorLocation(byte: 32))
        }
    }

    /// The operation has its buffer: now its data can come, or be made.
    func dataArranged(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>,
        at now: Instant
    ) {
        if unsafe operation.pointee.direction != .hostToController {
            unsafe execute(operation, on: connection, at: now)
        } else if unsafe operation.pointee.isInCapsule {
            unsafe operation.pointee.state = .receivingCapsule
            unsafe connection.pointee.wire.acceptInCapsuleData(slot: operation.pointee.slot)
        } else {
            unsafe operation.pointee.state = .requestingData
            unsafe makeReady(operation, on: connection)
        }
    }
}
