// Fused Compare and Write where something else happens meanwhile: Abort, a lost connection, too little
// memory, a change of the model, and other hosts that want the same block.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("The life of a fused pair")
struct FusedLifeTests {
    private static func block(_ value: UInt8, _ byteCount: Int = 512) -> [UInt8] {
        [UInt8](repeating: value, count: byteCount)
    }

    private static func store() -> PendingBackend {
        PendingBackend(byteCount: 1 << 20, compareAndWriteByteCountMax: 4096)
    }

    /// Ends all that a store holds, until it holds nothing any more.
    private func finish(_ backend: PendingBackend, _ host: ConnectedHost) {
        while backend.heldCount > 0 {
            backend.release()
            host.fixture.pump()
        }
    }

    // MARK: Abort

    private func abort(_ commandID: UInt16, _ host: ConnectedHost) -> UInt64? {
        var command = SubmissionEntry(opcode: AdminOpcode.abort.rawValue)
        command.dword10 = 1 | UInt32(commandID) << 16
        return host.admin.run(command).completion?.result
    }

    @Test("Abort ends a first half that waits for its second, which then fails for that")
    func abortLone() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let first = host.io.start(TestHost.first(), data: Self.block(0))
        host.fixture.pump()
        #expect(abort(first, host) == 0)
        #expect(host.io.completions[first]?.status == .abortRequested)
        let second = host.io.run(TestHost.second(), data: Self.block(1))
        #expect(second.completion?.status == .abortedFailedFused)
        #expect(host.io.read(start: 0, blocks: 1).data == Self.block(0))
    }

    @Test("Abort of a half that waits for the other's data ends both when that has come", arguments: [0, 1])
    func abortHalf(which: Int) throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        host.io.keepsTransfers = true
        let pair = host.io.startPair(compare: Self.block(0), write: Self.block(1), .transfers)
        host.fixture.pump()
        let (aborted, other) = which == 0 ? (pair.compare, pair.write) : (pair.write, pair.compare)
        // While its own data is on its way it goes on.
        #expect(abort(aborted, host) == 1)
        host.io.answerTransfer(aborted)
        #expect(abort(aborted, host) == 0)
        #expect(host.io.statuses(pair) == [nil, nil])
        host.io.answerTransfer(other)
        let statuses: [Status] = [.abortRequested, .abortedFailedFused]
        #expect(host.io.statuses(pair) == (which == 0 ? statuses : statuses.reversed()))
        #expect(host.io.read(start: 0, blocks: 1).data == Self.block(0))
    }

    @Test("Abort of either half ends a pair that waits for memory", arguments: [0, 1])
    func abortWaiting(which: Int) throws {
        var limits = Limits()
        limits.transferShift = 1
        limits.bufferBytesMax = 8192
        let backend = Self.store()
        let host = try ConnectedHost(backend, limits: limits)
        for block in 0..<2 { _ = host.io.start(TestHost.io(.read, start: UInt64(block)), reading: 512) }
        host.fixture.pump()
        let pair = host.io.startPair(compare: Self.block(0), write: Self.block(1), .transfers)
        host.fixture.pump()
        #expect(abort(which == 0 ? pair.compare : pair.write, host) == 0)
        let statuses: [Status] = [.abortRequested, .abortedFailedFused]
        #expect(host.io.statuses(pair) == (which == 0 ? statuses : statuses.reversed()))
        finish(backend, host)
        #expect(host.runPairHeld(backend) == [.success, .success])
    }

    // MARK: Loss

    @Test("A lost connection frees a pair in any state", arguments: FusedTransfer.all)
    func lost(transfer: FusedTransfer) throws {
        enum Point: CaseIterable { case first, receiving, executing }
        for point in Point.allCases {
            let backend = Self.store()
            let host = try ConnectedHost(backend)
            host.io.keepsTransfers = point != .executing
            if point == .first {
                _ = host.io.start(
                    TestHost.first(), data: Self.block(0), inCapsule: transfer.compareInCapsule)
            } else {
                _ = host.io.startPair(compare: Self.block(0), write: Self.block(1), transfer)
            }
            host.fixture.pump()
            let isExecuting = backend.heldCount == 1
            if point == .executing { #expect(isExecuting) }
            host.fixture.disconnect(host.io)
            let shard = host.fixture.shards[0]
            // The store still reads both blocks of a pair that it has.
            #expect(shard.operationsInFlight == (isExecuting ? 2 : 0))
            #expect(shard.buffers.heldByteCount == (isExecuting ? 4096 : 0))
            finish(backend, host)
            host.fixture.pump()
            #expect(shard.operationsInFlight == 0)
            #expect(shard.buffers.heldByteCount == 0)
        }
    }

    @Test("A drain waits for a pair at the store, and not for half of one")
    func drain() throws {
        let backend = Self.store()
        let host = try ConnectedHost(backend)
        let pair = host.io.startPair(compare: Self.block(0), write: Self.block(1))
        _ = host.io.start(TestHost.first(), data: Self.block(0))
        host.fixture.pump()
        host.fixture.broadcast(.drain)
        #expect(host.fixture.drainedShards.isEmpty)
        backend.release()
        host.fixture.pump()
        #expect(host.io.statuses(pair) == [.success, .success])
        #expect(host.fixture.drainedShards == [0])
    }

    // MARK: Memory

    @Test("Pairs never wait for each other's memory, however little there is", arguments: [512, 4096])
    func shortOfMemory(blockByteCount: Int) throws {
        var limits = Limits()
        limits.transferShift = 1
        limits.bufferBytesMax = 16384
        limits.capsuleBufferBytesMax = 8192
        limits.inCapsuleBytesMax = 4096
        let blockSize: BlockSize = blockByteCount == 512 ? .bytes512 : .bytes4096
        for transfers in [[0], [1], [2], [3], [0, 1, 2, 3], [3, 2, 1, 0]] {
            let backend = Self.store()
            let namespace = Namespace(
                id: 1, name: "test", blockSize: blockSize, uuid: 1, backend: backend)
            let host = try ConnectedHost(namespaces: [namespace], limits: limits)
            let pairs = (0..<24).map { index in
                host.io.startPair(
                    start: UInt64(index), compare: Self.block(0, blockByteCount),
                    write: Self.block(1, blockByteCount),
                    FusedTransfer.all[transfers[index % transfers.count]])
            }
            host.fixture.pump()
            finish(backend, host)
            let isMixed = transfers != [0] && transfers != [3]
            for pair in pairs {
                let statuses = host.io.statuses(pair)
                let isRefused = statuses == [.abortedFailedFused, .namespaceNotReady]
                #expect(
                    statuses == [.success, .success] || isMixed && isRefused, "\(transfers): \(statuses)")
            }
            #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
        }
    }

    @Test("A pair of which one half comes by R2T never keeps the reserve for capsules")
    func leavesReserve() throws {
        var limits = Limits()
        limits.transferShift = 1
        limits.bufferBytesMax = 16384
        limits.capsuleBufferBytesMax = 8192
        let backend = Self.store()
        let host = try ConnectedHost(backend, limits: limits)
        host.io.keepsTransfers = true
        func read(_ count: Int) {
            for block in 0..<count {
                _ = host.io.start(TestHost.io(.read, start: UInt64(block)), reading: 512)
            }
            host.fixture.pump()
        }
        // The common memory is at the store: the first gets of the reserve, the second has nowhere to go.
        read(4)
        let refused = host.io.startPair(compare: Self.block(0), write: Self.block(1), FusedTransfer.all[1])
        host.fixture.pump()
        #expect(host.io.statuses(refused) == [.abortedFailedFused, .namespaceNotReady])
        // The same, but memory comes back between the two: the pair moves there.
        let first = host.io.start(TestHost.first(), data: Self.block(0))
        host.fixture.pump()
        finish(backend, host)
        let second = host.io.start(TestHost.second(), data: Self.block(1), inCapsule: false)
        host.fixture.pump()
        // All of the reserve is left for others, also once the namespace has its share of the common memory:
        // the pair's buffer, and two of the reads'.
        read(3)
        for _ in 0..<2 { _ = host.io.start(TestHost.io(.write, start: 5), data: Self.block(3)) }
        host.fixture.pump()
        #expect(backend.heldCount == 2 + 2)
        finish(backend, host)
        host.io.answerTransfer(second)
        finish(backend, host)
        #expect(host.io.statuses(FusedPair(compare: first, write: second)) == [.success, .success])
        read(1)
        finish(backend, host)
        #expect(host.io.data(of: host.io.upcomingCommandID - 1) == Self.block(1))
    }

    @Test("A pair by R2T and its in-capsule half when its first has no memory yet fail, to be retried")
    func capsuleBehindWaitingFirst() throws {
        var limits = Limits()
        limits.transferShift = 1
        limits.bufferBytesMax = 8192
        let backend = Self.store()
        let host = try ConnectedHost(backend, limits: limits)
        for block in 0..<2 { _ = host.io.start(TestHost.io(.read, start: UInt64(block)), reading: 512) }
        let pair = host.io.startPair(compare: Self.block(0), write: Self.block(1), FusedTransfer.all[2])
        host.fixture.pump()
        #expect(host.io.statuses(pair) == [.abortedFailedFused, .namespaceNotReady])
        finish(backend, host)
        #expect(host.runPairHeld(backend) == [.success, .success])
    }

    // MARK: Others

    @Test("A pair is judged again when its data is complete")
    func judgedAgain() throws {
        let store = MemoryBackend(byteCount: 1 << 20)
        func model(_ state: ANAState, generation: UInt64) -> TargetModel {
            ConnectedHost.model(
                [AccessTests.namespace(1, store)], anaReporting: AccessTests.reporting(state),
                generation: generation)
        }
        let fixture = ShardFixture(model: model(.optimized, generation: 1))
        let host = try ConnectedHost(on: fixture)
        host.io.keepsTransfers = true
        let pair = host.io.startPair(compare: Self.block(0), write: Self.block(1), .transfers)
        fixture.pump()
        fixture.broadcast(.model(model(.inaccessible, generation: 2)))
        host.io.answerTransfer(pair.compare)
        host.io.answerTransfer(pair.write)
        #expect(host.io.statuses(pair) == [.anaInaccessible, .abortedFailedFused])
        fixture.broadcast(.model(model(.optimized, generation: 3)))
        #expect(host.io.read(start: 0, blocks: 1).data == Self.block(0))
    }

    @Test("A pair whose namespace is replaced between its halves goes on with the new one, or fails")
    func replaced() throws {
        let store = MemoryBackend(byteCount: 1 << 20)
        let empty = MemoryBackend(byteCount: 0)
        for (next, isLate, statuses) in [
            (store, false, [.success, .success]), (store, true, [.success, .success]),
            (empty, false, [FusedTests.failed, .lbaOutOfRange.notRetryable]),
            (empty, true, [.lbaOutOfRange.notRetryable, FusedTests.failed]),
            (nil, false, [FusedTests.failed, FusedTests.invalid]),
            (nil, true, [FusedTests.invalid, FusedTests.failed]),
        ] as [(MemoryBackend?, Bool, [Status])] {
            let fixture = ShardFixture(model: ConnectedHost.model([ConnectedHost.namespace(store)]))
            let host = try ConnectedHost(on: fixture)
            host.io.keepsTransfers = true
            let namespaces = next.map { [Namespace(id: 1, name: "new", uuid: 77, backend: $0)] } ?? []
            func replace() { fixture.broadcast(.model(ConnectedHost.model(namespaces, generation: 2))) }
            let first = host.io.start(TestHost.first(), data: Self.block(0), inCapsule: false)
            fixture.pump()
            if !isLate { replace() }
            let second = host.io.start(TestHost.second(), data: Self.block(0), inCapsule: false)
            fixture.pump()
            if isLate { replace() }
            host.io.answerTransfer(first)
            host.io.answerTransfer(second)
            #expect(host.io.statuses(FusedPair(compare: first, write: second)) == statuses)
        }
    }

    @Test("Hosts on several shards that count in one block lose no step")
    func counting() throws {
        let fixture = ShardFixture(
            model: ConnectedHost.model([ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20))]),
            shardCount: 3)
        let hosts = try (0..<3).map { index in
            let host = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-55555555555\(index)"
            return try ConnectedHost(on: fixture, host: host, hostID: UInt128(index + 1))
        }
        var known: [UInt8] = [0, 0, 0]
        var (steps, misses) = (0, 0)
        var round = 0
        while steps < 90 {
            // All send before any is answered; each knows the count only as of its own last look.
            let pairs = hosts.indices.map { index in
                hosts[index].io.startPair(
                    compare: Self.block(known[index]), write: Self.block(known[index] + 1),
                    FusedTransfer.all[(round + index) % 4])
            }
            fixture.pump()
            for index in hosts.indices {
                switch hosts[index].io.statuses(pairs[index]) {
                case [.success, .success]: steps += 1
                case [.compareFailure.notRetryable, FusedTests.failed]: misses += 1
                case let other: Issue.record("\(other)")
                }
                known[index] = hosts[index].io.read(start: 0, blocks: 1).data[0]
            }
            round += 1
        }
        #expect(Int(hosts[0].io.read(start: 0, blocks: 1).data[511]) == steps)
        #expect(misses > 0)
    }
}

extension ConnectedHost {
    /// A pair by R2T at a store that holds it once.
    fileprivate func runPairHeld(_ backend: PendingBackend) -> [Status?] {
        let zeroes = [UInt8](repeating: 0, count: 512)
        let pair = io.startPair(start: 9, compare: zeroes, write: zeroes, .transfers)
        fixture.pump()
        backend.release()
        fixture.pump()
        return io.statuses(pair)
    }
}
