// The operations' images in a Ceph cluster, through RBDBackend.

internal import Glibc
public import RBDBackend

/// Images of the cluster that a client is connected to.
public struct ClusterImages: ImageOperations {
    private let cluster: @Sendable () async throws(ControlFailure) -> Cluster
    /// An image that was just closed here may still be watched: how often, and how far apart, the trash is
    /// tried.
    private let trashTries: Int
    private let trashPause: Duration

    /// - Parameter cluster: the client to use, or why there is none now.
    public init(
        trashTries: Int = 20, trashPause: Duration = .milliseconds(250),
        _ cluster: @escaping @Sendable () async throws(ControlFailure) -> Cluster
    ) {
        self.trashTries = trashTries
        self.trashPause = trashPause
        self.cluster = cluster
    }

    public func sizeBytes(of image: ImageSpec) async throws(ControlFailure) -> UInt64? {
        let cluster = try await cluster()
        do throws(RBDError) { return try await cluster.byteCount(ofImage: image) } catch {
            throw ControlFailure(error, image)
        }
    }

    public func create(
        _ image: ImageSpec, sizeBytes: UInt64, dataPool: String?
    ) async throws(ControlFailure) {
        let cluster = try await cluster()
        do throws(RBDError) {
            try await cluster.createImage(image, byteCount: sizeBytes, dataPool: dataPool)
        } catch {
            if error.code == EEXIST {
                throw ControlFailure(
                    EAGAIN, "Image \(image) was just created by someone else, please retry")
            }
            throw ControlFailure(error, image)
        }
    }

    public func resize(_ image: ImageSpec, sizeBytes: UInt64) async throws(ControlFailure) {
        let cluster = try await cluster()
        do throws(RBDError) { try await cluster.resizeImage(image, byteCount: sizeBytes) } catch {
            throw ControlFailure(error, image)
        }
    }

    public func moveToTrash(_ image: ImageSpec) async throws(ControlFailure) {
        let cluster = try await cluster()
        for attempt in 1...max(1, trashTries) {
            do throws(RBDError) {
                return try await cluster.trashImage(image)
            } catch {
                guard error.code == EBUSY, attempt < trashTries else { throw ControlFailure(error, image) }
            }
            // A cancelled sleep returns at once; the tries are counted.
            try? await Task.sleep(for: trashPause)
        }
    }

    public func hasOwnLimits(_ image: ImageSpec) async throws(ControlFailure) -> Bool {
        let cluster = try await cluster()
        do throws(RBDError) { return try await cluster.hasOwnLimits(image) } catch {
            throw ControlFailure(error, image)
        }
    }
}

extension ControlFailure {
    /// What a cluster said, as upstream's clients know it.
    init(_ error: RBDError, _ image: ImageSpec) {
        switch error.kind {
        case .poolMissing: self.init(ENODEV, "Pool \(image.pool) doesn't exist")
        case .namespaceMissing:
            self.init(ENODEV, "RADOS namespace \(image.namespace) doesn't exist in pool \(image.pool)")
        case .imageMissing: self.init(ENODEV, "RBD image \(image) doesn't exist")
        case .accessDenied: self.init(EACCES, "\(error)")
        case .monitorUnreachable, .deadlinePassed: self.init(ETIMEDOUT, "\(error)")
        case .cancelled: self.init(ECANCELED, "\(error)")
        case .exhausted: self.init(EAGAIN, "\(error)")
        case .fenced: self.init(ESHUTDOWN, "\(error)")
        case .configurationFile, .configuration, .keyringMissing, .snapshotMissing, .objectMissing,
            .encryption,
            .wrongPassphrase, .other:
            self.init(error.code == 0 ? EIO : error.code, "\(error)")
        }
    }
}
