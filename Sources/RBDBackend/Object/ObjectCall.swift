// A call to librados that nobody waits for: its end is told to the watch that made it.

internal import CLibrbd

/// A completion whose callback runs a closure once. librados holds the call until then.
@safe final class ObjectCall: @unchecked Sendable {
    // Sendable: written when it is made only.
    private let ended: @Sendable (Int32) -> Void
    private let context: ObjectContext
    private var made: rados_completion_t?

    /// - Parameter ended: what the end means to the watch. Runs on librados' thread.
    init(
        _ watch: ObjectWatch, _ context: ObjectContext,
        _ ended: @escaping @Sendable (ObjectWatch, Int32) -> Void
    ) {
        self.context = context
        self.ended = { ended(watch, $0) }
        context.begin()
        // The reference is the callback's, or `cancel`'s.
        let argument = unsafe Unmanaged.passRetained(self).toOpaque()
        let code = unsafe rados_aio_create_completion2(
            argument,
            { completion, argument in
                guard let completion = unsafe completion, let argument = unsafe argument else { return }
                let call = unsafe Unmanaged<ObjectCall>.fromOpaque(argument).takeRetainedValue()
                call.ended(unsafe rados_aio_get_return_value(completion))
                call.context.end()
            }, &made)
        precondition(code == 0)
    }

    deinit { unsafe rados_aio_release(made) }

    var completion: rados_completion_t? { unsafe made }

    /// The call was not started: no callback comes.
    func cancel() {
        context.end()
        unsafe Unmanaged.passUnretained(self).release()
    }
}
