// Memory for commands' data: taken when a command arrives, or waited for in its namespace's line
// (BufferLines). What is freed goes to those that wait, one command of each namespace in turn.

internal import NVMeTCP

extension TargetShard {
    /// Takes the operation's buffer if there is memory for it and nobody waits before it; else it waits in
    /// line.
    func takeBuffer(_ operation: UnsafeMutablePointer<Operation>) -> Bool {
        guard let reference = unsafe operation.pointee.namespace else {
            return unsafe takeAdminBuffer(operation)
        }
        // Valid: an attachment with commands in flight is kept.
        return unsafe reference.use { namespace in
            let isCapsule = unsafe operation.pointee.isInCapsule
            let isFree = isCapsule ? namespace.lines.capsule.isEmpty : namespace.lines.common.isEmpty
            if isFree, unsafe takeBuffer(operation, of: namespace) { return true }
            unsafe wait(operation, in: namespace)
            return false
        }
    }

    private func takeAdminBuffer(_ operation: UnsafeMutablePointer<Operation>) -> Bool {
        if awaitingAdminBuffer.isEmpty,
            let buffer = buffers.take(unsafe operation.pointee.bufferByteCount, for: .admin)
        {
            unsafe operation.pointee.buffer = buffer
            return true
        }
        isStarved = true
        unsafe awaitingAdminBuffer.append(operation.pointee.slot, in: slab)
        return false
    }

    private func wait(_ operation: UnsafeMutablePointer<Operation>, in namespace: NamespaceAttachment) {
        isStarved = true
        if unsafe operation.pointee.isInCapsule {
            unsafe namespace.lines.capsule.append(operation.pointee.slot, in: slab)
        } else {
            unsafe namespace.lines.common.append(operation.pointee.slot, in: slab)
        }
        if !namespace.lines.isListed {
            namespace.lines.isListed = true
            awaitingBuffer.append(namespace)
        }
    }

    /// A buffer for an operation that is first in its line; false if there is no memory for it.
    private func takeBuffer(
        _ operation: UnsafeMutablePointer<Operation>, of namespace: NamespaceAttachment
    ) -> Bool {
        let (byteCount, isInCapsule) = unsafe (
            operation.pointee.bufferByteCount, operation.pointee.isInCapsule
        )
        var buffer: BufferPool.Buffer?
        // The reserve is for when the common memory is spent; who waits for that memory comes first.
        if !isInCapsule || namespace.lines.common.isEmpty {
            buffer = take(byteCount, for: .common, of: namespace)
        }
        if buffer == nil, isInCapsule {
            buffer = take(byteCount, for: .capsule, of: namespace)
        }
        guard let buffer else { return false }
        unsafe operation.pointee.buffer = buffer
        return true
    }

    /// A buffer for one of the namespace's operations, if its share and the memory allow it.
    func take(
        _ byteCount: Int, for use: BufferUse, of namespace: NamespaceAttachment
    ) -> BufferPool.Buffer? {
        let budget = use == .capsule ? limits.capsuleBufferBytesMax : limits.bufferBytesMax
        guard namespace.lines.mayTake(use, left: buffers.bytesLeft(for: use), of: budget),
            let buffer = buffers.take(byteCount, for: use)
        else { return nil }
        namespace.lines.took(buffer)
        return buffer
    }

    /// Takes an operation out of the line that it waits in.
    func stopAwaitingBuffer(_ operation: UnsafeMutablePointer<Operation>) {
        let slot = unsafe operation.pointee.slot
        guard let reference = unsafe operation.pointee.namespace else {
            return awaitingAdminBuffer.remove(slot, in: slab)
        }
        // Valid: an attachment with commands in flight is kept. An empty one leaves the list when it is
        // served.
        unsafe reference.use { namespace in
            if unsafe operation.pointee.isInCapsule {
                namespace.lines.capsule.remove(slot, in: slab)
            } else {
                namespace.lines.common.remove(slot, in: slab)
            }
        }
    }

    /// Gives freed memory to those that wait, and lets paused connections go on.
    func serveWaiting(at now: Instant) {
        hasFreed = false
        guard isStarved else { return }
        isStarved = false
        while !awaitingAdminBuffer.isEmpty {
            let operation = unsafe slab[awaitingAdminBuffer.first]
            guard let buffer = buffers.take(unsafe operation.pointee.bufferByteCount, for: .admin) else {
                break
            }
            awaitingAdminBuffer.dropFirst(in: slab)
            unsafe operation.pointee.buffer = buffer
            unsafe gotBuffer(operation, at: now)
        }
        serveNamespaces(at: now)
        if starvedCount > 0 { unsafe forEachConnection { unsafe resumeIfPossible($0) } }
        isStarved = isAwaitingBuffer || starvedCount > 0
    }

