// I/O commands: what each moves, whether it may, and the backend requests it becomes. A command is checked
// when it arrives and again when it is submitted, as its namespace may have shrunk while its data came in.

internal import NVMeTCP

extension TargetShard {
    /// Says which namespace an I/O queue's command is for and what data it moves; refuses what can be refused
    /// already.
    func arrangeIO(_ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue) throws(CommandFailure) {
        let command = unsafe operation.pointee.command
        guard let row = CommandTable.io(command.opcode), let action = row.action else {
            if command.opcode == IOOpcode.fabrics.rawValue { return try Controller.disconnectQueue(command) }
            throw CommandFailure(.invalidOpcode.notRetryable, at: ParameterErrorLocation(byte: 0))
        }
        unsafe operation.pointee.action = action
        if action == .flush, command.namespaceID == broadcastNamespaceID {
            // It finds its namespaces when it is executed. It can't promise for those that it can't reach.
            if let refusal = queue.subsystem.refusal { throw CommandFailure(refusal) }
            return
        }
        let namespace = try namespace(command.namespaceID, of: queue)
        let isHint =
            action == .datasetManagement && !DatasetManagementCommand(command).deallocates
        try namespace.admit(isHint ? .maintain : row.access, from: queue)
        switch action {
        case .flush:
            break
        case .read:
            unsafe operation.pointee.byteCount = try dataByteCount(command, on: namespace)
            unsafe operation.pointee.direction = .controllerToHost
        case .compare:
            unsafe operation.pointee.byteCount = try dataByteCount(command, on: namespace)
            unsafe operation.pointee.direction = .hostToController
        case .write:
            if BlockCommand(command).directiveType != 0 {
                throw CommandFailure(
                    .invalidField.notRetryable, at: ParameterErrorLocation(byte: 50, bit: 4))
            }
            unsafe operation.pointee.byteCount = try dataByteCount(command, on: namespace)
            unsafe operation.pointee.direction = .hostToController
        case .writeZeroes:
            _ = try BlockCommand(command).range(on: namespace)
        case .datasetManagement:
            unsafe operation.pointee.byteCount = DatasetManagementCommand(command).byteCount
            unsafe operation.pointee.direction = .hostToController
        }
        unsafe attach(operation, to: namespace)
    }

    /// Submits a command whose data is complete, or goes on with one that takes several requests, until a
    /// backend keeps it or it has ended.
    func executeIO(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        while true {
            let submission: BackendSubmission
            do throws(CommandFailure) {
                guard let request = try unsafe nextRequest(operation, of: queue) else {
                    unsafe count(operation, on: connection)
                    unsafe succeed(operation, on: connection)
                    return
                }
                if try unsafe hasMoved(operation, of: queue) { continue }
                submission = try unsafe submit(request, operation, of: queue)
            } catch {
                unsafe fail(operation, error, on: connection)
                return
            }
            switch submission {
            case .pending: return
            case .completed(let result):
                if unsafe !takeResult(result, of: operation, on: connection) { return }
            }
        }
    }

    /// Moves a command whose namespace was replaced since it arrived to the one that is there now: then its
    /// request has to be made anew. It fails if there is none any more for its host.
    private func hasMoved(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) -> Bool {
        guard let known = unsafe operation.pointee.namespace,
            // Valid: an attachment with commands in flight is kept.
            unsafe known._withUnsafeGuaranteedRef({ $0.mustBeLookedUp }),
            unsafe operation.pointee.command.namespaceID != broadcastNamespaceID
        else { return false }
        let blockShift = unsafe known._withUnsafeGuaranteedRef { $0.blockShift }
        let current = try namespace(unsafe operation.pointee.command.namespaceID, of: queue)
        if unsafe known._withUnsafeGuaranteedRef({ $0 === current }) { return false }
        // The data that came is as long as the older format said.
        guard current.blockShift == blockShift else { throw .invalidNamespace }
        unsafe endNamespaceUse(operation)
        unsafe attach(operation, to: current)
        return true
    }

