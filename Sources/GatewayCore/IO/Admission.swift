// Whether a command may do what it asks for, now: everything that can be taken away from a host while it is
// connected is judged here, in one place, when a command arrives and again before each request that it makes
// of a backend, as its data may have been long in coming.

internal import NVMeTCP

extension NamespaceAttachment {
    /// Whether a command of this queue may have such access.
    ///
    /// - Parameter hasBegun: Whether the command has accessed blocks before: then it meets no reservation any
    ///   more (Base Specification, "Reservations": a command that was found to be allowed is not aborted for
    ///   a later one), and whoever reserves waits for its end.
    /// - Throws: The path related status of its ANA state, so that the host turns to another controller;
    ///   Reservation Conflict; Namespace is Write Protected.
    func admit(
        _ access: BlockAccess, from queue: IOQueue, hasBegun: Bool = false
    ) throws(CommandFailure) {
        if let anaRefusal { throw CommandFailure(anaRefusal) }
        if !hasBegun, let reservation { try reservation.admit(access, from: queue.host.id) }
        if access == .write, isReadOnly {
            // A host may hear that it can be written before this shard does.
            refresh()
            if isReadOnly { throw CommandFailure(.namespaceWriteProtected.notRetryable) }
        }
    }
}

extension BackendOperation {
    /// What a request does to blocks.
    var access: BlockAccess {
        switch self {
        case .read, .compare: .read
        case .write, .writeZeroes, .deallocate, .compareAndWrite: .write
        case .flush: .maintain
        }
    }
}
