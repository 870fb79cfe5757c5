// What I/O queues may reach: commands for namespaces whose ANA state refuses them, for namespaces that are
// hidden from the host, and how such changes meet commands that are under way.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Access to namespaces")
struct AccessTests {
    static func reporting(_ state: ANAState, _ other: ANAState = .optimized) -> ANAReporting {
        ANAReporting(groups: [ANAGroup(id: 1, state: state), ANAGroup(id: 2, state: other)])
    }

    static func namespace(
        _ id: UInt32, _ backend: any BlockBackend, visibility: HostAccess = .any, group: UInt32 = 1
    ) -> Namespace {
        Namespace(
            id: id, name: "test:\(id)", uuid: UInt128(id), visibility: visibility, anaGroupID: group,
            backend: backend)
    }

    static func fixture(
        _ namespaces: [Namespace], _ anaReporting: ANAReporting? = nil, shardCount: Int = 1
    ) -> ShardFixture {
        ShardFixture(
            model: ConnectedHost.model(namespaces, anaReporting: anaReporting), shardCount: shardCount)
    }

    func apply(
        _ namespaces: [Namespace], _ anaReporting: ANAReporting? = nil, generation: UInt64 = 2,
        to fixture: ShardFixture
    ) {
        fixture.broadcast(
            .model(ConnectedHost.model(namespaces, anaReporting: anaReporting, generation: generation)))
    }

    static let commands: [(SubmissionEntry, data: Int, reading: Int)] = [
        (TestHost.io(.read), 0, 512), (TestHost.io(.write), 512, 0), (TestHost.io(.compare), 512, 0),
        (TestHost.io(.flush), 0, 0), (TestHost.io(.writeZeroes), 0, 0), (deallocate, 16, 0),
        (TestHost.io(.flush, namespace: .broadcastNamespace), 0, 0),
    ]

    static var deallocate: SubmissionEntry {
        var command = TestHost.io(.datasetManagement)
        command.dword10 = 0
        command.dword11 = 1 << 2
        command.dword12 = 0
        return command
    }

    @Test(
        "Each I/O command is answered with its namespace's ANA state, not Do Not Retry",
        arguments: ANATests.states)
    func states(state: ANAState) throws {
        let backend = MemoryBackend(byteCount: 1 << 20)
        let fixture = Self.fixture(
            [Self.namespace(1, backend), Self.namespace(2, MemoryBackend(byteCount: 1 << 20), group: 2)],
            Self.reporting(state))
        let host = try ConnectedHost(on: fixture)
        for (command, data, reading) in Self.commands {
            let answer = host.io.run(command, data: [UInt8](repeating: 0, count: data), reading: reading)
            #expect(answer.completion?.status.kind == (state.refusal ?? .success).kind, "\(command.opcode)")
            #expect(answer.completion?.status.doNotRetry == false)
        }
        #expect(host.io.read(start: 0, blocks: 1, namespace: 2).completion?.status == .success)
        // What is wrong with the command itself is told only where it could be served.
        let beyond = host.io.read(start: 1 << 20, blocks: 1).completion?.status
        #expect(beyond?.kind == (state.refusal ?? .lbaOutOfRange).kind)
    }

