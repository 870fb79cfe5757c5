// Listeners that come and go while a target runs, and what becomes of the hosts that are connected to them.

import CLiburing
import GatewayCore
import NVMeTCP
import Testing

@testable import GatewayIO

@Suite(.timeLimit(.minutes(10))) struct ListenerChangeTests {
    static let nqn = "nqn.2026-11.example:disk"
    private static let anywhere = ListenAddress(host: "127.0.0.1", port: 0)

    private func subsystem(_ ports: PortAccess, _ backend: any BlockBackend) -> Subsystem {
        Subsystem(
            nqn: Self.nqn, serialNumber: "1", access: .any, ports: ports,
            namespaces: [Namespace(id: 1, name: "test", uuid: 0x1234, backend: backend)])
    }

    private func start(shards: Int, listeners: Int = 1) async throws -> Target {
        try await Target.start(
            Target.Configuration(
                listeners: Array(repeating: Self.anywhere, count: listeners),
                subsystems: [subsystem(.all, MemoryBackend(byteCount: 1 << 20))], shardCount: shards,
                log: SilentLog()))
    }

    /// An admin queue and an I/O queue.
    private func connect(_ port: UInt16) throws -> [TestHost] {
        let admin = try TestHost(port: port)
        let connected = try admin.connect(subsystem: Self.nqn)
        try #require(connected.status.isSuccess)
        let enable = PropertySetCommand(.configuration, size: .fourBytes, value: 0x46_0001)
        try #require(try admin.run(enable.entry(commandID: 0)).status.isSuccess)
        let queue = try TestHost(port: port)
        let controller = ConnectResponse.controllerID(connected.result)
        try #require(
            try queue.connect(queue: 1, controller: controller, subsystem: Self.nqn).status.isSuccess)
        return [admin, queue]
    }

    private func read(_ queue: TestHost) throws -> Status {
        var entry = SubmissionEntry(opcode: IOOpcode.read.rawValue)
        entry.dword0 |= 1 << 14
        entry.dword1 = 1
        return try queue.read(entry, count: 512).0.status.kind
    }

    @Test("A target without a listener serves at one that it is given later", arguments: [1, 2, 3])
    func added(shards: Int) async throws {
        let target = try await start(shards: shards, listeners: 0)
        #expect(target.listeners == [])
        let added = try await target.listen(on: Self.anywhere)
        #expect(target.listeners == [added])
        #expect(target.model.ports.map(\.id) == [added.portID])
        let queues = try connect(added.port)
        #expect(try read(queues[1]) == .success)
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("A listener that is taken away ends its hosts' controllers, and no others", arguments: [1, 2])
    func removed(shards: Int) async throws {
        let target = try await start(shards: shards)
        let second = try await target.listen(on: Self.anywhere)
        let (atFirst, atSecond) = (try connect(target.listeners[0].port), try connect(second.port))
        try await target.stopListening(on: second.portID)
        #expect(target.listeners.count == 1)
        #expect(throws: TestHost.Lost.self) { try read(atSecond[1]) }
        let alive = PropertySetCommand(.configuration, size: .fourBytes, value: 0x46_0001)
        #expect(throws: TestHost.Lost.self) { try atSecond[0].run(alive.entry(commandID: 0)) }
        #expect(throws: TestHost.Lost.self) { try TestHost(port: second.port) }
        #expect(try read(atFirst[1]) == .success)
        try await target.stopListening(on: second.portID)
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("An address can be left and taken again, many times, with hosts that come and go")
    func repeated() async throws {
        let target = try await start(shards: 2)
        var address = Self.anywhere
        var seen: Set<UInt16> = []
        for _ in 0..<50 {
            let added = try await target.listen(on: address)
            address.port = added.port
            let isNew = seen.insert(added.portID).inserted
            #expect(isNew, "a connection of before would be taken for one at the new port")
            let queues = try connect(added.port)
            #expect(try read(queues[1]) == .success)
            try await target.stopListening(on: added.portID)
        }
        #expect(target.model.ports.count == 1)
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("An address that can't be listened on changes nothing")
    func refused() async throws {
        let target = try await start(shards: 1)
        let (listeners, generation) = (target.listeners, target.model.generation)
        await #expect(throws: TargetError.listen(address: "192.0.2.1:4420", .addressNotAvailable)) {
            try await target.listen(on: ListenAddress(host: "192.0.2.1"))
        }
        #expect(target.listeners == listeners)
        #expect(target.model.generation == generation)
        await target.shutdown(deadlineMilliseconds: 5_000)
        await #expect(throws: TargetError.ended) { try await target.listen(on: Self.anywhere) }
    }

    @Test("A target says which controllers hosts have, and at which port", arguments: [1, 2])
    func controllers(shards: Int) async throws {
        let target = try await start(shards: shards)
        #expect(await target.controllers() == [])
        let second = try await target.listen(on: Self.anywhere)
        let queues = try connect(target.listeners[0].port) + connect(second.port)
        let controllers = await target.controllers()
        #expect(controllers.map(\.subsystemNQN) == [Self.nqn, Self.nqn])
        #expect(Set(controllers.map(\.portID)) == Set(target.listeners.map(\.portID)))
        #expect(controllers.allSatisfy { $0.ioQueueCount == 1 && !$0.isDiscovery })
        #expect(controllers.allSatisfy { $0.hostNQN.hasPrefix("nqn.2014-08.org.nvmexpress:uuid:") })
        withExtendedLifetime(queues) {}
        await target.shutdown(deadlineMilliseconds: 5_000)
        #expect(await target.controllers() == [])
    }
}
