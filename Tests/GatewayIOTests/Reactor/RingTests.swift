// The ring over socket pairs, on this kernel and posing as older ones: features withheld must not change
// what happens.

import CLiburing
import Testing

@testable import GatewayIO

/// Kernels to pose as: this one, and ones that lack what came later.
let kernels: [RingFeatures] = [
    .all, [.singleIssuer, .cooperativeTaskRun, .submitAll, .bufferRings, .multishotAccept, .pollFirst],
    [.cooperativeTaskRun, .submitAll], [],
]

@Suite struct RingTests {
    @Test("The tag of an operation comes back with its kind, index and generation", arguments: kernels)
    func tags(features: RingFeatures) throws {
        let ring = try Ring(entries: 8, allowing: features)
        #expect(features.isSuperset(of: ring.features))
        let tag = Operation(.file, index: 0xFFFF_FFFF, generation: 0xFFAB_CDEF)
        ring.nop(tag)
        let completion = ring.wait()
        #expect(completion.operation == tag)
        #expect(completion.operation.kind == .file)
        #expect(completion.operation.index == 0xFFFF_FFFF)
        #expect(completion.operation.generation == 0xAB_CDEF)
        #expect(completion.result == 0)
        #expect(ring.next() == nil)
    }

    @Test("More submissions than the queue has room for all complete", arguments: kernels)
    func overflow(features: RingFeatures) throws {
        let ring = try Ring(entries: 4, allowing: features)
        for index in 0..<1000 { ring.nop(Operation(.file, index: UInt32(index))) }
        var seen = Set<UInt32>()
        while seen.count < 1000 { seen.insert(ring.wait().operation.index) }
        #expect(seen == Set(0..<1000))
    }

    @Test("A wait with a time limit ends without a completion", arguments: kernels)
    func waitLimit(features: RingFeatures) throws {
        let ring = try Ring(entries: 8, allowing: features)
        ring.submit(wait: true, timeout: 1_000_000)
        #expect(ring.next() == nil)
    }

    @Test("A receive into given memory takes no more than it was given", arguments: kernels)
    func receiveDirect(features: RingFeatures) throws {
        let ring = try Ring(entries: 8, allowing: features)
        let pair = SocketPair()
        pair.write([1, 2, 3, 4, 5])
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 3, alignment: 1)
        defer { memory.deallocate() }
        ring.receive(
            Operation(.receiveDirect, index: 7), socket: pair.near, into: memory.baseAddress!, count: 3)
        #expect(ring.wait().result == 3)
        #expect(Array(memory) == [1, 2, 3])
    }

    @Test("A receive that waits ends when it is cancelled", arguments: kernels)
    func cancel(features: RingFeatures) throws {
        let ring = try Ring(entries: 8, allowing: features)
        let pair = SocketPair()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
        defer { memory.deallocate() }
        let tag = Operation(.receiveDirect, index: 7, generation: 3)
        ring.receive(tag, socket: pair.near, into: memory.baseAddress!, count: 16)
        ring.submit(wait: false)
        #expect(ring.next() == nil)
        ring.cancel(tag)
        var results: [Operation.Kind: Int32] = [:]
        while results.count < 2 {
            let completion = ring.wait()
            results[completion.operation.kind] = completion.result
        }
        #expect(results[.receiveDirect] == -ECANCELED)
    }

    @Test("A receive at the peer's end of file completes with 0", arguments: kernels)
    func endOfFile(features: RingFeatures) throws {
        let ring = try Ring(entries: 8, allowing: features)
        let pair = SocketPair()
        shutdown(pair.far, Int32(SHUT_WR))
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
        defer { memory.deallocate() }
        ring.receive(Operation(.receiveDirect), socket: pair.near, into: memory.baseAddress!, count: 16)
        #expect(ring.wait().result == 0)
    }

    @Test("A message of 1024 vectors arrives in order", arguments: kernels)
    func manyVectors(features: RingFeatures) throws {
        let ring = try Ring(entries: 8, allowing: features)
        let pair = SocketPair()
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
        let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: 1024)
        let message = UnsafeMutablePointer<msghdr>.allocate(capacity: 1)
        defer {
            bytes.deallocate()
            vectors.deallocate()
            message.deallocate()
        }
        for index in 0..<1024 {
            bytes[index] = UInt8(truncatingIfNeeded: index / 3)
            vectors.initializeElement(at: index, to: iovec(iov_base: bytes.baseAddress! + index, iov_len: 1))
        }
        message.initialize(to: msghdr())
        message.pointee.msg_iov = vectors.baseAddress
        message.pointee.msg_iovlen = 1024
        ring.send(Operation(.send), socket: pair.near, message: message)
        #expect(ring.wait().result == 1024)
        #expect(pair.read(1024) == Array(bytes))
    }

    @Test("A send to a peer that is gone fails, and no signal ends the process")
    func brokenPipe() throws {
        let ring = try Ring(entries: 8)
        let pair = SocketPair()
        pair.closeFar()
        let byte = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)
        let vector = UnsafeMutablePointer<iovec>.allocate(capacity: 1)
        let message = UnsafeMutablePointer<msghdr>.allocate(capacity: 1)
        defer {
            byte.deallocate()
            vector.deallocate()
            message.deallocate()
        }
        vector.initialize(to: iovec(iov_base: byte, iov_len: 1))
        message.initialize(to: msghdr())
        message.pointee.msg_iov = vector
        message.pointee.msg_iovlen = 1
        ring.send(Operation(.send), socket: pair.near, message: message)
        #expect(ring.wait().result == -EPIPE)
    }
}

