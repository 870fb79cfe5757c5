// What can be asked of a ring: one function an operation, each queueing one submission. Sockets for
// connections and listeners, files for the file backend, an eventfd read for the mailbox. Called by the
// ring's own thread only.

package import CLiburing

extension Ring {
    /// A free submission, its contents unset. When the queue is full, what is queued is submitted first.
    private func submission(_ operation: Operation) -> UnsafeMutablePointer<io_uring_sqe> {
        while true {
            if let sqe = unsafe io_uring_get_sqe(ring) { return unsafe sqe }
            // Completions pile up in the kernel meanwhile, they are not lost (IORING_FEAT_NODROP, Linux 5.5).
            _ = unsafe io_uring_submit_and_get_events(ring)
        }
    }

    // The preparation functions clear user_data in some versions of liburing, so that it is set after them.
    private func tag(_ sqe: UnsafeMutablePointer<io_uring_sqe>, _ operation: Operation) {
        unsafe sqe.pointee.user_data = operation.userData
    }

    /// Does nothing, and completes with 0.
    package func nop(_ operation: Operation) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_nop(sqe)
        unsafe tag(sqe, operation)
    }

    /// Asks for the end of the operation with this tag: it completes with ECANCELED, or as if it had not been
    /// asked.
    package func cancel(_ target: Operation) {
        let sqe = unsafe submission(target)
        unsafe io_uring_prep_cancel64(sqe, target.userData, 0)
        unsafe tag(sqe, Operation(.ignored))
    }

    // MARK: Sockets

    /// Accepts: again and again (`Completion.isArmed`) where the kernel can, else once. Completes with a
    /// descriptor.
    package func accept(_ operation: Operation, listener: Int32) {
        let sqe = unsafe submission(operation)
        if features.contains(.multishotAccept) {
            unsafe io_uring_prep_multishot_accept(sqe, listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        } else {
            unsafe io_uring_prep_accept(sqe, listener, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
        }
        unsafe tag(sqe, operation)
    }

    /// Connects the socket; `address` must stay valid until the submission was submitted.
    package func connect(
        _ operation: Operation, socket: Int32, address: UnsafePointer<sockaddr>, count: socklen_t
    ) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_connect(sqe, socket, address, count)
        unsafe tag(sqe, operation)
    }

    /// Receives what there is, at most `count` bytes, into `base`. Completes with the count; 0: the peer has
    /// closed.
    /// - Parameter expectsWait: nothing is there yet, as the last receive told: the kernel need not try
    ///   first.
    package func receive(
        _ operation: Operation, socket: Int32, into base: UnsafeMutableRawPointer, count: Int,
        expectsWait: Bool = false
    ) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_recv(sqe, socket, base, count, 0)
        if expectsWait && features.contains(.pollFirst) {
            unsafe sqe.pointee.ioprio |= UInt16(IORING_RECVSEND_POLL_FIRST)
        }
        unsafe tag(sqe, operation)
    }

    /// Receives what there is into a buffer of the group that the kernel picks when data is there
    /// (`Completion.buffer`). Completes with ENOBUFS if the group has none.
    package func receive(_ operation: Operation, socket: Int32, group: UInt16, expectsWait: Bool = false) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_recv(sqe, socket, nil, 0, 0)
        unsafe gw_sqe_select_buffer(sqe, group)
        if expectsWait && features.contains(.pollFirst) {
            unsafe sqe.pointee.ioprio |= UInt16(IORING_RECVSEND_POLL_FIRST)
        }
        unsafe tag(sqe, operation)
    }

    /// Completes once the socket is readable, or closed.
    package func pollReadable(_ operation: Operation, descriptor: Int32) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_poll_add(sqe, descriptor, UInt32(POLLIN))
        unsafe tag(sqe, operation)
    }

    /// Sends what the message's vectors name. Completes with the count, which may be short.
    ///
    /// The message and its vectors must stay valid until the completion; the bytes they name anyway.
    package func send(_ operation: Operation, socket: Int32, message: UnsafePointer<msghdr>) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_sendmsg(sqe, socket, message, UInt32(MSG_NOSIGNAL | MSG_WAITALL))
        unsafe tag(sqe, operation)
    }

    // MARK: Files

    /// Reads at most `count` bytes at `offset`; an eventfd or socket ignores the offset.
    package func read(
        _ operation: Operation, file: Int32, into base: UnsafeMutableRawPointer, count: UInt32, offset: UInt64
    ) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_read(sqe, file, base, count, offset)
        unsafe tag(sqe, operation)
    }

    /// Writes at most `count` bytes at `offset`; `isDurable`: it completes when they are on the medium
    /// (RWF_DSYNC).
    package func write(
        _ operation: Operation, file: Int32, from base: UnsafeRawPointer, count: UInt32, offset: UInt64,
        isDurable: Bool
    ) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_write(sqe, file, base, count, offset)
        if isDurable { unsafe sqe.pointee.rw_flags = RWF_DSYNC }
        unsafe tag(sqe, operation)
    }

    /// Completes when the file's data, and what is needed to find it, is on the medium (fdatasync).
    package func synchronize(_ operation: Operation, file: Int32) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_fsync(sqe, file, IORING_FSYNC_DATASYNC)
        unsafe tag(sqe, operation)
    }

    /// fallocate(2) with its `mode`.
    package func allocate(_ operation: Operation, file: Int32, mode: Int32, offset: UInt64, count: UInt64) {
        let sqe = unsafe submission(operation)
        unsafe io_uring_prep_fallocate(sqe, file, mode, off_t(offset), off_t(count))
        unsafe tag(sqe, operation)
    }
}