    /// Whether an operation waits for a buffer.
    var isAwaitingBuffer: Bool {
        !awaitingAdminBuffer.isEmpty || awaitingBuffer.contains { !$0.lines.isEmpty }
    }

    private func serveNamespaces(at now: Instant) {
        var hasServed = !awaitingBuffer.isEmpty
        while hasServed {
            hasServed = false
            // Those that are served may add others.
            var index = 0
            while index < awaitingBuffer.count {
                if serveFirst(of: awaitingBuffer[index], at: now) { hasServed = true }
                index += 1
            }
        }
        awaitingBuffer.removeAll { namespace in
            if namespace.lines.isEmpty { namespace.lines.isListed = false }
            return !namespace.lines.isListed
        }
        // The next to be served first is another.
        if awaitingBuffer.count > 1 { awaitingBuffer.append(awaitingBuffer.removeFirst()) }
    }

    /// Serves the first operation of each of a namespace's lines; false if there is none, or no memory.
    private func serveFirst(of namespace: NamespaceAttachment, at now: Instant) -> Bool {
        var hasServed = false
        if !namespace.lines.common.isEmpty {
            let operation = unsafe slab[namespace.lines.common.first]
            if unsafe takeBuffer(operation, of: namespace) {
                namespace.lines.common.dropFirst(in: slab)
                unsafe gotBuffer(operation, at: now)
                hasServed = true
            }
        }
        if !namespace.lines.capsule.isEmpty {
            let operation = unsafe slab[namespace.lines.capsule.first]
            if unsafe takeBuffer(operation, of: namespace) {
                namespace.lines.capsule.dropFirst(in: slab)
                unsafe gotBuffer(operation, at: now)
                hasServed = true
            }
        }
        return hasServed
    }

    /// An operation that had to wait goes on.
    private func gotBuffer(_ operation: UnsafeMutablePointer<Operation>, at now: Instant) {
        let slot = unsafe operation.pointee.slot
        let connection = unsafe connections[operation.pointee.connection]
        unsafe dataArranged(operation, on: connection, at: now)
        if unsafe operation.pointee.half == .first {
            unsafe firstGotBuffer(operation, on: connection, at: now)
        }
        if unsafe connection.pointee.capsuleAwaitingBuffer == slot {
            unsafe connection.pointee.capsuleAwaitingBuffer = SlotList.none
            unsafe resumeIfPossible(connection)
        }
    }

    // MARK: Connections that are not read from

    /// Whether so much waits to be sent to the host that it gets no more before it reads: what it does not
    /// take is memory that others wait for.
    func owesReading(_ connection: UnsafeMutablePointer<QueueConnection>) -> Bool {
        unsafe connection.pointee.unsentByteCount > buffers.bytesLeft(for: .common)
    }

    /// Reads no more from a connection until others have freed what it needs, or it has taken what it owes.
    func starve(_ connection: UnsafeMutablePointer<QueueConnection>) {
        unsafe connection.pointee.isPaused = true
        guard unsafe !connection.pointee.isStarved else { return }
        unsafe connection.pointee.isStarved = true
        starvedCount += 1
        isStarved = true
    }

    /// Lets the driver receive again from a connection that was paused, if it need not be any more.
    func resumeIfPossible(_ connection: UnsafeMutablePointer<QueueConnection>) {
        guard !isDraining, unsafe connection.pointee.isPaused, unsafe connection.pointee.phase == .open,
            unsafe connection.pointee.disconnect == SlotList.none, unsafe !connection.pointee.closesWhenSent,
            unsafe connection.pointee.capsuleAwaitingBuffer == SlotList.none, !slab.isFull,
            unsafe connection.pointee.operationCount <= connection.pointee.queueEntries,
            unsafe !owesReading(connection)
        else { return }
        unsafe connection.pointee.isPaused = false
        if unsafe connection.pointee.isStarved {
            unsafe connection.pointee.isStarved = false
            starvedCount -= 1
        }
        unsafe enqueue(.resumeReceive(connection.pointee.id))
    }
}
