// When a reservation is in force and when the command that made it is answered: at once for what comes, and
// only when what had been submitted before has ended; durable before that, if it is to persist.

import NVMeTCP
import Synchronization
import Testing

@testable import GatewayCore

@Suite("When reservations are in force")
struct ReservationBarrierTests {
    let block = [UInt8](repeating: 1, count: 512)

    @Test(
        "A reservation is answered when the writes of others that a store had have ended",
        arguments: [ReservationAcquireAction.acquire, .preempt, .preemptAndAbort])
    func barrier(action: ReservationAcquireAction) throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let hosts = try ReservingHosts([ConnectedHost.namespace(backend)], shardCount: 3)
        #expect(hosts.a.io.register(0xAA) == .success)
        #expect(hosts.b.io.register(0xBB) == .success)
        if action != .acquire { #expect(hosts.a.io.acquire(.writeExclusive, key: 0xAA) == .success) }
        let older = hosts.a.io.start(TestHost.io(.write), data: block)
        hosts.fixture.pump()
        #expect(backend.heldCount == 1)
        let acquire = hosts.b.io.start(
            TestHost.acquireCommand(.writeExclusive, action), data: TestHost.keys(0xBB, 0xAA))
        hosts.fixture.pump()
        // In force, but not yet promised.
        #expect(hosts.b.io.completions[acquire] == nil)
        #expect(hosts.a.io.write(start: 0, data: block)?.status.kind == .reservationConflict)
        #expect(hosts.b.io.report()?.type == .writeExclusive)
        // What comes meanwhile is not waited for.
        let own = hosts.b.io.start(TestHost.io(.write), data: block)
        hosts.fixture.pump()
        #expect(backend.heldCount == 2)
        backend.release()
        hosts.fixture.pump()
        #expect(hosts.a.io.completions[older]?.status == .success)
        #expect(hosts.b.io.completions[own]?.status == .success)
        #expect(hosts.b.io.completions[acquire]?.status == .success)
    }

