// Where reservations are kept so that they outlive the gateway: the protocol that the rules don't know.
// GatewayIO has a store in files; a store that several gateways share may come from elsewhere. Home shards
// ask through their driver; Target loads before it serves a namespace.

public import NVMeTCP
import Synchronization

/// Keeps the reservations of namespaces, by the namespaces' UUIDs.
///
/// Both calls return at once, on any thread: what takes time goes on elsewhere, and `completion` is called
/// once, on any thread. For one namespace there is one call under way at a time.
public protocol ReservationStore: AnyObject, Sendable {
    /// Whether what was saved is still there after the end of the process, or of the machine. Only then are
    /// hosts told that reservations can persist.
    var isPersistent: Bool { get }

    /// Finds what was saved last for the namespace: nil if nothing was.
    func load(
        _ namespace: NamespaceUUID,
        completion: @escaping @Sendable (Result<ReservationRecord?, ReservationStoreError>) -> Void)

    /// Saves a record in place of the one with `version`, 0 where there is none yet. It is durable when
    /// `completion` hears of success, and fails if another version is there: then somebody else has written.
    func save(
        _ record: ReservationRecord, of namespace: NamespaceUUID, replacing version: UInt64,
        completion: @escaping @Sendable (Result<Void, ReservationStoreError>) -> Void)
}

/// Why reservations can't be loaded or saved.
public enum ReservationStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another version is there than the one to replace.
    case superseded
    /// What failed, where, and what to do.
    case failed(String)

    public var description: String {
        switch self {
        case .superseded: "somebody else has changed them: only one gateway may have a namespace"
        case .failed(let reason): reason
        }
    }
}

/// Keeps reservations in memory: for tests, and for a service that restarts targets within one process, which
/// may then say that it is persistent as far as hosts can tell.
public final class MemoryReservationStore: ReservationStore {
    public let isPersistent: Bool
    private let records = Mutex<[NamespaceUUID: ReservationRecord]>([:])

    public init(isPersistent: Bool = false) { self.isPersistent = isPersistent }

    public func load(
        _ namespace: NamespaceUUID,
        completion: @escaping @Sendable (Result<ReservationRecord?, ReservationStoreError>) -> Void
    ) {
        completion(.success(records.withLock { $0[namespace] }))
    }

    public func save(
        _ record: ReservationRecord, of namespace: NamespaceUUID, replacing version: UInt64,
        completion: @escaping @Sendable (Result<Void, ReservationStoreError>) -> Void
    ) {
        let isSaved = records.withLock { records in
            guard records[namespace]?.version ?? 0 == version else { return false }
            records[namespace] = record
            return true
        }
        completion(isSaved ? .success(()) : .failure(.superseded))
    }
}
