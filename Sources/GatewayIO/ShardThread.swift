// A thread of its own for each shard: never one of Swift's cooperative pool, which must not wait in the
// kernel.

import CLiburing

enum ShardThread {
    /// Runs `body` on a new thread.
    /// - Parameter name: at most 15 bytes, as `top -H` shows it.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) throws(TargetError) {
        let work = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body))
        var thread = pthread_t()
        var signals = sigset_t()
        var before = sigset_t()
        // Signals are for the program's other threads: a new thread inherits this mask.
        unsafe sigfillset(&signals)
        unsafe pthread_sigmask(SIG_SETMASK, &signals, &before)
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                // Retained above, for this thread.
                let work = unsafe Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue()
                unsafe gw_set_thread_name(work.name)
                work.run()
                return nil
            }, work.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
        guard status == 0 else {
            unsafe work.release()
            throw .thread(errno: status)
        }
        pthread_detach(thread)
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}
