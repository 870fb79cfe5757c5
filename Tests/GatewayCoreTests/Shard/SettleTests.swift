// Restrictions: in force at once, complete when what was submitted before has ended, on every shard.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Restrictions")
struct SettleTests {
    @Test("An epoch has ended when the last of its requests has, whatever came after")
    func epochs() {
        var epochs = SubmissionEpochs()
        let nothing = epochs.advance()
        #expect(nothing == nil)
        let first = epochs.current
        epochs.began(in: first)
        epochs.began(in: first)
        let waitsForFirst = epochs.advance()
        #expect(waitsForFirst == first)
        let second = epochs.current
        epochs.began(in: second)
        let waitsForSecond = epochs.advance()
        #expect(waitsForSecond == second)
        // Nothing was submitted since: the same one is waited for.
        let waitsAgain = epochs.advance()
        #expect(waitsAgain == second)
        let third = epochs.current
        epochs.began(in: third)
        let ends = [epochs.ended(third), epochs.ended(second), epochs.ended(first)]
        #expect(ends == [false, true, false])
        #expect(!epochs.hasEnded(second))
        let lastEnds = epochs.ended(first)
        #expect(lastEnds && epochs.hasEnded(second) && epochs.isEmpty)
    }

    @Test("An epoch goes on while a command that began in it makes a next request")
    func continued() {
        var epochs = SubmissionEpochs()
        let first = epochs.current
        epochs.began(in: first)
        _ = epochs.advance()
        let second = epochs.current
        epochs.began(in: second)
        _ = epochs.advance()
        #expect(epochs.ended(first) && epochs.hasEnded(first) && !epochs.hasEnded(second))
        epochs.began(in: first)
        #expect(!epochs.hasEnded(first))
        epochs.began(in: first)
        #expect(!epochs.ended(first) && epochs.ended(second) && !epochs.hasEnded(second))
        #expect(epochs.ended(first) && epochs.hasEnded(second) && epochs.isEmpty)
    }

    @Test("A change that forbids nothing is settled at once, while requests are under way")
    func widening() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let namespace = ConnectedHost.namespace(backend)
        let host = try ConnectedHost(namespaces: [namespace], shardCount: 2)
        _ = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        let added = ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: 2)
        host.fixture.broadcast(.model(ConnectedHost.model([namespace, added], generation: 2)))
        #expect(host.fixture.settledGenerations == [0: [2], 1: [2]])
        backend.release()
        host.fixture.pump()
    }

    @Test("A removed namespace is refused at once, and settled when its requests have ended")
    func removal() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend, shardCount: 2)
        let read = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        host.fixture.broadcast(.model(ConnectedHost.model([], generation: 2)))
        #expect(host.fixture.settledGenerations == [0: [2]])
        let refused = host.io.read(start: 0, blocks: 1).completion
        #expect(refused?.status.kind == .invalidField)
        // Another change does not wait for the first one's requests.
        let other = ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: 2)
        host.fixture.broadcast(.model(ConnectedHost.model([other], generation: 3)))
        #expect(host.fixture.settledGenerations == [0: [2, 3], 1: [3]])
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.settledGenerations == [0: [2, 3], 1: [3, 2]])
        #expect(host.io.completions[read]?.status == .success)
        #expect(host.fixture.shards[1].retired.isEmpty)
    }

    @Test(
        "A namespace that is removed again is settled when its requests of before have ended"
    )
    func removedAgain() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let namespace = ConnectedHost.namespace(backend)
        let host = try ConnectedHost(namespaces: [namespace])
        _ = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        host.fixture.broadcast(.model(ConnectedHost.model([], generation: 2)))
        host.fixture.broadcast(.model(ConnectedHost.model([namespace], generation: 3)))
        #expect(host.fixture.settledGenerations == [0: [3]])
        host.fixture.broadcast(.model(ConnectedHost.model([], generation: 4)))
        #expect(host.fixture.settledGenerations == [0: [3]])
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.settledGenerations == [0: [3, 2, 4]])
    }

    @Test("The same holds where no queue of the subsystem is left when it is added and removed again")
    func removedAgainWithoutQueues() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let namespace = ConnectedHost.namespace(backend)
        let host = try ConnectedHost(namespaces: [namespace])
        _ = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        let nothing = TargetModel(generation: 2, subsystems: [], ports: [])
        host.fixture.broadcast(.model(nothing))
        host.fixture.broadcast(.model(ConnectedHost.model([namespace], generation: 3)))
        host.fixture.broadcast(.model(ConnectedHost.model([], generation: 4)))
        #expect(host.fixture.settledGenerations == [0: [3]])
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.settledGenerations == [0: [3, 2, 4]])
    }

    @Test(
        "What is hidden is settled when the host's requests have ended, though its queues are gone"
    )
    func hiddenAfterRemoval() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        _ = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        host.fixture.broadcast(.model(TargetModel(generation: 2, subsystems: [], ports: [])))
        host.fixture.broadcast(
            .model(ConnectedHost.model([ConnectedHost.namespace(backend)], generation: 3)))
        #expect(host.fixture.settledGenerations == [0: [3]])
        let hidden = Namespace(
            id: 1, name: "test:1", uuid: 1001, visibility: .only([]), backend: backend)
        host.fixture.broadcast(.model(ConnectedHost.model([hidden], generation: 4)))
        #expect(host.fixture.settledGenerations == [0: [3]])
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.settledGenerations == [0: [3, 2, 4]])
    }

    @Test("A revoked host's requests are waited for in namespaces that were removed before, too")
    func revokedAfterRemoval() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        _ = host.io.start(TestHost.io(.read), reading: 512)
        host.fixture.pump()
        host.fixture.broadcast(.model(ConnectedHost.model([], generation: 2)))
        host.fixture.broadcast(.model(ConnectedHost.model([], access: .only([]), generation: 3)))
        #expect(host.fixture.settledGenerations.isEmpty)
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.settledGenerations == [0: [2, 3]])
    }

    @Test("A write whose data is still to come when its namespace is removed never reaches the store")
    func removalDuringTransfer() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let host = try ConnectedHost(backend)
        host.io.isDeaf = true
        let write = host.io.start(
            TestHost.io(.write, blocks: 16), data: [UInt8](repeating: 1, count: 8192), inCapsule: false)
        host.fixture.pump()
        host.fixture.broadcast(.model(ConnectedHost.model([], generation: 2)))
        #expect(host.fixture.settledGenerations == [0: [2]])
        host.io.isDeaf = false
        host.fixture.resend(to: host.io)
        #expect(host.io.completions[write]?.status.kind == .invalidField)
        #expect(backend.heldCount == 0)
    }

    @Test("A host that is no longer admitted loses its queues; that is settled when its requests have ended")
    func revokedHost() throws {
        let backend = PendingBackend(byteCount: 1 << 20)
        let namespace = ConnectedHost.namespace(backend)
        let host = try ConnectedHost(namespaces: [namespace], shardCount: 2)
        _ = host.io.start(TestHost.io(.write), data: [UInt8](repeating: 1, count: 512))
        host.fixture.pump()
        host.fixture.broadcast(
            .model(ConnectedHost.model([namespace], access: .only([]), generation: 2)))
        #expect(host.io.isClosed && host.admin.isClosed)
        #expect(host.fixture.settledGenerations == [0: [2]])
        backend.release()
        host.fixture.pump()
        #expect(host.fixture.settledGenerations == [0: [2], 1: [2]])
        #expect(host.fixture.shards.allSatisfy { $0.connections.count == 0 })
    }
}
