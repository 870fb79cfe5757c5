// The reservation commands of a test's host in a word each, and several hosts on one target.

import NVMeTCP

@testable import GatewayCore

extension TestHost {
    static func reservation(
        _ opcode: IOOpcode, _ dword10: UInt32, dword11: UInt32 = 0, namespace: UInt32 = 1
    ) -> SubmissionEntry {
        var command = SubmissionEntry(opcode: opcode.rawValue)
        command.dword1 = namespace
        command.dword10 = dword10
        command.dword11 = dword11
        return command
    }

    static func keys(_ first: UInt64, _ second: UInt64? = nil) -> [UInt8] {
        [first, second].compactMap { $0 }.flatMap { key in
            (0..<8).map { UInt8(truncatingIfNeeded: key >> ($0 * 8)) }
        }
    }

    /// - Parameter persistence: CPTPL.
    @discardableResult
    func register(
        _ key: UInt64, action: ReservationRegisterAction = .register, current: UInt64 = 0,
        ignoresKey: Bool = false, persistence: UInt8 = 0, namespace: UInt32 = 1
    ) -> Status? {
        let dword10 = UInt32(action.rawValue) | (ignoresKey ? 8 : 0) | UInt32(persistence) << 30
        return run(
            TestHost.reservation(.reservationRegister, dword10, namespace: namespace),
            data: TestHost.keys(current, key)
        ).completion?.status
    }

    static func acquireCommand(
        _ type: ReservationType, _ action: ReservationAcquireAction, namespace: UInt32 = 1
    ) -> SubmissionEntry {
        reservation(
            .reservationAcquire, UInt32(action.rawValue) | UInt32(type.rawValue) << 8, namespace: namespace)
    }

    @discardableResult
    func acquire(
        _ type: ReservationType, key: UInt64, _ action: ReservationAcquireAction = .acquire,
        preempting: UInt64 = 0, namespace: UInt32 = 1
    ) -> Status? {
        run(
            TestHost.acquireCommand(type, action, namespace: namespace),
            data: TestHost.keys(key, preempting)
        ).completion?.status
    }

    @discardableResult
    func release(
        _ type: ReservationType, key: UInt64, _ action: ReservationReleaseAction = .release,
        namespace: UInt32 = 1
    ) -> Status? {
        run(
            TestHost.reservation(
                .reservationRelease, UInt32(action.rawValue) | UInt32(type.rawValue) << 8,
                namespace: namespace),
            data: TestHost.keys(key)
        ).completion?.status
    }

    func report(byteCount: Int = 4096, namespace: UInt32 = 1) -> ReservationStatus? {
        let command = TestHost.reservation(
            .reservationReport, UInt32(byteCount / 4 - 1), dword11: 1, namespace: namespace)
        let (completion, data) = run(command, reading: byteCount)
        guard completion?.status == .success else { return nil }
        return ReservationStatus(data.span.bytes, layout: .extended)
    }
}

/// Hosts A, B and C, each with an admin queue and an I/O queue, on the shards of one target.
struct ReservingHosts {
    let fixture: ShardFixture
    let a: ConnectedHost
    let b: ConnectedHost
    let c: ConnectedHost

    init(
        _ namespaces: [Namespace], shardCount: Int = 2, limits: Limits = Limits(), persists: Bool = false,
        saved: [NamespaceUUID: ReservationRecord] = [:]
    ) throws {
        try self.init(
            on: ShardFixture(
                model: Self.model(namespaces, persists: persists, saved: saved), shardCount: shardCount,
                limits: limits))
    }

    init(on fixture: ShardFixture) throws {
        self.fixture = fixture
        a = try ConnectedHost(on: fixture, host: "nqn.2014-08.org.example:a", hostID: 0xA)
        b = try ConnectedHost(on: fixture, host: "nqn.2014-08.org.example:b", hostID: 0xB)
        c = try ConnectedHost(on: fixture, host: "nqn.2014-08.org.example:c", hostID: 0xC)
    }

    static func model(
        _ namespaces: [Namespace], persists: Bool = false, generation: UInt64 = 1,
        saved: [NamespaceUUID: ReservationRecord] = [:]
    ) -> TargetModel {
        let plain = ConnectedHost.model(namespaces)
        return TargetModel(
            generation: generation, subsystems: plain.subsystems, ports: plain.ports,
            persistsReservations: persists, savedReservations: saved)
    }

    /// A registers and acquires; B registers.
    func reserve(_ type: ReservationType) -> [Status?] {
        [a.io.register(0xAA), b.io.register(0xBB), a.io.acquire(type, key: 0xAA)]
    }
}
