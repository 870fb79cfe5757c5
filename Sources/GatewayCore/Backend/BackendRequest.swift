// One request to a BlockBackend: made by the I/O handlers from a parsed command, in bytes, after all checks.

/// What a backend is to do. Offsets and lengths are in bytes and inside the backend's bounds.
public enum BackendOperation: UInt8, Sendable, BitwiseCopyable {
    /// Fill the buffer from the store.
    case read
    /// Write the buffer to the store. The acknowledgement means it is in the store, or in its volatile cache
    /// if it has one.
    case write
    /// Make all writes that were acknowledged before durable. Offset, length and buffer have no meaning.
    case flush
    /// Make the range read as zeroes; `mayDeallocate` says that its space may be freed.
    case writeZeroes
    /// Free the range's space if possible; what it reads as afterwards is the geometry's `deallocatedReads`.
    case deallocate
    /// Compare the store with the buffer: `.miscompare` if a byte differs.
    case compare
    /// Compare the store with the buffer and, if no byte differs, write the second buffer: one step, atomic
    /// against everybody who uses the store, by whatever way. `.miscompare`, and nothing written, if a byte
    /// differs. Asked for only where the geometry offers it (`compareAndWriteByteCountMax`).
    case compareAndWrite
}

/// One request: trivially copied, valid while its operation lives in the shard's slab.
@safe public struct BackendRequest: BitwiseCopyable {
    public let operation: BackendOperation
    /// Force Unit Access: the acknowledgement means durable, whatever cache there is.
    public let forceUnitAccess: Bool
    /// Write Zeroes with DEAC: the range may be freed.
    public let mayDeallocate: Bool
    /// Where in the store, in bytes.
    public let offset: UInt64
    /// How much, in bytes.
    public let byteCount: Int
    /// Where the bytes are, `byteCount` long: for read, write, compare and compare-and-write (what to compare
    /// with); nil otherwise. It belongs to the shard's slab and stays valid until the request ends.
    public let buffer: UnsafeMutableRawPointer?
    /// Where the bytes that a compare-and-write writes are, likewise; nil otherwise.
    public let writeBuffer: UnsafeMutableRawPointer?
    /// How the request ends if `submit` returns `.pending`.
    public let ticket: CompletionTicket

    public init(
        operation: BackendOperation, forceUnitAccess: Bool = false, mayDeallocate: Bool = false,
        offset: UInt64, byteCount: Int, buffer: UnsafeMutableRawPointer?,
        writeBuffer: UnsafeMutableRawPointer? = nil, ticket: CompletionTicket
    ) {
        self.operation = operation
        self.forceUnitAccess = forceUnitAccess
        self.mayDeallocate = mayDeallocate
        self.offset = offset
        self.byteCount = byteCount
        unsafe self.buffer = buffer
        unsafe self.writeBuffer = writeBuffer
        self.ticket = ticket
    }
}

/// How a request ended, in terms that any store has; `BackendStatus.swift` maps each to an NVMe status.
public enum BackendResult: UInt8, Sendable, BitwiseCopyable {
    case success
    /// A compare found different bytes.
    case miscompare
    /// The store refuses writes: a snapshot, a read-only image.
    case readOnly
    /// The store has no room: a full pool or a quota.
    case noSpace
    /// The medium failed; a retry won't help.
    case mediaError
    /// The store is out of reach for now, or this client is fenced from it: another path may serve.
    case unreachable
    /// The store can't serve this for now, on whatever path: a mirror's copy. It may later.
    case notReady
    /// The range is beyond the store's end: it was shortened under the request.
    case outOfRange
    /// The store is gone for good: the image was removed.
    case gone
    /// The store can't do this operation.
    case unsupported
    /// The request was given up before it reached the store.
    case aborted
    /// Our own fault, or an error that no other case fits.
    case internalError
}
