// The only OSD is killed and comes back: nothing is lost, and nothing but the I/O waits for it.

import GatewayCore
import RBDBackend
import Testing

@Suite("An OSD that is down", .enabled(if: Live.isAvailable, Live.why))
struct OutageTests {
    @Test("With the OSD down a write hangs and completes when it is back; opening ends by its deadline")
    func outage() async throws {
        let cluster = try await LiveCluster.start("--store", "bluestore", "--store-gib", "2")
        var limits = RBDLimits()
        limits.imageRequestsMax = 32
        let client = try await Cluster.connect(cluster.configuration(limits: limits))
        try await cluster.rbd("create", "--size", "8M", "rbd/other")
        let image = try await RBDImageBackend.open(ImageSpec(pool: "rbd", image: "demo"), on: client)
        limits.openSeconds = 1
        let pool = ClusterPool(
            cluster.configuration(limits: limits),
            sharing: ClusterSharing(imagesPerClient: 1, clientsMax: 1))
        let before = Bytes(64 << 10)
        before.fillPattern(11)
        #expect(await image.perform(.write, at: 0, before) == .success)

        try await cluster.killOSD()
        // More writes than the image may have in flight: the rest wait.
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (submissions, submitted) = AsyncStream.makeStream(of: Void.self)
            for index in 0..<64 {
                group.addTask {
                    let bytes = Bytes(16 << 10)
                    bytes.fillPattern(UInt64(index))
                    let written = bytes.array
                    let place = UInt64(index + 1) << 20
                    let result = await image.perform(.write, at: place, bytes) { submitted.yield() }
                    bytes.fill(0xEE)
                    #expect(result == .success)
                    #expect(await image.read(16 << 10, at: place).1.array == written, "write \(index)")
                }
            }
            var count = 0
            for await _ in submissions {
                count += 1
                if count == 64 { break }
            }
            #expect(image.load.inFlight == 32)
            #expect(image.load.waiting == 32)
            await #expect(throws: RBDError.self) {
                try await RBDImageBackend.open(
                    ImageSpec(pool: "rbd", image: "other"), on: client, within: .milliseconds(500))
            }
            #expect(client.strandedCallCount == 1)
            try await hangOnce(pool)
            try await cluster.startOSD()
            try await group.waitForAll()
        }
        // What was acknowledged before the kill is there, and the call that was left behind has come back.
        #expect(await image.read(64 << 10, at: 0).1.array == before.array)
        while client.strandedCallCount != 0 { await Task.yield() }
        try await openAfterAll(pool)
        await image.close()
        await client.close()
        try await cluster.destroy()
    }

    /// Tries to open an image several times while it can't be.
    private func hangOnce(_ pool: ClusterPool) async throws {
        for _ in 0..<3 {
            let error = await #expect(throws: RBDError.self) {
                try await pool.open(ImageSpec(pool: "rbd", image: "other"))
            }
            #expect(error?.kind == .deadlinePassed)
        }
        #expect(
            await pool.clusters.map(\.strandedCallCount) == [1], "the first try hangs, and no other was made")
    }

    /// Opens it when it can be opened again, and closes all.
    private func openAfterAll(_ pool: ClusterPool) async throws {
        while await pool.clusters.contains(where: { $0.strandedCallCount != 0 }) { await Task.yield() }
        await pool.close(try await pool.open(ImageSpec(pool: "rbd", image: "other")))
        await pool.close()
    }
}
