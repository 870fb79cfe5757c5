// Batches on their way out: laid out as the system wants them, and right after a write that was cut short
// anywhere.

import CLiburing
import Testing

@testable import GatewayIO
@testable import NVMeTCP

@Suite struct SendBatchTests {
    @Test("A segment of a batch is laid out as the system's iovec")
    func layout() {
        #expect(MemoryLayout<TransmitBatch.Segment>.size == MemoryLayout<iovec>.size)
        #expect(MemoryLayout<TransmitBatch.Segment>.stride == MemoryLayout<iovec>.stride)
        #expect(MemoryLayout<TransmitBatch.Segment>.alignment == MemoryLayout<iovec>.alignment)
        #expect(
            MemoryLayout<TransmitBatch.Segment>.offset(of: \.base)
                == MemoryLayout<iovec>.offset(of: \.iov_base))
        #expect(
            MemoryLayout<TransmitBatch.Segment>.offset(of: \.count)
                == MemoryLayout<iovec>.offset(of: \.iov_len))
    }

    /// A batch of three headers of 24 bytes, each with a payload of `payload`.
    private func fill(_ batch: inout TransmitBatch, payload: UnsafeRawBufferPointer) {
        for header in 0..<3 as Range<UInt8> {
            let bytes = batch.append(24)
            for index in bytes.indices { bytes[index] = header * 24 + UInt8(index) }
            batch.append(payload: payload)
        }
    }

    /// What the batch's message names now.
    private func bytes(_ batch: borrowing SendBatch) -> [UInt8] {
        let message = batch.messageAddress.pointee
        return (0..<Int(message.msg_iovlen)).flatMap { index in
            Array(
                UnsafeRawBufferPointer(
                    start: message.msg_iov[index].iov_base, count: message.msg_iov[index].iov_len))
        }
    }

    @Test("After a send that was cut short at any byte the message names exactly the rest")
    func shortWrites() {
        let payload = UnsafeMutableRawBufferPointer.allocate(byteCount: 40, alignment: 8)
        defer { payload.deallocate() }
        for index in payload.indices { payload[index] = UInt8(index + 100) }
        var reference = SendBatch()
        fill(&reference.batch, payload: UnsafeRawBufferPointer(payload))
        reference.begin()
        let whole = bytes(reference)
        #expect(whole.count == 3 * (24 + 40))
        for first in 1..<whole.count {
            var batch = SendBatch()
            fill(&batch.batch, payload: UnsafeRawBufferPointer(payload))
            batch.begin()
            let isWhole = batch.advance(by: first)
            #expect(!isWhole)
            #expect(bytes(batch) == Array(whole[first...]))
            if first + 7 < whole.count {
                let isWholeNow = batch.advance(by: 7)
                #expect(!isWholeNow)
                #expect(bytes(batch) == Array(whole[(first + 7)...]))
            } else {
                let isWholeNow = batch.advance(by: whole.count - first)
                #expect(isWholeNow)
            }
        }
    }

    @Test("A pool gives out a batch that is empty again")
    func pool() {
        var pool = SendBatchPool()
        let payload = UnsafeMutableRawBufferPointer.allocate(byteCount: 40, alignment: 8)
        defer { payload.deallocate() }
        let batch = pool.take()
        fill(&batch.pointee.batch, payload: UnsafeRawBufferPointer(payload))
        pool.giveBack(batch)
        let again = pool.take()
        #expect(again == batch)
        let isEmpty = again.pointee.batch.isEmpty
        #expect(isEmpty)
        let other = pool.take()
        #expect(other != again)
        pool.giveBack(again)
        pool.giveBack(other)
    }
}
