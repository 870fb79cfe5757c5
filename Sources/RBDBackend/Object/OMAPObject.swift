// An object of RADOS whose content is its OMAP, keys and values that a group of clients shares: all read it,
// change it by compare-and-set, and are told of each other's changes. GatewayControl keeps a group's state in
// one; what the entries mean is not known here.

internal import CLibrbd
internal import Glibc

/// How a change of an object's entries ended.
public enum OMAPChangeOutcome: Hashable, Sendable {
    /// All of it is made, and durable.
    case committed
    /// The entry that was compared has another value. Nothing was changed.
    case superseded
    /// Another client holds the lock. Nothing was changed.
    case locked
}

/// An object's OMAP in a pool.
///
/// Close it before its cluster: an open object traps when it is released.
public final class OMAPObject: Sendable {
    /// The object's name in its pool.
    public let objectName: String
    public let pool: String
    /// For messages: "object rbd/nvmeof.group1.state".
    public var name: String { "object \(pool)/\(objectName)" }

    let context: ObjectContext
    let watch: ObjectWatch
    private let cluster: Cluster

    private init(_ objectName: String, _ pool: String, _ context: ObjectContext, _ cluster: Cluster) {
        self.objectName = objectName
        self.pool = pool
        self.context = context
        self.cluster = cluster
        watch = ObjectWatch(objectName, context)
    }

    /// Opens the object, whether it is there or not.
    public static func open(
        _ objectName: String, pool: String, on cluster: Cluster
    ) async throws(RBDError) -> OMAPObject {
        let handle = cluster.handle
        let seconds = cluster.limits.objectSeconds
        let outcome = await callOnThread(
            within: .seconds(seconds), stranded: cluster.stranded,
            orphaned: { (late: Result<ObjectContext, RBDError>) in
                if case .success(let context) = late { context.abandon() }
            },
            { ObjectContext.open(pool: pool, handle) })
        switch outcome {
        case .success(.success(let context)): return OMAPObject(objectName, pool, context, cluster)
        case .success(.failure(let error)): throw error
        case .failure(let why):
            throw .abandoned(why, doing: "opening", seconds: seconds, object: "pool \(pool)")
        }
    }

    /// Ends the watch, and lets what is under way end. Operations must not be begun any more.
    public func close() async {
        await watch.stop(cluster)
        let isClosed = await context.close(within: .seconds(cluster.limits.closeSeconds))
        // What librados still works at uses the client: it stays until the process ends.
        if !isClosed { cluster.stranded.add(1) }
    }

    // MARK: Following

    /// Has `changed` called, on librados' thread, when somebody notifies, and when notifications may have
    /// been missed. It must not block. One handler only.
    public func follow(_ changed: @escaping @Sendable () -> Void) { watch.start(changed) }

    /// Registers the watch anew if it was lost, or could not be registered. Never blocks.
    public func keepFollowing() { watch.renew() }

    /// Tells all clients that watch the object that it changed. Does not wait for them.
    public func notify() { watch.notify() }

    // MARK: One operation

    /// Waits for an operation that librados was given.
    func perform(
        _ call: StaticString, keeping content: some Sendable, _ start: (rados_completion_t) -> Int32
    ) async throws(RBDError) -> Int32 {
        let seconds = cluster.limits.objectSeconds
        switch unsafe await context.perform(within: .seconds(seconds), keeping: content, start) {
        case .ended(let returned): return returned
        case .deadlinePassed:
            throw .abandoned(.deadlinePassed, doing: "\(call)", seconds: seconds, object: name)
        }
    }

    /// What an operation's error says of the object.
    func error(_ returned: Int32, _ call: StaticString) -> RBDError {
        switch -returned {
        case ENOENT:
            RBDError(
                .objectMissing, object: name, code: ENOENT, reason: "there is no such object",
                nextStep: "Check the names of the pool and of the group.")
        case EOPNOTSUPP:
            RBDError(
                .other, object: name, code: EOPNOTSUPP, reason: "its pool can't hold entries",
                nextStep: "Keep it in a replicated pool: erasure-coded ones have no OMAP.")
        case EPERM, EACCES:
            RBDError(
                .accessDenied, object: name, code: -returned,
                reason: "the user's capabilities don't allow \(call)",
                nextStep: "Give them with `ceph auth caps USER mon 'profile rbd' osd 'profile rbd "
                    + "pool=\(pool)'`.")
        case _: .returned(returned, call, object: name)
        }
    }
}
