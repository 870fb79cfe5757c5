// A target on real sockets: hosts that read slowly or never, long transfers, and discovery from one listener
// to another and to another target.

import CLiburing
import GatewayCore
import GatewayIO
import NVMeTCP
import Testing

@Suite("A target on the network")
struct TargetNetworkTests {
    private static let nqn = "nqn.2026-11.com.example:disk"

    private func configuration(
        _ nqn: String = Self.nqn, host: String = "127.0.0.1", shards: Int = 1
    ) -> Target.Configuration {
        let namespace = Namespace(
            id: 1, name: "test", uuid: 0x1234_5678, backend: MemoryBackend(byteCount: 1 << 30))
        let subsystem = Subsystem(nqn: nqn, serialNumber: "1", access: .any, namespaces: [namespace])
        return Target.Configuration(
            listeners: [ListenAddress(host: host, port: 0)], subsystems: [subsystem], shardCount: shards,
            log: SilentLog())
    }

    private let enable = PropertySetCommand(.configuration, size: .fourBytes, value: 0x46_0001)

    private func connect(
        _ target: Target, transfers: Int = 1, receiveBytes: Int32? = nil
    ) throws -> (TestHost, TestHost) {
        let port = target.listeners[0].port
        let admin = try TestHost(port: port)
        let connected = try admin.connect(subsystem: Self.nqn)
        #expect(try admin.run(enable.entry(commandID: 0)).status.isSuccess)
        let queue = try TestHost(port: port, transfers: transfers, receiveBytes: receiveBytes)
        let controller = ConnectResponse.controllerID(connected.result)
        let joined = try queue.connect(queue: 1, controller: controller, subsystem: Self.nqn, entries: 128)
        try #require(joined.status.isSuccess)
        return (admin, queue)
    }

    private func io(_ opcode: IOOpcode, lba: UInt32, blocks: Int) -> SubmissionEntry {
        var entry = SubmissionEntry(opcode: opcode.rawValue)
        entry.dword0 |= 1 << 14
        entry.dword1 = 1
        entry.dword10 = lba
        entry.dword12 = UInt32(blocks - 1)
        return entry
    }

