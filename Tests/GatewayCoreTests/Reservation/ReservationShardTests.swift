// Reservations across whole shards: hosts on several of them, commands to the home shard and back, and what
// other commands are answered with meanwhile and afterwards.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Reservations on shards")
struct ReservationShardTests {
    static func memory(_ id: UInt32 = 1) -> Namespace {
        ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: id)
    }

    /// Each I/O command and whether it is of the read group, by hand.
    static let commands: [(name: String, command: SubmissionEntry, data: Int, reading: Int, reads: Bool)] = [
        ("Read", TestHost.io(.read), 0, 512, true),
        ("Compare", TestHost.io(.compare), 512, 0, true),
        ("Verify", TestHost.io(.verify), 0, 0, true),
        ("Write", TestHost.io(.write), 512, 0, false),
        ("Copy", copy, 32, 0, false),
        ("Write Zeroes", TestHost.io(.writeZeroes), 0, 0, false),
        ("Dataset Management, Deallocate", AccessTests.deallocate, 16, 0, false),
        ("Dataset Management, a hint", datasetHint, 16, 0, false),
        ("Flush", TestHost.io(.flush), 0, 0, false),
        ("Flush of all", TestHost.io(.flush, namespace: .broadcastNamespace), 0, 0, false),
    ]

    /// One block, from LBA 0 to LBA 100.
    static var copy: SubmissionEntry {
        var command = SubmissionEntry(opcode: IOOpcode.copy.rawValue)
        command.dword1 = 1
        command.dword10 = 100
        return command
    }

    static var datasetHint: SubmissionEntry {
        var command = AccessTests.deallocate
        command.dword11 = 1
        return command
    }

    @Test(
        "Each I/O command of each host is admitted or conflicts as the table says",
        arguments: ReservationType.table.map(\.value), [1, 2, 3])
    func admission(type: ReservationType, shardCount: Int) throws {
        let hosts = try ReservingHosts([Self.memory()], shardCount: shardCount)
        #expect(hosts.reserve(type) == [.success, .success, .success])
        let seats: [(TestHost, ReservationRole)] = [
            (hosts.a.io, .holder), (hosts.b.io, type.rawValue >= 5 ? .holder : .registrant),
            (hosts.c.io, .other),
        ]
        for (host, role) in seats {
            let row = try #require(
                ReservationAccessTests.table.first { $0.type == type && $0.role == role })
            for (name, command, data, reading, isRead) in Self.commands {
                let status = host.run(
                    command, data: [UInt8](repeating: 0, count: data), reading: reading
                ).completion?.status
                let isAdmitted = isRead ? row.reads : row.writes
                #expect(
                    status?.kind == (isAdmitted ? .success : .reservationConflict)
                        && status?.doNotRetry == !isAdmitted,
                    "\(name) of \(role) under \(type.name)")
            }
        }
        #expect(hosts.a.io.release(type, key: 0xAA) == .success)
        #expect(hosts.c.io.write(start: 0, data: [UInt8](repeating: 1, count: 512))?.status == .success)
    }

    @Test(
        "A Release brings its key, in 8 bytes or the 16 that Linux sends", arguments: [8, 16], [true, false])
    func releaseData(byteCount: Int, isInCapsule: Bool) throws {
        let hosts = try ReservingHosts([Self.memory()])
        #expect(hosts.reserve(.writeExclusive) == [.success, .success, .success])
        let command = TestHost.reservation(.reservationRelease, 1 << 8)
        func release(_ key: UInt64, _ count: Int) -> Status? {
            let data = Array(TestHost.keys(key, .max).prefix(count))
            let id = hosts.a.io.start(command, data: data, inCapsule: isInCapsule)
            hosts.fixture.pump()
            return hosts.a.io.completions[id]?.status
        }
        #expect(release(0xAB, byteCount) == .reservationConflict.notRetryable)
        #expect(release(0xAA, 12) == .dataSGLLengthInvalid.notRetryable)
        #expect(hosts.c.io.report()?.type == .writeExclusive)
        #expect(release(0xAA, byteCount) == .success)
        #expect(hosts.c.io.report()?.type == ReservationType(rawValue: 0))
    }

    @Test("The report tells of registrants, holder and generation, and as much as was asked for")
    func report() throws {
        let hosts = try ReservingHosts([Self.memory()])
        #expect(hosts.c.io.report()?.registrants == [])
        #expect(hosts.reserve(.writeExclusiveRegistrantsOnly) == [.success, .success, .success])
        let report = try #require(hosts.c.io.report())
        #expect(report.generation == 2)
        #expect(report.type == .writeExclusiveRegistrantsOnly)
        #expect(!report.persistsThroughPowerLoss)
        #expect(
            report.registrants == [
                ReservationRegistrant(holdsReservation: true, hostID: HostID(rawValue: 0xA), key: 0xAA),
                ReservationRegistrant(holdsReservation: false, hostID: HostID(rawValue: 0xB), key: 0xBB),
            ])
        // 64 bytes of header and half a registrant: the number of all is there, the rest is cut.
        let command = TestHost.reservation(.reservationReport, 96 / 4 - 1, dword11: 1)
        let (completion, part) = hosts.c.io.run(command, reading: 96)
        #expect(completion?.status == .success)
        #expect(Array(part[5..<7]) == [2, 0])
        #expect(Array(part[72..<80]) == [0xAA, 0, 0, 0, 0, 0, 0, 0])
        let (shortest, header) = hosts.c.io.run(
            TestHost.reservation(.reservationReport, 0, dword11: 1), reading: 4)
        #expect(shortest?.status == .success)
        #expect(header == [2, 0, 0, 0])
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let command: SubmissionEntry
        var data: [UInt8] = []
        var reading = 0
        let status: Status
        let byte: UInt8?
        var bit: UInt8 = 0
    }

    static let refusals = [
        Refusal(
            testDescription: "Register with an unknown action",
            command: TestHost.reservation(.reservationRegister, 3), data: TestHost.keys(0, 1),
            status: .invalidField, byte: 40),
        Refusal(
            testDescription: "Register with a reserved change of persistence",
            command: TestHost.reservation(.reservationRegister, 1 << 30), data: TestHost.keys(0, 1),
            status: .invalidField, byte: 43, bit: 6),
        Refusal(
            testDescription: "Register that asks for persistence where nothing persists",
            command: TestHost.reservation(.reservationRegister, 3 << 30), data: TestHost.keys(0, 1),
            status: .invalidField, byte: 43, bit: 6),
        Refusal(
            testDescription: "Acquire with an unknown action",
            command: TestHost.reservation(.reservationAcquire, 1 << 8 | 3), data: TestHost.keys(0, 1),
            status: .invalidField, byte: 40),
        Refusal(
            testDescription: "Acquire that ignores the key",
            command: TestHost.reservation(.reservationAcquire, 1 << 8 | 8), data: TestHost.keys(0, 1),
            status: .invalidField, byte: 40, bit: 3),
        Refusal(
            testDescription: "Acquire of type 0",
            command: TestHost.reservation(.reservationAcquire, 0), data: TestHost.keys(0, 1),
            status: .invalidField, byte: 41),
        Refusal(
            testDescription: "Acquire of type 7",
            command: TestHost.reservation(.reservationAcquire, 7 << 8), data: TestHost.keys(0, 1),
            status: .invalidField, byte: 41),
        Refusal(
            testDescription: "Release with an unknown action",
            command: TestHost.reservation(.reservationRelease, 1 << 8 | 2), data: TestHost.keys(0),
            status: .invalidField, byte: 40),
        Refusal(
            testDescription: "Release that ignores the key",
            command: TestHost.reservation(.reservationRelease, 1 << 8 | 8), data: TestHost.keys(0),
            status: .invalidField, byte: 40, bit: 3),
        Refusal(
            testDescription: "Acquire by a host that is not registered",
            command: TestHost.acquireCommand(.writeExclusive, .acquire), data: TestHost.keys(0, 1),
            status: .reservationConflict, byte: nil),
        Refusal(
            testDescription: "Report without room for 128-bit identifiers",
            command: TestHost.reservation(.reservationReport, 15), reading: 64,
            status: .hostIDInconsistentFormat, byte: 44),
        Refusal(
            testDescription: "Report longer than a transfer may be",
            command: TestHost.reservation(.reservationReport, 1 << 15, dword11: 1), reading: 512,
            status: .invalidField, byte: 40),
        Refusal(
            testDescription: "Register of a namespace that is not there",
            command: TestHost.reservation(.reservationRegister, 0, namespace: 5), data: TestHost.keys(0, 1),
            status: .invalidField, byte: 4),
        Refusal(
            testDescription: "Register of all namespaces",
            command: TestHost.reservation(.reservationRegister, 0, namespace: .broadcastNamespace),
            data: TestHost.keys(0, 1), status: .invalidField, byte: 4),
    ]

    @Test("What is wrong with a command is answered with its status and place", arguments: refusals)
    func refused(refusal: Refusal) throws {
        let hosts = try ReservingHosts([Self.memory()])
        let completion = hosts.a.io.run(
            refusal.command, data: refusal.data, reading: refusal.reading
        ).completion
        #expect(completion?.status.kind == refusal.status)
        #expect(completion?.status.doNotRetry == true)
        let seat = try #require(hosts.fixture.shards[0].controllers[hosts.a.controllerID])
        var newest = [UInt8](repeating: 0, count: ErrorInformation.byteCount)
        var span = newest.mutableSpan
        var bytes = span.mutableBytes
        seat.controller.errorLog.page.copy(from: 0, into: &bytes)
        let entry = ErrorInformation(newest.span.bytes, at: 0)
        #expect(entry.status.kind == refusal.status)
        let location = refusal.byte.map { ParameterLocation(byte: $0, bit: refusal.bit) }
        #expect(entry.parameterLocation == location ?? ParameterLocation.none)
    }

    @Test("A host without an identifier has no reservations")
    func hostWithoutIdentifier() throws {
        let fixture = ShardFixture(model: ConnectedHost.model([Self.memory()]))
        let host = try ConnectedHost(on: fixture, hostID: 0)
        #expect(host.io.register(1)?.kind == .hostIDNotInitialized)
        #expect(host.io.write(start: 0, data: [UInt8](repeating: 0, count: 512))?.status == .success)
    }

    @Test("A namespace takes no more registrants than there may be")
    func registrantsMax() throws {
        var limits = Limits()
        limits.reservationRegistrantsMax = 2
        let hosts = try ReservingHosts([Self.memory()], limits: limits)
        #expect(hosts.a.io.register(1) == .success)
        #expect(hosts.b.io.register(2) == .success)
        #expect(hosts.c.io.register(3)?.kind == .internalError)
        #expect(hosts.a.io.register(1, action: .unregister, current: 1) == .success)
        #expect(hosts.c.io.register(3) == .success)
    }

    @Test("A registration is the host's: it outlives its controllers and counts for all of them")
    func associations() throws {
        let hosts = try ReservingHosts([Self.memory()])
        #expect(hosts.reserve(.writeExclusive) == [.success, .success, .success])
        hosts.fixture.disconnect(hosts.a.io)
        hosts.fixture.disconnect(hosts.a.admin)
        let block = [UInt8](repeating: 1, count: 512)
        #expect(hosts.b.io.write(start: 0, data: block)?.status.kind == .reservationConflict)
        let again = try ConnectedHost(
            on: hosts.fixture, host: "nqn.2014-08.org.example:a", hostID: 0xA)
        #expect(again.io.write(start: 0, data: block)?.status == .success)
        #expect(again.io.release(.writeExclusive, key: 0xAA) == .success)
        #expect(hosts.b.io.write(start: 0, data: block)?.status == .success)
    }

    @Test("Reservations follow the namespace's UUID: to another NSID, and through its removal")
    func removal() throws {
        let backend = MemoryBackend(byteCount: 1 << 20)
        func namespace(_ id: UInt32) -> Namespace {
            Namespace(id: id, name: "test", uuid: 77, backend: backend)
        }
        let hosts = try ReservingHosts([namespace(1)])
        #expect(hosts.reserve(.exclusiveAccess) == [.success, .success, .success])
        hosts.fixture.broadcast(.model(ReservingHosts.model([], generation: 2)))
        hosts.fixture.broadcast(.model(ReservingHosts.model([namespace(3)], generation: 3)))
        #expect(
            hosts.c.io.read(start: 0, blocks: 1, namespace: 3).completion?.status.kind
                == .reservationConflict)
        #expect(hosts.a.io.read(start: 0, blocks: 1, namespace: 3).completion?.status == .success)
        #expect(hosts.b.io.report(namespace: 3)?.registrants.count == 2)
    }

    @Test("Namespaces that are reached in two ways offer no reservations, and say so")
    func shared() throws {
        let backend = MemoryBackend(byteCount: 1 << 20)
        let twice = [1, 2].map { ConnectedHost.namespace(backend, id: $0) }
        let sameUUID = [3, 4].map {
            Namespace(id: $0, name: "", uuid: 7, backend: MemoryBackend(byteCount: 1 << 20))
        }
        let elsewhere = Namespace(
            id: 5, name: "", uuid: 8, offersReservations: false, backend: MemoryBackend(byteCount: 1 << 20))
        let model = ReservingHosts.model(twice + sameUUID + [elsewhere, Self.memory(6)], persists: true)
        let capabilities = model.subsystems[0].namespaces.map { model.reservationCapabilities(of: $0) }
        #expect(capabilities.map(\.rawValue) == [0, 0, 0, 0, 0, 0xFF])
        let plain = ReservingHosts.model([Self.memory(6)])
        #expect(plain.reservationCapabilities(of: plain.subsystems[0].namespaces[0]).rawValue == 0xFE)
        let host = try ConnectedHost(on: ShardFixture(model: model))
        for id in UInt32(1)...5 {
            #expect(host.io.register(1, namespace: id)?.kind == .invalidOpcode)
        }
        #expect(host.io.register(1, namespace: 6) == .success)
    }
}
