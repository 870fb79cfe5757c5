// Data on its way: R2Ts as the host and the bounds let them be, alignments, what fits a capsule, and hosts
// that keep others' memory.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Data transfers")
struct TransferTests {
    private func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 512) }
    }

    private func limits(transferShift: UInt8 = 5, hostDataBytesMax: Int = 131_072) -> Limits {
        var limits = Limits()
        limits.transferShift = transferShift
        limits.hostDataBytesMax = hostDataBytesMax
        return limits
    }

    private func parameters(
        transfers: Int = 1, digests: Bool = false, alignment: UInt8 = 0
    ) -> HostConnection.Parameters {
        var parameters = HostConnection.Parameters()
        parameters.maximumReadyToTransfers = transfers
        parameters.wantsHeaderDigest = digests
        parameters.wantsDataDigest = digests
        parameters.dataAlignment = alignment
        return parameters
    }

    @Test(
        "Data longer than MAXH2CDATA is asked for in pieces, no more at a time than host and target allow",
        arguments: [(1, 1), (2, 2), (4, 4), (9, 4)])
    func pieces(hostMax: Int, outstanding: Int) throws {
        let host = try ConnectedHost(
            MemoryBackend(byteCount: 1 << 20), limits: limits(hostDataBytesMax: 4096),
            parameters: parameters(transfers: hostMax))
        #expect(host.io.agreed?.maximumDataLength == 4096)
        host.io.holdsRequests = true
        let data = pattern(10 * 4096 + 512)
        let command = TestHost.io(.write, start: 5, blocks: data.count / 512)
        let id = host.io.start(command, data: data, inCapsule: false)
        host.fixture.pump()
        var asked: [TestHost.DataRequest] = []
        while let oldest = host.io.heldRequests.first {
            #expect(host.io.heldRequests.count == min(outstanding, 11 - asked.count))
            #expect(host.io.completions[id] == nil)
            asked.append(oldest)
            host.io.answerRequest()
        }
        #expect(asked.map(\.offset) == (0...10).map { $0 * 4096 })
        #expect(asked.map(\.length) == Array(repeating: 4096, count: 10) + [512])
        #expect(host.io.completions[id]?.status == .success)
        #expect(host.io.read(start: 5, blocks: data.count / 512).data == data)
    }

    @Test("A mebibyte is written and read back, with and without digests", arguments: [false, true], [1, 8])
    func mebibyte(digests: Bool, transfers: Int) throws {
        let host = try ConnectedHost(
            MemoryBackend(byteCount: 4 << 20), limits: limits(transferShift: 8),
            parameters: parameters(transfers: transfers, digests: digests))
        let data = pattern(1 << 20)
        #expect(host.io.write(start: 8, data: data, inCapsule: false)?.status == .success)
        #expect(host.io.requestedTransfers == 8)
        let isEqual = host.io.read(start: 8, blocks: 2048).data == data
        #expect(isEqual)
        #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
    }

    @Test("With memory for one command of a mebibyte, many are served one after the other")
    func shortMemory() throws {
        var limits = limits(transferShift: 8)
        limits.bufferBytesMax = 1 << 20
        let host = try ConnectedHost(MemoryBackend(byteCount: 4 << 20), limits: limits)
        let ids = (0..<4).map { index in
            host.io.start(
                TestHost.io(.write, start: UInt64(index) * 2048, blocks: 2048),
                data: [UInt8](repeating: UInt8(index), count: 1 << 20), inCapsule: false)
        }
        host.fixture.pump()
        #expect(ids.allSatisfy { host.io.completions[$0]?.status == .success })
        #expect(host.io.read(start: 3 * 2048 - 1, blocks: 2).data.prefix(513).suffix(2) == [2, 3])
    }

    @Test("A wrong digest in one piece fails the command when no piece is outstanding, and asks for no more")
    func spoiledPiece() throws {
        let host = try ConnectedHost(
            MemoryBackend(byteCount: 1 << 20), limits: limits(hostDataBytesMax: 4096),
            parameters: parameters(transfers: 2, digests: true))
        host.io.holdsRequests = true
        let data = pattern(32768)
        let id = host.io.start(TestHost.io(.write, blocks: 64), data: data, inCapsule: false)
        host.fixture.pump()
        #expect(host.io.heldRequests.count == 2)
        host.io.spoilsDigests = true
        host.io.answerRequest()
        host.io.spoilsDigests = false
        #expect(host.io.completions[id] == nil)
        #expect(host.io.heldRequests.count == 1)
        host.io.answerRequest()
        #expect(host.io.completions[id]?.status.kind == Status.transientTransportError.kind)
        #expect(host.io.heldRequests.isEmpty)
        host.io.holdsRequests = false
        #expect(host.io.write(start: 0, data: data, inCapsule: false)?.status == .success)
        #expect(host.io.read(start: 0, blocks: 64).data == data)
    }

    @Test("A data PDU longer than MAXH2CDATA ends the connection")
    func tooLong() throws {
        let host = try ConnectedHost(
            MemoryBackend(byteCount: 1 << 20), limits: limits(hostDataBytesMax: 4096))
        host.io.holdsRequests = true
        _ = host.io.start(TestHost.io(.write, blocks: 16), data: pattern(8192), inCapsule: false)
        host.fixture.pump()
        let request = try #require(host.io.heldRequests.first)
        // H2CData with LAST_PDU: 8,192 bytes where 4,096 were asked for.
        var header: [UInt8] = [6, 4, 24, 24, 0x18, 0x20, 0, 0]
        header += [UInt8(request.commandID), 0, UInt8(request.tag), 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]
        host.io.sendRaw(header + pattern(8192))
        #expect(host.io.termination != nil)
        #expect(host.io.isClosed)
    }

    @Test("Every alignment that a host and the target can ask for", arguments: [0, 1, 7, 15, 30, 31])
    func alignment(alignment: UInt8) throws {
        var limits = limits(hostDataBytesMax: 8192)
        limits.dataAlignment = 31 - alignment
        for digests in [false, true] {
            let host = try ConnectedHost(
                MemoryBackend(byteCount: 1 << 20), limits: limits,
                parameters: parameters(transfers: 2, digests: digests, alignment: alignment))
            for (byteCount, isInCapsule) in [(512, true), (8192, true), (512, false), (40960, false)] {
                let data = pattern(byteCount)
                #expect(host.io.write(start: 1, data: data, inCapsule: isInCapsule)?.status == .success)
                #expect(host.io.read(start: 1, blocks: byteCount / 512).data == data)
            }
        }
    }

    @Test("What is longer than IOCCSZ is refused in an I/O capsule, and taken in an admin one")
    func capsules() throws {
        var limits = limits()
        limits.inCapsuleBytesMax = 4096
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), limits: limits)
        #expect(host.io.write(start: 0, data: pattern(4096))?.status == .success)
        #expect(host.io.write(start: 0, data: pattern(8192))?.status == .dataSGLLengthInvalid.notRetryable)
        #expect(host.io.write(start: 0, data: pattern(8192), inCapsule: false)?.status == .success)
        limits.inCapsuleBytesMax = 0
        // Connect brings a kibibyte in its capsule.
        let small = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), limits: limits)
        #expect(small.io.write(start: 0, data: pattern(512))?.status == .dataSGLLengthInvalid.notRetryable)
        #expect(small.io.write(start: 0, data: pattern(512), inCapsule: false)?.status == .success)
        #expect(small.io.write(start: 0, data: pattern(8704)) == nil)
        #expect(small.io.isClosed)
    }

    @Test("Answers leave in sends of a bounded length")
    func sends() throws {
        var limits = limits()
        limits.sendBytesMax = 16384
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), limits: limits)
        let ids = (0..<32).map {
            host.io.start(TestHost.io(.read, start: UInt64($0), blocks: 8), reading: 4096)
        }
        host.fixture.pump()
        #expect(ids.allSatisfy { host.io.completions[$0]?.status == .success })
        #expect(host.fixture.longestBatch <= 16384 + 4096 + 48)
    }

    @Test("A host that owes data and sends none loses its connection, and its buffers are free")
    func owedData() throws {
        let host = try ConnectedHost(
            MemoryBackend(byteCount: 1 << 20), limits: limits(hostDataBytesMax: 4096))
        host.io.holdsRequests = true
        _ = host.io.start(TestHost.io(.write, blocks: 16), data: pattern(8192), inCapsule: false)
        host.fixture.pump()
        host.fixture.advance(milliseconds: 29_000)
        // Each piece that comes gives it time.
        host.io.answerRequest()
        host.fixture.advance(milliseconds: 29_000)
        #expect(!host.io.isClosed)
        host.fixture.advance(milliseconds: 2_000)
        #expect(host.io.isClosed)
        #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
        #expect(host.fixture.log.lines.contains { $0.contains("does not send data that it owes") })
    }

    @Test("A host that stops within a PDU loses its connection; one that is idle or waits keeps it")
    func halfPDU() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        let waiting = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        host.fixture.advance(milliseconds: 300_000)
        #expect(!host.io.isClosed && !host.admin.isClosed)
        backend.release()
        host.fixture.pump()
        #expect(host.io.completions[waiting]?.status == .success)
        host.io.sendRaw([4, 0, 72])
        host.fixture.advance(milliseconds: 31_000)
        #expect(host.io.isClosed)
    }

    @Test("A host that sends what it owes byte by byte loses its connection; one that is only slow keeps it")
    func trickle() throws {
        var limits = limits(hostDataBytesMax: 131_072)
        limits.trickleBytesMin = 4096
        for (bytesASecond, isKept) in [(1, false), (30, false), (64, true)] {
            let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), limits: limits)
            host.io.holdsRequests = true
            _ = host.io.start(TestHost.io(.write, blocks: 256), data: pattern(131_072), inCapsule: false)
            host.fixture.pump()
            let request = try #require(host.io.heldRequests.first)
            // The header of its H2CData PDU: one of 128 KiB.
            var header: [UInt8] = [6, 4, 24, 24, 24, 0, 2, 0]
            header += [request.commandID, request.tag].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            header += [0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0]
            host.io.sendRaw(header)
            for _ in 0..<300 {
                host.io.sendRaw([UInt8](repeating: 1, count: bytesASecond))
                host.fixture.advance(milliseconds: 1_000)
            }
            #expect(host.io.isClosed != isKept, "\(bytesASecond) bytes a second")
            #expect(isKept || host.fixture.shards[0].buffers.heldByteCount == 0)
        }
    }

    @Test("A host that waits for the target's memory owes nothing meanwhile")
    func pausedHost() throws {
        var limits = limits()
        limits.bufferBytesMax = 1 << 17
        limits.capsuleBufferBytesMax = 8192
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, limits: limits)
        let reads = (0..<2).map { _ in host.io.start(TestHost.io(.read, blocks: 256), reading: 1 << 17) }
        let writes = (0..<2).map { _ in host.io.start(TestHost.io(.write, blocks: 16), data: pattern(8192)) }
        host.fixture.pump()
        for _ in 0..<100 { host.fixture.advance(milliseconds: 1_000) }
        #expect(!host.io.isClosed)
        while backend.heldCount > 0 {
            backend.release()
            host.fixture.pump()
            host.fixture.advance(milliseconds: 500)
        }
        #expect((reads + writes).allSatisfy { host.io.completions[$0]?.status == .success })
    }
}
