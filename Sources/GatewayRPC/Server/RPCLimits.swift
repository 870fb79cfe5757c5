// The bounds of the control interface, and what happens at each.

/// Bounds of what clients may have under way.
package enum RPCLimits {
    /// The largest request when the configuration does not say. A larger one ends its call.
    /// Answers have no bound: the list of 4,096 namespaces may be larger than this, and a client that asks
    /// for it must take it.
    package static let messageBytesMax = 4 << 20

    /// Calls of one connection at a time: HTTP/2 makes the client wait with the next.
    static let callsPerConnectionMax = 128

    /// What may be on its way in one direction of a call before the other side has taken some of it: a long
    /// list goes in few round trips.
    static let windowBytes = 1 << 20
}
