// One subsystem through two targets, as two gateways serve it: states are set by the program, and what a host
// may do through each follows.

import CLiburing
import GatewayCore
import NVMeTCP
import Synchronization
import Testing

@testable import GatewayIO

@Suite(.timeLimit(.minutes(10))) struct ANAStateTests {
    static let nqn = "nqn.2026-11.example:shared"

    private func target(
        _ backend: any BlockBackend, _ state: ANAState
    ) async throws -> Target {
        let namespace = Namespace(id: 1, name: "shared", uuid: 0x1234, backend: backend)
        let subsystem = Subsystem(
            nqn: Self.nqn, serialNumber: "1", access: .any, namespaces: [namespace],
            anaReporting: ANAReporting(groups: [ANAGroup(id: 1, state: state)]))
        return try await Target.start(
            Target.Configuration(
                listeners: [ListenAddress(host: "127.0.0.1", port: 0)], subsystems: [subsystem],
                shardCount: 2, log: SilentLog()))
    }

    /// An admin queue and an I/O queue.
    private func connect(_ target: Target) throws -> [TestHost] {
        let admin = try TestHost(port: target.listeners[0].port)
        let connected = try admin.connect(subsystem: Self.nqn)
        let enable = PropertySetCommand(.configuration, size: .fourBytes, value: 0x46_0001)
        try #require(try admin.run(enable.entry(commandID: 0)).status.isSuccess)
        let queue = try TestHost(port: target.listeners[0].port)
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

    @Test("What one target may serve moves to another by two calls, in the order that keeps data safe")
    func moves() async throws {
        let backend = MemoryBackend(byteCount: 1 << 20)
        let first = try await target(backend, .optimized)
        let second = try await target(backend, .inaccessible)
        let (atFirst, atSecond) = (try connect(first), try connect(second))
        #expect(try read(atFirst[1]) == .success)
        #expect(try read(atSecond[1]) == .anaInaccessible)
        try await first.setANAState(.inaccessible, ofGroup: 1, of: Self.nqn)
        #expect(try read(atFirst[1]) == .anaInaccessible)
        #expect(try read(atSecond[1]) == .anaInaccessible)
        try await second.setANAState(.optimized, ofGroup: 1, of: Self.nqn)
        #expect(try read(atSecond[1]) == .success)
        #expect(first.model.subsystem(Self.nqn)?.anaReporting?.state(of: 1) == .inaccessible)
        await first.shutdown(deadlineMilliseconds: 5_000)
        await second.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("A group is given away when the last write of it has ended, not before")
    func drains() async throws {
        let backend = HoldingBackend()
        let target = try await target(backend, .optimized)
        let queues = try connect(target)
        let writer = onThreads(1) { _ in _ = try? read(queues[1]) }
        await backend.reached.wait()
        let given = Gate()
        let giving = Task {
            try await target.setANAState(.inaccessible, ofGroup: 1, of: Self.nqn)
            given.open()
        }
        // Another host is refused already.
        let other = try connect(target)
        while try read(other[1]) == .success {}
        #expect(!given.isOpen)
        backend.release()
        try await giving.value
        for thread in writer { pthread_join(thread, nil) }
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("What can't be served is refused, and what is served stays")
    func refusals() async throws {
        let target = try await target(MemoryBackend(byteCount: 1 << 20), .optimized)
        await #expect(throws: TargetError.model(.noANAGroup(id: 2, nqn: Self.nqn))) {
            try await target.setANAState(.change, ofGroup: 2, of: Self.nqn)
        }
        let tooHigh = Subsystem(
            nqn: Self.nqn, serialNumber: "1", access: .any, namespaces: [],
            anaReporting: ANAReporting(groups: [ANAGroup(id: 200, state: .optimized)]))
        let problem = ModelError.anaGroupTooHigh(id: 200, nqn: Self.nqn, max: 128)
        await #expect(throws: TargetError.model(problem)) {
            try await target.update(subsystems: [tooHigh])
        }
        #expect(target.model.generation == 1)
        try await target.setANAState(.persistentLoss, ofGroup: 1, of: Self.nqn)
        await #expect(throws: TargetError.model(.persistentLossIsFinal(id: 1, nqn: Self.nqn))) {
            try await target.setANAState(.optimized, ofGroup: 1, of: Self.nqn)
        }
        await target.shutdown(deadlineMilliseconds: 5_000)
        await #expect(throws: TargetError.model(problem)) {
            _ = try await Target.start(
                Target.Configuration(listeners: [], subsystems: [tooHigh], log: SilentLog()))
        }
    }
}

/// Keeps its first request until it is let go, and ends the others at once.
private final class HoldingBackend: BlockBackend {
    let reached = Gate()
    let geometry = BlockGeometry(byteCount: 1 << 20)
    private let held = Mutex<CompletionTicket?>(nil)

    func submit(_ request: BackendRequest) -> BackendSubmission {
        let isFirst = held.withLock { held in
            if held != nil { return false }
            held = request.ticket
            return true
        }
        reached.open()
        return isFirst ? .pending : .completed(.success)
    }

    func release() { held.withLock { $0 }?.complete(.success) }
}
