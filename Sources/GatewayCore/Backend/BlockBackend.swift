// The last step of a command's way in: what stores the blocks. A namespace has one backend; shards submit to
// it and hear of the end through the request's ticket. MemoryBackend and NullBackend are here, RBDBackend and
// GatewayIO bring theirs, and an embedding service brings its own.

/// Stores the blocks of one namespace.
///
/// `submit` is called on shard threads, several at once, for each I/O: it must not block, take long or
/// allocate. What would wait goes on elsewhere and ends by `request.ticket.complete(_:)`.
///
/// Requests may overlap each other in the store while they are under way, from one shard and from several:
/// no order is asked for between them, as hosts are promised none (NVM Express Base Specification,
/// "Command Ordering Requirements"), and none is made above. What is asked for:
/// - A request that is submitted after another has ended finds what the other did.
/// - A block of up to 4,096 bytes at a multiple of its length is read and written as a whole: whoever reads
///   it while it is written gets the old one or the new one, never some of each (AWUN, NAWUN).
/// - `.compareAndWrite` is one step to everybody.
/// - `.flush` covers what had ended before it was submitted.
public protocol BlockBackend: AnyObject, Sendable {
    /// What the store looks like now. It may change (a resize); who changes it says so with
    /// `geometryChanged`.
    var geometry: BlockGeometry { get }

    /// Whether this target has lost the store for as long as it runs, while others may still serve it: its
    /// client was fenced. Who loses it says so as for a change of the geometry, and never has it again.
    var isLost: Bool { get }

    /// Begins `request`, or ends it at once.
    ///
    /// The request is inside the geometry's bounds; its buffer is valid until the request has ended.
    /// - Returns: `.completed` if the request has ended (the ticket must not be used then), else `.pending`.
    func submit(_ request: BackendRequest) -> BackendSubmission

    /// The object that one shard submits to: itself, unless the backend keeps something of its own for each
    /// shard. Called once a shard, on its thread, before the first request from there.
    func attached(to shard: any ShardServices) -> any BlockBackend

    /// Registers who is told when the geometry changed or the store was lost; called from any thread.
    func onGeometryChange(_ notify: @escaping @Sendable () -> Void)

    /// Ends all that the backend holds. No request is in flight when it is called and none follows.
    func close() async
}

extension BlockBackend {
    public var isLost: Bool { false }
    public func attached(to shard: any ShardServices) -> any BlockBackend { self }
    public func onGeometryChange(_ notify: @escaping @Sendable () -> Void) {}
    public func close() async {}
}

/// What a shard offers to backends that live on it. GatewayIO's shard adds its ring.
public protocol ShardServices: AnyObject {
    /// The shard's number, from 0.
    var shardID: Int { get }
}

/// How a submission went.
public enum BackendSubmission: Equatable, Sendable {
    /// The request will end through its ticket.
    case pending
    /// The request has ended, inside `submit`.
    case completed(BackendResult)
}

/// The size and the habits of a store, in bytes.
public struct BlockGeometry: Equatable, Sendable {
    /// The store's size, in bytes; a whole number of blocks is used.
    public var byteCount: UInt64
    /// The unit that a request had better not cross and that is best written as a whole, in bytes (a RADOS
    /// object, a stripe); 0 if none is known. Hosts cut their requests at its boundaries.
    public var optimalWriteByteCount: UInt32
    /// The unit of writes, in bytes: a smaller or unaligned one makes the store read what is around it (a
    /// file system's block). 0 if there is none beyond the logical block.
    public var writeGranularityByteCount: UInt32
    /// The unit that a deallocate frees, in bytes: smaller or unaligned pieces may stay as they are. 0 if
    /// unknown.
    public var deallocateGranularityByteCount: UInt32
    /// What a deallocated block reads back as.
    public var deallocatedReads: DeallocatedReads
    /// Whether writes are refused.
    public var isReadOnly: Bool
    /// Whether acknowledged writes can be lost on a power failure until a flush: reported as a volatile write
    /// cache.
    public var hasVolatileWriteCache: Bool
    /// How much the store itself can compare and write in one step (`.compareAndWrite`), in bytes: a range of
    /// a power of two up to this, that starts at a multiple of its length. 0 if it can't.
    public var compareAndWriteByteCountMax: UInt32

    public init(
        byteCount: UInt64, optimalWriteByteCount: UInt32 = 0, writeGranularityByteCount: UInt32 = 0,
        deallocateGranularityByteCount: UInt32 = 0, deallocatedReads: DeallocatedReads = .notReported,
        isReadOnly: Bool = false, hasVolatileWriteCache: Bool = false,
        compareAndWriteByteCountMax: UInt32 = 0
    ) {
        self.byteCount = byteCount
        self.optimalWriteByteCount = optimalWriteByteCount
        self.writeGranularityByteCount = writeGranularityByteCount
        self.deallocateGranularityByteCount = deallocateGranularityByteCount
        self.deallocatedReads = deallocatedReads
        self.isReadOnly = isReadOnly
        self.hasVolatileWriteCache = hasVolatileWriteCache
        self.compareAndWriteByteCountMax = compareAndWriteByteCountMax
    }
}

/// What reading a deallocated block gives. Values as in DLFEAT, bits 2:0 (NVM Command Set, Identify
/// Namespace).
public enum DeallocatedReads: UInt8, Sendable {
    case notReported = 0
    case zeroes = 1
    case ones = 2
}
