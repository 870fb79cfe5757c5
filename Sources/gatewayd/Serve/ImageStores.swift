// Opens what namespaces are stored in: images of the cluster, each on one of its RADOS clients, and, where a
// pool is configured to be a folder, files.

import GatewayControl
import GatewayCore
import GatewayIO
import RBDBackend

/// The images of a gateway.
struct ImageStores: StoreOpener {
    let clients: ClusterPool
    /// Pools that are folders, with their paths.
    let folders: [String: String]

    func open(
        _ store: StoreName, group: UInt32, after lostClient: String?
    ) async throws(StoreProblem) -> OpenedStore {
        if let folder = folders[store.image.pool] { return try openFile(store, in: folder) }
        do throws(RBDError) {
            if let lostClient { try await clients.checkReturn(of: lostClient) }
            let image = try await clients.open(store.image, readOnly: store.isReadOnly, group: group)
            let clients = clients
            return OpenedStore(
                backend: image, clientAddresses: image.cluster.addresses, clientName: image.cluster.user,
                onLoss: { notify in image.onLoss { notify(StoreLoss($0)) } },
                refresh: { await image.refresh() }, close: { await clients.close(image) })
        } catch { throw StoreProblem(error.description) }
    }

    func catchUp() async throws(StoreProblem) {
        do throws(RBDError) { try await clients.catchUp() } catch { throw StoreProblem(error.description) }
    }

    private func openFile(_ store: StoreName, in folder: String) throws(StoreProblem) -> OpenedStore {
        let name = store.image.image
        guard store.image.namespace.isEmpty, store.image.snapshot == nil, !name.isEmpty, !name.contains("/"),
            name != ".", name != ".."
        else { throw StoreProblem("\(store): a file of the folder \(folder) can't be called so") }
        do throws(FileBackendError) {
            let file = try FileBackend(path: "\(folder)/\(name)", isReadOnly: store.isReadOnly)
            return OpenedStore(backend: file) { await file.close() }
        } catch { throw StoreProblem(error.description) }
    }
}

extension StoreLoss {
    fileprivate init(_ loss: ImageLoss) {
        switch loss {
        case .fenced: self = .fenced
        case .gone: self = .gone
        }
    }
}
