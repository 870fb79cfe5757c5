// Bytes in: one receive in flight a connection, into a staging buffer that the kernel picks when data is
// there, or straight into the buffer of the command that the data belongs to, as the core says.

import CLiburing
import GatewayCore

extension Shard {
    /// The core's name of the connection at `index`.
    func id(_ index: UInt32) -> ConnectionID {
        unsafe ConnectionID(index: index, generation: slots[index].pointee.generation)
    }

    /// Begins the connection's next receive, where the core wants it.
    func receive(_ index: UInt32) {
        let slot = unsafe slots[index]
        guard unsafe slot.pointee.state == .open, unsafe !slot.pointee.isReceiving else { return }
        switch core.receiveStep(id(index)) {
        case .staged: receiveStaged(index)
        case .direct(let base, let count):
            // The memory is the operation's, valid until `receivedDirect` or `closed`.
            unsafe slot.pointee.receiving = .receiveDirect
            unsafe reactor.ring.receive(
                tag(.receiveDirect, index), socket: slot.pointee.socket, into: base, count: count,
                expectsWait: slot.pointee.expectsWait)
        case .paused, .ended: break
        }
    }

    private func receiveStaged(_ index: UInt32) {
        let slot = unsafe slots[index]
        if reactor.ring.features.contains(.bufferRings) {
            unsafe slot.pointee.receiving = .receiveStaged
            unsafe reactor.ring.receive(
                tag(.receiveStaged, index), socket: slot.pointee.socket, group: 0,
                expectsWait: slot.pointee.expectsWait)
        } else {
            unsafe slot.pointee.receiving = .pollReadable
            unsafe reactor.ring.pollReadable(tag(.pollReadable, index), descriptor: slot.pointee.socket)
        }
    }

    func tag(_ kind: Operation.Kind, _ index: UInt32) -> Operation {
        unsafe Operation(kind, index: index, generation: slots[index].pointee.generation)
    }

    /// The slot that a completed receive is of; nil if the connection ends and the bytes are nobody's.
    private func slotOfReceive(_ completion: Completion) -> UnsafeMutablePointer<ConnectionSlot>? {
        let index = completion.operation.index
        let slot = unsafe slots[index]
        precondition(
            unsafe slot.pointee.receiving == completion.operation.kind,
            "a slot is free only when nothing is in flight")
        unsafe slot.pointee.receiving = .ignored
        unsafe slot.pointee.expectsWait = !completion.hasMoreBytes
        if unsafe slot.pointee.state == .closing {
            finishClose(index)
            return nil
        }
        return unsafe slot
    }

    func receivedStaged(_ completion: Completion) {
        if completion.buffer != nil { staging.picked() }
        guard unsafe slotOfReceive(completion) != nil else {
            if let buffer = completion.buffer { staging.giveBack(buffer) }
            return
        }
        let index = completion.operation.index
        if let buffer = completion.buffer, completion.result > 0 {
            deliver(index, buffer, from: 0, count: Int(completion.result))
            return
        }
        if let buffer = completion.buffer { staging.giveBack(buffer) }
        if completion.result == -ENOBUFS {
            starved.append(index)
        } else {
            receiveFailed(index, completion.result)
        }
    }

    func receivedDirect(_ completion: Completion) {
        guard unsafe slotOfReceive(completion) != nil else { return }
        let index = completion.operation.index
        guard completion.result > 0 else { return receiveFailed(index, completion.result) }
        core.receivedDirect(id(index), count: Int(completion.result), at: now)
        receive(index)
    }

    /// Without buffer rings: data is there, and only now is a buffer taken for it.
    func becameReadable(_ completion: Completion) {
        guard let slot = unsafe slotOfReceive(completion) else { return }
        let index = completion.operation.index
        guard let buffer = staging.take() else {
            starved.append(index)
            return
        }
        let memory = unsafe staging.buffer(buffer)
        let count = unsafe recv(slot.pointee.socket, memory.baseAddress, memory.count, Int32(MSG_DONTWAIT))
        if count > 0 {
            deliver(index, buffer, from: 0, count: count)
        } else {
            let errno = gw_errno()
            staging.giveBack(buffer)
            receiveFailed(index, count == 0 ? 0 : -errno)
        }
    }

    private func receiveFailed(_ index: UInt32, _ result: Int32) {
        switch -result {
        case EAGAIN, EINTR: receive(index)
        // 0: the peer has closed. All else: the connection is lost. The core hears of it by `closed`.
        default: beginClose(index)
        }
    }

    /// Hands staged bytes to the core, and goes on receiving.
    private func deliver(_ index: UInt32, _ buffer: UInt16, from start: Int, count: Int) {
        // The buffer is ours until it is given back.
        let memory = unsafe staging.buffer(buffer)
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[start..<start + count])
        let taken = unsafe core.received(id(index), bytes.bytes, at: now)
        let slot = unsafe slots[index]
        if taken < count, case .paused = core.receiveStep(id(index)) {
            unsafe slot.pointee.heldBuffer = buffer
            unsafe slot.pointee.heldFrom = Int32(start + taken)
            unsafe slot.pointee.heldCount = Int32(count - taken)
            return
        }
        staging.giveBack(buffer)
        receive(index)
    }

    /// The core can go on: bytes that it left are handed over first.
    func resumeReceive(_ id: ConnectionID) {
        guard let slot = unsafe openSlot(id) else { return }
        let count = unsafe Int(slot.pointee.heldCount)
        guard count > 0 else { return receive(id.index) }
        unsafe slot.pointee.heldCount = 0
        unsafe deliver(id.index, slot.pointee.heldBuffer, from: Int(slot.pointee.heldFrom), count: count)
    }

    /// The slot of a connection that is open; nil if it has ended since the core asked.
    func openSlot(_ id: ConnectionID) -> UnsafeMutablePointer<ConnectionSlot>? {
        let slot = unsafe slots[id.index]
        let isOpen = unsafe slot.pointee.state == .open && slot.pointee.generation == id.generation
        return unsafe isOpen ? slot : nil
    }

    /// Receives again where no staging buffer was left: most were given back in the same turn.
    func serveStarved() {
        guard !starved.isEmpty else { return }
        // With all buffers held by paused connections they wait on: a resumed one gives its buffer back.
        guard staging.offeredCount > 0 || staging.freeCount > 0 else { return }
        for index in starved { receive(index) }
        starved.removeAll(keepingCapacity: true)
    }
}