    @Test(
        "A command that a store has begun meets no later reservation, which waits for all of it",
        arguments: [ReservationAcquireAction.preempt, .preemptAndAbort])
    func begun(action: ReservationAcquireAction) throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        var limits = Limits()
        limits.rangeBytesMax = 4096
        let hosts = try ReservingHosts([ConnectedHost.namespace(backend)], limits: limits)
        #expect(hosts.reserve(.writeExclusive) == [.success, .success, .success])
        // Three requests, one after the other.
        let zeroes = hosts.a.io.start(TestHost.io(.writeZeroes, blocks: 24))
        hosts.fixture.pump()
        let acquire = hosts.b.io.start(
            TestHost.acquireCommand(.writeExclusive, action), data: TestHost.keys(0xBB, 0xAA))
        hosts.fixture.pump()
        #expect(hosts.a.io.write(start: 0, data: block)?.status.kind == .reservationConflict)
        if action == .preempt {
            for _ in 0..<2 {
                backend.release()
                hosts.fixture.pump()
                #expect(backend.heldCount == 1 && hosts.b.io.completions[acquire] == nil)
            }
        }
        backend.release()
        hosts.fixture.pump()
        let status = hosts.a.io.completions[zeroes]?.status.kind
        #expect(status == (action == .preempt ? .success : .abortedPreempt))
        #expect(backend.heldCount == 0)
        #expect(hosts.b.io.completions[acquire]?.status == .success)
    }

    @Test("A Copy whose ranges come after a reservation that forbids its writes does not begin to read")
    func copyIsJudgedWhole() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let hosts = try ReservingHosts([ConnectedHost.namespace(backend)])
        #expect(hosts.a.io.register(0xAA) == .success)
        hosts.c.io.isDeaf = true
        var ranges = [UInt8](repeating: 0, count: CopySourceRange.byteCount)
        var span = ranges.mutableSpan
        var bytes = span.mutableBytes
        CopySourceRange(startingLBA: 0, blockCount: 8).encode(into: &bytes, at: 0)
        var command = TestHost.io(.copy, start: 64)
        command.dword12 = 0
        let copy = hosts.c.io.start(command, data: ranges, inCapsule: false)
        hosts.fixture.pump()
        #expect(hosts.a.io.acquire(.writeExclusive, key: 0xAA) == .success)
        hosts.c.io.isDeaf = false
        hosts.fixture.resend(to: hosts.c.io)
        #expect(hosts.c.io.completions[copy]?.status.kind == .reservationConflict)
        #expect(backend.heldCount == 0)
    }

    @Test("A change that takes nothing from anybody waits for nothing")
    func widening() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let hosts = try ReservingHosts([ConnectedHost.namespace(backend)])
        #expect(hosts.reserve(.exclusiveAccess) == [.success, .success, .success])
        _ = hosts.a.io.start(TestHost.io(.write), data: block)
        hosts.fixture.pump()
        #expect(hosts.c.io.register(0xCC) == .success)
        #expect(hosts.a.io.release(.exclusiveAccess, key: 0xAA) == .success)
        backend.release()
        hosts.fixture.pump()
    }

    @Test("A registration is answered when every shard serves by it: the host may go on with any queue")
    func wideningIsKnown() {
        let state = ReservationState()
        let namespace = NamespaceUUID(rawValue: 7)
        var home = ReservationHome(shardID: 0, shardCount: 2, registrantsMax: 8)
        let register = ReservationCommand.Register(
            action: .register, ignoresKey: false, persistence: .none,
            data: ReservationRegisterData(currentKey: 0, newKey: 0xAA))
        home.receive(
            ReservationRequest(
                from: QueueAddress(shard: 1, connection: ConnectionID(index: 0, generation: 1)), slot: 3,
                namespace: namespace, host: HostID(rawValue: 0xA), command: .register(register),
                known: ReservationRecord(state: state)))
        guard case .publish(let change) = home.takeOutput() else {
            Issue.record("nobody is told")
            return
        }
        #expect(!change.isRestriction && home.takeOutput() == nil)
        home.settled(namespace, version: change.record.version)
        #expect(home.takeOutput() == nil)
        home.settled(namespace, version: change.record.version)
        guard case .answer = home.takeOutput() else {
            Issue.record("both shards know, and nothing is answered")
            return
        }
    }

    @Test("Commands about one namespace take their turns; the report does not wait")
    func turns() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let hosts = try ReservingHosts([ConnectedHost.namespace(backend)])
        #expect(hosts.a.io.register(0xAA) == .success)
        #expect(hosts.b.io.register(0xBB) == .success)
        _ = hosts.c.io.start(TestHost.io(.write), data: block)
        hosts.fixture.pump()
        let first = hosts.a.io.start(
            TestHost.acquireCommand(.writeExclusive, .acquire), data: TestHost.keys(0xAA, 0))
        hosts.fixture.pump()
        let second = hosts.b.io.start(
            TestHost.acquireCommand(.exclusiveAccess, .acquire), data: TestHost.keys(0xBB, 0))
        hosts.fixture.pump()
        #expect(hosts.c.io.report()?.type == .writeExclusive)
        #expect(hosts.a.io.completions[first] == nil && hosts.b.io.completions[second] == nil)
        backend.release()
        hosts.fixture.pump()
        #expect(hosts.a.io.completions[first]?.status == .success)
        #expect(hosts.b.io.completions[second]?.status.kind == .reservationConflict)
    }

    @Test(
        "A write whose data is still to come when its host is preempted never reaches the store",
        arguments: [
            (ReservationAcquireAction.preempt, Status.reservationConflict),
            (.preemptAndAbort, .abortedPreempt),
        ])
    func dataUnderWay(action: ReservationAcquireAction, status: Status) throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let hosts = try ReservingHosts([ConnectedHost.namespace(backend)])
        #expect(hosts.reserve(.writeExclusive) == [.success, .success, .success])
        hosts.a.io.isDeaf = true
        let write = hosts.a.io.start(
            TestHost.io(.write, blocks: 16), data: [UInt8](repeating: 1, count: 8192), inCapsule: false)
        hosts.fixture.pump()
        #expect(hosts.b.io.acquire(.writeExclusive, key: 0xBB, action, preempting: 0xAA) == .success)
        hosts.a.io.isDeaf = false
        hosts.fixture.resend(to: hosts.a.io)
        #expect(hosts.a.io.completions[write]?.status.kind == status)
        #expect(backend.heldCount == 0)
    }

    @Test("Preempt and Abort ends commands that wait for memory; of other namespaces and hosts they go on")
    func awaitingBuffers() throws {
        var limits = Limits()
        limits.bufferBytesMax = (1 << 18) + (1 << 14)
        let backend = PendingBackend(byteCount: 1 << 20)
        let other = ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: 2)
        let hosts = try ReservingHosts(
            [ConnectedHost.namespace(backend), other], shardCount: 1, limits: limits)
        #expect(hosts.reserve(.exclusiveAccess) == [.success, .success, .success])
        // Both of the buffers that there are, then what has to wait.
        let read = TestHost.io(.read, blocks: 256)
        let taking = [1, 2].map { _ in hosts.a.io.start(read, reading: 131_072) }
        hosts.fixture.pump()
        let waiting = hosts.a.io.start(read, reading: 131_072)
        let elsewhere = hosts.a.io.start(
            TestHost.io(.read, namespace: 2, blocks: 256), reading: 131_072)
        hosts.fixture.pump()
        #expect(backend.heldCount == 2)
        let preempt = hosts.b.io.start(
            TestHost.acquireCommand(.exclusiveAccess, .preemptAndAbort), data: TestHost.keys(0xBB, 0xAA))
        hosts.fixture.pump()
        #expect(hosts.a.io.completions[waiting]?.status.kind == .abortedPreempt)
        #expect(hosts.a.io.completions[elsewhere] == nil)
        backend.release()
        hosts.fixture.pump()
        #expect(taking.allSatisfy { hosts.a.io.completions[$0]?.status == .success })
        #expect(hosts.a.io.completions[elsewhere]?.status == .success)
        #expect(hosts.b.io.completions[preempt]?.status == .success)
    }

    @Test("Preempt and Abort ends half of a fused operation that waits for its other half")
    func fusedHalf() throws {
        let hosts = try ReservingHosts([ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20))])
        #expect(hosts.reserve(.writeExclusive) == [.success, .success, .success])
        var compare = TestHost.io(.compare)
        compare.dword0 |= 1 << 8
        let half = hosts.a.io.start(compare, data: [UInt8](repeating: 0, count: 512))
        hosts.fixture.pump()
        #expect(hosts.a.io.completions[half] == nil)
        #expect(
            hosts.b.io.acquire(.writeExclusive, key: 0xBB, .preemptAndAbort, preempting: 0xAA) == .success)
        #expect(hosts.a.io.completions[half]?.status.kind == .abortedPreempt)
    }

    // MARK: Persistence

    @Test("What is to persist is saved before it is in force and before it is answered")
    func durable() throws {
        let namespace = ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20))
        let hosts = try ReservingHosts([namespace], persists: true)
        hosts.fixture.holdsSaves = true
        // Nothing persists yet: nothing is saved.
        #expect(hosts.a.io.register(0xAA) == .success)
        let persisting = hosts.a.io.start(
            TestHost.reservation(.reservationRegister, 3 << 30), data: TestHost.keys(0, 0xAA))
        hosts.fixture.pump()
        #expect(hosts.a.io.completions[persisting] == nil)
        #expect(hosts.a.io.report()?.persistsThroughPowerLoss == false)
        hosts.fixture.releaseSaves()
        #expect(hosts.a.io.completions[persisting]?.status == .success)
        #expect(hosts.a.io.report()?.persistsThroughPowerLoss == true)
        let acquire = hosts.a.io.start(
            TestHost.acquireCommand(.exclusiveAccess, .acquire), data: TestHost.keys(0xAA, 0))
        hosts.fixture.pump()
        #expect(hosts.c.io.write(start: 0, data: block)?.status == .success)
        hosts.fixture.releaseSaves()
        #expect(hosts.a.io.completions[acquire]?.status == .success)
        #expect(hosts.c.io.write(start: 0, data: block)?.status.kind == .reservationConflict)
    }

    @Test("A change that can't be saved is not made, and the host may try again")
    func saveFails() throws {
        let hosts = try ReservingHosts(
            [ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20))], persists: true)
        #expect(hosts.a.io.register(0xAA, persistence: 3) == .success)
        hosts.fixture.holdsSaves = true
        let acquire = hosts.a.io.start(
            TestHost.acquireCommand(.exclusiveAccess, .acquire), data: TestHost.keys(0xAA, 0))
        hosts.fixture.pump()
        hosts.fixture.releaseSaves(failing: .failed("no space"))
        let status = try #require(hosts.a.io.completions[acquire]?.status)
        #expect(status.kind == .internalError && !status.doNotRetry)
        #expect(hosts.fixture.log.lines.contains { $0.contains("no space") })
        #expect(hosts.a.io.report()?.type == ReservationType(rawValue: 0))
        hosts.fixture.holdsSaves = false
        #expect(hosts.a.io.acquire(.exclusiveAccess, key: 0xAA) == .success)
    }

    @Test("After a restart registrants, holder and keys are back if they persist, and gone if not")
    func restart() throws {
        let namespace = ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20))
        let id = NamespaceUUID(rawValue: namespace.uuid)
        let store: MemoryReservationStore
        do {
            let hosts = try ReservingHosts([namespace], persists: true)
            store = hosts.fixture.reservationStore
            #expect(hosts.reserve(.writeExclusiveRegistrantsOnly) == [.success, .success, .success])
            #expect(store.record(of: id) == nil)
            #expect(hosts.a.io.register(0xAA, persistence: 3) == .success)
        }
        let saved = try #require(store.record(of: id))
        do {
            let hosts = try ReservingHosts([namespace], persists: true, saved: [id: saved])
            let report = try #require(hosts.c.io.report())
            #expect(report.persistsThroughPowerLoss)
            #expect(report.registrants.map(\.key) == [0xAA, 0xBB])
            #expect(report.registrants.map(\.holdsReservation) == [true, false])
            #expect(hosts.c.io.write(start: 0, data: block)?.status.kind == .reservationConflict)
            #expect(hosts.b.io.write(start: 0, data: block)?.status == .success)
            let kept = hosts.fixture.reservationStore
            kept.save(saved, of: id, replacing: 0) { _ in }
            #expect(hosts.a.io.register(0xAB, action: .replace, current: 0xAA, persistence: 2) == .success)
            let gone = try #require(kept.record(of: id))
            #expect(gone.version > saved.version)
            #expect(gone.state == ReservationState())
        }
    }
}

extension MemoryReservationStore {
    /// What was saved last.
    func record(of namespace: NamespaceUUID) -> ReservationRecord? {
        let found = Mutex<ReservationRecord?>(nil)
        load(namespace) { result in
            if case .success(let record) = result { found.withLock { $0 = record } }
        }
        return found.withLock { $0 }
    }
}
