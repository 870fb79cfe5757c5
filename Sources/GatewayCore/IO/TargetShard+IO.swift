// I/O commands: what each moves, whether it may, and the requests it becomes, one after the other until none
// is left. A command is checked when it arrives and again before each request, as its namespace may have
// shrunk or gone meanwhile. The files beside this one say what a command's next request is: Blocks, Ranges,
// Copy; Fused makes one of two commands.

internal import NVMeTCP

extension TargetShard {
    /// Says which namespace an I/O queue's command is for and what data it moves; refuses what can be refused
    /// already.
    func arrangeIO(_ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue) throws(CommandFailure) {
        let command = unsafe operation.pointee.command
        guard let dispatch = CommandTable.ioDispatch(command.opcode) else {
            if command.opcode == IOOpcode.fabrics.rawValue { return try Controller.disconnectQueue(command) }
            throw CommandFailure(.invalidOpcode.notRetryable, at: ParameterErrorLocation(byte: 0))
        }
        unsafe operation.pointee.action = dispatch.action
        if dispatch.action == .flush, command.namespaceID == broadcastNamespaceID {
            // It finds its namespaces when it is executed. It can't promise for those that it can't reach.
            if let refusal = queue.subsystem.refusal { throw CommandFailure(refusal) }
            return
        }
        guard command.namespaceID != broadcastNamespaceID else {
            // A command that is for one namespace (Base Specification, "Common Command Format", NSID).
            throw CommandFailure(.invalidField.notRetryable, at: ParameterErrorLocation(byte: 4))
        }
        // Valid: the host's table keeps it.
        try unsafe namespace(command.namespaceID, of: queue).use { namespace throws(CommandFailure) in
            try unsafe arrange(operation, dispatch.access, on: namespace, of: queue)
        }
    }

    /// The same for a command of one namespace.
    private func arrange(
        _ operation: UnsafeMutablePointer<Operation>, _ access: BlockAccess,
        on namespace: NamespaceAttachment, of queue: IOQueue
    ) throws(CommandFailure) {
        let command = unsafe operation.pointee.command
        let action = unsafe operation.pointee.action
        let isHint =
            action == .datasetManagement && !DatasetManagementCommand(command).deallocates
        try namespace.admit(isHint ? .maintain : access, from: queue)
        switch action {
        case .flush:
            break
        case .read:
            try unsafe arrangeBlocks(operation, on: namespace, hasDirective: false)
            unsafe operation.pointee.direction = .controllerToHost
        case .compare:
            try unsafe arrangeBlocks(operation, on: namespace, hasDirective: false)
            unsafe operation.pointee.direction = .hostToController
        case .write:
            try unsafe arrangeBlocks(operation, on: namespace, hasDirective: true)
            unsafe operation.pointee.direction = .hostToController
        case .writeZeroes:
            try command.checkExtensions(hasDirective: true)
            _ = try BlockCommand(command).range(on: namespace)
        case .verify:
            try unsafe arrangeVerify(operation, on: namespace)
        case .datasetManagement:
            unsafe operation.pointee.byteCount = DatasetManagementCommand(command).byteCount
            unsafe operation.pointee.bufferByteCount = operation.pointee.byteCount
            unsafe operation.pointee.direction = .hostToController
        case .copy:
            try unsafe arrangeCopy(operation, of: queue)
        case .reservationRegister, .reservationReport, .reservationAcquire, .reservationRelease:
            try unsafe arrangeReservation(operation, action, on: namespace.namespace, of: queue)
        }
        unsafe attach(operation, to: namespace)
    }

    /// Submits a command whose data is complete, or goes on with one that takes several requests, until a
    /// backend keeps it or it has ended.
    func executeIO(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        if unsafe operation.pointee.action.isReservation {
            unsafe reserve(operation, of: queue, on: connection)
            return
        }
        var isFirst = true
        while true {
            let submission: BackendSubmission
            do throws(CommandFailure) {
                guard let step = try unsafe nextStep(operation, of: queue) else {
                    unsafe count(operation, on: connection)
                    unsafe succeed(operation, on: connection)
                    return
                }
                if unsafe operation.pointee.isAborted { throw CommandFailure(.abortRequested) }
                if try unsafe hasMoved(operation, of: queue) { continue }
                submission = try unsafe submit(step, operation, of: queue, mayEndAtOnce: isFirst)
            } catch {
                unsafe failIO(operation, error, on: connection)
                return
            }
            switch submission {
            case .pending: return
            case .completed(let result):
                isFirst = false
                if unsafe !takeResult(result, of: operation, of: queue, on: connection) { return }
            }
        }
    }

