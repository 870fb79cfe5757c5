// What shards and their drivers tell each other of reservations. A request goes to the namespace's home
// shard; a change comes back from there to all shards, each says when it is complete there, and then the
// request is answered.

public import NVMeTCP

/// A command about a namespace's reservation, on its way to the home shard.
public struct ReservationRequest: Sendable {
    /// The queue that the command came on, and its operation there: what is to be answered.
    let from: QueueAddress
    let slot: UInt32
    let namespace: NamespaceUUID
    let host: HostID
    let command: ReservationCommand
    /// What the asking shard knows of the namespace, for a home shard that has not heard of it.
    let known: ReservationRecord
}

/// The home shard's answer.
public struct ReservationAnswer: Sendable {
    let to: QueueAddress
    let slot: UInt32
    /// The state after a success, for Report.
    let outcome: Result<ReservationState, CommandFailure>
}

/// A new state of a namespace's reservations: in force on a shard as soon as this arrives.
public struct ReservationChange: Sendable {
    let namespace: NamespaceUUID
    let record: ReservationRecord
    /// Who has to be told what.
    let notices: [ReservationNotice]
    /// Hosts whose commands are to be aborted.
    let abortedHosts: [HostID]
    /// Whether somebody may do less than before: then what was submitted has to end.
    let isRestriction: Bool
    /// The shard that waits to hear that the change is complete.
    let home: Int
}

/// A save that the driver is to carry out with its store; the result comes back as a message.
public struct ReservationSave: Sendable {
    public let namespace: NamespaceUUID
    public let record: ReservationRecord
    /// The version that the store has; 0 if it has none.
    public let replacing: UInt64
}
