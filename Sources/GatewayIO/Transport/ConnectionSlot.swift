// What the driver keeps of a connection: its socket and what of it is in flight. The core has the rest, under
// the same index. An idle connection holds no buffer and no batch.

import GatewayCore

/// One entry of a shard's table of connections.
@unsafe struct ConnectionSlot: BitwiseCopyable {
    enum State: UInt8, BitwiseCopyable {
        /// Nobody's.
        case free
        /// Receiving and sending.
        case open
        /// Ends when nothing is in flight any more.
        case closing
    }

    var socket: Int32 = -1
    var generation: UInt32 = 0
    var state = State.free
    /// The kind of receive in flight; `.ignored` for none.
    var receiving = Operation.Kind.ignored
    /// A send ended before all was sent: nothing that follows could be read.
    var isCutShort = false
    /// The core asked for a send while one was in flight.
    var wantsTransmit = false
    /// The last receive took all there was: the next need not look before it waits.
    var expectsWait = false
    /// Bytes of a staging buffer that the core, paused, did not take: which buffer, from where, how many.
    var heldBuffer: UInt16 = 0
    var heldFrom: Int32 = 0
    var heldCount: Int32 = 0
    /// What is being sent; nil when no send is in flight.
    var batch: UnsafeMutablePointer<SendBatch>?

    var isReceiving: Bool { unsafe receiving != .ignored }
}

/// A shard's slots, indexed as the core's connections are. The memory never moves.
@safe struct ConnectionSlots: ~Copyable {
    private let base: UnsafeMutablePointer<ConnectionSlot>
    let count: Int

    init(count: Int) {
        self.count = count
        unsafe base = .allocate(capacity: count)
        unsafe base.initialize(repeating: ConnectionSlot(), count: count)
    }

    deinit { unsafe base.deallocate() }

    /// The slot at `index`; valid as long as the table.
    subscript(index: UInt32) -> UnsafeMutablePointer<ConnectionSlot> {
        precondition(Int(index) < count, "the core's table of connections is no longer than the driver's")
        return unsafe base + Int(index)
    }
}
