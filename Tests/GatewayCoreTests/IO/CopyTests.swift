// Copy through whole shards: what is copied, in which pieces, and each reason to refuse it.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Copy")
struct CopyTests {
    typealias Asked = RecordingBackend.Asked

    private static let blocks = 1024

    /// Each block is filled with its number, plus `seed`.
    private static func backend(
        blocks: Int = CopyTests.blocks, seed: Int = 0, hasCache: Bool = false, isReadOnly: Bool = false
    ) -> RecordingBackend {
        RecordingBackend(
            byteCount: UInt64(blocks * 512), hasVolatileWriteCache: hasCache, isReadOnly: isReadOnly
        ) { UInt8(truncatingIfNeeded: $0 / 512 &* 37 &+ seed) }
    }

    private static func range(_ start: UInt64, _ count: UInt32, of namespace: UInt32 = 0) -> CopySourceRange {
        CopySourceRange(namespaceID: namespace, startingLBA: start, blockCount: count)
    }

    private func run(
        _ host: ConnectedHost, to destination: UInt64, _ ranges: [CopySourceRange], format: UInt8 = 0,
        flags: UInt32 = 0, inCapsule: Bool = true
    ) -> CompletionEntry? {
        let (command, data) = TestHost.copy(to: destination, ranges, format: format, flags: flags)
        return host.io.run(command, data: data, inCapsule: inCapsule).completion
    }

    private static func block(_ bytes: [UInt8], _ range: Range<Int>) -> [UInt8] {
        Array(bytes[range.lowerBound * 512..<range.upperBound * 512])
    }

    // MARK: What is copied

    @Test("Ranges are copied one behind the other, and nothing else changes", arguments: [true, false])
    func severalRanges(inCapsule: Bool) throws {
        let backend = Self.backend()
        let before = backend.bytes
        let host = try ConnectedHost(backend)
        let ranges = [Self.range(10, 3), Self.range(700, 1), Self.range(0, 8)]
        let completion = run(host, to: 100, ranges, inCapsule: inCapsule)
        #expect(completion?.status == .success && completion?.result == 0)
        let after = backend.bytes
        let copied = [10..<13, 700..<701, 0..<8].flatMap { Self.block(before, $0) }
        #expect(Self.block(after, 100..<112) == copied)
        #expect(Self.block(after, 0..<100) == Self.block(before, 0..<100))
        #expect(Self.block(after, 112..<1024) == Self.block(before, 112..<1024))
        #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
    }

    @Test("128 ranges are one command, and its data fits a capsule or an R2T", arguments: [true, false])
    func mostRanges(inCapsule: Bool) throws {
        let backend = Self.backend()
        let before = backend.bytes
        let host = try ConnectedHost(backend)
        let ranges = (0..<128).map { Self.range(UInt64(511 - $0 * 2), 2) }
        #expect(run(host, to: 600, ranges, inCapsule: inCapsule)?.status == .success)
        let copied = (0..<128).flatMap { Self.block(before, 511 - $0 * 2..<513 - $0 * 2) }
        #expect(Self.block(backend.bytes, 600..<856) == copied)
    }

