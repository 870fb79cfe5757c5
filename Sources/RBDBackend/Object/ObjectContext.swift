// What operations on objects go through: librados' I/O context of one pool, and the way of one operation from
// its start to its caller. Operations are asynchronous: none holds a thread while it waits, and one that is
// out of time is taken back, so that a cluster that does not answer piles nothing up.

internal import CLibrbd
internal import Glibc
internal import Synchronization

/// An I/O context, for operations on objects. Close it when it is not used any more.
@safe final class ObjectContext: @unchecked Sendable {
    // Sendable: librados' functions may be called on any thread.
    let raw: rados_ioctx_t
    private let line = Mutex(Line())

    private struct Line {
        /// What librados works at. It uses the context until it has said that it is done.
        var inFlight = 0
        var isOpen = true
        var closing: CheckedContinuation<Bool, Never>?
    }

    private init(_ raw: rados_ioctx_t) { unsafe self.raw = raw }

    deinit { precondition(!line.withLock { $0.isOpen }, "an object was released before it was closed") }

    /// Blocks: asks the monitor for a pool that the client has not heard of.
    static func open(pool: String, _ cluster: ClusterHandle) -> Result<ObjectContext, RBDError> {
        var created: rados_ioctx_t?
        let code = unsafe rados_ioctx_create(cluster.raw, pool, &created)
        if code == -ENOENT {
            return .failure(
                RBDError(
                    .poolMissing, object: "pool \(pool)", code: ENOENT, reason: "there is no such pool",
                    nextStep: "See `ceph osd pool ls`."))
        }
        guard code == 0, let raw = unsafe created else {
            return .failure(.returned(code, "rados_ioctx_create", object: "pool \(pool)"))
        }
        // On a full pool a write is to answer, not to wait.
        unsafe rados_set_pool_full_try(raw)
        return .success(unsafe ObjectContext(raw))
    }

    /// How an operation ended.
    enum Outcome: Sendable {
        /// With what librados says of it: 0, a count, or a negative errno.
        case ended(Int32)
        /// Not in time. It was taken back; a change may have been made all the same.
        case deadlinePassed
    }

    /// Starts an operation and waits for its end, without a thread.
    /// - Parameters:
    ///   - content: what the operation reads from and writes to; it lives until librados is done with it.
    ///   - start: begins the operation with a completion; what it returns is an error if negative.
    func perform(
        within limit: Duration, keeping content: some Sendable,
        _ start: (rados_completion_t) -> Int32
    ) async -> Outcome {
        let operation = ObjectOperation(self, content)
        let timer = Task {
            // Sleeping throws only when the operation has ended before.
            do { try await Task.sleep(for: limit) } catch { return }
            operation.giveUp()
        }
        let outcome = unsafe await operation.run(start)
        timer.cancel()
        return outcome
    }

    /// Ends a context that nobody has used.
    func abandon() {
        line.withLock { $0.isOpen = false }
        unsafe rados_ioctx_destroy(raw)
    }

    /// librados is given something to do.
    func begin() {
        line.withLock { line in
            precondition(line.isOpen, "an object was used after it was closed")
            line.inFlight += 1
        }
    }

    /// librados is done with it, or did not take it.
    func end() {
        let closing = line.withLock { line in
            line.inFlight -= 1
            return line.inFlight == 0 ? line.closing.take() : nil
        }
        closing?.resume(returning: true)
    }

    /// Ends the context when librados is done with everything.
    /// - Returns: false if it is not within the limit: then the client must not be shut down.
    func close(within limit: Duration) async -> Bool {
        let timer = Task {
            // Sleeping throws only when everything has ended before.
            do { try await Task.sleep(for: limit) } catch { return }
            line.withLock { $0.closing.take() }?.resume(returning: false)
        }
        let isIdle = await withCheckedContinuation { continuation in
            let isIdle = line.withLock { line in
                line.isOpen = false
                if line.inFlight > 0 { line.closing = continuation }
                return line.inFlight == 0
            }
            if isIdle { continuation.resume(returning: true) }
        }
        timer.cancel()
        if isIdle { unsafe rados_ioctx_destroy(raw) }
        return isIdle
    }
}

/// One operation on its way. librados holds a reference until its callback has run.
@safe private final class ObjectOperation: @unchecked Sendable {
    // Sendable: the completion is set before librados or the timer can see the operation, and never after.
    private enum State {
        case idle
        case waiting(CheckedContinuation<ObjectContext.Outcome, Never>)
        case given(ObjectContext.Outcome)
        case over
    }
    private let context: ObjectContext
    private let content: any Sendable
    private let state = Mutex<State>(.idle)
    private var completion: rados_completion_t?

    init(_ context: ObjectContext, _ content: some Sendable) {
        self.context = context
        self.content = content
        let argument = unsafe Unmanaged.passUnretained(self).toOpaque()
        let code = unsafe rados_aio_create_completion2(
            argument,
            { _, argument in
                // It was retained when the operation began, for exactly this call.
                guard let argument = unsafe argument else { return }
                unsafe Unmanaged<ObjectOperation>.fromOpaque(argument).takeRetainedValue().ended()
            }, &completion)
        precondition(code == 0)
    }

    deinit { unsafe rados_aio_release(completion) }

    func run(_ start: (rados_completion_t) -> Int32) async -> ObjectContext.Outcome {
        guard let completion = unsafe completion else { preconditionFailure("made at init") }
        context.begin()
        // Held for the callback, which is certain unless the start fails.
        let held = unsafe Unmanaged.passRetained(self)
        let code = unsafe start(completion)
        if code < 0 {
            unsafe held.release()
            context.end()
            return .ended(code)
        }
        return await withCheckedContinuation { continuation in
            let outcome: ObjectContext.Outcome? = state.withLock { state in
                if case .given(let outcome) = state {
                    state = .over
                    return outcome
                }
                state = .waiting(continuation)
                return nil
            }
            guard let outcome else { return }
            if case .deadlinePassed = outcome { takeBack() }
            continuation.resume(returning: outcome)
        }
    }

    private func ended() {
        let outcome = ObjectContext.Outcome.ended(unsafe rados_aio_get_return_value(completion))
        context.end()
        take(outcome)?.resume(returning: outcome)
    }

    /// Takes the operation back, if it has not ended.
    func giveUp() {
        guard let waiter = take(.deadlinePassed) else { return }
        // Before the caller goes on: it may close the client.
        takeBack()
        waiter.resume(returning: .deadlinePassed)
    }

    private func takeBack() {
        // The completion lives as long as this object. The callback comes now, with ECANCELED, to nobody.
        _ = unsafe rados_aio_cancel(context.raw, completion)
    }

    /// Takes the outcome if it is the first.
    /// - Returns: who waits for it, if somebody does already.
    private func take(
        _ outcome: ObjectContext.Outcome
    ) -> CheckedContinuation<ObjectContext.Outcome, Never>? {
        state.withLock { state in
            switch state {
            case .idle:
                state = .given(outcome)
                return nil
            case .waiting(let continuation):
                state = .over
                return continuation
            case .given, .over:
                return nil
            }
        }
    }
}
