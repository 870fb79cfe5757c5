// When hosts are told of a change: not before every shard serves by it.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Telling hosts of a model")
struct ModelAgreementTests {
    static func namespace(_ id: UInt32) -> Namespace {
        ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: id)
    }

    /// A host with its admin queue on shard 0 and an I/O queue on shard 1, which waits for an event.
    static func host(_ namespaces: [Namespace]) throws -> (host: ConnectedHost, event: UInt16) {
        let host = try ConnectedHost(namespaces: namespaces, shardCount: 2)
        let wanted = entry(.setFeatures, dword10: 0x0B, dword11: 1 << 8)
        #expect(host.admin.run(wanted).completion?.status == .success)
        let event = host.admin.start(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue))
        host.fixture.pump()
        return (host, event)
    }

    static func active(_ host: ConnectedHost) -> [UInt32]? {
        let reply = host.admin.run(entry(.identify, dword10: 0x02), reading: 4096).1
        return NamespaceList(reply.span.bytes)?.namespaceIDs
    }

    @Test("A host hears of a new namespace, and finds it listed, when all shards serve it")
    func added() throws {
        let first = Self.namespace(1)
        let (host, event) = try Self.host([first])
        let model = ConnectedHost.model([first, Self.namespace(2)], generation: 2)
        host.fixture.send(.model(model), to: 0)
        #expect(host.admin.completions[event] == nil)
        #expect(Self.active(host) == [1])
        #expect(host.fixture.settledGenerations.isEmpty)
        host.fixture.send(.model(model), to: 1)
        #expect(host.admin.completions[event]?.result == AsyncEvent.namespaceAttributesChanged.result)
        #expect(Self.active(host) == [1, 2])
        #expect(host.io.read(start: 0, blocks: 1, namespace: 2).completion?.status == .success)
        #expect(host.fixture.settledGenerations == [0: [2], 1: [2]])
    }

    @Test("Each change is told, also one that was taken back before all shards served it")
    func inOrder() throws {
        let (first, second) = (Self.namespace(1), Self.namespace(2))
        let (host, event) = try Self.host([first, second])
        let models = [[first], [first, second]].enumerated().map {
            ConnectedHost.model($1, generation: UInt64($0) + 2)
        }
        for model in models { host.fixture.send(.model(model), to: 0) }
        #expect(host.admin.completions[event] == nil)
        for model in models { host.fixture.send(.model(model), to: 1) }
        #expect(host.admin.completions[event]?.status == .success)
        let log = host.admin.run(entry(.getLogPage, dword10: 0x04 | 1023 << 16), reading: 4096).1
        #expect(NamespaceList(log.span.bytes)?.namespaceIDs == [2])
        #expect(Self.active(host) == [1, 2])
    }
}
