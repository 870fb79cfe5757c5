// The receiving half of an initiator's queue: bytes into the host's end of the connection, events out of it.

import CLiburing
import NVMeTCP

extension InitiatorQueue {
    /// Begins to receive what the connection wants next.
    /// - Parameter expectsWait: the last receive emptied the socket.
    func receive(on ring: borrowing Ring, expectsWait: Bool) {
        guard failure == nil, !isReceiving else { return }
        switch connection.receivePlan {
        case .staged:
            // The staging buffer is this receive's alone until its completion.
            unsafe ring.receive(
                Operation(.receiveStaged, index: index), socket: socket, into: staging,
                count: Self.stagingByteCount, expectsWait: expectsWait)
        case .payload(let slot, let offset, let count):
            // Inside the command's buffer: the connection checked offset and count against its length.
            let target = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer(UInt16(slot))[offset..<offset + count])
            unsafe direct = UnsafeRawPointer(target.baseAddress)
            unsafe ring.receive(
                Operation(.receiveDirect, index: index), socket: socket, into: target.baseAddress!,
                count: count,
                expectsWait: expectsWait)
        case .nothing: return
        }
        isReceiving = true
    }

    /// A receive has ended.
    func received(_ completion: Completion, on ring: borrowing Ring) {
        isReceiving = false
        guard completion.result > 0 else {
            return fail(completion.result == 0 ? .closed : .system("recv", errno: -completion.result))
        }
        let count = Int(completion.result)
        if completion.operation.kind == .receiveDirect {
            // The bytes that the receive has just put there.
            let bytes = unsafe UnsafeRawBufferPointer(start: direct, count: count).bytes
            if let event = connection.receivedPayload(bytes) { take(event) }
        } else {
            let bytes = unsafe UnsafeRawBufferPointer(start: staging, count: count).bytes
            var position = 0
            while let event = connection.next(bytes, from: &position) { take(event) }
        }
        receive(on: ring, expectsWait: !completion.hasMoreBytes)
    }

    private func take(_ event: HostEvent) {
        switch event {
        case .initialized: isInitialized = true
        case .readyToTransfer(let commandID, let tag, let offset, let length):
            answer(commandID, tag: tag, offset: offset, length: length)
        case .payload(let slot, let offset, let range):
            guard keepsData else { return }
            // Inside the buffer, as the connection checked, and inside what was received.
            unsafe buffer(UInt16(slot)).baseAddress!.advanced(by: offset)
                .copyMemory(from: staging + range.lowerBound, byteCount: range.count)
        case .dataDigestError(let commandID): self[commandID].isDataIntact = false
        case .succeeded(let commandID): finish(CompletionEntry(commandID: commandID, status: .success))
        case .response(let completion): finish(completion)
        case .fatal(let error):
            // Told first, closed then.
            if sendTermination(error) {
                lastWord = .brokenProtocol(error)
            } else {
                fail(.brokenProtocol(error))
            }
        case .terminated(let request): fail(.terminated(request.error))
        }
    }

    private func finish(_ completion: CompletionEntry) {
        if !end(completion) { fail(.unknownCommand(completion.commandID)) }
    }
}
