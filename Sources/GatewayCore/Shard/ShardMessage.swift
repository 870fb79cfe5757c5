// What shards tell each other, and what the program tells them. Messages are rare (Connect, tear-down, a
// change of the model), arrive in order per sender, and may be delayed: whoever takes one checks that what it
// names is still there.

public import NVMeTCP

/// A message to one shard.
public enum ShardMessage: Sendable {
    /// The configuration is now this one.
    case model(TargetModel)
    /// A shard serves by the model of this generation. From it to all others.
    case modelServed(generation: UInt64, by: Int)
    /// The namespace's store changed its size or its abilities, or was lost.
    case geometryChanged(subsystem: String, namespace: UInt32)
    /// Say what was done with each namespace: `ShardAction.traffic`.
    case reportTraffic(report: UInt64)
    /// Say which controllers there are: `ShardAction.controllers`.
    case reportControllers(report: UInt64)
    /// Take no new connection, end what is under way, close all, then say `ShardAction.drained`.
    case drain
    /// From the shard of an I/O queue's connection to the shard of its controller: may it join?
    case join(QueueJoin)
    /// And the answer.
    case joined(QueueJoinAnswer)
    /// The queue's connection is gone and nothing of it is left in any backend. To the controller's shard.
    case queueClosed(controller: UInt16, queue: UInt16, connection: QueueAddress, wasDeleted: Bool)
    /// The queue's host has sent more commands than there is room for: its association ends. To the
    /// controller's shard.
    case queueOverflowed(controller: UInt16, queue: UInt16, connection: QueueAddress, reason: String)
    /// Close this connection: its controller ends or is reset. To the connection's shard.
    case closeQueue(QueueAddress, reason: String)
    /// Find and end a command that waits. To the queue's shard, and back with whether it was found.
    case abort(AbortRequest)
    case aborted(AbortRequest, wasFound: Bool)
    /// A command of an I/O queue failed: for the Error Information log of its controller.
    case failed(QueueFailure)
    /// A command about a namespace's reservation. To the namespace's home shard, and its answer.
    case reserve(ReservationRequest)
    case reserved(ReservationAnswer)
    /// A namespace's reservation is another one now. From its home shard to all, and back from each when
    /// nothing that it forbids is under way there any more.
    case reservationChanged(ReservationChange)
    case reservationSettled(NamespaceUUID, version: UInt64)
    /// A save that `ShardAction.saveReservations` asked for has ended.
    case reservationsSaved(NamespaceUUID, version: UInt64, Result<Void, ReservationStoreError>)
}

/// Where a queue's connection lives.
public struct QueueAddress: Hashable, Sendable, BitwiseCopyable {
    let shard: Int
    let connection: ConnectionID
}

/// A request of an I/O queue's Connect to join its controller.
public struct QueueJoin: Sendable {
    let from: QueueAddress
    /// The operation that holds the Connect command, on the asking shard.
    let slot: UInt32
    let request: ConnectRequest
    let counters: QueueCounters
}

/// The controller's answer to a join.
public struct QueueJoinAnswer: Sendable {
    let to: QueueAddress
    let slot: UInt32
    /// Where the queue belongs, or why it may not join.
    let outcome: Result<QueueAdmission, CommandFailure>
    let request: ConnectRequest
}

/// A queue that may join: what it serves, and whom.
public struct QueueAdmission: Sendable {
    let subsystem: Subsystem
    let host: HostIdentity
    let choices: HostChoices
}

/// One Abort command under way.
public struct AbortRequest: Sendable {
    /// Where the Abort came in: the controller's shard, and the slot of the Abort command there.
    let from: QueueAddress
    let slot: UInt32
    /// The queue to look in, and the command to look for.
    let target: QueueAddress
    let commandID: UInt16
}

/// A failed command of an I/O queue.
public struct QueueFailure: Sendable {
    let controller: UInt16
    let queue: UInt16
    let command: SubmissionEntry
    let failure: CommandFailure
}
