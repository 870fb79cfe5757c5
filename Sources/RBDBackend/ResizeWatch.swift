// Notices that another client resized the image: librbd's update watch says that something changed, a
// thread of our own asks for the size, and whoever registered is told. librbd's thread starts that thread
// and does nothing more.

internal import CLibrbd
internal import Synchronization

/// The watch of one image. The image owns it; librbd holds a pointer to the image until `stop` has returned.
@safe final class ResizeWatch: Sendable {
    private struct State {
        var handlers: [@Sendable () -> Void] = []
        var cookie: UInt64?
        /// Whether a thread asks for the size just now, and whether something changed since it began.
        var isAsking = false
        var mustAskAgain = false
    }
    private let state = Mutex(State())
    /// Held while librbd is asked for the size, and taken by closing: the handle is not closed under the
    /// question.
    private let handleInUse = Mutex<Bool>(true)

    func add(_ handler: @escaping @Sendable () -> Void) { state.withLock { $0.handlers.append(handler) } }

    /// Registers at librbd. Blocks; called on the opening thread. Returns 0 or librbd's negative errno.
    func start(_ image: RBDImageBackend) -> Int32 {
        var cookie: UInt64 = 0
        // The image outlives the watch: `stop` comes before its end, and waits for callbacks that run.
        let code = unsafe rbd_update_watch(
            image.handle.image, &cookie,
            { argument in
                guard let argument = unsafe argument else { return }
                let image = unsafe Unmanaged<RBDImageBackend>.fromOpaque(argument).takeUnretainedValue()
                image.resize.changed(image)
            }, Unmanaged.passUnretained(image).toOpaque())
        if code == 0 { state.withLock { $0.cookie = cookie } }
        return code
    }

    /// Ends the watch. Blocks until no callback and no question runs; called on the closing thread.
    func stop(_ image: RBDImageBackend) {
        let cookie = state.withLock { state in
            state.handlers = []
            return state.cookie.take()
        }
        if let cookie { _ = unsafe rbd_update_unwatch(image.handle.image, cookie) }
        handleInUse.withLock { $0 = false }
    }

    /// Something about the image changed. Called on librbd's thread.
    private func changed(_ image: RBDImageBackend) {
        let mustStart = state.withLock { state in
            if state.isAsking {
                state.mustAskAgain = true
                return false
            }
            state.isAsking = true
            return true
        }
        guard mustStart else { return }
        // Asking blocks, and on this thread librbd could never answer.
        let code = startThread { [self] in
            repeat { ask(image) } while goesOn()
        }
        // Without a thread the next change asks.
        if code != 0 { state.withLock { $0.isAsking = false } }
    }

    private func goesOn() -> Bool {
        state.withLock { state in
            state.isAsking = state.mustAskAgain
            state.mustAskAgain = false
            return state.isAsking
        }
    }

    private func ask(_ image: RBDImageBackend) {
        let isNew = handleInUse.withLock { isOpen in
            guard isOpen else { return false }
            var size: UInt64 = 0
            guard unsafe rbd_get_size(image.handle.image, &size) == 0 else { return false }
            return image.byteCount.exchange(size, ordering: .acquiringAndReleasing) != size
        }
        guard isNew else { return }
        for handler in state.withLock({ $0.handlers }) { handler() }
    }
}
