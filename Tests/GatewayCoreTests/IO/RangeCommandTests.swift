// Commands on ranges through a whole shard: in which pieces they reach a backend, what Force Unit Access
// adds, and which fields are refused.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Range commands")
struct RangeCommandTests {
    typealias Asked = RecordingBackend.Asked
    private static let mebibyte: UInt64 = 1 << 20

    private static func pattern(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index / 512 &* 7 &+ 1) }

    // MARK: Verify

    @Test("Verify reads all of its blocks in pieces, and gives nothing to the host")
    func verify() throws {
        let backend = RecordingBackend(byteCount: 2 * Self.mebibyte, contents: Self.pattern)
        let host = try ConnectedHost(backend)
        let command = TestHost.io(.verify, start: 200, blocks: 600)
        #expect(host.io.run(command).completion?.status == .success)
        // Each but the first begins where a piece of 128 KiB does.
        #expect(
            backend.takeAsked() == [
                Asked(operation: .read, offset: 102_400, byteCount: 28_672),
                Asked(operation: .read, offset: 131_072, byteCount: 131_072),
                Asked(operation: .read, offset: 262_144, byteCount: 131_072),
                Asked(operation: .read, offset: 393_216, byteCount: 16_384),
            ])
        #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
        let health = try host.health()
        #expect(health.data_units_read.0 == 1 && health.host_reads.0 == 0, "read, by no host read command")
    }

    @Test("Verify of a whole namespace of 65,536 blocks is one command")
    func longVerify() throws {
        let backend = RecordingBackend(byteCount: 32 * Self.mebibyte)
        let host = try ConnectedHost(backend)
        #expect(host.io.run(TestHost.io(.verify, blocks: 65_536)).completion?.status == .success)
        #expect(backend.takeAsked().map(\.byteCount) == Array(repeating: 131_072, count: 256))
    }

    @Test("Verify fails with the error of the piece that can't be read, and the log names its block")
    func verifyFails() throws {
        let backend = RecordingBackend(byteCount: 2 * Self.mebibyte)
        let host = try ConnectedHost(backend)
        backend.fail(1, with: .mediaError)
        let completion = host.io.run(TestHost.io(.verify, start: 8, blocks: 1000)).completion
        #expect(completion?.status == .unrecoveredReadError.notRetryable)
        #expect(backend.takeAsked().count == 2)
        let entry = try host.newestError()
        #expect(entry.lba == 256 && entry.nsid == 1 && entry.parm_error_location == 0xFFFF)
    }

    @Test("Verify refuses PRACT at byte 51 bit 5, and ignores checks and reserved bits")
    func verifyFields() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: Self.mebibyte))
        for (bits, status) in [
            (1 << 29, Status.invalidField.notRetryable), (0x7 << 26, .success), (1 << 24, .success),
            (1 << 25, .success), (0xF << 20, .success), (1 << 31, .success),
            (1 << 16, .invalidField.notRetryable),
        ] as [(UInt32, Status)] {
            var command = TestHost.io(.verify)
            command.dword12 |= bits
            #expect(host.io.run(command).completion?.status == status, "CDW12 \(bits)")
        }
        #expect(
            host.io.run(TestHost.io(.verify, start: 2048)).completion?.status == .lbaOutOfRange.notRetryable)
    }

    // MARK: Write Zeroes and Dataset Management

    @Test("A long Write Zeroes reaches the backend in pieces, one after the other", arguments: [false, true])
    func zeroPieces(deallocates: Bool) throws {
        var limits = Limits()
        limits.rangeBytesMax = 1 << 20
        let backend = RecordingBackend(byteCount: 4 * Self.mebibyte, contents: Self.pattern)
        let host = try ConnectedHost(backend, limits: limits)
        var command = TestHost.io(.writeZeroes, start: 2047, blocks: 4098)
        command.dword12 |= 1 << 30 | (deallocates ? 1 << 25 : 0)
        #expect(host.io.run(command).completion?.status == .success)
        #expect(
            backend.takeAsked() == [
                Asked(operation: .writeZeroes, offset: 1_048_064, byteCount: 512, forceUnitAccess: true),
                Asked(operation: .writeZeroes, offset: 1 << 20, byteCount: 1 << 20, forceUnitAccess: true),
                Asked(operation: .writeZeroes, offset: 2 << 20, byteCount: 1 << 20, forceUnitAccess: true),
                Asked(operation: .writeZeroes, offset: 3 << 20, byteCount: 512, forceUnitAccess: true),
            ])
        let bytes = backend.bytes
        let range = 2047 * 512..<(2047 + 4098) * 512
        #expect(bytes[range].allSatisfy { $0 == 0 })
        #expect(bytes[range.lowerBound - 1] == Self.pattern(range.lowerBound - 1))
        #expect(bytes[range.upperBound] == Self.pattern(range.upperBound))
    }

    @Test("Long ranges of Dataset Management are cut as well, each where the store's units end")
    func deallocatePieces() throws {
        var limits = Limits()
        limits.rangeBytesMax = 1 << 20
        let backend = RecordingBackend(byteCount: 4 * Self.mebibyte)
        let host = try ConnectedHost(backend, limits: limits)
        let completion = host.io.deallocate([(0, 3000), (5, 0), (4096, 4096), (1, 1)])
        #expect(completion?.status == .success)
        #expect(
            backend.takeAsked() == [
                Asked(operation: .deallocate, offset: 0, byteCount: 1 << 20),
                Asked(operation: .deallocate, offset: 1 << 20, byteCount: 952 * 512),
                Asked(operation: .deallocate, offset: 2 << 20, byteCount: 1 << 20),
                Asked(operation: .deallocate, offset: 3 << 20, byteCount: 1 << 20),
                Asked(operation: .deallocate, offset: 512, byteCount: 512),
            ])
    }

    @Test("All 256 ranges are served, and a namespace of 2 TiB in one of them")
    func manyRanges() throws {
        let backend = RecordingBackend(byteCount: Self.mebibyte)
        let host = try ConnectedHost(backend)
        let ranges = (0..<256).map { (start: UInt64($0 * 8), count: UInt32(8)) }
        #expect(host.io.deallocate(ranges)?.status == .success)
        #expect(backend.takeAsked().map(\.offset) == (0..<256).map { UInt64($0 * 4096) })
        let huge = NullBackend(byteCount: 1 << 42)
        let other = try ConnectedHost(huge)
        #expect(other.io.deallocate([(0, UInt32.max)])?.status == .success)
    }

    @Test("Ranges without AD are hints: nothing is asked of the store, wherever they are")
    func hints() throws {
        let backend = RecordingBackend(byteCount: Self.mebibyte, isReadOnly: true)
        let host = try ConnectedHost(backend)
        #expect(host.io.deallocate([(0, 8), (1 << 40, 8)], attributes: 0b011)?.status == .success)
        #expect(backend.takeAsked() == [])
        #expect(host.io.deallocate([(0, 8)])?.status == .namespaceWriteProtected.notRetryable)
    }

    @Test("A range out of bounds is in the command's data: no byte of the command is to blame")
    func rangeLocation() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: Self.mebibyte))
        #expect(host.io.deallocate([(0, 8), (2040, 9)])?.status == .lbaOutOfRange.notRetryable)
        let entry = try host.newestError()
        #expect(entry.parm_error_location == 0xFFFF && entry.lba == 2048 && entry.nsid == 1)
    }

    @Test("A long command leaves others their turns, on a backend that is always done at once")
    func turns() throws {
        var limits = Limits()
        limits.rangeBytesMax = 4096
        let backend = RecordingBackend(byteCount: Self.mebibyte)
        let host = try ConnectedHost(backend, limits: limits)
        _ = host.io.start(TestHost.io(.writeZeroes, blocks: 2048))
        // Before anything is pumped: it has had its first turn.
        #expect(backend.takeAsked().count == 2)
        _ = host.io.start(TestHost.io(.read, start: 0, blocks: 1), reading: 512)
        #expect(backend.takeAsked() == [Asked(operation: .read, offset: 0, byteCount: 512)])
        host.fixture.pump()
        #expect(backend.takeAsked().count == 254)
        #expect(host.io.completions.values.filter { $0.status == .success }.count == 3)
    }

    // MARK: Force Unit Access, directives, command extensions

    @Test("A read that forces unit access flushes a volatile write cache first")
    func forcedReads() throws {
        for (hasCache, opcode) in [(true, IOOpcode.read), (true, .compare), (true, .verify), (false, .read)] {
            let backend = RecordingBackend(byteCount: Self.mebibyte, hasVolatileWriteCache: hasCache)
            let host = try ConnectedHost(backend)
            var command = TestHost.io(opcode, start: 8)
            command.dword12 |= 1 << 30
            let data = opcode == .compare ? [UInt8](repeating: 0, count: 512) : []
            let completion = host.io.run(command, data: data, reading: opcode == .read ? 512 : 0).completion
            #expect(completion?.status == .success)
            let kind: BackendOperation = opcode == .compare ? .compare : .read
            let read = Asked(operation: kind, offset: 4096, byteCount: 512, forceUnitAccess: true)
            let flush = Asked(operation: .flush, offset: 0, byteCount: 0)
            #expect(backend.takeAsked() == (hasCache ? [flush, read] : [read]))
        }
    }

    @Test("DTYPE, CETYPE and NSZ are refused where they are, LR and protection information ignored")
    func fields() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: Self.mebibyte))
        let refused = Status.invalidField.notRetryable
        // Bits 23:20 are DTYPE of a Write, bits 22:20 of Write Zeroes, and reserved in Read and Compare.
        let rows: [(IOOpcode, UInt32, Status, location: UInt16)] = [
            (.write, 1 << 20, refused, 50 | 4 << 8), (.write, 1 << 23, refused, 50 | 4 << 8),
            (.writeZeroes, 1 << 22, refused, 50 | 4 << 8), (.writeZeroes, 1 << 23, refused, 50 | 7 << 8),
            (.read, 0xF << 20, .success, 0), (.compare, 0xF << 20, .success, 0),
            (.read, 1 << 16, refused, 50), (.compare, 1 << 19, refused, 50), (.write, 1 << 17, refused, 50),
            (.writeZeroes, 1 << 18, refused, 50), (.read, 1 << 31 | 0xF << 26 | 1 << 24, .success, 0),
            (.write, 1 << 31 | 0xF << 26 | 1 << 24, .success, 0), (.compare, 0xF << 26, .success, 0),
            (.writeZeroes, 1 << 31 | 0xF << 26 | 1 << 24, .success, 0),
        ]
        for (opcode, bits, status, location) in rows {
            var command = TestHost.io(opcode)
            command.dword12 |= bits
            let zeroes = [UInt8](repeating: 0, count: opcode == .write || opcode == .compare ? 512 : 0)
            let reading = opcode == .read ? 512 : 0
            let completion = host.io.run(command, data: zeroes, reading: reading).completion
            #expect(completion?.status == status, "\(opcode) with \(bits)")
            if status == refused { #expect(try host.newestError().parm_error_location == location) }
        }
    }

    @Test("A failure names the first block that it is about")
    func failedBlocks() throws {
        let backend = RecordingBackend(byteCount: 64 * 512)
        let host = try ConnectedHost(backend)
        let zeroes = [UInt8](repeating: 0, count: 1024)
        for (start, lba) in [(UInt64(63), UInt64(64)), (64, 64), (1 << 40, 1 << 40)] {
            _ = host.io.run(TestHost.io(.write, start: start, blocks: 2), data: zeroes)
            let entry = try host.newestError()
            #expect(entry.lba == lba && entry.parm_error_location == 40 && entry.nsid == 1)
        }
        _ = backend.takeAsked()
        backend.fail(0, with: .noSpace)
        let completion = host.io.run(TestHost.io(.write, start: 9, blocks: 2), data: zeroes).completion
        #expect(completion?.status == .capacityExceeded.notRetryable)
        #expect(try host.newestError().lba == 9)
    }
}
