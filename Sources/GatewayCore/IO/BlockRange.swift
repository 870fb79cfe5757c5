// LBA arithmetic with its overflow checks, used by every I/O command that names blocks.

internal import NVMeTCP

/// A range of logical blocks, already inside a namespace, and what it is in bytes.
struct BlockRange: Equatable, BitwiseCopyable {
    /// Where it starts, in bytes.
    let offset: UInt64
    /// How long it is, in bytes.
    let byteCount: UInt64

    /// The bytes of `count` blocks from `start` on.
    /// - Parameter location: Which field names the start, for the Error Information log; nil if it is in the
    ///   command's data.
    /// - Throws: LBA Out of Range if they are not all inside the namespace.
    init(
        start: UInt64, count: UInt64, on namespace: borrowing NamespaceAttachment,
        location: ParameterErrorLocation?
    ) throws(CommandFailure) {
        if !Self.fits(start, count, in: namespace.blockCount) {
            // A host may hear that the store has grown before this shard does.
            namespace.refresh()
        }
        let capacity = namespace.blockCount
        guard Self.fits(start, count, in: capacity) else {
            throw CommandFailure(
                .lbaOutOfRange.notRetryable, at: location,
                block: FailedBlock(namespaceID: namespace.namespace.id, lba: max(start, capacity)))
        }
        offset = start << UInt64(namespace.blockShift)
        byteCount = count << UInt64(namespace.blockShift)
    }

    /// Written so that nothing can overflow: start ≤ capacity, then count ≤ what is left.
    private static func fits(_ start: UInt64, _ count: UInt64, in capacity: UInt64) -> Bool {
        start <= capacity && count <= capacity - start
    }

    init(offset: UInt64, byteCount: UInt64) {
        self.offset = offset
        self.byteCount = byteCount
    }

    static let none = BlockRange(offset: 0, byteCount: 0)

    var end: UInt64 { offset + byteCount }

    /// What of it one request may ask for once the first `done` bytes are: up to `byteCountMax`, and no
    /// further than the next multiple of that, so that requests begin and end where the store's units do.
    func piece(after done: UInt64, upTo byteCountMax: Int) -> BlockRange {
        let (start, unit) = (offset + done, UInt64(byteCountMax))
        return BlockRange(offset: start, byteCount: min(end - start, unit - start % unit))
    }
}
