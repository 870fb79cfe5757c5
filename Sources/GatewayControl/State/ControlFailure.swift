// What a control call answers when it does not do what it was asked. Operations throw it, the gRPC services
// put it into a message's `status` and `error_message`, and our own command line prints it.

internal import Glibc

/// Why a change was refused, or could not be kept: an errno, as upstream's clients know them, and a sentence.
public struct ControlFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Positive, as in errno.h: what the call's `status` field says.
    public let errno: Int32
    /// Names the object and what is wrong with it, and holds no secret: the call's `error_message`.
    public let message: String

    public init(_ errno: Int32, _ message: String) {
        self.errno = errno
        self.message = message
    }

    public var description: String { message }
}

/// Why a store could not be read or written.
public struct StoreFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// It does not answer. What was asked of it was not done, and may be asked again.
        case unreachable
        /// A change was sent and no answer came: it may have been made, or may be yet.
        case outcomeUnknown
        /// What it holds can't be read.
        case damaged
        /// Another program holds the lock that writers take.
        case locked
        /// There is no room for the change.
        case full
        /// It may not be used: a missing capability, a second process.
        case refused
    }

    public let kind: Kind
    /// Names the store, what is wrong with it, and the next step.
    public let message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }

    /// What the call that wanted the change answers.
    public var controlFailure: ControlFailure {
        switch kind {
        case .unreachable: ControlFailure(ETIMEDOUT, message)
        case .outcomeUnknown: ControlFailure(ETIMEDOUT, message)
        case .damaged: ControlFailure(EIO, message)
        case .locked: ControlFailure(EBUSY, message)
        case .full: ControlFailure(ENOSPC, message)
        case .refused: ControlFailure(EACCES, message)
        }
    }
}
