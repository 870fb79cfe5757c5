// Every bound and deadline of this module in one place; each says what happens when it is reached.
// librados' own throttle (objecter_inflight_ops) counts for a whole client and blocks, so that one stopped
// OSD starves every image of the client: it is raised out of reach, and these bounds stand in its place.

/// The bounds of a RADOS client and of its images. The defaults serve a gateway of ordinary size.
public struct RBDLimits: Sendable {
    /// Requests of one image that librbd holds. One more waits in the image's queue until one of them ends.
    public var imageRequestsMax = 1024
    /// Bytes of these requests. A request that would exceed it waits likewise; a single larger one goes
    /// alone.
    public var imageBytesMax = 128 << 20
    /// Requests that an image may always have in flight, however busy the other images of its client are.
    public var imageRequestsReserved = 64
    /// Bytes that an image may always have in flight.
    public var imageBytesReserved = 8 << 20
    /// Requests of all images of a client beyond their reserved ones. At the bound they wait in their
    /// images' queues.
    public var clientRequestsMax = 8192
    /// Bytes of these requests; at the bound they wait likewise.
    public var clientBytesMax = 512 << 20
    /// Requests that wait in one image's queue. One more ends as `.unreachable`: its host may try another
    /// path.
    public var waitingRequestsMax = 16_384

    /// Connecting to the monitors, in seconds (client_mount_timeout). Then connecting fails.
    public var connectSeconds = 5
    /// One question to a monitor, in seconds (rados_mon_op_timeout). Then it fails as timed out.
    public var monitorSeconds = 5
    /// Opening an image, in seconds. Then opening fails, and librbd's call is left behind on its thread.
    public var openSeconds = 10
    /// Deriving the key of an encrypted image, in seconds, which opening may take longer by: a processor is
    /// busy with it all the time. Then opening fails likewise.
    public var unlockSeconds = 120
    /// Reading or changing an object's entries, in seconds. Then that fails and is taken back; whether a
    /// change was made is not known.
    public var objectSeconds = 5
    /// Closing an image or a client, in seconds. Then librbd's call is left behind on its thread.
    public var closeSeconds = 10

    /// How often a client's thread looks for requests that don't end, in seconds, while any is in flight. For
    /// so long path related failures are held back, too: as many of an image as may wait.
    static let lookSeconds = 1
    /// How long a request is in flight, in seconds, before it counts as stalled: then the operator reads of
    /// it, and the cluster is asked whether the image is there.
    static let stallSeconds = 5

    public init() {}

    /// Traps if a bound has no meaning: they are ours, never a peer's. A reserve above its maximum counts
    /// as that.
    func check() {
        precondition(imageRequestsMax > 0 && imageRequestsMax < 1 << 20)
        precondition(imageBytesMax > 0 && imageBytesMax < 1 << 40)
        precondition(imageRequestsReserved > 0)
        precondition(imageBytesReserved > 0)
        precondition(clientRequestsMax >= 0 && clientRequestsMax < 1 << 22)
        precondition(clientBytesMax >= 0 && clientBytesMax < 1 << 40)
        precondition(waitingRequestsMax >= 0)
        precondition(connectSeconds > 0)
        precondition(monitorSeconds > 0)
        precondition(openSeconds > 0)
        precondition(unlockSeconds > 0)
        precondition(objectSeconds > 0)
        precondition(closeSeconds > 0)
    }
}
