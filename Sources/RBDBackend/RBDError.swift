// What connecting, opening and closing throw. Requests don't throw: they end with a BackendResult from
// ErrnoTable.

internal import Glibc

/// Why a cluster or an image could not be opened or closed. Its text names the object and the next step,
/// and no secret.
public struct RBDError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, for programs.
    public enum Kind: Hashable, Sendable {
        /// The configuration file is not there, or can't be read.
        case configurationFile
        /// An option has no such name or value, or no monitor is named.
        case configuration
        /// No keyring with a key for the user was found.
        case keyringMissing
        /// The cluster refused the user's key, or its capabilities don't suffice.
        case accessDenied
        /// No monitor answered in time.
        case monitorUnreachable
        case poolMissing
        case namespaceMissing
        case imageMissing
        case snapshotMissing
        /// The object that entries were asked of is not there.
        case objectMissing
        /// The image is not encrypted, or not in a way that this librbd knows.
        case encryption
        /// The passphrase does not unlock the image.
        case wrongPassphrase
        /// The call did not return in time and was left behind on its thread.
        case deadlinePassed
        /// The calling task was cancelled; the call was left behind on its thread.
        case cancelled
        /// This client is on the cluster's blocklist.
        case fenced
        /// The machine has no thread or memory left.
        case exhausted
        /// An error of librados or librbd that has no kind of its own; `code` says which.
        case other
    }

    public let kind: Kind
    /// What it is about: "image rbd/demo", "pool rbd", "user client.admin".
    public let object: String
    /// The errno that librados or librbd returned, positive; 0 if the error is not from there.
    public let code: Int32
    /// What is wrong, in a clause.
    public let reason: String
    /// What to do about it, in a sentence.
    public let nextStep: String

    init(_ kind: Kind, object: String, code: Int32 = 0, reason: String, nextStep: String) {
        self.kind = kind
        self.object = object
        self.code = code
        self.reason = reason
        self.nextStep = nextStep
    }

    public var description: String { "\(object): \(reason). \(nextStep)" }

    /// The cluster is full, or the pool's quota is reached.
    public var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// An error of librados or librbd that the caller has no better words for.
    /// - Parameter returned: what the C function returned, negative.
    static func returned(_ returned: Int32, _ call: StaticString, object: String) -> RBDError {
        let code = abs(returned)
        let row = ErrnoTable.row(code)
        return RBDError(
            row?.kind ?? .other, object: object, code: code,
            reason: "\(call) failed: \(row?.reason ?? errorText(code)) (errno \(code))",
            nextStep: row?.nextStep ?? "Look for the cause in the cluster's log.")
    }

    /// An outcome of a call that gave no value.
    static func abandoned(_ why: CallAbandoned, doing: String, seconds: Int, object: String) -> RBDError {
        switch why {
        case .deadlinePassed:
            RBDError(
                .deadlinePassed, object: object, reason: "\(doing) took longer than \(seconds) s",
                nextStep: "Check with `ceph -s` that the monitors and OSDs are up, then try again.")
        case .cancelled:
            RBDError(
                .cancelled, object: object, reason: "\(doing) was cancelled",
                nextStep: "Nothing is left open; try again when needed.")
        case .noThread(let code):
            RBDError(
                .exhausted, object: object, code: code, reason: "no thread could be started for \(doing)",
                nextStep: "Raise the limit of threads (ulimit -u, TasksMax= of the service).")
        }
    }
}

/// The C library's words for an errno.
func errorText(_ code: Int32) -> String {
    // strerror's text is static or the calling thread's; it is copied before anything else runs here.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
