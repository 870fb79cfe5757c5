// A store says of itself that it is lost, to the target that serves it: while hosts use it, and before there
// were any.

import GatewayCore
import NVMeTCP
import Synchronization
import Testing

@testable import GatewayIO

@Suite("Stores that say that they are lost", .timeLimit(.minutes(10)))
struct LostStoreTargetTests {
    static let nqn = "nqn.2026-11.example:lossy"

    private func target(_ backend: any BlockBackend) async throws -> Target {
        let namespace = Namespace(id: 1, name: "lossy", uuid: 0x1234, backend: backend)
        let subsystem = Subsystem(nqn: Self.nqn, serialNumber: "1", access: .any, namespaces: [namespace])
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
        return try queue.read(entry, count: 512).0.status
    }

    @Test("One that is lost while hosts use it leaves them, and takes no connection along")
    func later() async throws {
        let backend = LosableBackend()
        let target = try await target(backend)
        let host = try connect(target)
        #expect(try read(host[1]) == .success)
        backend.lose()
        var status = Status.success
        while status == .success {
            await Task.yield()
            status = try read(host[1])
        }
        #expect(status == .internalPathError)
        #expect(try host[0].run(SubmissionEntry(opcode: AdminOpcode.keepAlive.rawValue)).status.isSuccess)
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("One that was lost before its target started is served to nobody")
    func before() async throws {
        let backend = LosableBackend()
        backend.lose()
        let target = try await target(backend)
        let host = try connect(target)
        #expect(try read(host[1]) == .internalPathError)
        await target.shutdown(deadlineMilliseconds: 5_000)
    }
}

/// Serves all the same when it is lost: what hosts see is the target's doing.
private final class LosableBackend: BlockBackend {
    private struct State {
        var isLost = false
        var handlers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    let geometry = BlockGeometry(byteCount: 1 << 20)
    var isLost: Bool { state.withLock { $0.isLost } }

    func onGeometryChange(_ notify: @escaping @Sendable () -> Void) {
        state.withLock { $0.handlers.append(notify) }
    }

    func lose() {
        let handlers = state.withLock { state in
            state.isLost = true
            return state.handlers
        }
        for handler in handlers { handler() }
    }

    func submit(_ request: BackendRequest) -> BackendSubmission { .completed(.success) }
}
