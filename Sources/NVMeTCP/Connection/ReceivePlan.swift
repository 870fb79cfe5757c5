// What a driver asks a connection before each receive: where the next bytes are to go. Large payloads go
// straight into the buffer that they are meant for; headers and small payloads are staged together, for one
// receive instead of two.

/// What the driver should receive next. Asked after every event has been taken.
public enum ReceivePlan: Equatable, Sendable {
    /// Any bytes, into a staging buffer; then `next(_:from:)`.
    case staged
    /// Up to `count` bytes straight into the slot's buffer from `offset` on; then `receivedPayload(_:)`. What
    /// follows them may go to a staging buffer in the same receive.
    case payload(slot: UInt32, offset: Int, count: Int)
    /// The connection has ended.
    case nothing

    /// The payload from which a receive of its own pays, in bytes. Smaller ones ride with the headers around
    /// them.
    public static let directLengthMin = 4096
}