    /// Asks the backend, if the command may still have what it asks for.
    private func submit(
        _ request: BackendRequest, _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) -> BackendSubmission {
        guard let reference = unsafe operation.pointee.namespace else {
            preconditionFailure("what is submitted has a namespace")
        }
        unsafe operation.pointee.backendOperation = request.operation
        // Valid: an attachment with commands in flight is kept.
        let outcome: Result<BackendSubmission, CommandFailure>
        unsafe outcome = reference._withUnsafeGuaranteedRef { namespace in
            do throws(CommandFailure) {
                if unsafe !operation.pointee.isInternal {
                    try namespace.admit(request.operation.access, from: queue)
                }
            } catch {
                return .failure(error)
            }
            let submission = namespace.backend.submit(request)
            if submission == .pending {
                unsafe operation.pointee.submittedTo = reference
                unsafe operation.pointee.submissionEpoch = namespace.submissions.began()
            }
            return .success(submission)
        }
        return try outcome.get()
    }

    /// Takes a backend's result over; false if the command has failed with it.
    func takeResult(
        _ result: BackendResult, of operation: UnsafeMutablePointer<Operation>,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) -> Bool {
        // Deallocate is advisory: a store that can't do it has done enough (NVM Command Set Specification,
        // "Deallocate").
        let isAdvisory = unsafe operation.pointee.action == .datasetManagement && result == .unsupported
        guard result == .success || isAdvisory else {
            let status = unsafe result.status(for: operation.pointee.backendOperation)
            unsafe fail(operation, CommandFailure(status), on: connection)
            return false
        }
        unsafe operation.pointee.step += 1
        return true
    }

    /// What the command asks of the backend next; nil if nothing is left.
    private func nextRequest(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) -> BackendRequest? {
        let step = unsafe operation.pointee.step
        switch unsafe operation.pointee.action {
        case .read: return step > 0 ? nil : try unsafe blockRequest(.read, operation)
        case .write: return step > 0 ? nil : try unsafe blockRequest(.write, operation)
        case .compare: return step > 0 ? nil : try unsafe blockRequest(.compare, operation)
        case .writeZeroes: return step > 0 ? nil : try unsafe blockRequest(.writeZeroes, operation)
        case .flush: return unsafe flushRequest(operation, of: queue)
        case .datasetManagement: return try unsafe deallocateRequest(operation)
        }
    }

    private func blockRequest(
        _ kind: BackendOperation, _ operation: UnsafeMutablePointer<Operation>
    ) throws(CommandFailure) -> BackendRequest {
        let command = unsafe BlockCommand(operation.pointee.command)
        guard let namespace = unsafe operation.pointee.namespace else {
            preconditionFailure("block commands have a namespace")
        }
        // Valid: an attachment with commands in flight is kept.
        let attachment = unsafe namespace.takeUnretainedValue()
        let range = try command.range(on: attachment)
        return unsafe BackendRequest(
            operation: kind, forceUnitAccess: command.forceUnitAccess, mayDeallocate: command.mayDeallocate,
            offset: range.offset, byteCount: Int(range.byteCount), buffer: operation.pointee.buffer?.base,
            ticket: ticket(operation))
    }

    /// The flush of the command's namespace, or of the next one of all.
    private func flushRequest(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) -> BackendRequest? {
        if unsafe operation.pointee.command.namespaceID == broadcastNamespaceID {
            let last = unsafe operation.pointee.namespace?.takeUnretainedValue().namespace.id ?? 0
            var next = queue.subsystem.next(after: last)
            if unsafe operation.pointee.isInternal {
                while let refused = next, refused.anaRefusal != nil {
                    next = queue.subsystem.next(after: refused.namespace.id)
                }
            }
            guard let next else { return nil }
            unsafe endNamespaceUse(operation)
            unsafe attach(operation, to: next)
        } else if unsafe operation.pointee.step > 0 {
            return nil
        }
        return unsafe BackendRequest(
            operation: .flush, offset: 0, byteCount: 0, buffer: nil, ticket: ticket(operation))
    }

