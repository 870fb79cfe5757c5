// How a backend's request ends, from whatever thread: the ticket points into the owning shard's operation
// slab, whose node carries the result to the shard's mailbox. No allocation, no lock; librbd's callbacks
// carry the node as their argument.

/// The part of an operation that a backend's thread may touch. It lives in the shard's slab and never moves.
@unsafe public struct CompletionNode: BitwiseCopyable {
    /// The link of the mailbox's queue; the mailbox's own.
    public var next: UnsafeMutableRawPointer?
    /// The mailbox that the node is pushed to: opaque here, known to `deliver`.
    public let mailbox: UnsafeRawPointer
    /// Pushes the node to its mailbox. Called on any thread, once a request.
    public let deliver: @convention(c) (UnsafeMutableRawPointer) -> Void
    /// The operation's index in the shard's slab.
    public let slot: UInt32
    /// How the request ended; written before `deliver`.
    public var result: BackendResult

    public init(
        mailbox: UnsafeRawPointer, deliver: @escaping @convention(c) (UnsafeMutableRawPointer) -> Void,
        slot: UInt32
    ) {
        unsafe next = nil
        unsafe self.mailbox = mailbox
        unsafe self.deliver = deliver
        unsafe self.slot = slot
        unsafe result = .success
    }
}

/// Ends one backend request.
///
/// A trivial value, to be kept wherever the backend likes, also as a C callback's argument (`context`).
/// `complete` is called exactly once for a request whose `submit` returned `.pending`, and never for one that
/// returned `.completed`.
@safe public struct CompletionTicket: BitwiseCopyable, @unchecked Sendable {
    // Sendable: the node belongs to the backend from submit until complete, and to the shard's thread
    // otherwise.
    private let node: UnsafeMutablePointer<CompletionNode>

    public init(node: UnsafeMutablePointer<CompletionNode>) { unsafe self.node = node }

    /// The ticket as a C callback's argument, and back.
    public var context: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(node) }

    public init(context: UnsafeMutableRawPointer) {
        unsafe node = context.assumingMemoryBound(to: CompletionNode.self)
    }

    /// Ends the request; the buffer is the shard's again.
    public func complete(_ result: BackendResult) {
        // The node is valid: its operation can't be freed before this very call.
        unsafe node.pointee.result = result
        unsafe node.pointee.deliver(UnsafeMutableRawPointer(node))
    }
}
