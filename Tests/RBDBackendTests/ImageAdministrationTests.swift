// Creating, resizing and trashing images, as the control plane does it, on a cluster.

import GatewayCore
import Glibc
import RBDBackend
import Testing

@Suite("Administering images", .enabled(if: Live.isAvailable, Live.why))
struct ImageAdministrationTests {
    private func withCluster(
        _ body: (Cluster, LiveCluster) async throws -> Void
    ) async throws {
        let live = try await Live.shared()
        let cluster = try await Cluster.connect(live.configuration())
        do { try await body(cluster, live) } catch {
            await cluster.close()
            throw error
        }
        await cluster.close()
    }

    @Test("An image is created, grows, does not shrink, and goes to the trash")
    func life() async throws {
        try await withCluster { cluster, live in
            let image = ImageSpec(pool: "rbd", image: LiveCluster.newName())
            #expect(try await cluster.byteCount(ofImage: image) == nil)
            try await cluster.createImage(image, byteCount: 16 << 20)
            #expect(try await cluster.byteCount(ofImage: image) == 16 << 20)
            await #expect(throws: RBDError.self) { try await cluster.createImage(image, byteCount: 1 << 20) }
            try await cluster.resizeImage(image, byteCount: 32 << 20)
            #expect(try await cluster.byteCount(ofImage: image) == 32 << 20)
            await #expect(throws: RBDError.self) { try await cluster.resizeImage(image, byteCount: 1 << 20) }
            #expect(try await cluster.byteCount(ofImage: image) == 32 << 20)
            try await cluster.trashImage(image)
            #expect(try await cluster.byteCount(ofImage: image) == nil)
            #expect(try await live.rbd("trash", "ls", "rbd").contains(image.image))
        }
    }

    @Test("An image that another client has open is too busy for the trash, and hears of its resize")
    func openImage() async throws {
        try await withCluster { cluster, live in
            let image = ImageSpec(pool: "rbd", image: LiveCluster.newName())
            try await cluster.createImage(image, byteCount: 16 << 20)
            try await live.withOpen(image) { _ in
                do throws(RBDError) {
                    try await cluster.trashImage(image)
                    Issue.record("it went to the trash")
                } catch { #expect(error.code == EBUSY) }
                try await cluster.resizeImage(image, byteCount: 64 << 20)
                #expect(try await cluster.byteCount(ofImage: image) == 64 << 20)
            }
            try await cluster.trashImage(image)
        }
    }

    @Test("A pool that is not there is named")
    func noPool() async throws {
        try await withCluster { cluster, _ in
            let image = ImageSpec(pool: "nopool", image: "x")
            do throws(RBDError) {
                _ = try await cluster.byteCount(ofImage: image)
                Issue.record("it has a size")
            } catch { #expect(error.kind == .poolMissing) }
        }
    }

    @Test("Limits that were set in RBD are seen")
    func ownLimits() async throws {
        try await withCluster { cluster, live in
            let image = ImageSpec(pool: "rbd", image: LiveCluster.newName())
            try await cluster.createImage(image, byteCount: 16 << 20)
            #expect(try await !cluster.hasOwnLimits(image))
            try await live.rbd("config", "image", "set", "\(image)", "rbd_qos_iops_limit", "100")
            #expect(try await cluster.hasOwnLimits(image))
        }
    }
}
