// One TCP connection of a shard, which is one queue pair once Connect has succeeded: the wire's state
// machine, what the connection is for, its operations, and what waits to be sent. A plain value at a stable
// address; TargetShard owns it.

internal import NVMeTCP

/// What a connection serves. It changes at most twice: Connect makes it a queue, and only the end follows.
enum QueueRole {
    /// No Connect has succeeded yet: only Fabrics Connect is served.
    case unconnected
    /// An I/O queue's Connect waits for the controller's shard.
    case joining
    /// The admin queue of a controller that lives on this shard.
    case admin(Controller)
    /// An I/O queue.
    case io(IOQueue)
}

/// Who a host is, as its admin queue's Connect said.
public struct HostIdentity: Sendable {
    /// Host NVMe Qualified Name (HOSTNQN).
    let nqn: String
    /// Host Identifier (HOSTID).
    let id: HostID
}

/// An I/O queue of a controller, which may live on another shard.
final class IOQueue {
    let controllerID: UInt16
    let queueID: UInt16
    let host: HostIdentity
    /// What the host chose by Set Features.
    let choices: HostChoices
    let subsystem: HostNamespaces

    init(
        controllerID: UInt16, queueID: UInt16, host: HostIdentity, choices: HostChoices,
        subsystem: HostNamespaces
    ) {
        self.controllerID = controllerID
        self.queueID = queueID
        self.host = host
        self.choices = choices
        self.subsystem = subsystem
    }
}

/// How far a connection has come to its end.
enum QueuePhase: Equatable, BitwiseCopyable {
    case open
    /// A C2HTermReq is to be sent, then the connection is closed.
    case terminating
    /// The driver was asked to close it; nothing more is read or sent.
    case closing
    /// The driver has closed it; operations that a backend holds are orphans, and the last one frees the
    /// connection.
    case closed
}

/// What is known of the next command where it should be the second half of a fused operation.
enum ExpectedSecond: Equatable, BitwiseCopyable {
    /// The last command was no first half.
    case nothing
    /// The last command was the first half in this slot.
    case of(first: UInt32)
    /// The last command was a first half that has failed: what its second is answered with.
    case failed(Status)
}

/// A connection of a shard.
@safe struct QueueConnection: ~Copyable {
    let id: ConnectionID
    let port: UInt16
    /// The peer's address, for log lines.
    let peer: String
    var wire: ControllerConnection
    var role = QueueRole.unconnected {
        didSet { if case .io(let queue) = role { unsafe self.queue = .passUnretained(queue) } }
    }
    /// The I/O queue that it is, which `role` keeps; nil if it is none.
    private(set) var queue: Unmanaged<IOQueue>?
    var phase = QueuePhase.open
    /// The queue's number, its size in entries and its head, once connected.
    var queueID: UInt16 = 0
    var queueEntries = 1
    var submissionQueueHead: UInt16 = 0
    /// Whether Connect disabled SQ flow control: SQHD is then not kept, and successful reads need no response
    /// capsule.
    var isFlowControlDisabled = false
    /// Commands received and data moved; the controller reads them for keep-alive and the health log.
    let counters = QueueCounters()

    var expectedSecond = ExpectedSecond.nothing

    /// Operations of this connection, doubly linked.
    var firstOperation = SlotList.none
    var operationCount = 0
    /// How many it may have.
    var promisedOperations = 0
    /// How many of them have their answer in a batch that is being sent: the host may have it already.
    var sendingCount = 0
    /// Commands that came since an answer last told the host the queue's head.
    var unreportedCount = 0
    /// Operations that have something to send.
    var ready = SlotList()
    /// R2Ts that a command may have outstanding.
    var transfersPerCommand = 1
    /// When bytes arrived last, or the connection was resumed.
    var lastReceived: Instant
    /// Since when the host owes data, or when it last had sent enough of it; and what has arrived since, in
    /// bytes. Both as sweeps see it.
    var owesSince: Instant
    var arrivedByteCount = 0
    /// Whether the ICResp is to be sent.
    var sendsInitializeResponse = false
    /// The Disconnect that waits for the queue's other commands to end, or none.
    var disconnect = SlotList.none
    /// Whether the host disconnected the queue: it closes when the answer has left.
    var closesWhenSent = false
    /// What a C2HTermReq is to say.
    var fatalError: FatalError?
    /// Whether the driver knows that there is something to send.
    var isTransmitRequested = false
    /// What its operations hold for data that the host has not taken, in bytes.
    var unsentByteCount = 0
    /// A batch is being sent since then.
    var sendingSince: Instant?
    /// Whether the driver was told `.paused`, and why: the operation whose in-capsule data waits for a
    /// buffer, or none when operations are short.
    var isPaused = false
    /// Whether it may go on once others have freed memory or an operation.
    var isStarved = false
    var capsuleAwaitingBuffer = SlotList.none
    /// When the handshake must be over.
    var handshakeDeadline: Instant?

    init(
        id: ConnectionID, port: UInt16, peer: String, wire: consuming ControllerConnection, at now: Instant,
        handshakeDeadline: Instant
    ) {
        self.id = id
        self.port = port
        self.peer = peer
        self.wire = wire
        lastReceived = now
        owesSince = now
        self.handshakeDeadline = handshakeDeadline
        // Connect may send its data by R2T.
        self.wire.reserveTransfers(queueEntries + 1)
    }

    /// Moves the head on by one command, and wraps.
    mutating func advanceHead() {
        unreportedCount += 1
        submissionQueueHead = Int(submissionQueueHead) + 1 == queueEntries ? 0 : submissionQueueHead + 1
    }
}