    /// The next range of a Dataset Management. All ranges are checked before the first is touched.
    private func deallocateRequest(
        _ operation: UnsafeMutablePointer<Operation>
    ) throws(CommandFailure) -> BackendRequest? {
        let management = unsafe DatasetManagementCommand(operation.pointee.command)
        guard management.deallocates,
            let namespace = unsafe operation.pointee.namespace?.takeUnretainedValue(),
            let buffer = unsafe operation.pointee.buffer
        else { return nil }
        // Valid: the ranges are the command's data, which is complete and stays in its buffer.
        let bytes = unsafe UnsafeRawBufferPointer(start: buffer.base, count: operation.pointee.byteCount)
        if unsafe operation.pointee.step == 0 {
            for index in 0..<management.rangeCount {
                _ = try unsafe DatasetRange(bytes.bytes, at: index * DatasetRange.byteCount).range(
                    on: namespace)
            }
        }
        while unsafe operation.pointee.step < management.rangeCount {
            let offset = unsafe operation.pointee.step * DatasetRange.byteCount
            let range = try unsafe DatasetRange(bytes.bytes, at: offset).range(on: namespace)
            if range.byteCount > 0 {
                return unsafe BackendRequest(
                    operation: .deallocate, mayDeallocate: true, offset: range.offset,
                    byteCount: Int(range.byteCount), buffer: nil, ticket: ticket(operation))
            }
            unsafe operation.pointee.step += 1
        }
        return nil
    }

    // MARK: What the commands have in common

    private func ticket(_ operation: UnsafeMutablePointer<Operation>) -> CompletionTicket {
        // Valid: the node is the operation's first field, and the slab never moves.
        unsafe CompletionTicket(context: UnsafeMutableRawPointer(operation))
    }

    private func attach(_ operation: UnsafeMutablePointer<Operation>, to namespace: NamespaceAttachment) {
        namespace.inFlightCount += 1
        unsafe operation.pointee.namespace = .passUnretained(namespace)
    }

    /// The namespace that a command names.
    ///
    /// Source: Base Specification, "Namespace Identifier": an invalid one is Invalid Namespace or Format, a
    /// valid one that is not there (inactive) is Invalid Field in Command.
    private func namespace(_ id: UInt32, of queue: IOQueue) throws(CommandFailure) -> NamespaceAttachment {
        if let namespace = queue.subsystem[id] { return namespace }
        let isValid = id > 0 && id <= queue.subsystem.subsystem.namespaceIDMax
        throw CommandFailure(
            isValid ? .invalidField.notRetryable : .invalidNamespaceOrFormat.notRetryable,
            at: ParameterErrorLocation(byte: 4))
    }

    /// The length of the data of Read, Write or Compare, in bytes, once its range and its length are found
    /// good.
    private func dataByteCount(
        _ command: SubmissionEntry, on namespace: NamespaceAttachment
    ) throws(CommandFailure) -> Int {
        let range = try BlockCommand(command).range(on: namespace)
        guard range.byteCount <= UInt64(limits.transferBytesMax) else {
            throw CommandFailure(.invalidField.notRetryable, at: ParameterErrorLocation(byte: 48))
        }
        return Int(range.byteCount)
    }
}

/// The NSID that means all namespaces: FFFFFFFFh.
let broadcastNamespaceID: UInt32 = 0xFFFF_FFFF

extension DatasetRange {
    /// The bytes it covers of a namespace.
    /// - Throws: LBA Out of Range.
    fileprivate func range(on namespace: NamespaceAttachment) throws(CommandFailure) -> BlockRange {
        try BlockRange(
            start: startingLBA, count: UInt64(blockCount), blockShift: namespace.blockShift,
            capacity: namespace.blockCount, location: ParameterErrorLocation(byte: 40))
    }
}