@Suite struct StagingBufferTests {
    @Test("The kernel picks a buffer when data arrives, and none before")
    func picks() throws {
        let ring = try Ring(entries: 8)
        try #require(ring.features.contains(.bufferRings), "this kernel has no buffer rings")
        var buffers = try StagingBuffers(on: ring, byteCount: 4096, offered: 2, spare: 0)
        let pair = SocketPair()
        ring.receive(Operation(.receiveStaged), socket: pair.near, group: 0)
        ring.submit(wait: false)
        #expect(ring.next() == nil)
        pair.write([9, 8, 7])
        let completion = ring.wait()
        #expect(completion.result == 3)
        let index = try #require(completion.buffer)
        buffers.picked()
        #expect(Array(buffers.buffer(index)[..<3]) == [9, 8, 7])
        #expect(buffers.offeredCount == 1)
        buffers.giveBack(index)
        #expect(buffers.offeredCount == 2)
    }

    @Test("With all buffers held a receive says so; a buffer given back serves the next")
    func exhaustion() throws {
        let ring = try Ring(entries: 8)
        try #require(ring.features.contains(.bufferRings), "this kernel has no buffer rings")
        var buffers = try StagingBuffers(on: ring, byteCount: 64, offered: 1, spare: 1)
        let pair = SocketPair()
        pair.write([UInt8](repeating: 5, count: 64 * 3))
        var held: [UInt16] = []
        for _ in 0..<2 {
            ring.receive(Operation(.receiveStaged), socket: pair.near, group: 0)
            let completion = ring.wait()
            #expect(completion.result == 64)
            #expect(completion.hasMoreBytes)
            held.append(try #require(completion.buffer))
            buffers.picked()
        }
        #expect(buffers.freeCount == 0)
        let taken = buffers.take()
        #expect(taken == nil)
        ring.receive(Operation(.receiveStaged), socket: pair.near, group: 0)
        #expect(ring.wait().result == -ENOBUFS)
        buffers.giveBack(held[0])
        ring.receive(Operation(.receiveStaged), socket: pair.near, group: 0)
        let last = ring.wait()
        #expect(last.result == 64)
        #expect(last.buffer == held[0])
        #expect(!last.hasMoreBytes)
    }

    @Test("Without buffer rings a poll tells when to take a buffer")
    func fallback() throws {
        let ring = try Ring(entries: 8, allowing: [])
        var buffers = try StagingBuffers(on: ring, byteCount: 64, offered: 2, spare: 1)
        #expect(buffers.offeredCount == 0)
        #expect(buffers.freeCount == 3)
        let pair = SocketPair()
        ring.pollReadable(Operation(.pollReadable), descriptor: pair.near)
        ring.submit(wait: false)
        #expect(ring.next() == nil)
        pair.write([1, 2])
        #expect(ring.wait().result > 0)
        let taken = buffers.take()
        let index = try #require(taken)
        #expect(recv(pair.near, buffers.buffer(index).baseAddress, 64, 0) == 2)
        buffers.giveBack(index)
        #expect(buffers.freeCount == 3)
    }
}
