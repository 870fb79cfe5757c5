// Commands that move a range of blocks in one request: Read, Write and Compare; and Flush.

internal import NVMeTCP

extension TargetShard {
    /// Says how much data Read, Write or Compare moves, once its range and its length are found good.
    func arrangeBlocks(
        _ operation: UnsafeMutablePointer<Operation>, on namespace: NamespaceAttachment, hasDirective: Bool
    ) throws(CommandFailure) {
        let command = unsafe operation.pointee.command
        let range = try blockRange(of: command, on: namespace)
        guard range.byteCount <= UInt64(limits.transferBytesMax) else { throw .invalidField(byte: 48) }
        try command.checkExtensions(hasDirective: hasDirective)
        unsafe operation.pointee.byteCount = Int(range.byteCount)
        // A fused first's buffer is for both halves.
        let isFirst = unsafe operation.pointee.half == .first
        unsafe operation.pointee.bufferByteCount = Int(range.byteCount) * (isFirst ? 2 : 1)
    }

    /// What Read, Write or Compare covers. Half of a fused operation covers one block: that is what a
    /// namespace that offers it can do (ACWU and NACWU are 0).
    func blockRange(
        of command: SubmissionEntry, on namespace: NamespaceAttachment
    ) throws(CommandFailure) -> BlockRange {
        let isFused = command.fusedOperation != 0
        if isFused, !namespace.offersCompareAndWrite { throw .invalidField(byte: 1) }
        let range = try BlockCommand(command).range(on: namespace)
        if isFused, range.byteCount >> UInt64(namespace.blockShift) > 1 {
            throw CommandFailure(
                .atomicWriteUnitExceeded.notRetryable, at: ParameterErrorLocation(byte: 48))
        }
        return range
    }

    /// The request of Read, Write or Compare.
    func blockRequest(
        _ kind: BackendOperation, _ operation: UnsafeMutablePointer<Operation>
    ) throws(CommandFailure) -> IOStep? {
        if unsafe operation.pointee.position > 0 { return nil }
        let command = unsafe BlockCommand(operation.pointee.command)
        return try unsafe namespace(of: operation).use { namespace throws(CommandFailure) in
            if kind != .write, let flush = unsafe flushBeforeReading(command, operation, on: namespace) {
                return unsafe flush
            }
            let range = try command.range(on: namespace)
            return unsafe IOStep(
                request: BackendRequest(
                    operation: kind, forceUnitAccess: command.forceUnitAccess, offset: range.offset,
                    byteCount: Int(range.byteCount), buffer: operation.pointee.buffer?.base,
                    ticket: ticket(operation)))
        }
    }

    /// Force Unit Access of a command that reads: what a volatile write cache holds of its blocks is to be
    /// durable before they are read. Nil if there is nothing to do, or it is done.
    func flushBeforeReading(
        _ command: BlockCommand, _ operation: UnsafeMutablePointer<Operation>,
        on namespace: NamespaceAttachment
    ) -> IOStep? {
        guard command.forceUnitAccess, unsafe operation.pointee.step == 0, namespace.hasVolatileWriteCache
        else { return nil }
        return unsafe flush(operation)
    }

    /// The flush of the command's namespace, or of the next one of all.
    func flushRequest(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) -> IOStep? {
        if unsafe operation.pointee.command.namespaceID == broadcastNamespaceID {
            if unsafe !operation.pointee.isInternal, let refusal = queue.subsystem.refusal {
                throw CommandFailure(refusal)
            }
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
        return unsafe flush(operation)
    }

    private func flush(_ operation: UnsafeMutablePointer<Operation>) -> IOStep {
        unsafe IOStep(
            request: BackendRequest(
                operation: .flush, offset: 0, byteCount: 0, buffer: nil, ticket: ticket(operation)))
    }
}