    private func writesAndReads(_ queue: TestHost, byteCount: Int) throws {
        let data = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9) }
        let blocks = byteCount / 512
        #expect(try queue.write(io(.write, lba: 64, blocks: blocks), data).status.isSuccess)
        let (completion, read) = try queue.read(io(.read, lba: 64, blocks: blocks), count: byteCount)
        #expect(completion.status.isSuccess)
        let isEqual = read == data
        #expect(isEqual, "\(byteCount) bytes came back changed")
    }

    @Test("A mebibyte is moved by one command, in R2Ts of its own or many at a time", arguments: [1, 3, 16])
    func longTransfers(transfers: Int) async throws {
        var configuration = configuration()
        configuration.limits.transferShift = 8
        let target = try await Target.start(configuration)
        let (admin, queue) = try connect(target, transfers: transfers)
        try writesAndReads(queue, byteCount: 1 << 20)
        withExtendedLifetime(admin) {}
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("A host with the smallest receive window gets all of its data")
    func smallWindow() async throws {
        let target = try await Target.start(configuration())
        let (admin, queue) = try connect(target, receiveBytes: 1)
        try writesAndReads(queue, byteCount: 131_072)
        withExtendedLifetime(admin) {}
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("A host that reads nothing is reset, while others are served, and leaves nothing to the kernel")
    func neverReads() async throws {
        var configuration = configuration()
        configuration.limits.sendMilliseconds = 300
        configuration.limits.sweepMilliseconds = 50
        let target = try await Target.start(configuration)
        let (admin, deaf) = try connect(target, receiveBytes: 4096)
        try deaf.ask((0..<100).map { io(.read, lba: $0 * 256, blocks: 256) }, count: 131_072)
        let (otherAdmin, other) = try connect(target)
        try writesAndReads(other, byteCount: 65_536)
        #expect(deaf.isReset())
        try writesAndReads(other, byteCount: 65_536)
        withExtendedLifetime((admin, otherAdmin)) {}
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("What hosts did is told for all shards together, and after the end nobody waits for it")
    func traffic() async throws {
        let target = try await Target.start(configuration(shards: 2))
        for _ in 0..<2 {
            let (admin, queue) = try connect(target)
            try writesAndReads(queue, byteCount: 65_536)
            withExtendedLifetime(admin) {}
        }
        let traffic = await target.traffic()
        #expect(traffic.map(\.namespaceID) == [1])
        let totals = try #require(traffic.first).totals
        #expect(totals.reads.count == 2 && totals.reads.byteCount == 131_072)
        #expect(totals.writes.count == 2 && totals.writes.failureCount == 0)
        await target.shutdown(deadlineMilliseconds: 5_000)
        #expect(await target.traffic().isEmpty)
    }

    /// The records of a target's Discovery log, as a host at this listener sees them.
    private func discover(_ listener: BoundListener, as name: String) throws -> [DiscoveryLogEntry] {
        let host = try TestHost(port: listener.port, host: listener.host)
        try #require(try host.connect(subsystem: name).status.isSuccess)
        // CC of a discovery controller: no command set.
        #expect(try host.run(enable.entry(commandID: 0)).status.isSuccess)
        var command = SubmissionEntry(opcode: AdminOpcode.getLogPage.rawValue)
        command.dword0 |= 1 << 14
        command.dword10 = 0x70 | (16384 / 4 - 1) << 16
        let (completion, bytes) = try host.read(command, count: 16384)
        #expect(completion.status.isSuccess)
        let count = DiscoveryLogHeader(bytes.span.bytes)?.recordCount ?? 0
        return (0..<Int(count)).map {
            DiscoveryLogEntry(bytes.span.bytes, at: 1024 * ($0 + 1))
        }
    }

    @Test("Discovery leads from IPv6 to IPv4, to another target by a referral, and to what is added")
    func discovery() async throws {
        let other = try await Target.start(configuration("nqn.2026-11.com.example:referred", host: "::1"))
        var configuration = configuration()
        configuration.listeners += [
            ListenAddress(host: "::1", port: 0),
            ListenAddress(host: "::1", port: 0, isDiscoveryOnly: true),
        ]
        let ownName = "nqn.2026-11.com.example:discovery"
        let referral = Referral(family: .ipv6, address: "::1", service: other.listeners[0].port)
        configuration.discovery = DiscoveryService(nqn: ownName, referrals: [referral])
        let first = try await Target.start(configuration)
        for (listener, name) in zip(first.listeners, [ownName, NQN.discovery.text, ownName]) {
            let records = try discover(listener, as: name)
            #expect(records.map(\.subsystemType.rawValue) == [3, 3, 3, 2, 2, 1])
            #expect(records.prefix(5).map(\.address) == ["127.0.0.1", "::1", "::1", "127.0.0.1", "::1"])
            #expect(
                records.prefix(5).map(\.serviceID)
                    == [0, 1, 2, 0, 1].map { String(first.listeners[$0].port) })
            #expect(records.prefix(3).allSatisfy { $0.subsystemNQN == ownName })
        }
        let there = try #require(try discover(first.listeners[1], as: ownName).last)
        #expect(there.serviceID == String(other.listeners[0].port))
        let referred = try discover(other.listeners[0], as: there.subsystemNQN)
        #expect(referred.last?.subsystemNQN == "nqn.2026-11.com.example:referred")
        try await first.update(subsystems: [], discovery: DiscoveryService())
        let rest = try discover(first.listeners[0], as: NQN.discovery.text)
        #expect(rest.map(\.subsystemType.rawValue) == [3, 3, 3])
        await first.shutdown(deadlineMilliseconds: 5_000)
        await other.shutdown(deadlineMilliseconds: 5_000)
    }
}
