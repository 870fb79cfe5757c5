// The end of a connection, whoever wants it: what is in flight is cancelled, and when it has ended the socket
// is closed and the core told. Only then may the core use the index and the memory again.

import CLiburing
import GatewayCore

extension Shard {
    /// The core ends the connection. What it wanted sent was sent before: a send still in flight is one that
    /// is stuck.
    func close(_ id: ConnectionID) {
        guard unsafe openSlot(id) != nil else { return }
        beginClose(id.index)
    }

    /// Begins the end of an open connection.
    func beginClose(_ index: UInt32) {
        let slot = unsafe slots[index]
        guard unsafe slot.pointee.state == .open else { return }
        unsafe slot.pointee.state = .closing
        if unsafe slot.pointee.heldCount > 0 {
            unsafe slot.pointee.heldCount = 0
            unsafe staging.giveBack(slot.pointee.heldBuffer)
        }
        if unsafe slot.pointee.isReceiving { unsafe reactor.ring.cancel(tag(slot.pointee.receiving, index)) }
        if unsafe slot.pointee.batch != nil { reactor.ring.cancel(tag(.send, index)) }
        finishClose(index)
    }

    /// Ends a closing connection once nothing of it is in flight.
    func finishClose(_ index: UInt32) {
        let slot = unsafe slots[index]
        guard unsafe slot.pointee.state == .closing, unsafe !slot.pointee.isReceiving,
            unsafe slot.pointee.batch == nil
        else { return }
        let id = id(index)
        if unsafe slot.pointee.isCutShort {
            // Else the kernel would keep what a peer that reads nothing has not taken, for minutes.
            unsafe abandonUnsent(slot.pointee.socket)
            unsafe CLiburing.close(slot.pointee.socket)
        } else {
            unsafe linger(slot.pointee.socket)
        }
        unsafe slot.pointee.socket = -1
        unsafe slot.pointee.state = .free
        openCount -= 1
        core.closed(id, at: now)
        descriptorIsFree()
    }

    /// Who waits to be accepted for want of descriptors need not wait longer.
    func descriptorIsFree() {
        for index in accepting.indices where accepting[index].retryAt != nil { accept(index) }
    }
}
