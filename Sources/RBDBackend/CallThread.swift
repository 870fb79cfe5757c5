// Runs a librados or librbd call that may block, hang even, on a thread of its own, for async callers with
// a deadline. Swift's cooperative pool has as many threads as the machine has cores; a call that hangs in
// it would stop the control plane. When the deadline passes the thread is left behind, counted, and cleans
// up after itself if the call ever returns.

// CLibrbd re-exports the C library's thread types, and the compiler counts them as its own.
internal import CLibrbd
internal import Glibc
internal import Synchronization

/// Why a call has no value for its caller.
enum CallAbandoned: Error, Hashable, Sendable {
    case deadlinePassed
    case cancelled
    /// pthread_create failed with this errno.
    case noThread(Int32)
}

/// Counts the calls that were left behind and have not returned yet.
final class StrandedCalls: Sendable {
    private let atomic = Atomic<Int>(0)
    var count: Int { atomic.load(ordering: .acquiring) }
    func add(_ delta: Int) { atomic.add(delta, ordering: .acquiringAndReleasing) }
}

/// One call on its way from its thread to its caller; whoever gives the first outcome wins.
private final class PendingCall<Value: Sendable>: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Result<Value, CallAbandoned>, Never>)
        case given(Result<Value, CallAbandoned>)
        case over
    }
    private let state = Mutex<State>(.idle)
    private let stranded: StrandedCalls

    init(_ stranded: StrandedCalls) { self.stranded = stranded }

    /// Registers who waits; resumed at once if there is an outcome already.
    func wait(_ continuation: CheckedContinuation<Result<Value, CallAbandoned>, Never>) {
        let outcome: Result<Value, CallAbandoned>? = state.withLock { state in
            if case .given(let outcome) = state {
                state = .over
                return outcome
            }
            state = .waiting(continuation)
            return nil
        }
        if let outcome { continuation.resume(returning: outcome) }
    }

    /// Gives an outcome. False if there was one before.
    @discardableResult
    func give(_ outcome: Result<Value, CallAbandoned>) -> Bool {
        let (first, waiter) = state.withLock {
            state -> (Bool, CheckedContinuation<Result<Value, CallAbandoned>, Never>?) in
            switch state {
            case .idle:
                state = .given(outcome)
                if case .failure = outcome { stranded.add(1) }
                return (true, nil)
            case .waiting(let continuation):
                state = .over
                if case .failure = outcome { stranded.add(1) }
                return (true, continuation)
            case .given, .over:
                return (false, nil)
            }
        }
        waiter?.resume(returning: outcome)
        return first
    }
}

/// Runs `body` on a thread of its own and waits for it without holding a thread of the cooperative pool.
///
/// - Parameters:
///   - stranded: where the call is counted from the moment it is abandoned until it returns.
///   - orphaned: gets, on the call's thread, the value that came after the caller had left: to close it.
func callOnThread<Value: Sendable>(
    within limit: Duration, stranded: StrandedCalls, orphaned: @escaping @Sendable (Value) -> Void,
    _ body: @escaping @Sendable () -> Value
) async -> Result<Value, CallAbandoned> {
    let call = PendingCall<Value>(stranded)
    let timer = Task {
        // Sleeping throws only when the call has ended before.
        do { try await Task.sleep(for: limit) } catch { return }
        call.give(.failure(.deadlinePassed))
    }
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            call.wait(continuation)
            let code = startThread {
                let value = body()
                if !call.give(.success(value)) {
                    orphaned(value)
                    stranded.add(-1)
                }
            }
            if code != 0 {
                call.give(.failure(.noThread(code)))
                // No thread, so nothing was left behind: not by this failure, nor by one that came before it.
                stranded.add(-1)
            }
        }
    } onCancel: {
        call.give(.failure(.cancelled))
    }
}

/// What a new thread runs. The thread takes the only reference.
private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a detached thread. Returns 0 or an errno.
func startThread(_ body: @escaping @Sendable () -> Void) -> Int32 {
    let box = unsafe Unmanaged.passRetained(ThreadBody(body))
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { unsafe pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let code = unsafe pthread_create(
        &thread, &attributes,
        { argument in
            // The box was retained for exactly this thread.
            guard let argument = unsafe argument else { return nil }
            let body = unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
            body.run()
            return nil
        }, box.toOpaque())
    if code != 0 { unsafe box.release() }
    return code
}
