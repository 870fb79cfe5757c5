// Commands that take several requests, and what may happen between two of them: an Abort, a reset of what the
// host has chosen, an ANA state, a store that is out of reach for a while.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Steps of a command")
struct StepTests {
    private static let range = CopySourceRange(startingLBA: 0, blockCount: 1)

    private func copy(
        _ host: TestHost, _ ranges: [CopySourceRange], format: UInt8 = 0
    ) -> CompletionEntry? {
        let (command, data) = TestHost.copy(to: 100, ranges, format: format)
        return host.run(command, data: data).completion
    }

    private func abort(_ host: ConnectedHost, _ commandID: UInt16) -> CompletionEntry? {
        var command = SubmissionEntry(opcode: AdminOpcode.abort.rawValue)
        command.dword10 = 1 | UInt32(commandID) << 16
        return host.admin.run(command).completion
    }

    @Test("An Abort ends a command between two of its requests, on any shard", arguments: [1, 2])
    func aborted(shardCount: Int) throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, shardCount: shardCount)
        let (command, data) = TestHost.copy(to: 100, [Self.range, Self.range])
        let id = host.io.start(command, data: data)
        host.fixture.pump()
        backend.release()
        host.fixture.pump()
        #expect(backend.heldOperations == [.write])
        // Not at once, as the store has it.
        let answer = abort(host, id)
        #expect(answer?.status == .success && answer?.result == 1)
        backend.release()
        host.fixture.pump()
        // The first range is copied; the second is not begun.
        let completion = host.io.completions[id]
        #expect(completion?.status.kind == .abortRequested && completion?.result == 1)
        #expect(completion?.status.doNotRetry == false)
        #expect(backend.heldCount == 0)
        #expect(try host.newestError().cmdid == id)
    }

    @Test("An Abort of a command whose last request is under way comes too late")
    func abortedLate() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        let id = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        #expect(abort(host, id)?.result == 1)
        backend.release()
        host.fixture.pump()
        #expect(host.io.completions[id]?.status == .success)
    }

    @Test("A controller reset forgets which formats the host had enabled")
    func reset() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let range = CopySourceRange(namespaceID: 1, startingLBA: 0, blockCount: 1)
        #expect(host.enable(.format2) == .success)
        #expect(copy(host.io, [range], format: 2)?.status == .success)
        #expect(host.admin.setProperty(.configuration, to: 0x460060)?.status == .success)
        #expect(host.admin.enable()?.status == .success)
        let queue = try #require(host.fixture.host())
        let joined = try queue.connect(
            to: ConnectedHost.subsystemNQN, queue: 1, controller: host.controllerID)
        #expect(joined?.status == .success)
        #expect(copy(queue, [range], format: 2)?.status == .invalidField.notRetryable)
    }

    @Test("A source that its ANA group makes inaccessible is refused like any other access")
    func inaccessibleSource() throws {
        let backends = [MemoryBackend(byteCount: 1 << 20), MemoryBackend(byteCount: 1 << 20)]
        let namespaces = [
            AccessTests.namespace(1, backends[0]), AccessTests.namespace(2, backends[1], group: 2),
        ]
        let fixture = AccessTests.fixture(namespaces, AccessTests.reporting(.optimized, .inaccessible))
        let host = try ConnectedHost(on: fixture)
        #expect(host.enable(.format2) == .success)
        let source = CopySourceRange(namespaceID: 2, startingLBA: 0, blockCount: 1)
        #expect(copy(host.io, [source], format: 2)?.status.kind == .anaInaccessible)
        #expect(copy(host.io, [Self.range])?.status == .success)
    }

    @Test("What may pass by itself comes with a retry delay, for a host that accepts one")
    func retryDelay() throws {
        let results: [BackendResult] = [
            .miscompare, .readOnly, .noSpace, .mediaError, .unreachable, .notReady, .outOfRange, .gone,
            .unsupported, .aborted, .internalError,
        ]
        for accepts in [false, true] {
            let backend = RecordingBackend(byteCount: 1 << 20)
            let host = try ConnectedHost(backend)
            if accepts { #expect(host.acceptRetryDelay() == .success) }
            for result in results {
                _ = backend.takeAsked()
                backend.fail(0, with: result)
                let status = host.io.read(start: 0, blocks: 1).completion?.status
                let passes = [.unreachable, .notReady, .internalError].contains(result)
                #expect(status?.retryDelay == (accepts && passes ? 1 : 0), "\(result)")
                #expect(status?.kind == result.status(for: .read).kind)
                #expect(status?.doNotRetry == result.status(for: .read).doNotRetry)
            }
        }
    }
}
