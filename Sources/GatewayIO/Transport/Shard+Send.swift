// Bytes out: one send in flight a connection. What becomes ready meanwhile leaves together in the next.

import CLiburing
import GatewayCore
import NVMeTCP

extension Shard {
    /// The core has something to send.
    func transmit(_ id: ConnectionID) {
        guard let slot = unsafe openSlot(id) else { return }
        if unsafe slot.pointee.batch != nil {
            unsafe slot.pointee.wantsTransmit = true
        } else {
            send(id.index)
        }
    }

    /// Sends to a connection whose last send ended in this turn.
    func sendMore(_ index: UInt32) {
        let slot = unsafe slots[index]
        guard unsafe slot.pointee.state == .open, unsafe slot.pointee.batch == nil else { return }
        send(index)
    }

    private func send(_ index: UInt32) {
        let slot = unsafe slots[index]
        unsafe slot.pointee.wantsTransmit = false
        let batch = unsafe batches.take()
        unsafe core.fill(&batch.pointee.batch, for: id(index), at: now)
        guard unsafe !batch.pointee.batch.isEmpty else { return unsafe batches.giveBack(batch) }
        unsafe batch.pointee.begin()
        unsafe slot.pointee.batch = batch
        unsafe submit(index, batch)
    }

    private func submit(_ index: UInt32, _ batch: UnsafeMutablePointer<SendBatch>) {
        // The batch stays where it is until the send has ended.
        unsafe reactor.ring.send(
            tag(.send, index), socket: slots[index].pointee.socket, message: batch.pointee.messageAddress)
    }

    func sent(_ completion: Completion) {
        let index = completion.operation.index
        let slot = unsafe slots[index]
        guard let batch = unsafe slot.pointee.batch else {
            preconditionFailure("a send in flight has a batch")
        }
        let result = completion.result
        if unsafe result > 0 && !batch.pointee.advance(by: Int(result)) {
            // A short write. If the connection ends, the rest would go nowhere.
            if unsafe slot.pointee.state == .open { return unsafe submit(index, batch) }
        }
        if [-EAGAIN, -EINTR].contains(result), unsafe slot.pointee.state == .open {
            return unsafe submit(index, batch)
        }
        // Whatever was not sent when the connection ends never is.
        if unsafe result <= 0 || batch.pointee.isUnfinished { unsafe slot.pointee.isCutShort = true }
        unsafe slot.pointee.batch = nil
        unsafe core.sent(batch.pointee.batch, for: id(index))
        unsafe batches.giveBack(batch)
        if unsafe slot.pointee.state == .closing {
            finishClose(index)
        } else if result <= 0 {
            beginClose(index)
        } else if unsafe slot.pointee.wantsTransmit {
            unsent.append(index)
        }
    }
}
