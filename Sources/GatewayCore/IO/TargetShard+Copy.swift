// Copy, done inside the target: a piece is read into the command's buffer and written from there, then the
// next, range after range. The buffer holds the descriptors first and the piece under way behind them, so
// that a Copy takes no more memory however much it copies.

internal import NVMeTCP

extension TargetShard {
    /// Says how much data a Copy brings, which is its descriptors, and refuses what its entry alone tells.
    func arrangeCopy(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) {
        let command = unsafe CopyCommand(operation.pointee.command)
        guard command.rangeCount <= limits.copyRangesMax else {
            throw CommandFailure(
                .commandSizeLimitExceeded.notRetryable, at: ParameterErrorLocation(byte: 48))
        }
        // A format that the host has not enabled is refused like one that is not there.
        let enabled = CopyFormats.format0.union(queue.choices.copyFormats)
        guard !command.format.isEmpty,
            CopyCommand.formats.intersection(enabled).isSuperset(of: command.format)
        else { throw .invalidField(byte: 49) }
        try unsafe operation.pointee.command.checkExtensions(hasDirective: true)
        unsafe operation.pointee.byteCount = command.byteCount
        unsafe operation.pointee.bufferByteCount = limits.copyBufferBytes
        unsafe operation.pointee.direction = .hostToController
    }

    /// The next piece to read, or the write of the piece that was read last. All is checked before anything
    /// is touched.
    func copyRequest(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) -> IOStep? {
        guard let buffer = unsafe operation.pointee.buffer else {
            preconditionFailure("a Copy's descriptors are in its buffer")
        }
        let command = unsafe CopyCommand(operation.pointee.command)
        let namespace = unsafe namespace(of: operation).takeUnretainedValue()
        // Valid: the descriptors are the command's data, which is complete and stays in its buffer.
        let data = unsafe UnsafeRawBufferPointer(start: buffer.base, count: operation.pointee.byteCount)
        if unsafe operation.pointee.step == 0, unsafe operation.pointee.position == 0 {
            try unsafe check(command, data.bytes, to: namespace, of: queue)
        }
        while unsafe operation.pointee.step < command.rangeCount {
            let step = unsafe operation.pointee.step
            let range = unsafe command.range(step, in: data.bytes)
            if unsafe operation.pointee.position < UInt64(range.blockCount) << UInt64(namespace.blockShift) {
                let copy = try unsafe RangeCopy(
                    range, to: command.destination + command.blockCount(below: step, in: data.bytes),
                    in: namespace, from: source(range, command, namespace, of: queue))
                return unsafe pieceStep(operation, copy, command, buffer)
            }
            unsafe operation.pointee.step += 1
            unsafe operation.pointee.position = 0
        }
        return nil
    }

    /// What a finished Copy has copied.
    func copiedByteCount(_ operation: UnsafeMutablePointer<Operation>) -> Int {
        guard let buffer = unsafe operation.pointee.buffer else { return 0 }
        let command = unsafe CopyCommand(operation.pointee.command)
        // Valid: as in `copyRequest`.
        let data = unsafe UnsafeRawBufferPointer(start: buffer.base, count: operation.pointee.byteCount)
        let count = unsafe command.blockCount(below: command.rangeCount, in: data.bytes)
        return unsafe Int(count << UInt64(namespace(of: operation).use { $0.blockShift }))
    }

    private func pieceStep(
        _ operation: UnsafeMutablePointer<Operation>, _ copy: RangeCopy, _ command: CopyCommand,
        _ buffer: BufferPool.Buffer
    ) -> IOStep {
        let room = buffer.byteCount - limits.copyDescriptorBytesMax
        let piece = unsafe copy.piece(after: operation.pointee.position, upTo: room)
        // What was asked for last is the read of this piece, unless it was nothing at all.
        let isRead =
            unsafe operation.pointee.piece.byteCount > 0 && operation.pointee.backendOperation == .read
        return unsafe IOStep(
            request: BackendRequest(
                operation: isRead ? .write : .read, forceUnitAccess: isRead && command.forceUnitAccess,
                offset: (isRead ? copy.destination.offset : copy.source.offset) + piece.offset,
                byteCount: Int(piece.byteCount), buffer: buffer.base + limits.copyDescriptorBytesMax,
                ticket: ticket(operation)),
            source: isRead ? nil : .passUnretained(copy.namespace))
    }

