// More requests than an image or its client may have in flight: they wait, and all of them end.

import GatewayCore
import RBDBackend
import Testing

@Suite("In-flight bounds of live images", .enabled(if: Live.isAvailable, Live.why))
struct OverflowTests {
    @Test("Two images that share one place of their client serve 400 requests each")
    func sharedCredit() async throws {
        let cluster = try await Live.shared()
        var limits = RBDLimits()
        limits.imageRequestsMax = 4
        limits.imageRequestsReserved = 1
        limits.clientRequestsMax = 1
        let client = try await Cluster.connect(cluster.configuration(limits: limits))
        var images: [RBDImageBackend] = []
        for _ in 0..<2 {
            let name = LiveCluster.newName()
            try await cluster.rbd("create", "--size", "8M", "rbd/\(name)")
            images.append(try await RBDImageBackend.open(ImageSpec(pool: "rbd", image: name), on: client))
        }
        await withTaskGroup(of: Void.self) { group in
            for image in images {
                for index in 0..<400 {
                    group.addTask {
                        let place = UInt64(index % 100) << 12
                        #expect(await image.perform(.write, at: place, Bytes(4096, 5)) == .success)
                        // One of its own, one shared.
                        #expect(image.load.inFlight <= 3)
                    }
                }
            }
        }
        for image in images {
            #expect(image.load == (0, 0))
            #expect(await image.read(100 << 12, at: 0).1.isAll(5))
            await image.close()
        }
        await client.close()
    }

    @Test("A request that finds the queue full ends as unreachable, and the others are served")
    func queueFull() async throws {
        var limits = RBDLimits()
        limits.imageRequestsMax = 1
        limits.imageRequestsReserved = 1
        limits.waitingRequestsMax = 2
        try await Live.shared().withImage(limits: limits) { image in
            let results = await withTaskGroup(of: BackendResult.self) { group in
                for _ in 0..<64 {
                    group.addTask { await image.perform(.write, at: 0, Bytes(1 << 20, 6)) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(results.contains(.success))
            #expect(results.contains(.unreachable))
            #expect(Set(results).subtracting([.success, .unreachable]).isEmpty)
            #expect(await image.read(1 << 20, at: 0).1.isAll(6))
        }
    }
}
