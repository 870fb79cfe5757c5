// What a shard's core asks of its driver, taken one at a time with `TargetShard.nextAction()` after the
// driver has handed over what happened.

/// What the driver should do next.
public enum ShardAction: Sendable {
    /// The connection has something to send: fill a batch and send it, once none of its sends is in flight.
    case transmit(ConnectionID)
    /// The connection, which answered `.paused`, can be received from again; bytes it left are handed over
    /// first.
    case resumeReceive(ConnectionID)
    /// Close the connection: cancel its receive, let its send end, then call `closed`.
    case close(ConnectionID)
    /// Hand the message to another shard (or to this one, by number), in order.
    case post(ShardMessage, to: Int)
    /// The model of this generation is served, and nothing that it forbids is at a backend any more.
    case settled(generation: UInt64)
    /// Save this with the store of reservations, and send `ShardMessage.reservationsSaved` to this shard.
    case saveReservations(ReservationSave)
    /// What was asked for with `reportTraffic`.
    case traffic([NamespaceTraffic], report: UInt64)
    /// What was asked for with `reportControllers`.
    case controllers([ControllerReport], report: UInt64)
    /// A drain that was asked for has ended: no connection is left.
    case drained
}

/// Where the next bytes of a connection go.
@safe
public enum ReceiveStep {
    /// Into a staging buffer, then `received`.
    case staged
    /// At most `count` bytes straight to `base`, then `receivedDirect`. The memory is the operation's: it
    /// stays valid until the driver has called `receivedDirect` or `closed`.
    case direct(base: UnsafeMutableRawPointer, count: Int)
    /// Nowhere until `.resumeReceive`: memory or operations are short.
    case paused
    /// Nowhere: the connection ends.
    case ended
}
