// Namespaces with limits: how fast their commands go, and that nobody else is slowed down by them.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Limits of a namespace")
struct PacingTests {
    private func host(_ limiter: RateLimiter, entries: Int = 1024) throws -> ConnectedHost {
        let limited = Namespace(
            id: 1, name: "limited", uuid: 1, rateLimiter: limiter, backend: MemoryBackend(byteCount: 1 << 20))
        let free = ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: 2)
        return try ConnectedHost(namespaces: [limited, free], entries: entries)
    }

    private static let data = [UInt8](repeating: 5, count: 4096)

    /// Keeps 16 commands of 4 KiB going for ten seconds, and counts how many end.
    private func count(
        _ host: ConnectedHost, writes: Bool, isInCapsule: Bool = true, namespace: UInt32 = 1
    ) -> Int {
        var count = 0
        var open: [UInt16] = []
        for _ in 0..<10_000 {
            while open.count < 16 {
                let command = TestHost.io(writes ? .write : .read, namespace: namespace, blocks: 8)
                open.append(
                    writes
                        ? host.io.start(command, data: Self.data, inCapsule: isInCapsule)
                        : host.io.start(command, reading: 4096))
            }
            host.fixture.advance(milliseconds: 1)
            let waiting = open.filter { host.io.completions[$0] == nil }
            count += open.count - waiting.count
            open = waiting
        }
        return count
    }

    @Test(
        "Each limit holds within 5 % over ten seconds, for writes in capsules and by R2T",
        arguments: [
            (RateLimits(commands: 300), 3_000, 3_000),
            (RateLimits(commands: 7), 70, 70),
            (RateLimits(bytes: 1_228_800), 3_000, 3_000),
            (RateLimits(bytes: 1 << 20), 2_560, 2_560),
            (RateLimits(readBytes: 409_600), 1_000, 160_000),
            (RateLimits(writtenBytes: 409_600), 160_000, 1_000),
            (RateLimits(commands: 250, readBytes: 409_600), 1_000, 2_500),
        ])
    func limits(limits: RateLimits, reads: Int, writes: Int) throws {
        for (isWrite, isInCapsule, expected) in [
            (false, false, reads), (true, true, writes), (true, false, writes),
        ] where expected < 4_000 {
            let host = try host(RateLimiter(limits))
            let count = count(host, writes: isWrite, isInCapsule: isInCapsule)
            #expect(abs(count - expected) * 20 <= expected, "\(count) of \(expected)")
        }
    }

    @Test("Commands that wait for their turn keep nobody waiting that is behind them in the queue")
    func others() throws {
        let limiter = RateLimiter(RateLimits(commands: 1))
        let host = try host(limiter)
        let waiting = (0..<100).map { _ in
            host.io.start(TestHost.io(.write, blocks: 8), data: Self.data)
        }
        host.fixture.pump()
        #expect(waiting.filter { host.io.completions[$0] != nil }.count == 1)
        for isInCapsule in [true, false] {
            let write = host.io.run(
                TestHost.io(.write, namespace: 2, blocks: 8), data: Self.data, inCapsule: isInCapsule)
            #expect(write.completion?.status == .success)
        }
        // What moves no data has no limit.
        #expect(host.io.run(TestHost.io(.writeZeroes, blocks: 8)).completion?.status == .success)
        #expect(host.io.run(TestHost.io(.flush)).completion?.status == .success)
        limiter.limits = RateLimits()
        host.fixture.advance(milliseconds: 100)
        #expect(waiting.allSatisfy { host.io.completions[$0]?.status == .success })
    }

    @Test("A higher limit is everybody's at once, and so is none in a new model")
    func changes() throws {
        let limiter = RateLimiter(RateLimits(bytes: 1))
        let host = try host(limiter)
        let waiting = (0..<20).map { _ in host.io.start(TestHost.io(.read, blocks: 8), reading: 4096) }
        host.fixture.advance(milliseconds: 5_000)
        let ended = { waiting.filter { host.io.completions[$0] != nil }.count }
        #expect(ended() == 1)
        limiter.limits = RateLimits(bytes: 40_960)
        for _ in 0..<200 { host.fixture.advance(milliseconds: 5) }
        #expect((10...13).contains(ended()))
        let first = host.fixture.shards[0].model.subsystems[0].namespaces[0]
        let free = Namespace(id: 1, name: "free", uuid: 1, backend: first.backend)
        let other = host.fixture.shards[0].model.subsystems[0].namespaces[1]
        host.fixture.broadcast(.model(ConnectedHost.model([free, other], generation: 2)))
        host.fixture.advance(milliseconds: 100)
        #expect(ended() == 20)
    }

    @Test("A connection's end takes along what waits for its turn, and its memory")
    func ends() throws {
        let host = try host(RateLimiter(RateLimits(commands: 1)))
        for index in 0..<20 {
            let command = TestHost.io(index % 2 == 0 ? .write : .read, blocks: 8)
            let isWrite = index % 2 == 0
            _ = isWrite ? host.io.start(command, data: Self.data) : host.io.start(command, reading: 4096)
        }
        host.fixture.pump()
        #expect(host.fixture.shards[0].buffers.heldByteCount > 0)
        host.fixture.disconnect(host.io)
        #expect(host.fixture.shards[0].buffers.heldByteCount == 0)
        host.fixture.advance(milliseconds: 5_000)
        #expect(host.fixture.shards[0].slab.count == 0)
    }

    @Test("A namespace that leaves answers at once those that wait for their turn")
    func leaves() throws {
        let host = try host(RateLimiter(RateLimits(commands: 1)))
        let waiting = (0..<20).map { _ in host.io.start(TestHost.io(.read, blocks: 8), reading: 4096) }
        host.fixture.pump()
        let other = host.fixture.shards[0].model.subsystems[0].namespaces[1]
        host.fixture.broadcast(.model(ConnectedHost.model([other], generation: 2)))
        host.fixture.advance(milliseconds: 100)
        let statuses = waiting.map { host.io.completions[$0]?.status }
        #expect(statuses.filter { $0 == .success }.count == 1)
        #expect(statuses.allSatisfy { $0 != nil })
    }

    @Test("Two that ask in turns get the same, and together the limit")
    func fairness() {
        let limiter = RateLimiter(RateLimits(commands: 1_000))
        var ready = [Instant(nanoseconds: 0), Instant(nanoseconds: 0)]
        var counts = [0, 0]
        for millisecond in 0..<10_000 {
            let now = Instant(nanoseconds: 1_000_000 * UInt64(millisecond + 1))
            for user in 0..<2 {
                while ready[user] <= now {
                    counts[user] += 1
                    ready[user] = limiter.reserve(RateUse(commandCount: 1), at: now)
                }
            }
        }
        #expect(abs(counts[0] - counts[1]) <= 60)
        #expect(abs(counts[0] + counts[1] - 10_000) <= 100)
    }
}
