// A queue of a controller as its host has it: one TCP connection with its commands, buffers and batches.
// `InitiatorLoop` hands it what its socket did; `InitiatorController` makes and connects it; the bench and
// the tests submit commands. The receiving half is in `InitiatorQueue+Receive.swift`.

import CLiburing
package import NVMeTCP

/// One queue: a TCP connection to a controller. It belongs to its loop's thread.
///
/// A command goes `takeCommand` → fill `buffer` → `submit` → the delegate hears of its end. Nothing is
/// allocated for it.
@safe package final class InitiatorQueue {
    /// Queue Identifier (QID): 0 is the Admin queue.
    package let id: QueueID
    /// Commands that can be outstanding at once; their identifiers are 0 ..< depth.
    package let depth: Int
    /// The length of each command's buffer, in bytes.
    package let bufferByteCount: Int
    /// The longest data that goes inside a capsule, in bytes; more waits for R2Ts.
    package var inCapsuleByteCountMax = 8192
    /// Whether read data that passes through the staging buffer is also copied to its command's buffer. A
    /// measurement that doesn't look at the data can save the copy.
    package var keepsData = true
    /// Whom ends of commands are reported to.
    package weak var delegate: (any InitiatorDelegate)?
    /// Why the queue is at its end; nil while it works.
    package internal(set) var failure: InitiatorError?
    /// Commands that the controller has.
    package private(set) var outstandingCount = 0

    let index: UInt32
    let socket: Int32
    var connection: HostConnection
    var isConnecting = false
    var isInitialized = false
    var isReceiving = false
    var isSending = false
    /// Where the direct receive under way puts its bytes.
    var direct: UnsafeRawPointer?
    /// Ends the queue once what was encoded is sent.
    var lastWord: InitiatorError?

    static let stagingByteCount = 256 << 10
    let staging: UnsafeMutableRawPointer
    private let memory: UnsafeMutableRawPointer
    private let commands: UnsafeMutablePointer<InitiatorCommand>
    private let message: UnsafeMutablePointer<msghdr>
    private var freeIDs: [UInt16]
    private var outbox: Outbox
    private var filling: TransmitBatch
    private var sending: TransmitBatch
    private var sentSegments = 0

    init(
        id: QueueID, index: UInt32, socket: Int32, depth: Int, bufferByteCount: Int,
        parameters: HostConnection.Parameters
    ) {
        precondition((1...65_535).contains(depth), "a queue has 1 to 65,535 commands")
        (self.id, self.index, self.socket, self.depth) = (id, index, socket, depth)
        self.bufferByteCount = (bufferByteCount + 4095) & ~4095
        connection = HostConnection(parameters)
        connection.reserveCommands(depth)
        unsafe staging = .allocate(byteCount: Self.stagingByteCount, alignment: 4096)
        unsafe memory = .allocate(byteCount: max(1, depth * self.bufferByteCount), alignment: 4096)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: depth * self.bufferByteCount)
        unsafe commands = .allocate(capacity: depth)
        unsafe commands.initialize(repeating: InitiatorCommand(), count: depth)
        unsafe message = .allocate(capacity: 1)
        unsafe message.initialize(to: msghdr())
        freeIDs = (0..<UInt16(depth)).reversed()
        outbox = Outbox(capacity: depth * 2 + 1)
        filling = TransmitBatch(pduCountMax: min(depth + 4, 256))
        sending = TransmitBatch(pduCountMax: min(depth + 4, 256))
    }

    deinit {
        precondition(!isReceiving && !isSending, "the loop closes a queue before it is let go")
        unsafe staging.deallocate()
        unsafe memory.deallocate()
        unsafe commands.deallocate()
        unsafe message.deallocate()
    }

    // MARK: - Commands

    /// An identifier for the next command, which is the caller's until `submit`; nil while all are in use.
    package func takeCommand() -> UInt16? {
        guard failure == nil, let id = freeIDs.popLast() else { return nil }
        self[id].state = .taken
        return id
    }

    /// Writes the data of a command that was taken and not yet submitted.
    /// - Parameter count: how many bytes of its buffer `fill` is given.
    package func fill(_ commandID: UInt16, count: Int, _ fill: (inout MutableRawSpan) -> Void) {
        precondition(count <= bufferByteCount)
        // The buffer is the caller's until `submit`, and nobody submits during the call.
        var bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer(commandID)[..<count]).mutableBytes
        fill(&bytes)
    }

    /// Looks at the data of a command that has ended, before the next one with its identifier is submitted.
    package func read<Result>(_ commandID: UInt16, count: Int, _ read: (RawSpan) -> Result) -> Result {
        precondition(count <= bufferByteCount)
        // The controller has no command that writes to it.
        return read(unsafe UnsafeRawBufferPointer(rebasing: buffer(commandID)[..<count]).bytes)
    }

    /// The buffer that belongs to the identifier. It is the caller's until `submit` and after the command's
    /// end.
    func buffer(_ commandID: UInt16) -> UnsafeMutableRawBufferPointer {
        precondition(Int(commandID) < depth)
        return unsafe UnsafeMutableRawBufferPointer(
            start: memory + Int(commandID) * bufferByteCount, count: bufferByteCount)
    }

    /// Queues the command. Its data pointer, PSDT and command identifier are filled in here.
    /// - Parameters:
    ///   - byteCount: the length of its data in bytes, which is in or goes to `buffer(commandID)`.
    ///   - isReported: whether the delegate hears of its end.
    package func submit(
        _ commandID: UInt16, _ entry: SubmissionEntry, _ transfer: DataTransfer, byteCount: Int,
        isReported: Bool = true
    ) {
        queue(commandID, entry, transfer, byteCount: byteCount, state: .submitted(isReported: isReported))
    }

    /// The same, for a caller that will ask for the outcome itself.
    func submitAwaited(
        _ commandID: UInt16, _ entry: SubmissionEntry, _ transfer: DataTransfer, byteCount: Int
    ) {
        queue(commandID, entry, transfer, byteCount: byteCount, state: .awaited)
    }

    /// The outcome of an awaited command, once; nil while the controller has it.
    func takeOutcome(_ commandID: UInt16) -> CommandOutcome? {
        guard case .ended(let outcome) = self[commandID].state else { return nil }
        release(commandID)
        return outcome
    }

    func isEnded(_ commandID: UInt16) -> Bool {
        if case .ended = self[commandID].state { true } else { false }
    }

    private func queue(
        _ commandID: UInt16, _ entry: SubmissionEntry, _ transfer: DataTransfer, byteCount: Int,
        state: InitiatorCommand.State
    ) {
        precondition(byteCount <= bufferByteCount, "a command's data fits its buffer")
        var entry = entry
        entry.commandID = commandID
        // PSDT 01b: an SGL, the only data pointer over Fabrics.
        entry.dword0 |= 1 << 14
        if transfer == .hostToController && byteCount <= inCapsuleByteCountMax {
            entry.sgl = .inCapsule(length: UInt32(byteCount))
        } else {
            entry.sgl = .transport(length: UInt32(byteCount))
            if transfer == .hostToController { connection.offerData(commandID: commandID, length: byteCount) }
        }
        if transfer == .controllerToHost { connection.expectData(commandID: commandID, length: byteCount) }
        var command = InitiatorCommand()
        command.state = state
        command.entry = entry
        command.byteCount = byteCount
        self[commandID] = command
        outstandingCount += 1
        outbox.append(OutboxItem(commandID: commandID, isData: false))
    }

    /// A command has ended; false if the controller did not have it.
    func end(_ completion: CompletionEntry) -> Bool {
        let commandID = completion.commandID
        guard Int(commandID) < depth else { return false }
        let outcome = CommandOutcome(completion: completion, isDataIntact: self[commandID].isDataIntact)
        switch self[commandID].state {
        case .free, .taken, .ended: return false
        case .awaited:
            self[commandID].state = .ended(outcome)
            outstandingCount -= 1
        case .submitted(let isReported):
            outstandingCount -= 1
            // Free before the report, so that the delegate can go on with the same, warm, buffer.
            release(commandID)
            if isReported { delegate?.commandEnded(commandID, of: self, outcome) }
        }
        return true
    }

    /// Gives back an identifier that was taken, or whose outcome was looked at.
    package func release(_ commandID: UInt16) {
        self[commandID].state = .free
        freeIDs.append(commandID)
    }

    subscript(commandID: UInt16) -> InitiatorCommand {
        // The row is there: identifiers are checked against the depth.
        get {
            precondition(Int(commandID) < depth)
            return unsafe commands[Int(commandID)]
        }
        _modify {
            precondition(Int(commandID) < depth)
            yield unsafe &commands[Int(commandID)]
        }
    }

    // MARK: - Sending

    /// The controller wants this part of a command's data.
    func answer(_ commandID: UInt16, tag: UInt16, offset: Int, length: Int) {
        self[commandID].transferTag = tag
        self[commandID].transferOffset = offset
        self[commandID].transferEnd = offset + length
        outbox.append(OutboxItem(commandID: commandID, isData: true))
    }

    func sendInitializeRequest() { _ = connection.encodeInitializeRequest(into: &filling) }

    func sendTermination(_ error: FatalError) -> Bool { connection.encodeTermination(error, into: &filling) }

    /// Fills the batch with what waits and begins to send it, unless a send is under way.
    func transmit(on ring: borrowing Ring) {
        while isInitialized, let item = outbox.first {
            guard item.isData ? encodeData(item.commandID) : encodeCommand(item.commandID) else { break }
            outbox.removeFirst()
        }
        guard !isSending, !filling.isEmpty else { return }
        swap(&filling, &sending)
        filling.reset()
        sentSegments = 0
        send(on: ring)
    }

    private func encodeCommand(_ commandID: UInt16) -> Bool {
        let command = self[commandID]
        guard command.entry.sgl.identifier == .inCapsule else {
            return unsafe connection.encodeCommand(command.entry, inCapsule: nil, into: &filling)
        }
        // The buffer stays as it is until the command has ended, which is after it was sent.
        let data = unsafe UnsafeRawBufferPointer(rebasing: buffer(commandID)[..<command.byteCount])
        return unsafe connection.encodeCommand(command.entry, inCapsule: data, into: &filling)
    }

    /// Encodes the rest of an R2T's data in PDUs of at most MAXH2CDATA; false if the batch had no room for
    /// all of it.
    private func encodeData(_ commandID: UInt16) -> Bool {
        let command = self[commandID]
        var offset = command.transferOffset
        let lengthMax = connection.negotiated?.maximumDataLength ?? 4096
        while offset < command.transferEnd {
            let end = min(offset + lengthMax, command.transferEnd)
            // As above.
            let data = unsafe UnsafeRawBufferPointer(rebasing: buffer(commandID)[offset..<end])
            let isEncoded = unsafe connection.encodeData(
                commandID: commandID, tag: command.transferTag, payload: data, offset: offset,
                isLast: end == command.transferEnd, into: &filling)
            guard isEncoded else { break }
            offset = end
        }
        self[commandID].transferOffset = offset
        return offset == command.transferEnd
    }

    private func send(on ring: borrowing Ring) {
        let segments = unsafe sending.segments
        // Segment is laid out as struct iovec; batch and message stay until the completion.
        unsafe message.pointee.msg_iov = UnsafeMutableRawPointer(segments.baseAddress! + sentSegments)
            .assumingMemoryBound(to: iovec.self)
        unsafe message.pointee.msg_iovlen = segments.count - sentSegments
        isSending = true
        unsafe ring.send(Operation(.send, index: index), socket: socket, message: message)
    }

    /// A send has ended: goes on with what it left over.
    func sent(_ result: Int32, on ring: borrowing Ring) {
        isSending = false
        guard result > 0 else { return fail(.system("send", errno: -result)) }
        var left = Int(result)
        let segments = unsafe sending.segments
        while sentSegments < segments.count, unsafe left >= segments[sentSegments].count {
            unsafe left -= segments[sentSegments].count
            sentSegments += 1
        }
        guard sentSegments < segments.count else {
            sending.reset()
            if let lastWord, filling.isEmpty { fail(lastWord) }
            return
        }
        unsafe segments[sentSegments].base = segments[sentSegments].base.map { unsafe $0 + left }
        unsafe segments[sentSegments].count -= left
        send(on: ring)
    }

    /// The TCP connection is there, or is not.
    func connected(_ result: Int32) {
        isConnecting = false
        if result != 0 { fail(.system("connect", errno: -result)) }
    }

    /// Ends the queue: the first reason counts.
    func fail(_ error: InitiatorError) {
        guard failure == nil else { return }
        failure = error
        // Ends the receive or send that is under way.
        _ = shutdown(socket, Int32(SHUT_RDWR))
    }
}
