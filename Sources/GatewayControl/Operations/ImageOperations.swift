// What the operations do to images, outside of serving them: RBDBackend does it, on threads of its own and
// with a deadline for each call; tests have a fake.

public import RBDBackend

/// Images as control calls change them. Each call ends within seconds, ETIMEDOUT if its cluster does not
/// answer. A failure's message names the image or the pool, as in "Image rbd/demo doesn't exist".
public protocol ImageOperations: Sendable {
    /// - Returns: the image's size in bytes; nil if it is not there. Throws ENODEV if its pool, or its
    ///   namespace in the pool, is not there.
    func sizeBytes(of image: ImageSpec) async throws(ControlFailure) -> UInt64?

    /// Creates an image. Throws EAGAIN if somebody else has created it meanwhile.
    /// - Parameter dataPool: where the image's data go, if not to its own pool.
    func create(_ image: ImageSpec, sizeBytes: UInt64, dataPool: String?) async throws(ControlFailure)

    /// Makes an image larger.
    func resize(_ image: ImageSpec, sizeBytes: UInt64) async throws(ControlFailure)

    /// Moves an image to its pool's trash, from where `rbd trash restore` brings it back.
    func moveToTrash(_ image: ImageSpec) async throws(ControlFailure)

    /// Whether the image has QoS limits of its own in RBD, which would hold beside ours.
    func hasOwnLimits(_ image: ImageSpec) async throws(ControlFailure) -> Bool
}

extension ImageOperations {
    public func hasOwnLimits(_ image: ImageSpec) async throws(ControlFailure) -> Bool { false }
}

extension NamespaceRecord {
    /// The image that the namespace stands for, or its snapshot: no image's name has an @ in it, and what
    /// follows one is a snapshot's.
    public var image: ImageSpec {
        let parts = rbdImageName.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        return ImageSpec(
            pool: rbdPoolName, namespace: radosNamespaceName ?? "", image: String(parts[0]),
            snapshot: parts.count > 1 ? String(parts[1]) : nil)
    }
}
