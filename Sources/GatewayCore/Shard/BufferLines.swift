// Where commands wait for their buffers, and what keeps one namespace from having them all. Data in a
// capsule blocks its connection's stream, and behind it may be the data that would free everybody else's
// memory: so it has a reserve and a line of its own, and never waits for buffers that wait for the network.
// Admin and Fabrics commands have theirs, so that I/O never delays them. Each namespace has its own lines:
// one whose store hangs waits for its own memory, and the others go on.

/// Which line an operation waits in, and which budget its buffer is counted against.
enum BufferUse: UInt8, CaseIterable, BitwiseCopyable {
    /// Admin and Fabrics commands.
    case admin
    /// Reads, and writes whose data comes by R2T.
    case common
    /// I/O commands with their data in the capsule, once `common` is spent.
    case capsule
}

/// A namespace's part in a shard's data buffers.
struct BufferLines: BitwiseCopyable {
    /// Its operations that wait for a buffer, each line in its order.
    var common = SlotList()
    var capsule = SlotList()
    /// What its operations hold until their answers, in bytes.
    private(set) var commonByteCount = 0
    private(set) var capsuleByteCount = 0
    /// Whether the shard's list of those that wait has it.
    var isListed = false

    var isEmpty: Bool { common.isEmpty && capsule.isEmpty }

    /// Whether it may have more of a budget: the first buffer always, and then never more than is left for
    /// all others, of which the last part is for first buffers only. So each namespace whose store hangs
    /// leaves half to the next, and many still leave something.
    func mayTake(_ use: BufferUse, left: Int, of budget: Int) -> Bool {
        let held = use == .capsule ? capsuleByteCount : commonByteCount
        return held == 0 || (held <= left && left >= budget / 16)
    }

    mutating func took(_ buffer: BufferPool.Buffer) { hold(buffer, 1) }

    mutating func gave(_ buffer: BufferPool.Buffer) { hold(buffer, -1) }

    private mutating func hold(_ buffer: BufferPool.Buffer, _ sign: Int) {
        if buffer.use == .capsule {
            capsuleByteCount += sign * buffer.byteCount
        } else {
            commonByteCount += sign * buffer.byteCount
        }
    }
}
