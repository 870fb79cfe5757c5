// Fused Compare and Write through a whole shard: what it does, and every status that either half can end
// with. What happens when memory is short, the connection is lost or the model changes is in
// FusedLifeTests.swift.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Fused Compare and Write")
struct FusedTests {
    static let failed = Status.abortedFailedFused.notRetryable
    static let missing = Status.abortedMissingFused.notRetryable
    static let invalid = Status.invalidField.notRetryable

    static func block(_ value: UInt8, _ byteCount: Int = 512) -> [UInt8] {
        [UInt8](repeating: value, count: byteCount)
    }

    static var digests: HostConnection.Parameters {
        var parameters = HostConnection.Parameters()
        parameters.wantsHeaderDigest = true
        parameters.wantsDataDigest = true
        return parameters
    }

    @Test("writes if the compare holds, and answers the compare first", arguments: FusedTransfer.all)
    func succeeds(transfer: FusedTransfer) throws {
        let host = try ConnectedHost(
            MemoryBackend(byteCount: 1 << 20), shardCount: 2, parameters: Self.digests)
        let before = host.io.responseOrder.count
        #expect(
            host.runPair(start: 7, compare: Self.block(0), write: Self.block(1), transfer)
                == [.success, .success])
        #expect(host.io.responseOrder.count == before + 2)
        #expect(host.io.responseOrder[before] < host.io.responseOrder[before + 1])
        #expect(host.io.read(start: 6, blocks: 3).data == Self.block(0) + Self.block(1) + Self.block(0))
        #expect(
            host.runPair(start: 7, compare: Self.block(1), write: Self.block(2), transfer)
                == [.success, .success])
        #expect(host.io.read(start: 7, blocks: 1).data == Self.block(2))
    }

    @Test("writes nothing if one byte differs", arguments: FusedTransfer.all)
    func differs(transfer: FusedTransfer) throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        var other = Self.block(0)
        other[511] = 1
        #expect(
            host.runPair(compare: other, write: Self.block(1), transfer) == [
                .compareFailure.notRetryable, Self.failed,
            ])
        #expect(host.io.read(start: 0, blocks: 1).data == Self.block(0))
        let errors = host.errors(2)
        #expect(errors.map(\.status.kind) == [.abortedFailedFused, .compareFailure])
        #expect(errors.map(\.opcode) == [IOOpcode.write.rawValue, IOOpcode.compare.rawValue])
    }

    @Test("works with blocks of 4096 bytes, whose data is received where it stays")
    func largeBlocks() throws {
        let namespace = Namespace(
            id: 1, name: "test", blockSize: .bytes4096, uuid: 1, backend: MemoryBackend(byteCount: 1 << 20))
        let host = try ConnectedHost(namespaces: [namespace])
        for (index, transfer) in FusedTransfer.all.enumerated() {
            let (old, new) = (Self.block(UInt8(index), 4096), Self.block(UInt8(index + 1), 4096))
            #expect(host.runPair(compare: old, write: new, transfer) == [.success, .success])
            let read = host.io.run(TestHost.io(.read), reading: 4096)
            #expect(read.data == new)
        }
    }

    @Test("waits for the data of both, whichever comes first", arguments: [true, false])
    func anyOrder(firstComesFirst: Bool) throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        host.io.keepsTransfers = true
        let pair = host.io.startPair(compare: Self.block(0), write: Self.block(1), .transfers)
        host.fixture.pump()
        let order = firstComesFirst ? [pair.compare, pair.write] : [pair.write, pair.compare]
        host.io.answerTransfer(order[0])
        #expect(host.io.statuses(pair) == [nil, nil])
        // Others go on meanwhile.
        #expect(host.io.read(start: 0, blocks: 1).data == Self.block(0))
        host.io.answerTransfer(order[1])
        #expect(host.io.statuses(pair) == [.success, .success])
        #expect(host.io.read(start: 0, blocks: 1).data == Self.block(1))
    }

    @Test("does not mix several pairs of one queue up")
    func severalPairs() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        host.io.keepsTransfers = true
        let pairs = (0..<8).map { index in
            host.io.startPair(
                start: UInt64(index), compare: Self.block(0), write: Self.block(UInt8(index + 1)),
                FusedTransfer.all[index % 4])
        }
        host.fixture.pump()
        for pair in pairs.reversed() {
            host.io.answerTransfer(pair.write)
            host.io.answerTransfer(pair.compare)
        }
        #expect(pairs.allSatisfy { host.io.statuses($0) == [.success, .success] })
        #expect(host.io.read(start: 0, blocks: 8).data == (1...8).flatMap { Self.block($0) })
    }

    @Test("counts as a read and a write, and as two commands")
    func counted() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        func counted() -> QueueTotals {
            let connections = host.fixture.shards[0].connections[host.io.place.connection]!
            return connections.pointee.counters.totals
        }
        let before = counted()
        #expect(host.runPair(compare: Self.block(0), write: Self.block(1)) == [.success, .success])
        #expect(host.runPair(compare: Self.block(0), write: Self.block(1)).first != .success)
        let after = counted()
        #expect(after.commandCount == before.commandCount + 4)
        #expect((after.readCount, after.readBytes) == (before.readCount + 1, before.readBytes + 512))
        #expect((after.writeCount, after.writtenBytes) == (before.writeCount + 1, before.writtenBytes + 512))
    }

    // MARK: What is not a pair

    @Test("A half without the other is Command Aborted due to Missing Fused Command")
    func halves() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let (compare, write) = (TestHost.first(), TestHost.second())
        let (read, data) = (TestHost.io(.read), Self.block(0))
        func statuses(_ commands: [SubmissionEntry], inCapsule: Bool = true) -> [Status?] {
            let ids = commands.map { command in
                let reads = command.opcode == IOOpcode.read.rawValue
                return host.io.start(
                    command, data: reads ? [] : data, reading: reads ? 512 : 0, inCapsule: inCapsule)
            }
            host.fixture.pump()
            return ids.map { host.io.completions[$0]?.status }
        }
        for inCapsule in [true, false] {
            #expect(statuses([write], inCapsule: inCapsule) == [Self.missing])
            #expect(statuses([compare, read], inCapsule: inCapsule) == [Self.missing, .success])
            #expect(
                statuses([compare, read, write], inCapsule: inCapsule)
                    == [Self.missing, .success, Self.missing])
            #expect(
                statuses([compare, compare, write], inCapsule: inCapsule)
                    == [Self.missing, .success, .success])
            #expect(
                statuses([compare, write, write], inCapsule: inCapsule)
                    == [.success, .success, Self.missing])
            #expect(
                statuses([compare, TestHost.io(.write)], inCapsule: inCapsule) == [Self.missing, .success])
            // The second waits for its next capsule, however long that takes.
            #expect(statuses([compare], inCapsule: inCapsule) == [nil])
            #expect(statuses([write], inCapsule: inCapsule) == [.success])
        }
    }

    @Test("FUSE on any other command, and its reserved value, are Invalid Field in Command at byte 1")
    func otherCommands() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let wrong: [(IOOpcode, UInt32)] =
            [(.flush, 1), (.flush, 2), (.read, 1), (.read, 2), (.write, 1), (.compare, 2)]
            + [(.writeZeroes, 1), (.datasetManagement, 2), (.write, 3), (.compare, 3), (.flush, 3)]
        for (opcode, fuse) in wrong {
            let command = TestHost.first(opcode, fuse: fuse)
            let hasData = opcode == .write || opcode == .compare
            let answer = host.io.run(command, data: hasData ? Self.block(0) : [])
            #expect(answer.completion?.status == Self.invalid, "\(opcode) \(fuse)")
            #expect(host.errors(1)[0].parameterLocation == ParameterLocation(byte: 1))
        }
        // It is not the other half of anything: the first before it is missing one.
        let first = host.io.start(TestHost.first(), data: Self.block(0))
        #expect(host.io.run(TestHost.second(.flush)).completion?.status == Self.invalid)
        #expect(host.io.completions[first]?.status == Self.missing)
        let unknown = host.io.run(TestHost.first(IOOpcode(rawValue: 0xC0)))
        #expect(unknown.completion?.status == .invalidOpcode.notRetryable)
        var identify = SubmissionEntry(opcode: AdminOpcode.identify.rawValue)
        identify.dword0 |= 1 << 8
        #expect(host.admin.run(identify, reading: 4096).completion?.status.kind == .invalidField)
    }

    @Test("Halves that name different blocks are both Invalid Field in Command, where they differ")
    func different() throws {
        let backend = MemoryBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(
            namespaces: [ConnectedHost.namespace(backend), ConnectedHost.namespace(backend, id: 2)])
        func differ(
            at byte: UInt8, _ transfer: FusedTransfer, byteCount: Int = 512,
            _ change: (inout SubmissionEntry) -> Void
        ) {
            var second = TestHost.second()
            change(&second)
            let pair = FusedPair(
                compare: host.io.start(
                    TestHost.first(), data: Self.block(0), inCapsule: transfer.compareInCapsule),
                write: host.io.start(
                    second, data: Self.block(1, byteCount), inCapsule: transfer.writeInCapsule))
            host.fixture.pump()
            #expect(host.io.statuses(pair) == [Self.invalid, Self.invalid], "byte \(byte), \(transfer)")
            #expect(
                host.errors(2).map(\.parameterLocation)
                    == [ParameterLocation(byte: byte), ParameterLocation(byte: byte)])
        }
        for transfer in FusedTransfer.all {
            differ(at: 4, transfer) { $0.dword1 = 2 }
            differ(at: 40, transfer) { $0.dword10 = 1 }
            differ(at: 40, transfer) { $0.dword11 = 1 }
            differ(at: 48, transfer, byteCount: 1024) { $0.dword12 = 1 }
        }
        #expect(host.io.read(start: 0, blocks: 2).data == Self.block(0, 1024))
    }

    // MARK: What a half may not

    @Test("A half that fails its checks takes the other with it", arguments: FusedTransfer.all)
    func checks(transfer: FusedTransfer) throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        func run(
            _ first: SubmissionEntry, _ second: SubmissionEntry, byteCount: Int = 512
        ) -> [Status?] {
            let data = Self.block(0, byteCount)
            let pair = FusedPair(
                compare: host.io.start(first, data: data, inCapsule: transfer.compareInCapsule),
                write: host.io.start(second, data: data, inCapsule: transfer.writeInCapsule))
            host.fixture.pump()
            return host.io.statuses(pair)
        }
        // More than a block.
        #expect(
            run(TestHost.first(blocks: 2), TestHost.second(blocks: 2), byteCount: 1024) == [
                .atomicWriteUnitExceeded.notRetryable, Self.failed,
            ])
        // Beyond the end.
        #expect(
            run(TestHost.first(start: 2048), TestHost.second(start: 2048)) == [
                .lbaOutOfRange.notRetryable, Self.failed,
            ])
        // A directive on the write.
        var directed = TestHost.second()
        directed.dword12 |= 1 << 20
        #expect(run(TestHost.first(), directed) == [Self.failed, Self.invalid])
        // A data pointer that is wrong, on either.
        var wrong = TestHost.second()
        wrong.dword0 |= 3 << 14
        #expect(run(TestHost.first(), wrong) == [Self.failed, Self.invalid])
        wrong = TestHost.first()
        wrong.dword0 |= 3 << 14
        #expect(run(wrong, TestHost.second()) == [Self.invalid, Self.failed])
        #expect(run(TestHost.first(), TestHost.second()) == [.success, .success])
    }

    @Test("A first half that fails is answered at once: its host may wait for that")
    func loneFailure() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let first = host.io.run(TestHost.first(start: 4096), data: Self.block(0))
        #expect(first.completion?.status == .lbaOutOfRange.notRetryable)
        let second = host.io.run(TestHost.second(start: 4096), data: Self.block(0))
        #expect(second.completion?.status == Self.failed)
        // And is forgotten with the next command.
        #expect(host.io.run(TestHost.second(), data: Self.block(0)).completion?.status == Self.missing)
    }

    @Test("A namespace that can't is Invalid Field in Command at byte 1, and says so beforehand")
    func notOffered() throws {
        for (backend, blockSize, isOffered) in [
            (PendingBackend(byteCount: 1 << 20), BlockSize.bytes512, false),
            (PendingBackend(byteCount: 1 << 20, compareAndWriteByteCountMax: 512), .bytes4096, false),
            (PendingBackend(byteCount: 1 << 20, compareAndWriteByteCountMax: 512), .bytes512, true),
            (PendingBackend(byteCount: 1 << 20, compareAndWriteByteCountMax: 4096), .bytes4096, true),
        ] {
            let namespace = Namespace(id: 1, name: "test", blockSize: blockSize, uuid: 1, backend: backend)
            let host = try ConnectedHost(namespaces: [namespace])
            let data = Self.block(0, Int(blockSize.rawValue))
            let pair = host.io.startPair(compare: data, write: data)
            host.fixture.pump()
            backend.release()
            host.fixture.pump()
            #expect(
                host.io.statuses(pair) == (isOffered ? [.success, .success] : [Self.invalid, Self.failed]))
            if !isOffered { #expect(host.errors(2)[1].parameterLocation == ParameterLocation(byte: 1)) }
            var identify = SubmissionEntry(opcode: AdminOpcode.identify.rawValue)
            identify.dword10 = 1
            let controller = host.admin.run(identify, reading: 4096).data
            #expect(controller[522] == (isOffered ? 1 : 0))
            #expect(controller[532] == 0)
            identify.dword10 = 0
            identify.dword1 = 1
            let described = host.admin.run(identify, reading: 4096).data
            #expect(described[24] & 1 << 1 == (isOffered ? 1 << 1 : 0))
            #expect(described[34..<40].allSatisfy { $0 == 0 })
        }
    }

    @Test("A wrong data digest fails its half, and the other with it", arguments: FusedTransfer.all)
    func digest(transfer: FusedTransfer) throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), parameters: Self.digests)
        let broken = Status.transientTransportError
        for (isFirst, isSecond, statuses) in [
            (true, false, [broken, .abortedFailedFused]), (false, true, [.abortedFailedFused, broken]),
            (true, true, [broken, broken]),
        ] {
            let id = host.io.upcomingCommandID
            if isFirst { host.io.corruptedCommands.insert(id) }
            if isSecond { host.io.corruptedCommands.insert(id + 1) }
            let answers = host.runPair(compare: Self.block(0), write: Self.block(1), transfer)
            // A first that is broken before its second is here is answered; what its second brings is
            // dropped.
            let isDropped = isFirst && isSecond && transfer.compareInCapsule
            #expect(
                answers == (isDropped ? [broken, .abortedFailedFused] : statuses),
                "\(isFirst) \(isSecond), \(transfer)")
        }
        #expect(
            host.runPair(compare: Self.block(0), write: Self.block(1), transfer) == [.success, .success])
    }

    @Test(
        "Each way that the store's request can end",
        arguments: [
            (BackendResult.miscompare, Status.compareFailure.notRetryable, failed),
            (.readOnly, .namespaceWriteProtected.notRetryable, .namespaceWriteProtected.notRetryable),
            (.noSpace, .capacityExceeded.notRetryable, .capacityExceeded.notRetryable),
            (.mediaError, .unrecoveredReadError.notRetryable, .writeFault.notRetryable),
            (.unreachable, .internalPathError, .internalPathError),
            (.gone, .namespaceNotReady.notRetryable, .namespaceNotReady.notRetryable),
            (.unsupported, .invalidOpcode.notRetryable, .invalidOpcode.notRetryable),
            (.aborted, .abortRequested, .abortRequested),
            (.internalError, .internalError, .internalError),
        ])
    func results(result: BackendResult, compare: Status, write: Status) throws {
        let backend = PendingBackend(byteCount: 1 << 20, compareAndWriteByteCountMax: 512)
        let host = try ConnectedHost(backend)
        let pair = host.io.startPair(compare: Self.block(0), write: Self.block(1))
        host.fixture.pump()
        #expect(backend.heldOperations == [.compareAndWrite])
        backend.release(result)
        host.fixture.pump()
        #expect(host.io.statuses(pair) == [compare, write])
    }
}
