// Namespaces with limits (RateLimiter): a command that comes too soon waits here for its turn, in its
// namespace's line, before it takes a buffer; one whose data came in its capsule waits with it, as what is
// behind it in its stream may be for others.

internal import NVMeTCP

/// A namespace's commands that wait for their turn.
struct PacedLine: BitwiseCopyable {
    var operations = SlotList()
    /// When the first one's turn is, and by which limits.
    var turn = Instant(nanoseconds: 0)
    var version: UInt64 = 0
    /// Whether the shard's list of those that wait has it.
    var isListed = false
}

extension TargetShard {
    /// Limits that change while nothing else happens are noticed after so long, in milliseconds.
    private static let pacingMillisecondsMax: UInt64 = 100
    /// Turns nearer than this, in nanoseconds, are waited for together: a limiter makes up for it.
    private static let pacingNanosecondsMin: UInt64 = 500_000

    /// Counts a command against its namespace's limits; false if it has to wait: then it is in line.
    func pace(_ operation: UnsafeMutablePointer<Operation>) -> Bool {
        guard let reference = unsafe operation.pointee.namespace else { return true }
        // Valid: an attachment with commands in flight is kept.
        return unsafe reference.use { namespace in
            guard namespace.isPaced, let limiter = namespace.namespace.rateLimiter,
                unsafe operation.pointee.half == .none
            else { return true }
            let use = unsafe operation.pointee.rateUse
            guard use.commandCount > 0 else { return true }
            if namespace.paced.operations.isEmpty {
                let turn = limiter.reserve(use, at: now)
                if turn <= now { return true }
                namespace.paced.turn = turn
                namespace.paced.version = limiter.version
                nextPacing = min(nextPacing ?? turn, pacingTime(turn))
            }
            unsafe operation.pointee.state = .paced
            unsafe namespace.paced.operations.append(operation.pointee.slot, in: slab)
            if !namespace.paced.isListed {
                namespace.paced.isListed = true
                paced.append(namespace)
            }
            return false
        }
    }

    /// Counts a request of a command whose bytes were not known, or could not wait, when it had its turn.
    func chargeRate(
        _ request: BackendRequest, of operation: UnsafeMutablePointer<Operation>,
        on namespace: NamespaceAttachment
    ) {
        guard namespace.isPaced, let limiter = namespace.namespace.rateLimiter,
            let use = unsafe operation.pointee.lateRateUse(request.operation, request.byteCount)
        else { return }
        _ = limiter.reserve(use, at: now)
    }

    /// Lets go on whose turn it is.
    func servePaced(at now: Instant) {
        guard let due = nextPacing, due <= now else { return }
        nextPacing = nil
        var first: Instant?
        for namespace in paced {
            serve(namespace, at: now)
            if namespace.paced.operations.isEmpty {
                namespace.paced.isListed = false
            } else {
                first = min(first ?? namespace.paced.turn, namespace.paced.turn)
            }
        }
        paced.removeAll { !$0.paced.isListed }
        // Those that went on may have been followed by others.
        if let first { nextPacing = min(nextPacing ?? first, pacingTime(first)) }
    }

    private func serve(_ namespace: NamespaceAttachment, at now: Instant) {
        let limiter = namespace.namespace.rateLimiter
        while !namespace.paced.operations.isEmpty {
            if namespace.isCurrent, let limiter, namespace.paced.turn > now,
                namespace.paced.version == limiter.version
            {
                return
            }
            let operation = unsafe slab[namespace.paced.operations.first]
            namespace.paced.operations.dropFirst(in: slab)
            if let limiter, !namespace.paced.operations.isEmpty {
                let next = unsafe slab[namespace.paced.operations.first].pointee.rateUse
                namespace.paced.turn = limiter.reserve(next, at: now)
                namespace.paced.version = limiter.version
            }
            unsafe turnCame(operation, at: now)
        }
    }

    private func turnCame(_ operation: UnsafeMutablePointer<Operation>, at now: Instant) {
        let connection = unsafe connections[operation.pointee.connection]
        if unsafe operation.pointee.isInCapsule || operation.pointee.bufferByteCount == 0 {
            unsafe execute(operation, on: connection, at: now)
        } else if unsafe takeBuffer(operation) {
            unsafe dataArranged(operation, on: connection, at: now)
        } else {
            unsafe operation.pointee.state = .awaitingBuffer
        }
    }

    /// Takes an operation out of the line that it waits in.
    func stopPacing(_ operation: UnsafeMutablePointer<Operation>) {
        guard let reference = unsafe operation.pointee.namespace else {
            preconditionFailure("only commands of namespaces are paced")
        }
        // Valid: an attachment with commands in flight is kept.
        unsafe reference.use {
            unsafe $0.paced.operations.remove(operation.pointee.slot, in: slab)
        }
    }

    /// When to look at a turn.
    private func pacingTime(_ turn: Instant) -> Instant {
        let soonest = Instant(nanoseconds: now.nanoseconds + Self.pacingNanosecondsMin)
        return min(max(turn, soonest), now.advanced(byMilliseconds: Self.pacingMillisecondsMax))
    }
}

extension Operation {
    /// What the command is counted for when it has its turn. What a Copy and a Verify move is counted with
    /// each of their requests.
    var rateUse: RateUse {
        switch unsafe action {
        case .read, .compare: unsafe RateUse(commandCount: 1, readByteCount: byteCount)
        case .write: unsafe RateUse(commandCount: 1, writtenByteCount: byteCount)
        case .verify, .copy: RateUse(commandCount: 1)
        case .flush, .writeZeroes, .datasetManagement, .reservationRegister, .reservationReport,
            .reservationAcquire, .reservationRelease:
            RateUse()
        }
    }

    /// What a request is counted for that was not when its command had its turn.
    fileprivate func lateRateUse(_ request: BackendOperation, _ byteCount: Int) -> RateUse? {
        switch (unsafe action, request) {
        case (.copy, .read), (.verify, .read): RateUse(readByteCount: byteCount)
        case (.copy, .write): RateUse(writtenByteCount: byteCount)
        // A fused pair never waits.
        case (_, .compareAndWrite):
            RateUse(commandCount: 1, readByteCount: byteCount, writtenByteCount: byteCount)
        default: nil
        }
    }
}
