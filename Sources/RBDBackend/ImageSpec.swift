// The name of an image as operators write it, and the identity that stays when the image is renamed.

/// Which image to open: POOL/[NAMESPACE/]IMAGE[@SNAPSHOT].
public struct ImageSpec: Hashable, Sendable, CustomStringConvertible {
    public var pool: String
    /// The RADOS namespace in the pool; empty for the default one.
    public var namespace: String
    public var image: String
    /// A snapshot is opened read-only.
    public var snapshot: String?

    public init(pool: String, namespace: String = "", image: String, snapshot: String? = nil) {
        self.pool = pool
        self.namespace = namespace
        self.image = image
        self.snapshot = snapshot
    }

    /// Parses POOL/[NAMESPACE/]IMAGE[@SNAPSHOT]; nil if it has another form.
    public init?(_ text: some StringProtocol) {
        var rest = String(text)
        var snapshot: String?
        if let at = rest.firstIndex(of: "@") {
            snapshot = String(rest[rest.index(after: at)...])
            rest = String(rest[..<at])
        }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 || parts.count == 3 else { return nil }
        guard !parts.contains(""), snapshot != "", snapshot?.contains(where: { "@/".contains($0) }) != true
        else {
            return nil
        }
        self.init(
            pool: parts[0], namespace: parts.count == 3 ? parts[1] : "", image: parts[parts.count - 1],
            snapshot: snapshot)
    }

    public var description: String {
        let place = namespace.isEmpty ? "\(pool)/\(image)" : "\(pool)/\(namespace)/\(image)"
        return snapshot.map { "\(place)@\($0)" } ?? place
    }
}

/// What makes an image itself: the same on every gateway, after each restart, and when the image is renamed.
public struct ImageIdentity: Hashable, Sendable, CustomStringConvertible {
    /// The cluster's fsid, a UUID as text.
    public let clusterID: String
    public let poolID: Int64
    /// The RADOS namespace in the pool; empty for the default one.
    public let namespace: String
    /// librbd's id of the image; never used again in its pool.
    public let imageID: String
    /// The snapshot's id; nil for the image itself.
    public let snapshotID: UInt64?

    /// One line of text that is different for different images: what UUID and NGUID are derived from.
    public var description: String {
        let place = "\(clusterID)/\(poolID)/\(namespace)/\(imageID)"
        return snapshotID.map { "\(place)@\($0)" } ?? place
    }
}
