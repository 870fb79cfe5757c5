// What takes an image away from its hosts, or its room: each request ends within seconds with what the host
// needs to hear, the operator reads of it once, and other images are served on.

import Foundation
import GatewayCore
import Synchronization
import Testing

@testable import RBDBackend

@Suite("Images in trouble", .enabled(if: Live.isAvailable, Live.why))
struct TroubleTests {
    private let demo = ImageSpec(pool: "rbd", image: "demo")

    /// The address of the only client that has the image open.
    private func address(of spec: ImageSpec, _ cluster: LiveCluster) async throws -> String {
        let status = try await cluster.rbd("status", "--format", "json", "\(spec)")
        let start = try #require(status.range(of: "\"address\":\"")).upperBound
        return String(status[start...].prefix { $0 != "\"" })
    }

    @Test(
        "A blocklisted client's images are lost for good, which is told; another client's are served on")
    func blocklisted() async throws {
        let cluster = try await Live.shared()
        let log = RecordingLog()
        try await cluster.withImage { other in
            try await cluster.withImage(log: log) { image in
                let second = try await RBDImageBackend.open(other.spec, on: image.cluster, readOnly: true)
                // What is told while all of the client's images are known to be lost.
                let (losses, told) = AsyncStream.makeStream(of: Bool.self)
                image.onGeometryChange { told.yield(image.isLost && second.isLost) }
                second.onGeometryChange { told.yield(image.isLost && second.isLost) }
                #expect(!image.isLost)
                #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
                let address = try await address(of: image.spec, cluster)
                try await cluster.ceph("osd", "blocklist", "add", address)
                for operation in [BackendOperation.write, .writeZeroes, .flush, .read] {
                    #expect(await image.perform(operation, at: 0, Bytes(4096, 2)) == .unreachable)
                }
                // Not once more when the list is forgotten: others may have written since.
                try await cluster.ceph("osd", "blocklist", "rm", address)
                #expect(await image.perform(.write, at: 0, Bytes(4096, 3)) == .unreachable)
                await log.wait(for: "blocklist")
                var calls = losses.makeAsyncIterator()
                #expect(await [calls.next(), calls.next()] == [true, true])
                #expect(image.isLost && second.isLost && !other.isLost)
                #expect(await second.read(4096, at: 0).0 == .unreachable)
                #expect(log.count(of: "blocklist") == 1)
                #expect(await other.perform(.write, at: 0, Bytes(4096, 4)) == .success)
                await second.close()
            }
        }
    }

    @Test("While another client keeps the lock writes are for another path, and reads go on")
    func locked() async throws {
        let cluster = try await Live.shared()
        let log = RecordingLog()
        try await cluster.withImage(log: log) { image in
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            let keeper = try await LockKeeper(cluster, image.spec)
            let thread = image.cluster.thread
            let before = thread.tick.load(ordering: .relaxed)
            for operation in [BackendOperation.write, .writeZeroes, .deallocate, .flush] {
                #expect(await image.perform(operation, at: 0, Bytes(4096, 2)) == .unreachable)
            }
            // Each but the first was told at the next look: its host would ask again at once.
            #expect(thread.tick.load(ordering: .relaxed) - before >= 3)
            #expect(await image.read(4096, at: 0).1.isAll(1))
            // It is no write protection: hosts are not told of any.
            await log.wait(for: "another client holds the image's lock")
            #expect(!image.geometry.isReadOnly)
            await keeper.letGo()
            while await image.perform(.write, at: 0, Bytes(4096, 3)) != .success { await Task.yield() }
            await log.wait(for: "writes are stored again")
            #expect(log.count(of: "another client holds the image's lock") == 1)
        }
    }

