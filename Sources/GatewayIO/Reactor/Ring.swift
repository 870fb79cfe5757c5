// The io_uring of one thread: the last thing before the kernel on a command's way in and out. A reactor (or
// the initiator) fills in submissions through the functions of RingSubmissions.swift, then waits once for
// many completions. This file and that one are the only ones that touch liburing's structures.

import CLiburing
import GatewayCore

/// An owned io_uring. It belongs to the thread that made it: no other may call it.
///
/// Submissions are only queued until `submit`, which is one system call for all of them and the wait. Memory
/// named in a submission must stay valid until its completion was taken, unless its function says otherwise.
@safe package struct Ring: ~Copyable {
    // Heap-allocated so that its address never changes; freed in deinit.
    let ring: UnsafeMutablePointer<io_uring>
    /// What this kernel gave, of what was allowed.
    package let features: RingFeatures

    /// Room for completions, as a multiple of that for submissions: a shard's connections and file requests,
    /// all ending at once, fit (old kernels refuse submissions while completions overflow).
    private static let completionsPerSubmission: UInt32 = 32

    /// The number that a kernel older than 5.11 completes its own wait time-outs with
    /// (LIBURING_UDATA_TIMEOUT).
    private static let libraryTimeout = UInt64.max

    /// Makes a ring with room for `entries` submissions between two submits (more are submitted early) and
    /// 32 times as many completions (more wait in the kernel).
    /// - Parameter allowed: what may be used, if the kernel has it; less is for tests.
    package init(entries: UInt32 = 1024, allowing allowed: RingFeatures = .all) throws(RingError) {
        unsafe ring = .allocate(capacity: 1)
        unsafe ring.initialize(to: io_uring())
        var features: RingFeatures = []
        var status: Int32 = -EINVAL
        for candidate in Self.setups where status == -EINVAL && allowed.isSuperset(of: candidate.features) {
            var parameters = io_uring_params()
            parameters.flags = candidate.flags | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE
            parameters.cq_entries = entries * Self.completionsPerSubmission
            status = unsafe io_uring_queue_init_params(entries, ring, &parameters)
            features = candidate.features
        }
        guard status == 0 else {
            unsafe ring.deallocate()
            throw RingError.diagnose(errno: -status, .current())
        }
        let missing = unsafe Self.missingOperations(ring)
        guard missing.isEmpty else {
            unsafe io_uring_queue_exit(ring)
            unsafe ring.deallocate()
            throw .tooOld(release: KernelState.current().release, missing: missing)
        }
        if unsafe Self.hasBufferRings(ring) {
            // Came together in Linux 5.19, and only the first can be asked for without doing it.
            features.formUnion(allowed.intersection([.bufferRings, .multishotAccept, .pollFirst]))
        }
        self.features = features
        // Saves the kernel a look-up on each enter; older ones than 5.18 refuse, which costs nothing.
        _ = unsafe io_uring_register_ring_fd(ring)
    }

    deinit {
        unsafe io_uring_queue_exit(ring)
        unsafe ring.deallocate()
    }

    // MARK: Submit, wait, reap

    /// Submits what is queued; with `wait`, returns only when a completion is there or `timeout`
    /// (nanoseconds; nil: no limit) has passed. A signal ends the wait too.
    package func submit(wait: Bool, timeout: UInt64? = nil) {
        let status: Int32
        if !wait {
            status = unsafe io_uring_submit_and_get_events(ring)
        } else if let timeout {
            var first: UnsafeMutablePointer<io_uring_cqe>? = nil
            var time = __kernel_timespec(
                tv_sec: Int64(timeout / 1_000_000_000), tv_nsec: Int64(timeout % 1_000_000_000))
            status = unsafe io_uring_submit_and_wait_timeout(ring, &first, 1, &time, nil)
        } else {
            status = unsafe io_uring_submit_and_wait(ring, 1)
        }
        // EINTR: a signal. ETIME: the time-out. EAGAIN and EBUSY: the kernel is short of memory or has
        // completions to hand over first; what was not submitted stays queued and goes with the next call.
        precondition(
            status >= 0 || [EINTR, ETIME, EAGAIN, EBUSY].contains(-status),
            "io_uring_enter failed: \(errorText(-status))")
    }

    /// The next completion that is there, if any; no system call.
    package func next() -> Completion? {
        while let cqe = unsafe gw_peek_cqe(ring) {
            // The entry is the kernel's again after the advance: copied first.
            let userData = unsafe cqe.pointee.user_data
            let completion = unsafe Completion(
                operation: Operation(userData: userData), result: cqe.pointee.res, flags: cqe.pointee.flags)
            unsafe io_uring_cq_advance(ring, 1)
            if userData != Self.libraryTimeout { return completion }
        }
        return nil
    }

    /// Whether the kernel has something that becomes completions when it is entered. Kernels that don't say
    /// so need an interrupt or a system call for it anyway.
    package var wantsEnter: Bool { unsafe gw_wants_enter(ring) }

    /// Whether completions wait to be taken by `next`.
    package var hasCompletions: Bool { unsafe gw_peek_cqe(ring) != nil }

    // MARK: Set-up

    private struct Setup {
        let flags: UInt32
        let features: RingFeatures
    }

    /// From the newest kernel's to the oldest's; the first that is not refused with EINVAL is taken.
    private static let setups = [
        Setup(
            flags: IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL
                | IORING_SETUP_TASKRUN_FLAG,
            features: [.singleIssuer, .deferredTaskRun, .submitAll]),
        Setup(
            flags: IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL
                | IORING_SETUP_TASKRUN_FLAG,
            features: [.singleIssuer, .cooperativeTaskRun, .submitAll]),
        Setup(
            flags: IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_TASKRUN_FLAG,
            features: [.cooperativeTaskRun, .submitAll]),
        Setup(flags: 0, features: []),
    ]

    /// The operations that the target can't do without, and what people call them.
    private static let required: [(code: io_uring_op, name: String)] = [
        (IORING_OP_ACCEPT, "accept"), (IORING_OP_RECV, "recv"), (IORING_OP_SENDMSG, "sendmsg"),
        (IORING_OP_POLL_ADD, "poll"), (IORING_OP_ASYNC_CANCEL, "cancel"), (IORING_OP_CONNECT, "connect"),
        (IORING_OP_READ, "read"), (IORING_OP_WRITE, "write"), (IORING_OP_FSYNC, "fsync"),
        (IORING_OP_FALLOCATE, "fallocate"),
    ]

    private static func missingOperations(_ ring: UnsafeMutablePointer<io_uring>) -> [String] {
        guard let probe = unsafe io_uring_get_probe_ring(ring) else { return ["the probe of operations"] }
        defer { unsafe io_uring_free_probe(probe) }
        return required.compactMap { operation in
            unsafe io_uring_opcode_supported(probe, Int32(operation.code.rawValue)) == 0
                ? operation.name : nil
        }
    }

    /// Tries: no flag or probe tells whether the kernel has buffer rings.
    private static func hasBufferRings(_ ring: UnsafeMutablePointer<io_uring>) -> Bool {
        let byteCount = 4096
        guard let memory = unsafe anonymousMemory(byteCount) else { return false }
        defer { unsafe munmap(memory, byteCount) }
        var registration = io_uring_buf_reg()
        registration.ring_addr = UInt64(UInt(bitPattern: memory))
        registration.ring_entries = 1
        registration.bgid = UInt16.max
        guard unsafe io_uring_register_buf_ring(ring, &registration, 0) == 0 else { return false }
        _ = unsafe io_uring_unregister_buf_ring(ring, Int32(UInt16.max))
        return true
    }
}

/// Zeroed pages that cost memory only once touched; nil if there are none. The caller unmaps them.
func anonymousMemory(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let memory = unsafe mmap(
        nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    // MAP_FAILED is -1.
    return unsafe memory == UnsafeMutableRawPointer(bitPattern: -1) ? nil : memory
}