    @Test("A change of the state is in force at once, and settled when older requests have ended")
    func barrier() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let namespaces = [Self.namespace(1, backend)]
        let fixture = Self.fixture(namespaces, Self.reporting(.optimized), shardCount: 2)
        let host = try ConnectedHost(on: fixture)
        let write = host.io.start(TestHost.io(.write), data: [UInt8](repeating: 1, count: 512))
        fixture.pump()
        #expect(backend.heldCount == 1)
        apply(namespaces, Self.reporting(.inaccessible), to: fixture)
        #expect(fixture.settledGenerations == [0: [2]])
        #expect(host.io.read(start: 0, blocks: 1).completion?.status.kind == .anaInaccessible)
        #expect(backend.heldCount == 1)
        // Who asks for the same again waits for the same; who changes something else of it does, too.
        apply(namespaces, Self.reporting(.inaccessible, .change), generation: 3, to: fixture)
        #expect(fixture.settledGenerations == [0: [2, 3]])
        backend.release()
        fixture.pump()
        #expect(fixture.settledGenerations == [0: [2, 3], 1: [2, 3]])
        #expect(host.io.completions[write]?.status == .success)
        // Widening is served and settled at once.
        apply(namespaces, Self.reporting(.nonOptimized), generation: 4, to: fixture)
        _ = host.io.start(TestHost.io(.read), reading: 512)
        fixture.pump()
        #expect(backend.heldCount == 1)
        apply(namespaces, Self.reporting(.optimized), generation: 5, to: fixture)
        #expect(fixture.settledGenerations[1] == [2, 3, 4, 5])
        backend.release()
        fixture.pump()
    }

    @Test("A write whose data is still to come when its group goes never reaches the store")
    func stateDuringTransfer() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let namespaces = [Self.namespace(1, backend)]
        let fixture = Self.fixture(namespaces, Self.reporting(.optimized))
        let host = try ConnectedHost(on: fixture)
        host.io.isDeaf = true
        let write = host.io.start(
            TestHost.io(.write, blocks: 16), data: [UInt8](repeating: 1, count: 8192), inCapsule: false)
        fixture.pump()
        apply(namespaces, Self.reporting(.change), to: fixture)
        #expect(fixture.settledGenerations == [0: [2]])
        host.io.isDeaf = false
        fixture.resend(to: host.io)
        #expect(host.io.completions[write]?.status.kind == .anaTransition)
        #expect(backend.heldCount == 0)
    }

    @Test("A reservation whose data is still to come when its group goes is not made")
    func reservationDuringTransfer() throws {
        let namespaces = [
            Namespace(
                id: 1, name: "", uuid: 1, offersReservations: true,
                backend: MemoryBackend(byteCount: 1 << 20))
        ]
        let fixture = Self.fixture(namespaces, Self.reporting(.optimized))
        let host = try ConnectedHost(on: fixture)
        host.io.isDeaf = true
        let register = host.io.start(
            TestHost.reservation(.reservationRegister, 0), data: TestHost.keys(0, 7), inCapsule: false)
        fixture.pump()
        apply(namespaces, Self.reporting(.inaccessible), to: fixture)
        host.io.isDeaf = false
        fixture.resend(to: host.io)
        #expect(host.io.completions[register]?.status.kind == .anaInaccessible)
        apply(namespaces, Self.reporting(.optimized), generation: 3, to: fixture)
        #expect(host.io.register(7) == .success)
    }

    @Test("Later requests of a command are judged by the state then")
    func stateBetweenRequests() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let namespaces = [Self.namespace(1, backend)]
        let fixture = Self.fixture(namespaces, Self.reporting(.optimized))
        let host = try ConnectedHost(on: fixture)
        var command = Self.deallocate
        command.dword10 = 1
        var ranges = [UInt8](repeating: 0, count: 32)
        (ranges[4], ranges[20], ranges[24]) = (1, 1, 8)
        let id = host.io.start(command, data: ranges)
        fixture.pump()
        #expect(backend.heldCount == 1)
        apply(namespaces, Self.reporting(.persistentLoss), to: fixture)
        backend.release()
        fixture.pump()
        #expect(host.io.completions[id]?.status.kind == .anaPersistentLoss)
        #expect(backend.heldCount == 0)
    }

    @Test("A shutdown flushes what the host can reach, and is complete")
    func shutdown() throws {
        let out = PendingBackend(byteCount: 1 << 20, hasVolatileWriteCache: true)
        let reachable = PendingBackend(byteCount: 1 << 20, hasVolatileWriteCache: true)
        let fixture = Self.fixture(
            [Self.namespace(1, out), Self.namespace(2, reachable, group: 2)], Self.reporting(.inaccessible))
        let host = try ConnectedHost(on: fixture)
        #expect(host.admin.setProperty(.configuration, to: 0x464061)?.status == .success)
        #expect(out.heldCount == 0)
        #expect(reachable.heldOperations == [.flush])
        reachable.release()
        fixture.pump()
        #expect(host.admin.property(.status).map { $0 & 0xC } == 0x8)
    }

    @Test("A hidden namespace answers like one that is not there, to that host alone")
    func hidden() throws {
        let other = "nqn.2026-11.io.example:other-host"
        let namespaces = [
            Self.namespace(1, MemoryBackend(byteCount: 1 << 20)),
            Self.namespace(2, MemoryBackend(byteCount: 1 << 20), visibility: .only([other])),
        ]
        let fixture = Self.fixture(namespaces, shardCount: 2)
        let host = try ConnectedHost(on: fixture)
        let allowed = try ConnectedHost(on: fixture, host: other, hostID: 7)
        for id in [2, 3] as [UInt32] {
            let refused = host.io.read(start: 0, blocks: 1, namespace: id).completion
            #expect(refused?.status.kind == .invalidField && refused?.status.doNotRetry == true)
        }
        #expect(host.io.read(start: 0, blocks: 1).completion?.status == .success)
        #expect(allowed.io.read(start: 0, blocks: 1, namespace: 2).completion?.status == .success)
        #expect(fixture.shards[1].subsystems.count == 1)
    }

    @Test("Hiding a namespace is in force at once, settled when its requests have ended; others go on")
    func hiding() throws {
        let other = "nqn.2026-11.io.example:other-host"
        let backend = PendingBackend(byteCount: 1 << 20)
        let fixture = Self.fixture([Self.namespace(1, backend)], shardCount: 2)
        let host = try ConnectedHost(on: fixture)
        let allowed = try ConnectedHost(on: fixture, host: other, hostID: 7)
        let read = host.io.start(TestHost.io(.read), reading: 512)
        host.io.isDeaf = true
        let write = host.io.start(
            TestHost.io(.write, blocks: 16), data: [UInt8](repeating: 1, count: 8192), inCapsule: false)
        fixture.pump()
        apply([Self.namespace(1, backend, visibility: .only([other]))], to: fixture)
        #expect(fixture.settledGenerations == [0: [2]])
        host.io.isDeaf = false
        fixture.resend(to: host.io)
        #expect(host.io.completions[write]?.status.kind == .invalidField)
        let mine = allowed.io.start(TestHost.io(.read), reading: 512)
        fixture.pump()
        #expect(backend.heldOperations == [.read, .read])
        backend.release()
        fixture.pump()
        #expect(fixture.settledGenerations == [0: [2], 1: [2]])
        #expect(host.io.completions[read]?.status == .success)
        #expect(allowed.io.completions[mine]?.status == .success)
        // And shown again, at once.
        apply([Self.namespace(1, backend)], generation: 3, to: fixture)
        #expect(fixture.settledGenerations[1] == [2, 3])
        _ = host.io.start(TestHost.io(.read), reading: 512)
        fixture.pump()
        #expect(backend.heldCount == 1)
        backend.release()
        fixture.pump()
    }

    @Test("Flush of all namespaces flushes those of the host")
    func flushAll() throws {
        let backends = (0..<3).map { _ in PendingBackend(byteCount: 1 << 20) }
        let fixture = Self.fixture([
            Self.namespace(1, backends[0]), Self.namespace(2, backends[1], visibility: .only([])),
            Self.namespace(70_000, backends[2]),
        ])
        let host = try ConnectedHost(on: fixture)
        let flush = host.io.start(TestHost.io(.flush, namespace: .broadcastNamespace))
        for backend in [backends[0], backends[2]] {
            fixture.pump()
            #expect(backend.heldCount == 1)
            backend.release()
        }
        fixture.pump()
        #expect(host.io.completions[flush]?.status == .success)
        #expect(backends[1].heldCount == 0)
    }

    @Test("A host's last queue takes its view of the subsystem along")
    func views() throws {
        let subsystem = Subsystem(
            nqn: ConnectedHost.subsystemNQN, serialNumber: "1", access: .any,
            namespaces: [Self.namespace(1, MemoryBackend(byteCount: 1 << 20))])
        let services = FixtureServices(shardID: 0)
        let attachment = SubsystemAttachment(subsystem, services: services, reservations: ReservationViews())
        weak let first = attachment.namespaces(for: "a")
        #expect(first == nil)
        let kept = attachment.namespaces(for: "b")
        #expect(attachment.namespaces(for: "b") === kept)
        for _ in 0..<100 { _ = attachment.namespaces(for: "c") }
        #expect(attachment.hostCount <= 2)
        #expect(attachment.removeAll().count == 1)
        #expect(kept.find(1) == nil)
    }

    @Test(
        "NSIDs are found in every range: ordinary, high, and of thousands",
        arguments: [1, 1024, 5000, 32_768, 32_769, 70_000])
    func namespaceIDs(id: UInt32) throws {
        let fixture = Self.fixture([Self.namespace(id, MemoryBackend(byteCount: 1 << 20))])
        let host = try ConnectedHost(on: fixture)
        #expect(host.io.read(start: 0, blocks: 1, namespace: id).completion?.status == .success)
        #expect(host.io.read(start: 0, blocks: 1, namespace: id + 1).completion?.status.doNotRetry == true)
    }
}