    @Test("An image whose pool is deleted is not ready, and closes")
    func poolDeleted() async throws {
        let cluster = try await Live.shared()
        let log = RecordingLog()
        try await cluster.ceph("osd", "pool", "create", "doomed", "1")
        try await cluster.rbd("pool", "init", "doomed")
        try await cluster.rbd("create", "--size", "8M", "doomed/image")
        let spec = ImageSpec(pool: "doomed", image: "image")
        try await cluster.withOpen(spec, cluster.configuration(log: log)) { image in
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            try await cluster.ceph(
                "osd", "pool", "delete", "doomed", "doomed", "--yes-i-really-really-mean-it")
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) != .success)
            await log.wait(for: "it was removed, or its pool was")
            for operation in [BackendOperation.write, .read, .flush] {
                #expect(await image.perform(operation, at: 0, Bytes(4096, 2)) == .gone)
            }
        }
    }

    @Test("An open image is not removed; one whose header is lost all the same is not ready within seconds")
    func imageRemoved() async throws {
        let cluster = try await Live.shared()
        let log = RecordingLog()
        var limits = RBDLimits()
        limits.closeSeconds = 1
        try await cluster.withImage(limits: limits, log: log) { image in
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            await #expect(throws: (any Error).self) { try await cluster.rbd("rm", "\(image.spec)") }
            #expect(await image.perform(.write, at: 0, Bytes(4096, 2)) == .success)
            try await run(
                "rados",
                [
                    "--conf", cluster.configurationFile, "--id", "admin", "-p", "rbd", "rm",
                    "rbd_header.\(image.identity.imageID)",
                ])
            // Until librbd notices that its lock is lost; then it waits for it for ever.
            var result = BackendResult.success
            while result == .success { result = await image.perform(.write, at: 0, Bytes(4096, 3)) }
            #expect(result == .gone)
            #expect(await image.perform(.flush) == .gone)
            #expect(await image.read(4096, at: 0).0 == .gone)
            #expect(log.count(of: "it was removed, or its pool was") == 1)
        }
    }

    @Test("An OSD that is down is told once, and when it is back; no request fails")
    func outageIsTold() async throws {
        let cluster = try await LiveCluster.start("--store", "bluestore", "--store-gib", "2")
        let log = RecordingLog()
        try await cluster.withOpen(demo, cluster.configuration(log: log)) { image in
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            try await cluster.killOSD()
            async let write = image.perform(.write, at: 0, Bytes(4096, 2))
            await log.wait(for: "has not answered for")
            try await cluster.startOSD()
            #expect(await write == .success)
            await log.wait(for: "answers again")
            #expect(log.count(of: "has not answered for") == 1)
            #expect(await image.read(4096, at: 0).1.isAll(2))
        }
        try await cluster.destroy()
    }

    @Test("Without its monitor an image is served on")
    func monitorDown() async throws {
        let cluster = try await LiveCluster.start()
        let log = RecordingLog()
        try await cluster.withOpen(demo, cluster.configuration(log: log)) { image in
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            try await cluster.killMonitor()
            for round in 2..<50 as Range<UInt8> {
                #expect(await image.perform(.write, at: 0, Bytes(4096, round)) == .success)
                #expect(await image.read(4096, at: 0).1.isAll(round))
            }
            try await cluster.startMonitor()
            #expect(await image.perform(.write, at: 8 << 20, Bytes(4096, 1)) == .success)
            #expect(log.lines.isEmpty)
        }
        try await cluster.destroy()
    }

    @Test("A full cluster answers no space, reads go on, and writes when there is room again")
    func full() async throws {
        let cluster = try await LiveCluster.start("--store-gib", "1")
        let log = RecordingLog()
        try await cluster.withOpen(demo, cluster.configuration(log: log)) { image in
            #expect(await image.perform(.write, at: 0, Bytes(32 << 20, 1)) == .success)
            try await cluster.fill()
            #expect(await image.perform(.write, at: 64 << 20, Bytes(4096, 2)) == .noSpace)
            // What takes no more room than it had is stored.
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            #expect(await image.read(32 << 20, at: 0).1.isAll(1))
            await log.wait(for: "the cluster is full")
            try await cluster.withOpen(demo, readOnly: true) { again in
                #expect(await again.read(4096, at: 0).1.isAll(1))
            }
            try await cluster.unfill()
            #expect(await image.perform(.write, at: 64 << 20, Bytes(4096, 2)) == .success)
            await log.wait(for: "writes are stored again")
            #expect(log.count(of: "the cluster is full") == 1)
        }
        try await cluster.destroy()
    }

    @Test(
        "A pool over its quota answers no space, reads go on, and writes when there is room again",
        .enabled(if: Live.hasManager, "LIVE TEST SKIPPED: ceph-mgr is not installed; `make test` installs it")
    )
    func quota() async throws {
        let cluster = try await LiveCluster.start()
        let log = RecordingLog()
        try await cluster.withOpen(demo, cluster.configuration(log: log)) { image in
            #expect(await image.perform(.write, at: 0, Bytes(32 << 20, 1)) == .success)
            try await cluster.setQuota(mebibytes: 16)
            #expect(await image.perform(.write, at: 64 << 20, Bytes(4096, 2)) == .noSpace)
            #expect(await image.perform(.write, at: 0, Bytes(4096, 1)) == .success)
            #expect(await image.read(32 << 20, at: 0).1.isAll(1))
            await log.wait(for: "the pool's quota is reached")
            try await cluster.setQuota(mebibytes: 0)
            #expect(await image.perform(.write, at: 64 << 20, Bytes(4096, 2)) == .success)
        }
        try await cluster.destroy()
    }
}
