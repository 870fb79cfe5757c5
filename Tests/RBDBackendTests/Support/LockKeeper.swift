// Another client that takes an image's exclusive lock and does not give it to who asks, as a gateway of a
// group does with the images that it owns.

import CLibrbd
import Testing

@testable import RBDBackend

struct LockKeeper {
    private let client: Cluster
    private let image: RBDImageBackend

    init(_ cluster: LiveCluster, _ spec: ImageSpec) async throws {
        client = try await Cluster.connect(cluster.configuration())
        image = try await RBDImageBackend.open(spec, on: client)
        let image = image
        let code = await callOnThread(
            within: .seconds(30), stranded: client.stranded, orphaned: { (_: Int32) in }
        ) { rbd_lock_acquire(image.handle.image, RBD_LOCK_MODE_EXCLUSIVE) }
        #expect(try code.get() == 0)
    }

    func letGo() async {
        await image.close()
        await client.close()
    }
}
