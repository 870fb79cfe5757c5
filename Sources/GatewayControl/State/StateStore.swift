// Where a group's state is kept: entries of a key and a text, and one version for all of them. A store
// decides which of two changes came first, and keeps what it acknowledged; what the entries mean it does not
// know. SharedState is its only caller.

/// All entries of a state at one version, without the version's own.
public struct StateSnapshot: Hashable, Sendable {
    public var version: UInt64
    public var entries: [String: String]

    public init(version: UInt64, entries: [String: String]) {
        self.version = version
        self.entries = entries
    }
}

/// How a change ended.
public enum CommitOutcome: Hashable, Sendable {
    /// It is kept, all of it, and this is the version now.
    case committed(version: UInt64)
    /// The version was another one already; nothing was changed.
    case superseded
}

/// Keeps a group's state, for one gateway or for several.
public protocol StateStore: Sendable {
    /// What the store is called in messages: "object rbd/nvmeof.group1.state".
    var name: String { get }

    /// The version now. Cheap: it is asked for every few seconds.
    func version() async throws(StoreFailure) -> UInt64

    /// All entries, of one version.
    func load() async throws(StoreFailure) -> StateSnapshot

    /// Makes all the changes, or none. When it returns `committed` they are durable, and whoever follows the
    /// store is told soon.
    /// - Parameter version: the changes were decided on; if it is not the store's any more, none is made.
    func commit(_ changes: StateChanges, onto version: UInt64) async throws(StoreFailure) -> CommitOutcome

    /// Has `changed` called, on any thread, whenever somebody else may have changed the state, until
    /// `close`. It must not block. Calls may be missed while the store is out of reach: one asks for the
    /// version from time to time, too.
    func follow(_ changed: @escaping @Sendable () -> Void) async

    /// Lets go of what the store holds. Nothing is called after it has returned.
    func close() async
}
