// Associations at their bounds, and what is left of one when it ends: nothing.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Associations")
struct AssociationTests {
    private let nqn = ConnectedHost.subsystemNQN

    @Test("A queue of 1,024 entries has as many commands in flight, and one of 1,025 is refused at SQSIZE")
    func deepQueue() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, entries: 1024)
        #expect(host.admin.property(.capabilities, size: .eightBytes).map { $0 & 0xFFFF } == 1023)
        let ids = (0..<1023).map { host.io.start(TestHost.io(.read, start: UInt64($0)), reading: 512) }
        host.fixture.pump()
        #expect(backend.heldCount == 1023)
        backend.release()
        host.fixture.pump()
        #expect(ids.allSatisfy { host.io.completions[$0]?.status == .success })
        let second = try #require(host.fixture.host())
        let refused = try second.connect(to: nqn, queue: 2, entries: 1025, controller: host.controllerID)
        #expect(refused?.status == .connectInvalidParameters.notRetryable)
        #expect(refused?.result == ConnectResponse.invalidParameters(offset: 44, inData: false))
    }

    @Test("A controller has 127 I/O queues over all shards, and no more")
    func manyQueues() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), shardCount: 4, entries: 32)
        var queues = [host.io]
        for queue in 2...127 as ClosedRange<UInt16> {
            let io = try #require(host.fixture.host(shard: Int(queue) % 4))
            #expect(try io.connect(to: nqn, queue: queue, controller: host.controllerID)?.status == .success)
            queues.append(io)
        }
        for (index, io) in queues.enumerated() {
            let data = [UInt8](repeating: UInt8(index), count: 512)
            #expect(io.write(start: UInt64(index), data: data)?.status == .success)
            #expect(queues[126 - index].read(start: UInt64(index), blocks: 1).data == data)
        }
        let more = try #require(host.fixture.host())
        let refused = try more.connect(to: nqn, queue: 128, controller: host.controllerID)
        #expect(refused?.status == .connectInvalidParameters.notRetryable)
        #expect(refused?.result == ConnectResponse.invalidParameters(offset: 42, inData: false))
        host.fixture.disconnect(host.admin)
        #expect(queues.allSatisfy { $0.isClosed })
    }

    @Test("One host may have several associations, each a controller of its own")
    func sameHostTwice() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), shardCount: 2)
        let admin = try #require(host.fixture.host(shard: 1))
        let answer = try #require(try admin.connect(to: nqn))
        let id = ConnectResponse.controllerID(answer.result)
        #expect(answer.status == .success && id != host.controllerID)
        #expect(admin.enable()?.status == .success)
        let io = try #require(host.fixture.host())
        #expect(try io.connect(to: nqn, queue: 1, controller: id)?.status == .success)
        let data = [UInt8](repeating: 5, count: 512)
        #expect(io.write(start: 0, data: data)?.status == .success)
        #expect(host.io.read(start: 0, blocks: 1).data == data)
        // The end of one is nothing to the other.
        host.fixture.disconnect(host.admin)
        #expect(io.read(start: 0, blocks: 1).data == data)
    }

    @Test("Without SQ flow control the Connect that agrees says FFFFh in SQHD, and no other command says any")
    func noFlowControl() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), attributes: .disableFlowControl)
        #expect(host.admin.completions[1]?.submissionQueueHead == 0xFFFF)
        #expect(host.io.completions[1]?.submissionQueueHead == 0xFFFF)
        let written = host.io.write(start: 0, data: [UInt8](repeating: 5, count: 512))
        #expect(written?.status == .success && written?.submissionQueueHead == 0)
        let failed = host.io.read(start: 1 << 40, blocks: 1).completion
        #expect(failed?.status == .lbaOutOfRange.notRetryable && failed?.submissionQueueHead == 0)
        let second = try host.admin.connect(to: nqn, attributes: .disableFlowControl)
        #expect(second?.status == .commandSequenceError.notRetryable)
        #expect(second?.submissionQueueHead == 0)
    }

    @Test("An association that has ended does not end again for want of commands, while its backend hangs")
    func endsOnce() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, keepAliveMilliseconds: 5000)
        _ = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        host.fixture.disconnect(host.admin)
        for _ in 0..<30 { host.fixture.advance(milliseconds: 1_000) }
        #expect(!host.fixture.log.lines.contains { $0.contains("keep-alive") })
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.shards[0].controllers.isEmpty)
    }

    @Test(
        "An expired keep-alive frees all that the association had on every shard, wherever its commands were")
    func keepAliveExpiry() throws {
        var limits = Limits()
        limits.transferShift = 2
        limits.bufferBytesMax = 24 << 10
        limits.receiveMilliseconds = 1 << 40
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, shardCount: 2, limits: limits, keepAliveMilliseconds: 5000)
        var queues = [host.io]
        for queue in 2...5 as ClosedRange<UInt16> {
            let io = try #require(host.fixture.host(shard: Int(queue) % 2))
            #expect(try io.connect(to: nqn, queue: queue, controller: host.controllerID)?.status == .success)
            queues.append(io)
        }
        let event = host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        for io in queues {
            io.holdsRequests = true
            let data = [UInt8](repeating: 1, count: 4096)
            // At the backend, awaiting data, awaiting memory, and half a capsule.
            _ = io.start(TestHost.io(.write, blocks: 8), data: data)
            _ = io.start(TestHost.io(.write, blocks: 8), data: data, inCapsule: false)
            for _ in 0..<8 { _ = io.start(TestHost.io(.read, blocks: 8), reading: 4096) }
            host.fixture.pump()
            io.sendRaw([4, 0, 72, 0])
        }
        #expect(host.fixture.shards.allSatisfy { $0.isAwaitingBuffer })
        for _ in 0..<6 { host.fixture.advance(milliseconds: 2_000) }
        #expect(host.admin.isClosed && queues.allSatisfy { $0.isClosed })
        #expect(host.admin.completions[event] == nil)
        // What the backend has is all that is left, and it counts against its shard's memory.
        #expect(host.fixture.shards.map { $0.operationsInFlight }.reduce(0, +) == backend.heldCount)
        #expect(
            host.fixture.shards.map { $0.buffers.heldByteCount }.reduce(0, +) == backend.heldCount * 4096)
        backend.release()
        host.fixture.pump()
        for shard in host.fixture.shards {
            #expect(shard.operationsInFlight == 0)
            #expect(shard.promisedOperations == 0)
            #expect(shard.buffers.heldByteCount == 0)
            #expect(shard.connections.count == 0)
            #expect(shard.controllers.isEmpty)
            #expect(!shard.isAwaitingBuffer)
            #expect(shard.subsystems.values.allSatisfy { $0.all.allSatisfy { $0.isUnused } })
        }
        // Nothing of it stands in the way of the next.
        let admin = try #require(host.fixture.host())
        #expect(try admin.connect(to: nqn)?.status == .success)
    }
}