    /// Whether all of a Copy may be done.
    ///
    /// Source: NVM Command Set Specification, "Copy command", "Copy across Multiple Namespaces".
    private func check(
        _ command: CopyCommand, _ data: RawSpan, to namespace: NamespaceAttachment, of queue: IOQueue
    ) throws(CommandFailure) {
        // It begins with a read, after which no reservation is met any more.
        try namespace.admit(.write, from: queue)
        let most = CopyLimits(limits, blockShift: namespace.blockShift)
        let total = command.blockCount(below: command.rangeCount, in: data)
        let isWithin = (0..<command.rangeCount).allSatisfy {
            command.range($0, in: data).blockCount <= most.rangeBlocksMax
        }
        guard isWithin, total <= most.blocksMax else {
            throw CommandFailure(.commandSizeLimitExceeded.notRetryable)
        }
        let destination = try BlockRange(
            start: command.destination, count: total, on: namespace,
            location: ParameterErrorLocation(byte: 40))
        for index in 0..<command.rangeCount {
            let range = command.range(index, in: data)
            guard range.extensionType == 0 else { throw CommandFailure(.invalidField.notRetryable) }
            let source = try source(range, command, namespace, of: queue)
            try source.admit(.read, from: queue)
            guard source.blockShift == namespace.blockShift else {
                throw CommandFailure(.incompatibleNamespaceOrFormat.notRetryable)
            }
            let blocks = try BlockRange(
                start: range.startingLBA, count: UInt64(range.blockCount), on: source, location: nil)
            guard command.format == .format2 else { continue }
            // A host that reads and writes many blocks at once may well be faster than piece after piece.
            if range.isFastCopyOnly { throw CommandFailure(.fastCopyNotPossible.notRetryable) }
            if source === namespace, blocks.offset < destination.end, destination.offset < blocks.end {
                throw CommandFailure(.overlappingIORange.notRetryable)
            }
        }
    }

    /// The namespace that a range is in.
    private func source(
        _ range: CopySourceRange, _ command: CopyCommand, _ namespace: NamespaceAttachment, of queue: IOQueue
    ) throws(CommandFailure) -> NamespaceAttachment {
        guard command.format == .format2, range.namespaceID != namespace.namespace.id else {
            return namespace
        }
        return try unsafe self.namespace(range.namespaceID, of: queue, at: nil).takeUnretainedValue()
    }
}

/// One range of a Copy, and where it goes.
private struct RangeCopy {
    let source: BlockRange
    let destination: BlockRange
    /// What is read from.
    let namespace: NamespaceAttachment
    /// Whether the end goes first: what is read later must not have been written over. Only format 0h lets a
    /// range overlap its destination.
    let isBackward: Bool

    /// - Throws: LBA Out of Range, if a namespace has shrunk since all was checked.
    init(
        _ range: CopySourceRange, to start: UInt64, in destination: NamespaceAttachment,
        from namespace: NamespaceAttachment
    ) throws(CommandFailure) {
        let count = UInt64(range.blockCount)
        source = try BlockRange(start: range.startingLBA, count: count, on: namespace, location: nil)
        self.destination = try BlockRange(
            start: start, count: count, on: destination, location: ParameterErrorLocation(byte: 40))
        self.namespace = namespace
        isBackward =
            namespace === destination && self.destination.offset > source.offset
            && self.destination.offset < source.end
    }

    /// The next piece once so many bytes are copied: where it is in the range, and how long.
    func piece(after done: UInt64, upTo byteCountMax: Int) -> BlockRange {
        let count = min(source.byteCount - done, UInt64(byteCountMax))
        return BlockRange(offset: isBackward ? source.byteCount - done - count : done, byteCount: count)
    }
}
