// One command in flight, from the capsule's arrival until its answer has left. Operations live in the shard's
// slab and never move: a backend's ticket points to one, and so do the reads and sends that the driver has
// under way.

internal import NVMeTCP

/// Where a command is on its way. The order is the order of a command's life; a command may skip states.
enum OperationState: UInt8, CaseIterable, BitwiseCopyable {
    /// On the slab's free list.
    case free
    /// Waits for its turn, in its namespace's line.
    case paced
    /// Waits for a buffer, in the shard's queue (a fused second: for its first's, in none); its connection
    /// waits too if the data is in the capsule.
    case awaitingBuffer
    /// In-capsule data is arriving.
    case receivingCapsule
    /// An R2T is to be sent: on the connection's ready list. What earlier ones asked for may be arriving.
    case requestingData
    /// As many R2Ts are sent or being sent as may be outstanding, H2CData is arriving.
    case receivingData
    /// Half of a fused operation that has all its data, or has failed: it waits for the other half.
    case paired
    /// The backend has it.
    case executing
    /// Parked: an Asynchronous Event Request, or a command that waits for another shard's answer.
    case parked
    /// The answer is on the connection's ready list.
    case answering
    /// The answer is in a batch that is being sent.
    case sending
}

/// How a command's data moves.
enum DataDirection: UInt8, BitwiseCopyable {
    case none
    case hostToController
    case controllerToHost
}

/// Which half of a fused operation a command is.
enum FusedHalf: UInt8, BitwiseCopyable {
    case none
    case first
    case second
}

/// One command in flight.
@unsafe
struct Operation: BitwiseCopyable {
    /// What the backend's ticket points to: must stay the first field.
    var node: CompletionNode
    var command: SubmissionEntry
    /// When its capsule arrived.
    var arrival = Instant(nanoseconds: 0)
    var state = OperationState.free
    var direction = DataDirection.none
    /// Whether it is the shard's own: nobody waits for an answer.
    var isInternal = false
    /// Whether the connection is gone: nothing is answered, the end of the backend's request frees the
    /// operation.
    var isOrphan = false
    /// Whether a Preempt and Abort ends it before its next request.
    var isPreempted = false
    /// Whether it has accessed blocks of its namespace, and in which epoch (SubmissionEpochs) that counts.
    var hasBegun = false
    var commandEpoch: UInt32 = 0
    /// Whether the host has asked to abort it while a backend had a request of it.
    var isAborted = false
    /// Whether the data is in the command's capsule.
    var isInCapsule = false
    /// Which half of a fused operation it is, and the slot of the other half once both are here.
    var half = FusedHalf.none
    var partner = SlotList.none
    /// How much data arrives or leaves, in bytes.
    var byteCount = 0
    /// How large a buffer the command needs, in bytes: for its data, and for what is read and written inside
    /// the target.
    var bufferByteCount = 0
    /// How much of it R2Ts have asked for, in bytes, and how many of them are outstanding.
    var requestedByteCount = 0
    var transferCount = 0
    /// Whether no data digest was wrong.
    var isDataIntact = true
    /// Where its data is. A fused first's has room for both halves, its second has none.
    var buffer: BufferPool.Buffer?
    /// The completion's dwords 1:0 and status.
    var result: UInt64 = 0
    var status = Status.success
    /// What an I/O command does.
    var action = IOAction.flush
    /// What the backend was asked last.
    var backendOperation = BackendOperation.read
    /// How far a command has come that takes several requests: how many flushes or ranges are done, how much
    /// of the range it is at, in bytes, and what was asked for last.
    var step = 0
    var position: UInt64 = 0
    var piece = BlockRange.none
    var pieceNamespaceID: UInt32 = 0
    /// The namespace's place on this shard; it counts this operation until it ends.
    var namespace: Unmanaged<NamespaceAttachment>?
    /// Where the request went that a backend has now, and in which of its epochs.
    var submittedTo: Unmanaged<NamespaceAttachment>?
    var submissionEpoch: UInt32 = 0
    /// The connection, by index; it outlives its operations.
    var connection: UInt32 = 0
    /// The neighbours among the connection's operations.
    var previous = SlotList.none
    var next = SlotList.none
    /// The next in whichever list the state says: free, awaiting a buffer, ready to send.
    var link = SlotList.none

    var slot: UInt32 { unsafe node.slot }

    /// What of its buffer waits to be sent or is being sent, in bytes.
    var unsentByteCount: Int {
        guard unsafe direction == .controllerToHost, unsafe state == .answering || state == .sending else {
            return 0
        }
        return unsafe buffer?.byteCount ?? 0
    }
}

/// A first-in first-out list of operations, linked through `Operation.link`.
struct SlotList: BitwiseCopyable {
    static let none = UInt32.max

    private(set) var first = SlotList.none
    private var last = SlotList.none

    var isEmpty: Bool { first == Self.none }

    mutating func append(_ slot: UInt32, in slab: borrowing OperationSlab) {
        unsafe slab[slot].pointee.link = Self.none
        if isEmpty { first = slot } else { unsafe slab[last].pointee.link = slot }
        last = slot
    }

    mutating func prepend(_ slot: UInt32, in slab: borrowing OperationSlab) {
        unsafe slab[slot].pointee.link = first
        if isEmpty { last = slot }
        first = slot
    }

    mutating func popFirst(in slab: borrowing OperationSlab) -> UInt32? {
        guard !isEmpty else { return nil }
        let slot = first
        dropFirst(in: slab)
        return slot
    }

    mutating func dropFirst(in slab: borrowing OperationSlab) { first = unsafe slab[first].pointee.link }

    /// Takes `slot` out, wherever it is. Walks the list: for tear-down and Abort only.
    mutating func remove(_ slot: UInt32, in slab: borrowing OperationSlab) {
        var kept = SlotList()
        while let other = popFirst(in: slab) {
            if other != slot { kept.append(other, in: slab) }
        }
        self = kept
    }
}
