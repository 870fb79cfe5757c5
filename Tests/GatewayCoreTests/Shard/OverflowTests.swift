// Hosts that send more commands than their queues have room for, and those that only seem to.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Queues that are too full")
struct OverflowTests {
    private let backend = PendingBackend(byteCount: 1 << 20)

    private func host(_ attributes: ConnectCommand.Attributes, shardCount: Int = 1) throws -> ConnectedHost {
        try ConnectedHost(backend, shardCount: shardCount, entries: 4, attributes: attributes)
    }

    private func read(_ count: Int, by host: ConnectedHost) -> [UInt16] {
        (0..<count).map { host.io.start(TestHost.io(.read, start: UInt64($0)), reading: 512) }
    }

    private func finish(_ host: ConnectedHost) {
        while backend.heldCount > 0 {
            backend.release()
            host.fixture.pump()
        }
    }

    @Test(
        "A host that overflows an I/O queue loses its association, with flow control and without",
        arguments: [ConnectCommand.Attributes(), .disableFlowControl, .individualQueueDeletion], [1, 2])
    func overflows(attributes: ConnectCommand.Attributes, shardCount: Int) throws {
        let host = try host(attributes, shardCount: shardCount)
        _ = read(6, by: host)
        host.fixture.pump()
        #expect(host.io.isClosed)
        #expect(host.admin.isClosed)
        finish(host)
        #expect(host.fixture.shards.allSatisfy { $0.slab.count == 0 && $0.controllers.isEmpty })
    }

    @Test("A host that overflows its admin queue loses its association")
    func overflowsAdmin() throws {
        let host = try host([])
        for _ in 0..<40 where !host.admin.isClosed {
            _ = host.admin.start(SubmissionEntry(opcode: AdminOpcode.keepAlive.rawValue))
        }
        host.fixture.pump()
        #expect(host.admin.isClosed)
        #expect(host.io.isClosed)
    }

    @Test(
        "As many commands as a queue has entries are served, one more than the specification has room for",
        arguments: [ConnectCommand.Attributes(), .disableFlowControl])
    func fills(attributes: ConnectCommand.Attributes) throws {
        let host = try host(attributes)
        for _ in 0..<3 {
            let ids = read(4, by: host)
            host.fixture.pump()
            #expect(backend.heldCount == 4)
            finish(host)
            for id in ids { #expect(host.io.completions[id]?.status == .success) }
        }
    }

    @Test("With flow control a host that was told the head may have more commands under way than entries")
    func consumed() throws {
        let host = try host([])
        let first = read(3, by: host)
        host.fixture.pump()
        // A refused command is answered at once, and its answer tells that all four were taken.
        let refused = host.io.run(TestHost.io(.read, namespace: 9), reading: 512).completion
        #expect(refused?.submissionQueueHead == 1)
        let second = read(3, by: host)
        host.fixture.pump()
        #expect(!host.io.isClosed)
        #expect(backend.heldCount <= 5)
        finish(host)
        for id in first + second { #expect(host.io.completions[id]?.status == .success) }
    }

    @Test("Commands that come before the answer to Connect wait, however many")
    func beforeConnect() throws {
        let host = try host([])
        let other = try #require(host.fixture.host())
        for _ in 0..<8 { _ = other.start(SubmissionEntry(opcode: AdminOpcode.keepAlive.rawValue)) }
        host.fixture.pump()
        #expect(!other.isClosed)
        #expect(other.completions.count == 8)
    }
}
