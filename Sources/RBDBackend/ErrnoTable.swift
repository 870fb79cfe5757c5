// The one place where an errno of librados or librbd gets a meaning: how a request ends, and what an
// operator reads. The completion callback, opening and connecting ask here; a code that has no row is an
// internal error.

internal import GatewayCore
internal import Glibc

/// One errno and all that is known about it.
struct ErrnoRow: Sendable {
    let code: Int32
    /// How a request that fails with it ends.
    let result: BackendResult
    /// What an open or connect that fails with it throws.
    let kind: RBDError.Kind
    /// What it means when librados or librbd says it, in a clause.
    let reason: String
    let nextStep: String

    init(_ code: Int32, _ result: BackendResult, _ kind: RBDError.Kind, _ reason: String, _ nextStep: String)
    {
        self.code = code
        self.result = result
        self.kind = kind
        self.reason = reason
        self.nextStep = nextStep
    }
}

enum ErrnoTable {
    static let rows: [ErrnoRow] = [
        // The pool (or the image's header) is gone. Objects that don't exist are zeroes to librbd, never
        // this error.
        ErrnoRow(
            ENOENT, .gone, .imageMissing, "the image or its pool does not exist",
            "Check the name with `rbd ls POOL`."),
        // Another client put this one on the blocklist; nothing that it sends counts any more. Another path
        // may serve.
        ErrnoRow(
            ESHUTDOWN, .unreachable, .fenced, "this client is on the cluster's blocklist",
            "See `ceph osd blocklist ls`; once no other gateway serves the image, connect anew."),
        // librados was shut down, or lost its session for good.
        ErrnoRow(
            ENOTCONN, .unreachable, .monitorUnreachable, "the client is not connected to the cluster",
            "Check the network to the monitors and connect anew."),
        // Only if an operator set rados_osd_op_timeout, or a monitor did not answer.
        ErrnoRow(
            ETIMEDOUT, .unreachable, .monitorUnreachable, "the cluster did not answer in time",
            "Check the network to the monitors and `ceph -s`."),
        // Requests of read-only images and of demoted ones don't get to librbd. Another client holds the
        // exclusive lock and keeps it: the path through that client may write, and this one when it lets go.
        ErrnoRow(
            EROFS, .unreachable, .other, "another client holds the image's lock, or it was demoted",
            "See `rbd lock ls POOL/IMAGE`."),
        // The cluster or pool is full; it is an answer and not a hang because of rados_set_pool_full_try.
        ErrnoRow(
            ENOSPC, .noSpace, .other, "the cluster is full", "Add OSDs or delete data; see `ceph df`."),
        // The pool's quota is reached.
        ErrnoRow(
            EDQUOT, .noSpace, .other, "the pool's quota is reached",
            "Raise it with `ceph osd pool set-quota POOL`."),
        // librbd's compare found another byte.
        ErrnoRow(
            EILSEQ, .miscompare, .other, "the compared bytes differ", "Read the range and compare again."),
        // An OSD read an object's bytes wrong from all its copies.
        ErrnoRow(
            EIO, .mediaError, .other, "the OSD could not read or write an object",
            "See `ceph health detail` for damaged objects."),
        // Revoked capabilities: this client can't, another path's client may.
        ErrnoRow(
            EPERM, .unreachable, .accessDenied, "the user's capabilities don't allow it",
            "Give them with `ceph auth caps USER mon 'profile rbd' osd 'profile rbd'`."),
        ErrnoRow(
            EACCES, .unreachable, .accessDenied, "the cluster refused the user's key",
            "Compare the keyring with `ceph auth get USER`."),
        // The OSD or this librbd does not know the operation.
        ErrnoRow(
            EOPNOTSUPP, .unsupported, .other, "the cluster does not support the operation",
            "Check the image's features with `rbd info`."),
        // librbd was asked to stop, at close.
        ErrnoRow(
            ECANCELED, .aborted, .cancelled, "the operation was given up", "Try again."),
        // Bounds and arguments are checked before librbd sees them: this is our fault, or a resize that
        // raced.
        ErrnoRow(
            EINVAL, .internalError, .configuration, "librbd found the request invalid",
            "If the image was not resized just now, report a bug."),
        // No memory in this process.
        ErrnoRow(ENOMEM, .internalError, .exhausted, "no memory is left", "Give the gateway more memory."),
        // The image is being removed, or its lock is in transition.
        ErrnoRow(EBUSY, .unreachable, .other, "the image is busy", "Try again; see `rbd status POOL/IMAGE`."),
    ]

    /// The row of `code` (positive), if it has one.
    static func row(_ code: Int32) -> ErrnoRow? { rows.first { $0.code == code } }

    /// How a request ends that librbd completed with `code` (positive).
    static func result(_ code: Int32) -> BackendResult { row(code)?.result ?? .internalError }
}
