// Commands on ranges that may be long, and that move no blocks between host and controller: Write Zeroes,
// Verify, Dataset Management. They ask for a piece at a time, so that neither a shard nor a backend is busy
// with one of them for long.

internal import NVMeTCP

extension TargetShard {
    /// The next piece of a Write Zeroes.
    func zeroRequest(_ operation: UnsafeMutablePointer<Operation>) throws(CommandFailure) -> IOStep? {
        let command = unsafe BlockCommand(operation.pointee.command)
        let range = try unsafe command.range(on: namespace(of: operation).takeUnretainedValue())
        guard unsafe operation.pointee.position < range.byteCount else { return nil }
        let piece = unsafe range.piece(after: operation.pointee.position, upTo: limits.rangeBytesMax)
        return unsafe IOStep(
            request: BackendRequest(
                operation: .writeZeroes, forceUnitAccess: command.forceUnitAccess,
                mayDeallocate: command.mayDeallocate, offset: piece.offset, byteCount: Int(piece.byteCount),
                buffer: nil, ticket: ticket(operation)))
    }

    /// Verify reads into a buffer of its own, which is as large as a command's data may be.
    ///
    /// Source: NVM Command Set Specification, "Verify command": PRACT shall be 0.
    func arrangeVerify(
        _ operation: UnsafeMutablePointer<Operation>, on namespace: NamespaceAttachment
    ) throws(CommandFailure) {
        let command = unsafe operation.pointee.command
        let range = try BlockCommand(command).range(on: namespace)
        try command.checkExtensions(hasDirective: false)
        if BlockCommand(command).protectionAction { throw .invalidField(byte: 51, bit: 5) }
        unsafe operation.pointee.bufferByteCount = Int(
            min(range.byteCount, UInt64(limits.transferBytesMax)))
    }

    /// The next piece of a Verify.
    func verifyRequest(_ operation: UnsafeMutablePointer<Operation>) throws(CommandFailure) -> IOStep? {
        let command = unsafe BlockCommand(operation.pointee.command)
        let namespace = unsafe namespace(of: operation).takeUnretainedValue()
        if let flush = unsafe flushBeforeReading(command, operation, on: namespace) { return unsafe flush }
        let range = try command.range(on: namespace)
        guard unsafe operation.pointee.position < range.byteCount else { return nil }
        let piece = unsafe range.piece(after: operation.pointee.position, upTo: limits.transferBytesMax)
        return unsafe IOStep(
            request: BackendRequest(
                operation: .read, forceUnitAccess: command.forceUnitAccess, offset: piece.offset,
                byteCount: Int(piece.byteCount), buffer: operation.pointee.buffer?.base,
                ticket: ticket(operation)))
    }

    /// The next piece of a Dataset Management. All ranges are checked before the first is touched.
    func deallocateRequest(
        _ operation: UnsafeMutablePointer<Operation>
    ) throws(CommandFailure) -> IOStep? {
        let management = unsafe DatasetManagementCommand(operation.pointee.command)
        guard management.deallocates, let buffer = unsafe operation.pointee.buffer else { return nil }
        let namespace = unsafe namespace(of: operation).takeUnretainedValue()
        // Valid: the ranges are the command's data, which is complete and stays in its buffer.
        let bytes = unsafe UnsafeRawBufferPointer(start: buffer.base, count: operation.pointee.byteCount)
        if unsafe operation.pointee.step == 0, unsafe operation.pointee.position == 0 {
            for index in 0..<management.rangeCount {
                _ = try unsafe DatasetRange(bytes.bytes, at: index * DatasetRange.byteCount).range(
                    on: namespace)
            }
        }
        while unsafe operation.pointee.step < management.rangeCount {
            let offset = unsafe operation.pointee.step * DatasetRange.byteCount
            let range = try unsafe DatasetRange(bytes.bytes, at: offset).range(on: namespace)
            if unsafe operation.pointee.position < range.byteCount {
                let piece = unsafe range.piece(after: operation.pointee.position, upTo: limits.rangeBytesMax)
                return unsafe IOStep(
                    request: BackendRequest(
                        operation: .deallocate, mayDeallocate: true, offset: piece.offset,
                        byteCount: Int(piece.byteCount), buffer: nil, ticket: ticket(operation)))
            }
            unsafe operation.pointee.step += 1
            unsafe operation.pointee.position = 0
        }
        return nil
    }
}

extension DatasetRange {
    /// The bytes it covers of a namespace.
    /// - Throws: LBA Out of Range.
    fileprivate func range(on namespace: NamespaceAttachment) throws(CommandFailure) -> BlockRange {
        try BlockRange(start: startingLBA, count: UInt64(blockCount), on: namespace, location: nil)
    }
}
