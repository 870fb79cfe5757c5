// The end of one queue that its host asks for, by Disconnect, or brings about, by sending more commands than
// the queue has room for. Execute calls for the one, Receive for the other; Close does the rest.

internal import NVMeTCP

extension TargetShard {
    /// Serves Disconnect: nothing more is read from the queue, what no backend has yet is aborted, and the
    /// answer is the last one, so that no request of the queue is under way when the host has it: the host
    /// may send the same commands by another queue then.
    ///
    /// Source: NVM Express Base Specification, "I/O Queue Deletion", "Disconnect Command and Response".
    func disconnect(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe operation.pointee.state = .parked
        unsafe connection.pointee.isPaused = true
        var slot = unsafe connection.pointee.firstOperation
        while slot != SlotList.none {
            let other = unsafe slab[slot]
            unsafe slot = other.pointee.next
            switch unsafe other.pointee.state {
            case .executing, .parked, .answering, .sending:
                continue
            case .paced:
                unsafe stopPacing(other)
            case .awaitingBuffer:
                unsafe stopAwaitingBuffer(other)
            case .requestingData:
                unsafe connection.pointee.ready.remove(other.pointee.slot, in: slab)
            case .receivingData, .paired:
                break
            case .receivingCapsule, .free:
                preconditionFailure("a capsule is complete before the next one comes")
            }
            // Half of a fused operation may have failed already.
            if unsafe other.pointee.status.isSuccess {
                unsafe note(CommandFailure(.abortedQueueDeletion), of: other, on: connection)
            }
            unsafe answer(other, on: connection)
        }
        unsafe connection.pointee.disconnect = operation.pointee.slot
        unsafe endDisconnectIfIdle(connection)
    }

    /// Answers a Disconnect that waits if all other commands of its queue have been answered.
    func endDisconnectIfIdle(_ connection: UnsafeMutablePointer<QueueConnection>) {
        let disconnect = unsafe connection.pointee.disconnect
        var slot = unsafe connection.pointee.firstOperation
        while slot != SlotList.none {
            let state = unsafe slab[slot].pointee.state
            if slot != disconnect, state == .executing || state == .parked { return }
            slot = unsafe slab[slot].pointee.next
        }
        unsafe connection.pointee.disconnect = SlotList.none
        unsafe succeed(slab[disconnect], on: connection)
        unsafe connection.pointee.closesWhenSent = true
    }

    // MARK: A queue that is too full

    /// Whether a host has sent more commands than its queue has entries: without flow control, commands that
    /// it has no answer to; with it, commands since the head that it was told last.
    ///
    /// The specification leaves one entry unused. Linux before 6.3 uses it too and does not look at the head,
    /// so that this is one command late.
    ///
    /// Source: NVM Express Base Specification, "Submission Queue Flow Control Negotiation", "Submission Queue
    /// Flow Control".
    func isOverflowing(_ connection: UnsafeMutablePointer<QueueConnection>) -> Bool {
        switch unsafe connection.pointee.role {
        // A host that does not wait for the answer to Connect is only not read from.
        case .unconnected, .joining: return false
        case .admin, .io: break
        }
        if unsafe connection.pointee.isFlowControlDisabled {
            let (count, sent) = unsafe (connection.pointee.operationCount, connection.pointee.sendingCount)
            return unsafe count - sent > connection.pointee.queueEntries
        }
        return unsafe connection.pointee.unreportedCount > connection.pointee.queueEntries
    }

    /// Ends the association of a queue that overflows.
    func endOverflowing(_ connection: UnsafeMutablePointer<QueueConnection>) {
        let (queueID, entries) = unsafe (connection.pointee.queueID, connection.pointee.queueEntries)
        let reason = "its host overflowed queue \(queueID) of \(entries) entries"
        switch unsafe connection.pointee.role {
        case .unconnected, .joining: preconditionFailure("only queues overflow")
        case .admin(let controller): endAssociation(of: controller.id, because: reason)
        case .io(let queue):
            let address = unsafe QueueAddress(shard: id, connection: connection.pointee.id)
            enqueue(
                .post(
                    .queueOverflowed(
                        controller: queue.controllerID, queue: queue.queueID, connection: address,
                        reason: reason),
                    to: shard(of: queue.controllerID)))
        }
        unsafe beginClose(connection)
    }

    /// An I/O queue of a controller here overflows.
    func queueOverflowed(
        controller id: UInt16, queue: UInt16, connection: QueueAddress, because reason: String
    ) {
        guard let seat = controllers[id], seat.queues[queue] == connection else { return }
        end(seat, because: reason)
    }

    private func endAssociation(of controller: UInt16, because reason: String) {
        guard let seat = controllers[controller] else { return }
        end(seat, because: reason)
    }
}