    /// Moves a command whose namespace was replaced since it arrived to the one that is there now: then its
    /// request has to be made anew. It fails if there is none any more for its host.
    func hasMoved(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) -> Bool {
        guard let known = unsafe operation.pointee.namespace,
            // Valid: an attachment with commands in flight is kept.
            unsafe known.use({ $0.mustBeLookedUp }),
            unsafe operation.pointee.command.namespaceID != broadcastNamespaceID
        else { return false }
        let blockShift = unsafe known.use { $0.blockShift }
        let current = try unsafe namespace(operation.pointee.command.namespaceID, of: queue)
            .takeUnretainedValue()
        if unsafe known.use({ $0 === current }) { return false }
        // The data that came is as long as the older format said.
        guard current.blockShift == blockShift else { throw .invalidNamespace }
        unsafe endNamespaceUse(operation)
        unsafe attach(operation, to: current)
        return true
    }

    /// Asks the backend, if the command may still have what it asks for.
    /// - Parameter mayEndAtOnce: Whether an end inside `submit` is the answer. If not it comes by the
    ///   mailbox, so that a long command on a backend that is always done at once leaves the others their
    ///   turns.
    func submit(
        _ step: IOStep, _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue, mayEndAtOnce: Bool
    ) throws(CommandFailure) -> BackendSubmission {
        guard let reference = unsafe step.source ?? operation.pointee.namespace else {
            preconditionFailure("what is submitted has a namespace")
        }
        let request = unsafe step.request
        // While a Copy reads from another namespace, nothing of it is under way in its own.
        let isOwn = unsafe reference.toOpaque() == operation.pointee.namespace?.toOpaque()
        let hasBegun = unsafe operation.pointee.hasBegun && isOwn
        unsafe operation.pointee.backendOperation = request.operation
        unsafe operation.pointee.piece = BlockRange(
            offset: request.offset, byteCount: UInt64(request.byteCount))
        // Valid: an attachment with commands in flight is kept, and a Copy's source was just found in its
        // table.
        let outcome: Result<BackendSubmission, CommandFailure>
        unsafe outcome = reference.use { namespace in
            unsafe operation.pointee.pieceNamespaceID = namespace.namespace.id
            do throws(CommandFailure) {
                if unsafe operation.pointee.isPreempted { throw CommandFailure(.abortedPreempt) }
                if unsafe !operation.pointee.isInternal {
                    let access = unsafe operation.pointee.action.access(for: request.operation)
                    try namespace.admit(access, from: queue, hasBegun: hasBegun)
                }
            } catch {
                return .failure(error)
            }
            unsafe chargeRate(request, of: operation, on: namespace)
            var submission = namespace.backend.submit(request)
            if case .completed(let result) = submission, !mayEndAtOnce {
                submission = .pending
                request.ticket.complete(result)
            }
            // What a command does after it has met a reservation is waited for like what it did before.
            let epoch =
                unsafe hasBegun && namespace.reservation != nil
                ? operation.pointee.commandEpoch : namespace.submissions.current
            unsafe operation.pointee.hasBegun = isOwn
            unsafe operation.pointee.commandEpoch = epoch
            if submission == .pending {
                unsafe operation.pointee.submittedTo = reference
                unsafe operation.pointee.submissionEpoch = epoch
                namespace.submissions.began(in: epoch)
            }
            return .success(submission)
        }
        return try outcome.get()
    }

    /// Takes a backend's result over; false if the command has failed with it.
    func takeResult(
        _ result: BackendResult, of operation: UnsafeMutablePointer<Operation>, of queue: IOQueue,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) -> Bool {
        // Deallocate is advisory: a store that can't do it has done enough (NVM Command Set Specification,
        // "Deallocate").
        let isAdvisory = unsafe operation.pointee.action == .datasetManagement && result == .unsupported
        guard result == .success || isAdvisory else {
            let asked = unsafe operation.pointee.backendOperation
            let failure = unsafe CommandFailure(
                result.status(for: asked, host: queue.choices), at: nil,
                block: asked == .flush ? nil : failedBlock(operation))
            unsafe failIO(operation, failure, on: connection)
            return false
        }
        unsafe operation.pointee.advance()
        return true
    }