@Suite("ANA transitions that nobody ends")
struct ANATransitionTests {
    let changed: UInt64 = 0x0C_0302

    @Test("After ANATT a group in ANA Change is served as ANA Inaccessible on every shard, and told so once")
    func overdue() throws {
        let namespaces = [AccessTests.namespace(1, MemoryBackend(byteCount: 1 << 20))]
        let fixture = AccessTests.fixture(namespaces, AccessTests.reporting(.optimized), shardCount: 2)
        let host = try ConnectedHost(on: fixture)
        func state() -> Status? { host.io.read(start: 0, blocks: 1).completion?.status.kind }
        var wanted = SubmissionEntry(opcode: AdminOpcode.setFeatures.rawValue)
        (wanted.dword10, wanted.dword11) = (0x0B, 1 << 11)
        #expect(host.admin.run(wanted).completion?.status == .success)
        let request = host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        func change(_ generation: UInt64, _ other: ANAState = .optimized) {
            let reporting = ANAReporting(
                groups: [ANAGroup(id: 1, state: .change), ANAGroup(id: 2, state: other)],
                transitionSeconds: 4)
            fixture.broadcast(
                .model(
                    ConnectedHost.model(namespaces, anaReporting: reporting, generation: generation)))
        }
        change(2)
        fixture.advance(milliseconds: 2_000)
        // Another change does not let the time begin anew.
        change(3, .inaccessible)
        fixture.advance(milliseconds: 1_400)
        #expect(state() == .anaTransition)
        #expect(host.admin.completions[request] == nil)
        fixture.advance(milliseconds: 600)
        #expect(state() == .anaInaccessible)
        #expect(host.admin.completions[request]?.result == changed)
        #expect(fixture.settledGenerations == [0: [2, 3], 1: [2, 3]])
        // It stays so, whatever else is changed, until the program ends it.
        change(4)
        #expect(state() == .anaInaccessible)
        fixture.broadcast(
            .model(
                ConnectedHost.model(
                    namespaces, anaReporting: AccessTests.reporting(.optimized), generation: 5)))
        #expect(state() == .success)
        // A new transition has its own time.
        change(6)
        fixture.advance(milliseconds: 3_000)
        #expect(state() == .anaTransition)
    }

    @Test("A model without a transition that is overdue is served as it is")
    func unchanged() {
        var transitions = ANATransitions()
        let model = ConnectedHost.model([], anaReporting: AccessTests.reporting(.change, .change))
        let start = Instant(nanoseconds: 5)
        let served = transitions.model(model, at: start, leeway: 500)
        #expect(served === model)
        let isDue = [29_499, 29_500].map { transitions.isDue(at: start.advanced(byMilliseconds: $0)) }
        #expect(isDue == [false, true])
        let later = transitions.model(model, at: start.advanced(byMilliseconds: 29_500), leeway: 500)
        #expect(later.subsystems[0].anaReporting == AccessTests.reporting(.inaccessible, .inaccessible))
        #expect(!transitions.isDue(at: Instant(nanoseconds: .max)))
        let none = transitions.model(ConnectedHost.model([]), at: start, leeway: 500)
        #expect(none.subsystems[0].anaReporting == nil)
    }
}