    @Test("A range longer than the buffer is read and written piece by piece")
    func pieces() throws {
        var limits = Limits()
        limits.copyBufferBytesMax = 64 << 10
        let backend = Self.backend()
        let before = backend.bytes
        let host = try ConnectedHost(backend, limits: limits)
        #expect(run(host, to: 512, [Self.range(0, 300)], flags: 1 << 30)?.status == .success)
        let room = 60 << 10
        let rest = 300 * 512 - 2 * room
        #expect(
            backend.takeAsked() == [
                Asked(operation: .read, offset: 0, byteCount: room),
                Asked(operation: .write, offset: 262_144, byteCount: room, forceUnitAccess: true),
                Asked(operation: .read, offset: UInt64(room), byteCount: room),
                Asked(
                    operation: .write, offset: 262_144 + UInt64(room), byteCount: room,
                    forceUnitAccess: true),
                Asked(operation: .read, offset: UInt64(2 * room), byteCount: rest),
                Asked(
                    operation: .write, offset: 262_144 + UInt64(2 * room), byteCount: rest,
                    forceUnitAccess: true),
            ])
        #expect(Self.block(backend.bytes, 512..<812) == Self.block(before, 0..<300))
    }

    @Test("A range that overlaps its destination arrives whole, whichever way it moves")
    func overlaps() throws {
        for (source, destination) in [(100, 101), (100, 99), (0, 250), (250, 0), (100, 100), (100, 400)] {
            var limits = Limits()
            limits.copyBufferBytesMax = 16 << 10
            let backend = Self.backend()
            let before = backend.bytes
            let host = try ConnectedHost(backend, limits: limits)
            let completion = run(host, to: UInt64(destination), [Self.range(UInt64(source), 300)])
            #expect(completion?.status == .success)
            #expect(
                Self.block(backend.bytes, destination..<destination + 300)
                    == Self.block(before, source..<source + 300), "\(source) to \(destination)")
        }
    }

    @Test("Blocks of 4,096 bytes are copied likewise")
    func largeBlocks() throws {
        let backend = Self.backend()
        let before = backend.bytes
        let namespace = Namespace(
            id: 1, name: "large", blockSize: .bytes4096, uuid: 1, backend: backend)
        let host = try ConnectedHost(namespaces: [namespace])
        #expect(run(host, to: 64, [Self.range(3, 2), Self.range(1, 60)])?.status == .success)
        let copied = Self.block(before, 24..<40) + Self.block(before, 8..<488)
        #expect(Self.block(backend.bytes, 512..<1008) == copied)
    }

    @Test("Format 2h copies from other namespaces, once the host has enabled it", arguments: [1, 2, 3])
    func namespaces(shardCount: Int) throws {
        let backends = [1, 2, 3].map { Self.backend(seed: $0 * 11, isReadOnly: $0 == 2) }
        let before = backends.map(\.bytes)
        let host = try ConnectedHost(
            namespaces: zip([1, 2, 7], backends).map { ConnectedHost.namespace($1, id: $0) },
            shardCount: shardCount)
        let ranges = [Self.range(5, 4, of: 2), Self.range(9, 1, of: 1), Self.range(0, 200, of: 7)]
        #expect(run(host, to: 600, ranges, format: 2)?.status == .invalidField.notRetryable)
        #expect(try host.newestError().parm_error_location == 49)
        #expect(host.enable(.format2) == .success)
        #expect(run(host, to: 600, ranges, format: 2)?.status == .success)
        let copied =
            Self.block(before[1], 5..<9) + Self.block(before[0], 9..<10) + Self.block(before[2], 0..<200)
        #expect(Self.block(backends[0].bytes, 600..<805) == copied)
        #expect(backends[1].bytes == before[1] && backends[2].bytes == before[2])
        // What was enabled can be disabled.
        #expect(host.enable([]) == .success)
        #expect(run(host, to: 600, ranges, format: 2)?.status == .invalidField.notRetryable)
    }

    @Test("A Copy counts as a command read and one written, its blocks as written")
    func counters() throws {
        let host = try ConnectedHost(Self.backend())
        #expect(run(host, to: 100, [Self.range(0, 9), Self.range(20, 1)])?.status == .success)
        let health = try host.health()
        #expect(health.host_reads.0 == 1 && health.host_writes.0 == 1)
        #expect(health.data_units_read.0 == 0 && health.data_units_written.0 == 1)
    }

    // MARK: What is refused

    @Test("Fields of the entry are refused where they are, the lowest first")
    func entryFields() throws {
        let backend = Self.backend()
        let host = try ConnectedHost(backend)
        let invalid = Status.invalidField.notRetryable
        let rows: [(clear: UInt32, set: UInt32, Status, location: UInt16)] = [
            (0, 1 << 8, invalid, 49), (0, 2 << 8, invalid, 49), (0, 3 << 8, invalid, 49),
            (0, 4 << 8, invalid, 49), (0, 15 << 8, invalid, 49), (0, 1 << 16, invalid, 50),
            (0, 1 << 20, invalid, 50 | 4 << 8), (0, 1 << 23, invalid, 50 | 4 << 8),
            (0xFF, 128, .commandSizeLimitExceeded.notRetryable, 48),
            (0xFF, 128 | 1 << 8 | 1 << 20, .commandSizeLimitExceeded.notRetryable, 48),
            // Ignored: LR, both PRINFO, both STC.
            (0, 1 << 31 | 0xF << 26 | 3 << 24 | 0xF << 12, .success, 0),
        ]
        for (clear, set, status, location) in rows {
            var (command, data) = TestHost.copy(to: 100, [Self.range(0, 1)])
            command.dword12 = command.dword12 & ~clear | set
            let completion = host.io.run(command, data: data).completion
            #expect(completion?.status == status && completion?.result == 0, "CDW12 \(set)")
            if status != .success { #expect(try host.newestError().parm_error_location == location) }
        }
        #expect(backend.takeAsked().count == 2)
    }

    @Test("A list of the wrong length is refused by its SGL")
    func listLength() throws {
        let host = try ConnectedHost(Self.backend())
        let (command, data) = TestHost.copy(to: 100, [Self.range(0, 1), Self.range(8, 1)])
        for count in [32, 48] {
            #expect(
                host.io.run(command, data: Array(data[..<count])).completion?.status
                    == .dataSGLLengthInvalid.notRetryable)
        }
    }

    /// A row of the table below: ranges that must be refused before anything is touched.
    struct Refusal {
        let ranges: [CopySourceRange]
        var destination: UInt64 = 500
        var format: UInt8 = 0
        let status: Status
        var location: UInt16 = 0xFFFF
        var lba: UInt64 = 0
        var namespace: UInt32 = 1
    }

    private static let refusals: [Refusal] = [
        // Limits: 64 blocks in all, as `refusedRanges` sets them.
        Refusal(ranges: [range(0, 65)], status: .commandSizeLimitExceeded),
        Refusal(ranges: [range(0, 40), range(100, 25)], status: .commandSizeLimitExceeded),
        Refusal(ranges: [range(9999, 65)], destination: 9999, status: .commandSizeLimitExceeded),
        // The destination's end, and overflow.
        Refusal(
            ranges: [range(0, 10), range(20, 15)], destination: 1000, status: .lbaOutOfRange, location: 40,
            lba: 1024),
        Refusal(
            ranges: [range(0, 2)], destination: UInt64.max, status: .lbaOutOfRange, location: 40,
            lba: UInt64.max),
        // A source's end, and overflow.
        Refusal(ranges: [range(0, 1), range(1023, 2)], status: .lbaOutOfRange, lba: 1024),
        Refusal(ranges: [range(UInt64.max, 2)], status: .lbaOutOfRange, lba: UInt64.max),
        Refusal(
            ranges: [range(0, 1, of: 1), range(15, 2, of: 2)], format: 2, status: .lbaOutOfRange, lba: 16,
            namespace: 2),
        // Namespaces: none, all, invalid, inactive, of other blocks.
        Refusal(ranges: [range(0, 1)], format: 2, status: .invalidNamespaceOrFormat),
        Refusal(ranges: [range(0, 1, of: 0xFFFF_FFFF)], format: 2, status: .invalidNamespaceOrFormat),
        Refusal(ranges: [range(0, 1, of: 5000)], format: 2, status: .invalidNamespaceOrFormat),
        Refusal(ranges: [range(0, 1, of: 1), range(0, 1, of: 9)], format: 2, status: .invalidField),
        Refusal(ranges: [range(0, 1, of: 3)], format: 2, status: .incompatibleNamespaceOrFormat),
        // Overlap, which format 2h forbids: with all of the destination, not only with the range's own part.
        Refusal(ranges: [range(499, 2, of: 1)], format: 2, status: .overlappingIORange),
        Refusal(ranges: [range(500, 1, of: 1)], format: 2, status: .overlappingIORange),
        Refusal(
            ranges: [range(509, 1, of: 1), range(0, 9, of: 1)], format: 2, status: .overlappingIORange),
        // Options.
        Refusal(
            ranges: [CopySourceRange(startingLBA: 0, blockCount: 1, extensionType: 1)],
            status: .invalidField),
        Refusal(
            ranges: [CopySourceRange(namespaceID: 2, startingLBA: 0, blockCount: 1, isFastCopyOnly: true)],
            format: 2, status: .fastCopyNotPossible),
    ]

    @Test("What can't be done whole is refused before anything is touched", arguments: refusals.indices)
    func refusedRanges(row: Int) throws {
        var limits = Limits()
        limits.copyBytesMax = 64 * 512
        let row = Self.refusals[row]
        let (first, second) = (Self.backend(), Self.backend(blocks: 16))
        let large = Namespace(id: 3, name: "large", blockSize: .bytes4096, uuid: 3, backend: Self.backend())
        let host = try ConnectedHost(
            namespaces: [ConnectedHost.namespace(first), ConnectedHost.namespace(second, id: 2), large],
            limits: limits)
        #expect(host.enable(.format2) == .success)
        let completion = run(host, to: row.destination, row.ranges, format: row.format)
        #expect(completion?.status == row.status.notRetryable && completion?.result == 0)
        #expect(first.takeAsked() == [] && second.takeAsked() == [])
        let entry = try host.newestError()
        #expect(entry.parm_error_location == row.location)
        #expect(entry.lba == row.lba && entry.nsid == row.namespace)
        #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
    }

    @Test("What may be done beside these refusals is done")
    func allowed() throws {
        var limits = Limits()
        limits.copyBytesMax = 64 * 512
        let first = Self.backend()
        let host = try ConnectedHost(
            namespaces: [first, Self.backend(blocks: 16)].enumerated().map {
                ConnectedHost.namespace($1, id: UInt32($0 + 1))
            }, limits: limits)
        #expect(host.enable(.format2) == .success)
        let rows: [(UInt64, [CopySourceRange], format: UInt8)] = [
            (500, [Self.range(0, 64)], 0), (960, [Self.range(0, 64)], 0), (0, [Self.range(1023, 1)], 0),
            (500, [Self.range(0, 40), Self.range(100, 24)], 0),
            // Beside the destination, and the same blocks of another namespace.
            (500, [Self.range(499, 1, of: 1), Self.range(502, 1, of: 1)], 2),
            (5, [Self.range(5, 8, of: 2)], 2),
            // Format 0h: the first four bytes and the options are reserved.
            (
                500,
                [CopySourceRange(namespaceID: 77, startingLBA: 0, blockCount: 1, isFastCopyOnly: true)], 0
            ),
        ]
        for (destination, ranges, format) in rows {
            #expect(run(host, to: destination, ranges, format: format)?.status == .success)
        }
    }

    @Test("A namespace that is write protected is no destination, and nothing is read for it")
    func readOnly() throws {
        let backend = Self.backend(isReadOnly: true)
        let host = try ConnectedHost(backend)
        #expect(run(host, to: 100, [Self.range(0, 1)])?.status == .namespaceWriteProtected.notRetryable)
        #expect(backend.takeAsked() == [])
    }

    @Test("The largest ranges that the fields can say are within what Identify Namespace reports")
    func limits() throws {
        for (blockSize, most, all) in [
            (BlockSize.bytes512, UInt16(65_535), UInt32(131_072)), (.bytes4096, 16_384, 16_384),
        ] {
            let identity = Namespace(
                id: 1, name: "n", blockSize: blockSize, uuid: 1, backend: NullBackend(byteCount: 1 << 30)
            ).identifyNamespace(Limits())
            #expect(identity.copySingleRangeMax == most && identity.copyLengthMax == all)
            #expect(identity.copySourceRangesMax == 127)
        }
        let host = try ConnectedHost(NullBackend(byteCount: 1 << 30))
        #expect(
            run(host, to: 1 << 20, [Self.range(0, 65_536)])?.status == .commandSizeLimitExceeded.notRetryable)
        #expect(run(host, to: 1 << 20, [Self.range(0, 65_535)])?.status == .success)
    }

    // MARK: What fails on the way

    @Test("A failure names the first range that was not copied, and the block that failed")
    func failures() throws {
        // Requests: read 0, write 0, read 1, write 1, read 2, write 2.
        let rows: [(failing: Int, BackendResult, Status, range: UInt64, lba: UInt64)] = [
            (0, .mediaError, .unrecoveredReadError.notRetryable, 0, 10),
            (1, .mediaError, .writeFault.notRetryable, 0, 100),
            (2, .unreachable, .internalPathError, 1, 20),
            (3, .noSpace, .capacityExceeded.notRetryable, 1, 101),
            (4, .gone, .namespaceNotReady.notRetryable, 2, 30),
            (5, .readOnly, .namespaceWriteProtected.notRetryable, 2, 102),
        ]
        for (failing, result, status, range, lba) in rows {
            let backend = Self.backend()
            let host = try ConnectedHost(backend)
            backend.fail(failing, with: result)
            let ranges = [Self.range(10, 1), Self.range(20, 1), Self.range(30, 1)]
            let completion = run(host, to: 100, ranges)
            #expect(completion?.status.kind == status.kind && completion?.result == range)
            #expect(completion?.status.doNotRetry == status.doNotRetry)
            #expect(backend.takeAsked().count == failing + 1)
            #expect(try host.newestError().lba == lba)
            #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
        }
    }

    @Test("A source that goes away on the way ends the Copy; so does a destination")
    func namespaceLeaves() throws {
        for leaving in [1, 2] as [UInt32] {
            let backends = [PendingBackend(byteCount: 1 << 20), PendingBackend(byteCount: 1 << 20)]
            let namespaces = zip([1, 2] as [UInt32], backends).map { ConnectedHost.namespace($1, id: $0) }
            let host = try ConnectedHost(namespaces: namespaces, shardCount: 2)
            #expect(host.enable(.format2) == .success)
            let (command, data) = TestHost.copy(
                to: 0, [Self.range(0, 1, of: 2), Self.range(9, 1, of: 2)], format: 2)
            let id = host.io.start(command, data: data)
            host.fixture.pump()
            #expect(backends[1].heldOperations == [.read])
            backends[1].release()
            host.fixture.pump()
            #expect(backends[0].heldOperations == [.write])
            let left = namespaces.filter { $0.id != leaving }
            host.fixture.broadcast(.model(ConnectedHost.model(left, generation: 2)))
            backends[0].release()
            host.fixture.pump()
            let completion = host.io.completions[id]
            #expect(completion?.status.kind == .invalidField && completion?.result == 1)
            #expect(backends[1].heldCount == 0)
            #expect(host.fixture.shards[1].buffers.heldByteCount == 0)
        }
    }

    @Test("A host that leaves takes its Copy along: no further piece is begun")
    func hostLeaves() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        let (command, data) = TestHost.copy(to: 100, [Self.range(0, 8)])
        _ = host.io.start(command, data: data)
        host.fixture.pump()
        host.fixture.disconnect(host.io)
        backend.release()
        host.fixture.pump()
        #expect(backend.heldCount == 0)
        #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
        #expect(host.fixture.shards[0].operationsInFlight == 0)
    }
}