    /// What the command asks of a backend next; nil if nothing is left.
    private func nextStep(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) -> IOStep? {
        switch unsafe operation.pointee.action {
        case .read: try unsafe blockRequest(.read, operation)
        case .write: try unsafe blockRequest(.write, operation)
        case .compare: try unsafe blockRequest(.compare, operation)
        case .flush: try unsafe flushRequest(operation, of: queue)
        case .writeZeroes: try unsafe zeroRequest(operation)
        case .verify: try unsafe verifyRequest(operation)
        case .datasetManagement: try unsafe deallocateRequest(operation)
        case .copy: try unsafe copyRequest(operation, of: queue)
        case .reservationRegister, .reservationReport, .reservationAcquire, .reservationRelease:
            preconditionFailure("reservations are no backend's")
        }
    }

    /// Answers an I/O command with a failure. A Copy tells the first range that was not copied, which is the
    /// one it is at (NVM Command Set Specification, "Copy command", Command Completion).
    private func failIO(
        _ operation: UnsafeMutablePointer<Operation>, _ failure: CommandFailure,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        guard unsafe operation.pointee.action == .copy else {
            return unsafe fail(operation, failure, on: connection)
        }
        let failure = unsafe CommandFailure(
            failure.status, at: failure.location, result: UInt64(operation.pointee.step),
            block: failure.block)
        unsafe fail(operation, failure, on: connection)
    }

    /// The first block of what was asked for last.
    func failedBlock(_ operation: UnsafeMutablePointer<Operation>) -> FailedBlock? {
        // Valid: an attachment with commands in flight is kept. A Copy's source has blocks of the same size.
        guard let shift = unsafe operation.pointee.namespace?.use({ $0.blockShift })
        else { return nil }
        return unsafe FailedBlock(
            namespaceID: operation.pointee.pieceNamespaceID,
            lba: operation.pointee.piece.offset >> UInt64(shift))
    }

    // MARK: What the commands have in common

    func ticket(_ operation: UnsafeMutablePointer<Operation>) -> CompletionTicket {
        // Valid: the node is the operation's first field, and the slab never moves.
        unsafe CompletionTicket(context: UnsafeMutableRawPointer(operation))
    }

    func attach(_ operation: UnsafeMutablePointer<Operation>, to namespace: NamespaceAttachment) {
        namespace.inFlightCount += 1
        if let buffer = unsafe operation.pointee.buffer { namespace.lines.took(buffer) }
        unsafe operation.pointee.namespace = .passUnretained(namespace)
        unsafe operation.pointee.hasBegun = false
    }

    /// The namespace that the command was attached to; an attachment with commands in flight is kept.
    func namespace(of operation: UnsafeMutablePointer<Operation>) -> Unmanaged<NamespaceAttachment> {
        guard let namespace = unsafe operation.pointee.namespace else {
            preconditionFailure("a command that names blocks has a namespace")
        }
        return unsafe namespace
    }

    /// The namespace that a command names; the host's table keeps it.
    ///
    /// Source: Base Specification, "Namespace Identifier": an invalid one is Invalid Namespace or Format, a
    /// valid one that is not there (inactive) is Invalid Field in Command. One that was lost is Internal Path
    /// Error: a host that has not looked yet must not give up what another path may serve.
    /// - Parameter location: Where it is named; nil if it is in the command's data.
    func namespace(
        _ id: UInt32, of queue: IOQueue,
        at location: ParameterErrorLocation? = ParameterErrorLocation(byte: 4)
    ) throws(CommandFailure) -> Unmanaged<NamespaceAttachment> {
        if let namespace = unsafe queue.subsystem.find(id) { return unsafe namespace }
        if queue.subsystem.subsystem.hasLost(id, for: queue.host.nqn) {
            throw CommandFailure(.internalPathError)
        }
        let isValid = id > 0 && id <= queue.subsystem.subsystem.namespaceIDMax
        throw CommandFailure(
            isValid ? .invalidField.notRetryable : .invalidNamespaceOrFormat.notRetryable, at: location)
    }
}

/// The next request of a command.
@unsafe
struct IOStep {
    var request: BackendRequest
    /// The namespace that it is for, if that is not the command's own: a Copy's source, found in the table
    /// just now.
    var source: Unmanaged<NamespaceAttachment>?
}

extension Operation {
    /// What was asked for last is done.
    fileprivate mutating func advance() {
        if unsafe backendOperation == .flush {
            unsafe step += 1
        } else if unsafe action != .copy || backendOperation == .write {
            // What a Copy has read is half the way: it counts when it is written.
            unsafe position += piece.byteCount
        }
    }
}

/// The NSID that means all namespaces: FFFFFFFFh.
let broadcastNamespaceID: UInt32 = 0xFFFF_FFFF
