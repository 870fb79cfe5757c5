// What hosts hear of reservations without asking: the event, the log page by page, the mask; and the feature
// that makes reservations persist.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Reservation notifications and features")
struct ReservationNotificationTests {
    static func memory(_ id: UInt32 = 1) -> Namespace {
        ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: id)
    }

    func awaitEvent(_ host: ConnectedHost) -> UInt16 {
        let id = host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        host.fixture.pump()
        return id
    }

    func readLog(_ host: ConnectedHost, retaining: Bool = false) -> ReservationNotificationLog? {
        let command = entry(
            .getLogPage, namespaceID: .broadcastNamespace,
            dword10: 0x80 | (retaining ? 1 << 15 : 0) | 15 << 16)
        let (completion, page) = host.admin.run(command, reading: 64)
        #expect(completion?.status == .success)
        return ReservationNotificationLog(page.span.bytes)
    }

    func feature(
        _ opcode: AdminOpcode, _ id: FeatureID, namespace: UInt32 = 1, value: UInt32 = 0, select: UInt32 = 0,
        of host: ConnectedHost
    ) -> CompletionEntry? {
        host.admin.run(
            entry(
                opcode, namespaceID: namespace, dword10: UInt32(id.rawValue) | select << 8, dword11: value)
        ).completion
    }

    @Test("Who loses its registration, or may reserve now, gets one event and a page for each notification")
    func notifications() throws {
        let hosts = try ReservingHosts([Self.memory(), Self.memory(2)], shardCount: 2)
        #expect(hosts.reserve(.writeExclusiveRegistrantsOnly) == [.success, .success, .success])
        #expect(hosts.b.io.register(0xBB, namespace: 2) == .success)
        #expect(hosts.c.io.register(0xCC, namespace: 2) == .success)
        let event = awaitEvent(hosts.b)
        let others = [awaitEvent(hosts.a), awaitEvent(hosts.c)]
        #expect(readLog(hosts.b) == ReservationNotificationLog())
        // B hears that A released, then that C unregistered it, then that C cleared.
        #expect(hosts.a.io.release(.writeExclusiveRegistrantsOnly, key: 0xAA) == .success)
        #expect(hosts.b.admin.completions[event]?.result == AsyncEvent.reservationLogAvailable.result)
        #expect(
            hosts.c.io.acquire(.writeExclusive, key: 0xCC, .preempt, preempting: 0xBB, namespace: 2)
                == .success)
        #expect(hosts.a.io.release(.writeExclusive, key: 0xAA, .clear) == .success)
        // One event until the log is read.
        let next = awaitEvent(hosts.b)
        #expect(hosts.b.admin.completions[next] == nil)
        #expect(hosts.a.admin.completions[others[0]] == nil && hosts.c.admin.completions[others[1]] == nil)
        // The first read retains the event, and takes its page all the same.
        var pages = [try #require(readLog(hosts.b, retaining: true))]
        #expect(hosts.b.admin.completions[next] == nil)
        for _ in 0..<3 { pages.append(try #require(readLog(hosts.b))) }
        #expect(pages.map(\.count) == [1, 2, 3, 0])
        let types: [ReservationNotificationType] = [
            .reservationReleased, .registrationPreempted, .reservationPreempted, .empty,
        ]
        #expect(pages.map(\.type) == types)
        #expect(pages.map(\.availableCount) == [2, 1, 0, 0])
        #expect(pages.map(\.namespaceID) == [1, 2, 1, 0])
        #expect(hosts.b.io.register(0xBB) == .success)
        #expect(hosts.a.io.register(0xAA) == .success)
        #expect(hosts.a.io.release(.writeExclusive, key: 0xAA, .clear) == .success)
        #expect(hosts.b.admin.completions[next]?.status == .success)
        #expect(readLog(hosts.b)?.count == 4)
    }

    @Test("A masked notification is not given, for that namespace and that controller alone")
    func masks() throws {
        let hosts = try ReservingHosts([Self.memory(), Self.memory(2)])
        for namespace in UInt32(1)...2 {
            #expect(hosts.a.io.register(0xAA, namespace: namespace) == .success)
            #expect(hosts.b.io.register(0xBB, namespace: namespace) == .success)
            #expect(hosts.c.io.register(0xCC, namespace: namespace) == .success)
        }
        let mask = ReservationNotificationMask.reservationPreempted.rawValue
        #expect(
            feature(.setFeatures, .reservationNotificationMask, value: mask, of: hosts.b)?.status == .success)
        #expect(feature(.getFeatures, .reservationNotificationMask, of: hosts.b)?.result == UInt64(mask))
        #expect(
            feature(.getFeatures, .reservationNotificationMask, namespace: 2, of: hosts.b)?.result == 0)
        #expect(hosts.a.io.release(.writeExclusive, key: 0xAA, .clear) == .success)
        #expect(readLog(hosts.b)?.type == .empty)
        #expect(readLog(hosts.c)?.namespaceID == 1)
        #expect(hosts.a.io.release(.writeExclusive, key: 0xAA, .clear, namespace: 2) == .success)
        #expect(readLog(hosts.b)?.namespaceID == 2)
        // All namespaces at once; and bits that mean nothing.
        let every = UInt32.broadcastNamespace
        #expect(
            feature(.setFeatures, .reservationNotificationMask, namespace: every, value: 2, of: hosts.b)?
                .status == .success)
        #expect(
            feature(.getFeatures, .reservationNotificationMask, namespace: 2, of: hosts.b)?.result == 2)
        for value in [UInt32(1), 1 << 4, 1 << 31] {
            let status = feature(
                .setFeatures, .reservationNotificationMask, value: value, of: hosts.b)?.status
            #expect(status?.kind == .invalidField)
        }
        #expect(
            feature(.getFeatures, .reservationNotificationMask, namespace: every, of: hosts.b)?.status.kind
                == .invalidField)
        #expect(
            feature(.getFeatures, .reservationNotificationMask, namespace: 5000, of: hosts.b)?.status.kind
                == .invalidNamespaceOrFormat)
    }

    @Test("A full log keeps what it has, and its newest page counts what was lost")
    func bounds() {
        var log = ReservationNotifications(entriesMax: 255)
        for id in UInt32(1)...300 { log.append(.reservationReleased, namespaceID: id) }
        #expect(log.page.count == 1 && log.page.namespaceID == 1)
        #expect(log.page.availableCount == 254)
        for _ in 1...254 { log.dropFirst() }
        #expect(log.page.count == 300 && log.page.namespaceID == 255)
        log.append(.reservationReleased, namespaceID: 301)
        log.dropFirst()
        #expect(log.page.count == 301 && log.page.namespaceID == 301)
        var longer = ReservationNotifications(entriesMax: 1000)
        for id in UInt32(1)...300 { longer.append(.reservationReleased, namespaceID: id) }
        #expect(longer.page.availableCount == 255)
        for _ in 1...300 { longer.dropFirst() }
        #expect(longer.page == ReservationNotificationLog())
        longer.dropFirst()
        #expect(longer.page == ReservationNotificationLog())
    }

    @Test("A reset forgets notifications and masks, and leaves reservations alone")
    func reset() throws {
        let hosts = try ReservingHosts([Self.memory()])
        #expect(hosts.reserve(.writeExclusiveAllRegistrants) == [.success, .success, .success])
        #expect(hosts.a.io.release(.writeExclusiveAllRegistrants, key: 0xAA) == .success)
        #expect(hosts.a.io.acquire(.exclusiveAccess, key: 0xAA) == .success)
        _ = feature(.setFeatures, .reservationNotificationMask, value: 2, of: hosts.b)
        #expect(hosts.b.admin.setProperty(.configuration, to: 0x460060)?.status == .success)
        #expect(hosts.b.admin.enable()?.status == .success)
        #expect(readLog(hosts.b) == ReservationNotificationLog())
        #expect(feature(.getFeatures, .reservationNotificationMask, of: hosts.b)?.result == 0)
        #expect(hosts.c.io.report()?.registrants.count == 2)
        #expect(hosts.c.io.report()?.type == .exclusiveAccess)
    }

    // MARK: Persistence

    @Test("Reservation Persistence is set for one namespace or all, and saved first")
    func persistence() throws {
        let hosts = try ReservingHosts([Self.memory(), Self.memory(2), Self.memory(3)], persists: true)
        hosts.fixture.holdsSaves = true
        func current(_ namespace: UInt32) -> UInt64? {
            feature(.getFeatures, .reservationPersistence, namespace: namespace, of: hosts.a)?.result
        }
        let one = hosts.a.admin.start(
            entry(.setFeatures, namespaceID: 2, dword10: 0x83, dword11: 1))
        hosts.fixture.pump()
        #expect(hosts.a.admin.completions[one] == nil)
        hosts.fixture.releaseSaves()
        #expect(hosts.a.admin.completions[one]?.status == .success)
        #expect([current(1), current(2), current(3)] == [0, 1, 0])
        let all = hosts.a.admin.start(
            entry(.setFeatures, namespaceID: .broadcastNamespace, dword10: 0x83, dword11: 1))
        hosts.fixture.pump()
        #expect(hosts.fixture.heldSaves.count == 2)
        #expect(hosts.a.admin.completions[all] == nil)
        hosts.fixture.releaseSaves()
        #expect(hosts.a.admin.completions[all]?.status == .success)
        #expect([current(1), current(2), current(3)] == [1, 1, 1])
        #expect(hosts.b.io.report(namespace: 3)?.persistsThroughPowerLoss == true)
        let failing = hosts.a.admin.start(
            entry(.setFeatures, namespaceID: .broadcastNamespace, dword10: 0x83, dword11: 0))
        hosts.fixture.pump()
        hosts.fixture.releaseSaves(failing: .failed("no space"))
        #expect(hosts.a.admin.completions[failing]?.status.kind == .internalError)
        #expect([current(1), current(2), current(3)] == [1, 1, 1])
    }

    @Test("Where nothing persists the feature can only be left alone")
    func noPersistence() throws {
        let hosts = try ReservingHosts([Self.memory()])
        let refused = feature(.setFeatures, .reservationPersistence, value: 1, of: hosts.a)
        #expect(refused?.status.kind == .invalidField)
        #expect(feature(.setFeatures, .reservationPersistence, value: 0, of: hosts.a)?.status == .success)
        #expect(feature(.getFeatures, .reservationPersistence, of: hosts.a)?.result == 0)
        #expect(feature(.getFeatures, .reservationPersistence, select: 1, of: hosts.a)?.result == 0)
        #expect(feature(.getFeatures, .reservationPersistence, select: 3, of: hosts.a)?.result == 0b110)
    }

    @Test("Features of a namespace without reservations are refused")
    func notOffered() throws {
        let backend = MemoryBackend(byteCount: 1 << 20)
        let namespaces = [1, 2].map { ConnectedHost.namespace(backend, id: $0) }
        let host = try ConnectedHost(on: ShardFixture(model: ConnectedHost.model(namespaces)))
        for id in [FeatureID.reservationPersistence, .reservationNotificationMask] {
            #expect(feature(.setFeatures, id, of: host)?.status.kind == .invalidField)
            #expect(feature(.getFeatures, id, of: host)?.status.kind == .invalidField)
        }
    }
}
