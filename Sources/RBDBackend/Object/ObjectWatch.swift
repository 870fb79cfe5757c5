// A watch on an object, and notifications to others who watch it. Registering is asynchronous: while the
// object's OSD is away the registration waits in librados, holding no thread. A watch that librados has lost
// is registered anew when somebody asks, which who follows the object does every few seconds.

internal import CLibrbd
internal import Synchronization

/// The watch of one object. librados holds a reference from the first registration until `stop`.
@safe final class ObjectWatch: Sendable {
    private enum Phase {
        /// Nobody has asked for it.
        case none
        case registering
        case watching
        /// Could not be registered, or was lost.
        case lost
        case stopped
    }
    private struct State {
        var phase = Phase.none
        /// librados' name for the watch while it has one.
        var cookie: UInt64?
        var changed: (@Sendable () -> Void)?
        var isNotifying = false
        var mustNotifyAgain = false
    }
    private let state = Mutex(State())
    private let objectName: String
    private let context: ObjectContext

    /// How long others have to acknowledge a notification, in milliseconds (upstream's
    /// `state_update_timeout_in_msec`). Nobody waits for it here.
    private static let notifyMilliseconds: UInt64 = 2000

    init(_ objectName: String, _ context: ObjectContext) {
        self.objectName = objectName
        self.context = context
    }

    // MARK: Watching

    func start(_ changed: @escaping @Sendable () -> Void) {
        let isFirst = state.withLock { state in
            precondition(state.changed == nil, "an object has one follower")
            guard state.phase == .none else { return false }
            state.changed = changed
            state.phase = .lost
            return true
        }
        if isFirst {
            // librados' callbacks use this object until `stop` gives it back.
            _ = unsafe Unmanaged.passRetained(self)
            renew()
        }
    }

    /// Registers the watch if it is lost. Never blocks.
    func renew() {
        let (mustRegister, old) = state.withLock { state -> (Bool, UInt64?) in
            guard state.phase == .lost else { return (false, nil) }
            state.phase = .registering
            return (true, state.cookie.take())
        }
        guard mustRegister else { return }
        if let old { forget(old) }
        register()
    }

    private func register() {
        let call = ObjectCall(self, context) { watch, returned in watch.registered(returned) }
        var cookie: UInt64 = 0
        let code = unsafe rados_aio_watch2(
            context.raw, objectName, call.completion, &cookie,
            { argument, notification, cookie, _, _, _ in
                guard let argument = unsafe argument else { return }
                // Retained from `start` to `stop`, which waits for callbacks that run.
                let watch = unsafe Unmanaged<ObjectWatch>.fromOpaque(argument).takeUnretainedValue()
                unsafe rados_notify_ack(
                    watch.context.raw, watch.objectName, notification, cookie, nil, 0)
                watch.told()
            },
            { argument, cookie, _ in
                guard let argument = unsafe argument else { return }
                let watch = unsafe Unmanaged<ObjectWatch>.fromOpaque(argument).takeUnretainedValue()
                watch.lose(cookie)
            }, 0, Unmanaged.passUnretained(self).toOpaque())
        guard code >= 0 else {
            call.cancel()
            state.withLock { if $0.phase == .registering { $0.phase = .lost } }
            return
        }
        // `registered` may have run already; if it says that registering failed, there is no cookie.
        state.withLock { state in
            if state.phase == .registering || state.phase == .watching { state.cookie = cookie }
        }
    }

    private func registered(_ returned: Int32) {
        let changed = state.withLock { state in
            guard state.phase == .registering else { return (@Sendable () -> Void)?.none }
            state.phase = returned < 0 ? .lost : .watching
            // librados has let go of it by itself.
            if returned < 0 { state.cookie = nil }
            return returned < 0 ? nil : state.changed
        }
        // What came before the watch was not heard.
        changed?()
    }

    private func lose(_ cookie: UInt64) {
        let changed = state.withLock { state in
            guard state.phase == .watching || state.phase == .registering,
                state.cookie == nil || state.cookie == cookie
            else { return (@Sendable () -> Void)?.none }
            state.phase = .lost
            return state.changed
        }
        // Notifications may have been missed.
        changed?()
    }

    private func told() { state.withLock { $0.changed }?() }

    /// Ends a watch that was lost, as librados asks for.
    private func forget(_ cookie: UInt64) {
        let call = ObjectCall(self, context) { _, _ in }
        if unsafe rados_aio_unwatch(context.raw, cookie, call.completion) < 0 { call.cancel() }
    }

    /// Ends the watch. When it has returned in time no callback runs any more.
    func stop(_ cluster: Cluster) async {
        let (wasStarted, cookie) = state.withLock { state -> (Bool, UInt64?) in
            let wasStarted = state.phase != .none && state.phase != .stopped
            state.phase = .stopped
            state.changed = nil
            return (wasStarted, state.cookie.take())
        }
        guard wasStarted else { return }
        let handle = cluster.handle
        _ = await callOnThread(
            within: .seconds(cluster.limits.closeSeconds), stranded: cluster.stranded,
            orphaned: { (_: Void) in },
            { [self] in
                if let cookie { _ = unsafe rados_unwatch2(context.raw, cookie) }
                _ = unsafe rados_watch_flush(handle.raw)
                // What `start` retained; no callback comes any more.
                unsafe Unmanaged.passUnretained(self).release()
            })
    }

    // MARK: Notifying

    /// Tells who watches. One notification is under way at a time; what is asked for meanwhile is one more.
    func notify() {
        let mustStart = state.withLock { state in
            guard state.phase != .stopped else { return false }
            state.mustNotifyAgain = state.isNotifying
            defer { state.isNotifying = true }
            return !state.isNotifying
        }
        if mustStart { notifyNow() }
    }

    private func notifyNow() {
        let reply = NotifyReply()
        let call = ObjectCall(self, context) { watch, _ in
            reply.free()
            watch.notified()
        }
        let code = unsafe rados_aio_notify(
            context.raw, objectName, call.completion, nil, 0, Self.notifyMilliseconds, reply.bytes,
            reply.count)
        guard code < 0 else { return }
        call.cancel()
        // Who was not told asks for the version within seconds.
        state.withLock { state in (state.isNotifying, state.mustNotifyAgain) = (false, false) }
    }

    private func notified() {
        let mustGoOn = state.withLock { state in
            state.isNotifying = state.mustNotifyAgain && state.phase != .stopped
            state.mustNotifyAgain = false
            return state.isNotifying
        }
        if mustGoOn { notifyNow() }
    }
}

/// Where librados puts what those who were notified answered: nothing of interest, but it must be freed.
@safe private final class NotifyReply: @unchecked Sendable {
    // Sendable: librados writes to it, and after that the callback frees it.
    let bytes = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: 1)
    let count = UnsafeMutablePointer<Int>.allocate(capacity: 1)

    init() {
        unsafe bytes.initialize(to: nil)
        unsafe count.initialize(to: 0)
    }

    deinit {
        unsafe bytes.deallocate()
        unsafe count.deallocate()
    }

    func free() { unsafe rados_buffer_free(bytes.pointee) }
}
