// What a host hears when a backend's request did not end well: the one place where results of stores become
// statuses.

internal import NVMeTCP

extension BackendResult {
    /// The status that answers the command of a host that accepts retry delays: what may pass by itself is
    /// worth some time (CRDT1). Linux otherwise sends a command again five times at once, and gives up.
    func status(for operation: BackendOperation, host choices: HostChoices) -> Status {
        let status = status(for: operation)
        switch self {
        case .unreachable, .notReady, .internalError:
            return choices.acceptsRetryDelay ? status.withRetryDelay(1) : status
        case .success, .miscompare, .readOnly, .noSpace, .mediaError, .outOfRange, .gone, .unsupported,
            .aborted:
            return status
        }
    }

    /// The status that answers the command.
    ///
    /// Do Not Retry is set where the same command would fail again; without it Linux retries, on another path
    /// if the status is path related.
    func status(for operation: BackendOperation) -> Status {
        switch self {
        case .success: .success
        case .miscompare: .compareFailure.notRetryable
        case .readOnly: .namespaceWriteProtected.notRetryable
        // Retried by nobody: the host hears ENOSPC at once, as thin-provisioned disks report it.
        case .noSpace: .capacityExceeded.notRetryable
        case .mediaError:
            switch operation {
            case .read, .compare: .unrecoveredReadError.notRetryable
            case .write, .flush, .writeZeroes, .deallocate, .compareAndWrite: .writeFault.notRetryable
            }
        // Path related, so that a multipath host tries another gateway.
        case .unreachable: .internalPathError
        case .notReady: .namespaceNotReady
        case .outOfRange: .lbaOutOfRange.notRetryable
        case .gone: .namespaceNotReady.notRetryable
        case .unsupported: .invalidOpcode.notRetryable
        case .aborted: .abortRequested
        case .internalError: .internalError
        }
    }
}
