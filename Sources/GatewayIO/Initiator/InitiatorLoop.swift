// The initiator's event loop: one ring and the queues of one thread. There is nothing in the background:
// sockets move only inside `step`, which whoever measures or tests calls until it has what it waits for.

import CLiburing
internal import GatewayCore
package import NVMeTCP

/// A ring with the queues on it. It belongs to the thread that made it, and so do its queues.
@safe package final class InitiatorLoop {
    /// Queues by their index; nil where one was closed.
    package private(set) var queues: [InitiatorQueue?] = []
    private let ring: Ring

    package init() throws(RingError) { ring = try Ring(entries: 512) }

    /// Sends what was submitted, waits for something to happen and handles all of it.
    /// - Parameter timeoutNanoseconds: how long to wait at most.
    package func step(timeoutNanoseconds: UInt64 = 1_000_000_000) {
        for queue in queues {
            if let queue, queue.failure == nil { queue.transmit(on: ring) }
        }
        ring.submit(wait: true, timeout: timeoutNanoseconds)
        while let completion = ring.next() {
            guard let queue = queue(of: completion.operation) else { continue }
            switch completion.operation.kind {
            case .receiveStaged, .receiveDirect: queue.received(completion, on: ring)
            case .send: queue.sent(completion.result, on: ring)
            case .connect: queue.connected(completion.result)
            default: preconditionFailure("an initiator's ring has no such operation")
            }
        }
    }

    private func queue(of operation: Operation) -> InitiatorQueue? {
        // A cancel's completion: what was cancelled completes by itself.
        operation.kind == .ignored ? nil : queues[Int(operation.index)]
    }

    // MARK: - Queues

    /// Connects a socket and exchanges ICReq and ICResp.
    func open(
        id: QueueID, address: String, port: UInt16, depth: Int, bufferByteCount: Int,
        parameters: HostConnection.Parameters, timeoutNanoseconds: UInt64
    ) throws(InitiatorError) -> InitiatorQueue {
        let target = try ResolvedAddress(address, port: port)
        let descriptor = socket(target.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno: gw_errno()) }
        var one: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        let queue = InitiatorQueue(
            id: id, index: UInt32(queues.count), socket: descriptor, depth: depth,
            bufferByteCount: bufferByteCount, parameters: parameters)
        queues.append(queue)
        do throws(InitiatorError) {
            let deadline = MonotonicClock.now().nanoseconds + timeoutNanoseconds
            // `target` owns the address until the end of this function, which waits for the completion.
            unsafe ring.connect(
                Operation(.connect, index: queue.index), socket: descriptor, address: target.address,
                count: target.count)
            queue.isConnecting = true
            try wait(for: queue, until: deadline, doing: "the TCP connection") { !queue.isConnecting }
            queue.sendInitializeRequest()
            queue.receive(on: ring, expectsWait: true)
            try wait(for: queue, until: deadline, doing: "ICReq") { queue.isInitialized }
        } catch {
            withExtendedLifetime(target) { close(queue) }
            throw error
        }
        return queue
    }

    /// Runs one command to its end.
    /// - Parameters:
    ///   - fill: writes the data that is to be sent, into the command's buffer.
    ///   - read: looks at the data that was received, in the command's buffer, which is the next command's
    ///     afterwards.
    package func execute(
        _ what: String, _ entry: SubmissionEntry, on queue: InitiatorQueue, _ transfer: DataTransfer = .none,
        byteCount: Int = 0, timeoutNanoseconds: UInt64 = 10_000_000_000,
        fill: (inout MutableRawSpan) -> Void = { _ in }, read: (RawSpan) -> Void = { _ in }
    ) throws(InitiatorError) -> CommandOutcome {
        let deadline = MonotonicClock.now().nanoseconds + timeoutNanoseconds
        if let failure = queue.failure { throw failure }
        guard let commandID = queue.takeCommand() else {
            throw .unsuitable("\(what): all commands are in use")
        }
        if transfer == .hostToController { queue.fill(commandID, count: byteCount, fill) }
        queue.submitAwaited(commandID, entry, transfer, byteCount: byteCount)
        while true {
            if let outcome = queue.takeOutcome(commandID) {
                if transfer == .controllerToHost { queue.read(commandID, count: byteCount, read) }
                return outcome
            }
            try wait(for: queue, until: deadline, doing: what) { queue.isEnded(commandID) }
        }
    }

    /// Steps until `isDone`, the queue's failure, or the deadline, which also ends the queue. What was waited
    /// for counts even if the queue failed right after it: a target may refuse a Connect and close at once.
    func wait(
        for queue: InitiatorQueue, until deadline: UInt64, doing what: String, isDone: () -> Bool
    ) throws(InitiatorError) {
        while !isDone() {
            if let failure = queue.failure { throw failure }
            let now = MonotonicClock.now().nanoseconds
            if now >= deadline {
                queue.fail(.timedOut(what))
            } else {
                step(timeoutNanoseconds: deadline - now)
            }
        }
    }

    /// Closes the queue's socket, after what is under way on it has ended. Its outstanding commands never
    /// end.
    package func close(_ queue: InitiatorQueue) {
        guard queues[Int(queue.index)] === queue else { return }
        queue.fail(.closed)
        if queue.isConnecting { ring.cancel(Operation(.connect, index: queue.index)) }
        while queue.isReceiving || queue.isSending || queue.isConnecting { step() }
        _ = CLiburing.close(queue.socket)
        queues[Int(queue.index)] = nil
    }

    /// Closes all queues. To be called before the loop is let go.
    package func close() {
        for queue in queues { if let queue { close(queue) } }
    }
}

/// What a host name or address and a port resolve to first.
@safe private struct ResolvedAddress: ~Copyable {
    private let list: UnsafeMutablePointer<addrinfo>

    init(_ address: String, port: UInt16) throws(InitiatorError) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(address, String(port), &hints, &list) == 0, let list = unsafe list else {
            throw .address("\(address):\(port)")
        }
        unsafe self.list = list
    }

    deinit { unsafe freeaddrinfo(list) }

    var family: Int32 { unsafe list.pointee.ai_family }
    // getaddrinfo's entries have an address; it is valid as long as the list.
    var address: UnsafePointer<sockaddr> { unsafe UnsafePointer(list.pointee.ai_addr) }
    var count: socklen_t { unsafe list.pointee.ai_addrlen }
}
