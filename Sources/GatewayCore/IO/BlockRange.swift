// LBA arithmetic with its overflow checks, used by every I/O command that names blocks.

internal import NVMeTCP

/// A range of logical blocks, already inside a namespace, and what it is in bytes.
struct BlockRange: Equatable, BitwiseCopyable {
    /// Where it starts, in bytes.
    let offset: UInt64
    /// How long it is, in bytes.
    let byteCount: UInt64

    /// The bytes of `count` blocks from `start` on.
    /// - Parameter location: Which field names the start, for the Error Information log.
    /// - Throws: LBA Out of Range if they are not all inside a namespace of `capacity` blocks.
    init(
        start: UInt64, count: UInt64, blockShift: UInt8, capacity: UInt64, location: ParameterErrorLocation
    ) throws(CommandFailure) {
        // Written so that nothing can overflow: start ≤ capacity, then count ≤ what is left.
        guard start <= capacity, count <= capacity - start else {
            throw CommandFailure(.lbaOutOfRange.notRetryable, at: location)
        }
        offset = start << UInt64(blockShift)
        byteCount = count << UInt64(blockShift)
    }
}
