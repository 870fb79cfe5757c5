// A batch on its way out: the core's TransmitBatch with the message header that names its segments to
// sendmsg. A connection has one only while a send is in flight; the pool keeps some for the next.

import CLiburing
import NVMeTCP

/// A batch and how far its send has come.
@safe struct SendBatch: ~Copyable {
    var batch = TransmitBatch(pduCountMax: Bounds.batchPDUs)
    // On the heap, because the kernel keeps its address while a send is in flight; freed in deinit.
    private let message: UnsafeMutablePointer<msghdr>
    private var remaining = 0

    init() {
        unsafe message = .allocate(capacity: 1)
        unsafe message.initialize(to: msghdr())
    }

    deinit { unsafe message.deallocate() }

    /// What sendmsg is to be given; valid as long as the batch.
    var messageAddress: UnsafePointer<msghdr> { unsafe UnsafePointer(message) }

    /// Whether some of the batch was not sent.
    var isUnfinished: Bool { remaining > 0 }

    /// Begins to send all of the batch.
    mutating func begin() {
        let segments = unsafe batch.segments
        precondition(segments.count <= 1024, "sendmsg takes 1024 vectors (UIO_MAXIOV)")
        // A segment is laid out as an iovec; a test checks it.
        unsafe message.pointee.msg_iov = UnsafeMutableRawPointer(segments.baseAddress!).assumingMemoryBound(
            to: iovec.self)
        unsafe message.pointee.msg_iovlen = segments.count
        remaining = batch.byteCount
    }

    /// Notes that `count` bytes were sent, and leaves the message naming the rest.
    /// - Returns: whether all was sent.
    mutating func advance(by count: Int) -> Bool {
        precondition(count <= remaining, "no more is sent than there is")
        remaining -= count
        if remaining == 0 { return true }
        var rest = count
        while rest > 0 {
            let first = unsafe message.pointee.msg_iov!
            let length = unsafe first.pointee.iov_len
            if rest < length {
                unsafe first.pointee.iov_base += rest
                unsafe first.pointee.iov_len = length - rest
                break
            }
            rest -= length
            unsafe message.pointee.msg_iov = first + 1
            unsafe message.pointee.msg_iovlen -= 1
        }
        return false
    }
}

/// Batches of one shard. They are allocated when more sends are in flight than ever before, and freed beyond
/// a few.
@safe struct SendBatchPool: ~Copyable {
    private var free: [UnsafeMutablePointer<SendBatch>] = unsafe []

    init() { unsafe free.reserveCapacity(Bounds.batchesKept) }

    deinit {
        for index in unsafe free.indices { unsafe Self.destroy(free[index]) }
    }

    /// An empty batch; it stays where it is until given back.
    mutating func take() -> UnsafeMutablePointer<SendBatch> {
        if let batch = unsafe free.popLast() { return unsafe batch }
        let batch = UnsafeMutablePointer<SendBatch>.allocate(capacity: 1)
        unsafe batch.initialize(to: SendBatch())
        return unsafe batch
    }

    mutating func giveBack(_ batch: UnsafeMutablePointer<SendBatch>) {
        guard unsafe free.count < Bounds.batchesKept else { return unsafe Self.destroy(batch) }
        unsafe batch.pointee.batch.reset()
        unsafe free.append(batch)
    }

    private static func destroy(_ batch: UnsafeMutablePointer<SendBatch>) {
        unsafe batch.deinitialize(count: 1)
        unsafe batch.deallocate()
    }
}
