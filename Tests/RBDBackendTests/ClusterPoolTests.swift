// Images spread over several RADOS clients: how many clients there are, which image is where, and what
// becomes of a client that can't connect.

import GatewayCore
import RBDBackend
import Testing

@Suite("RADOS clients for many images", .enabled(if: Live.isAvailable, Live.why))
struct ClusterPoolTests {
    private let demo = ImageSpec("rbd/demo")!

    /// Opens an image so many times, read-only, and gives the count of images of each client.
    private func counts(
        _ sharing: ClusterSharing, groups: [UInt32]
    ) async throws -> [Int] {
        let pool = ClusterPool(try await Live.shared().configuration(), sharing: sharing)
        var images: [RBDImageBackend] = []
        for group in groups { images.append(try await pool.open(demo, readOnly: true, group: group)) }
        let clusters = await pool.clusters
        let counts = clusters.map { cluster in images.count { $0.cluster === cluster } }
        for image in images { await pool.close(image) }
        await pool.close()
        return counts
    }

    @Test("A client is made when the others have enough, up to the bound; then the emptiest gets more")
    func spread() async throws {
        let sharing = ClusterSharing(imagesPerClient: 2, clientsMax: 2)
        #expect(try await counts(sharing, groups: [1]) == [1])
        #expect(try await counts(sharing, groups: [1, 1]) == [2])
        #expect(try await counts(sharing, groups: [1, 2, 1]) == [2, 1])
        #expect(try await counts(sharing, groups: [1, 1, 1, 1, 1, 2]) == [3, 3])
    }

    @Test("By groups, images of one group have clients of their own")
    func byGroup() async throws {
        let sharing = ClusterSharing(imagesPerClient: 2, clientsMax: 2, isByGroup: true)
        #expect(try await counts(sharing, groups: [1, 2, 1, 1]) == [2, 1, 1])
    }

    @Test("Images that are opened at the same time share the client that connects for the first of them")
    func together() async throws {
        let pool = ClusterPool(
            try await Live.shared().configuration(),
            sharing: ClusterSharing(imagesPerClient: 100, clientsMax: 4))
        let demo = demo
        let images = try await withThrowingTaskGroup(of: RBDImageBackend.self) { group in
            for _ in 0..<20 { group.addTask { try await pool.open(demo, readOnly: true) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(await pool.clusters.count == 1)
        for image in images { await pool.close(image) }
        await pool.close()
    }

    @Test("An image that can't be opened takes no place, and a client that can't connect is tried again")
    func failures() async throws {
        var configuration = try await Live.shared().configuration()
        let sharing = ClusterSharing(imagesPerClient: 1, clientsMax: 8)
        let pool = ClusterPool(configuration, sharing: sharing)
        for _ in 0..<3 {
            await #expect(throws: RBDError.self) {
                try await pool.open(ImageSpec(pool: "rbd", image: "none"))
            }
        }
        #expect(await pool.clusters.count == 1)
        await pool.close()
        configuration.user = "nobody"
        let refused = ClusterPool(configuration, sharing: sharing)
        for _ in 0..<2 {
            await #expect(throws: RBDError.self) { try await refused.open(demo) }
        }
        #expect(await refused.clusters.isEmpty)
        await refused.close()
    }

    @Test("With nothing chosen a machine has two to eight clients")
    func automatic() {
        #expect(
            [1, 2, 4, 64].map { ClusterSharing.automatic(processorCount: $0).clientsMax } == [2, 2, 4, 8])
    }

    @Test("A fenced client ends with its images, and they open anew on another when it is off the blocklist")
    func fenced() async throws {
        let cluster = try await LiveCluster.start()
        let pool = ClusterPool(
            cluster.configuration(), sharing: ClusterSharing(imagesPerClient: 9, clientsMax: 1))
        let image = try await pool.open(demo)
        let old = image.cluster.addresses
        let (losses, told) = AsyncStream.makeStream(of: ImageLoss.self)
        image.onLoss { told.yield($0) }
        // A client that is alive and well may not be overtaken.
        await #expect(throws: RBDError.self) { try await pool.checkReturn(of: old) }
        try await cluster.ceph("osd", "blocklist", "add", old)
        let bytes = Bytes(4096)
        while await image.perform(.write, at: 0, bytes) == .success {}
        let loss = await losses.first { _ in true }
        #expect(loss == .fenced)
        #expect(image.cluster.isFenced)
        await pool.close(image)
        let error = await #expect(throws: RBDError.self) { try await pool.checkReturn(of: old) }
        #expect(error?.description.contains("blocklist") == true)
        try await cluster.ceph("osd", "blocklist", "rm", old)
        // The answer of before may be a second old.
        var isFree = false
        while !isFree {
            do {
                try await pool.checkReturn(of: old)
                isFree = true
            } catch { await Task.yield() }
        }
        let again = try await pool.open(demo)
        #expect(again.cluster.addresses != old)
        #expect(await again.perform(.write, at: 0, bytes) == .success)
        await pool.close(again)
        await pool.close()
        try await cluster.destroy()
    }
}
