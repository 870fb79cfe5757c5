// Notices what happens to an open image from outside: another client resizes or demotes it, or it is removed.
// librbd's update watch says that something changed, or a request fails in a way that makes one ask; a
// thread of our own then asks librbd, and whoever registered is told if hosts must hear of it.

internal import CLibrbd
internal import Glibc
internal import Synchronization

/// The watch of one image. The image owns it; librbd holds a pointer to the image until `stop` has returned.
@safe final class ImageWatch: Sendable {
    private struct State {
        var handlers: [@Sendable () -> Void] = []
        var lossHandlers: [@Sendable (ImageLoss) -> Void] = []
        var cookie: UInt64?
        /// Whether a thread asks just now, and whether something changed since it began.
        var isAsking = false
        var mustAskAgain = false
        /// Whether a request has failed since the last question: is the image there at all?
        var isSuspect = false
    }
    private let state = Mutex(State())
    /// Held while librbd is asked, and taken by closing: the handle is not closed under the question.
    private let handleInUse = Mutex<Bool>(true)

    func add(_ handler: @escaping @Sendable () -> Void) { state.withLock { $0.handlers.append(handler) } }

    func addLoss(_ handler: @escaping @Sendable (ImageLoss) -> Void) {
        state.withLock { $0.lossHandlers.append(handler) }
    }

    /// Registers at librbd. Blocks; called on the opening thread. Returns 0 or librbd's negative errno.
    func start(_ image: RBDImageBackend) -> Int32 {
        var cookie: UInt64 = 0
        // The image outlives the watch: `stop` comes before its end, and waits for callbacks that run.
        let code = unsafe rbd_update_watch(
            image.handle.image, &cookie,
            { argument in
                guard let argument = unsafe argument else { return }
                let image = unsafe Unmanaged<RBDImageBackend>.fromOpaque(argument).takeUnretainedValue()
                image.watch.ask(image, isSuspect: false)
            }, Unmanaged.passUnretained(image).toOpaque())
        if code == 0 { state.withLock { $0.cookie = cookie } }
        return code
    }

    /// Ends the watch. Blocks until no callback and no question runs; called on the closing thread.
    func stop(_ image: RBDImageBackend) {
        let cookie = state.withLock { state in
            state.handlers = []
            state.lossHandlers = []
            return state.cookie.take()
        }
        if let cookie { _ = unsafe rbd_update_unwatch(image.handle.image, cookie) }
        handleInUse.withLock { $0 = false }
    }

    /// Has a thread find out how the image is. Never blocks: called on librbd's thread and on the client's.
    /// - Parameter isSuspect: a request failed or stalls; the image or its pool may be gone.
    func ask(_ image: RBDImageBackend, isSuspect: Bool) {
        let mustStart = state.withLock { state in
            state.isSuspect = state.isSuspect || isSuspect
            if state.isAsking {
                state.mustAskAgain = true
                return false
            }
            state.isAsking = true
            return true
        }
        guard mustStart else { return }
        // Asking blocks, and on librbd's thread it could never be answered.
        let code = startThread { [self] in
            repeat { askNow(image) } while goesOn()
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

    private func askNow(_ image: RBDImageBackend) {
        let isSuspect = state.withLock { state in
            defer { state.isSuspect = false }
            return state.isSuspect
        }
        let isNew = handleInUse.withLock { isOpen in
            isOpen && image.take(image.handle.sighting(image.identity, isSuspect: isSuspect))
        }
        if isNew { tell() }
    }

    /// Has librbd read the image's header again, whether somebody told it of a change or not, and takes over
    /// what it says. Blocks.
    func refresh(_ image: RBDImageBackend) {
        let isNew = handleInUse.withLock { isOpen in
            guard isOpen else { return false }
            image.handle.refresh(image.identity)
            return image.take(image.handle.sighting(image.identity, isSuspect: false))
        }
        if isNew { tell() }
    }

    /// Tells whoever registered that the image is lost to this gateway.
    func tell(_ loss: ImageLoss) {
        for handler in state.withLock({ $0.lossHandlers }) { handler(loss) }
    }

    /// Tells whoever registered that hosts must look again.
    func tell() {
        for handler in state.withLock({ $0.handlers }) { handler() }
    }
}

/// How an image is found when librbd is asked.
enum ImageSighting: Equatable {
    /// It or its pool is not there any more.
    case gone
    /// - Parameter isPrimary: false once it was demoted, or if it never was more than a mirror's copy.
    case present(byteCount: UInt64, isPrimary: Bool)
    /// librbd did not tell.
    case unknown
}

extension ImageHandle {
    /// Asks librbd how the image is. Blocks.
    /// - Parameter isSuspect: whether to ask the cluster if the image is there: librbd itself goes on with
    ///   what it remembers.
    func sighting(_ identity: ImageIdentity, isSuspect: Bool) -> ImageSighting {
        if isSuspect, !exists(identity) { return .gone }
        var size: UInt64 = 0
        var features: UInt64 = 0
        // The first of them has librbd read the image's header, if that has changed.
        guard unsafe rbd_get_size(image, &size) == 0, unsafe rbd_get_features(image, &features) == 0 else {
            return .unknown
        }
        // Mirrored by snapshots, it has a feature that tells; mirrored by its journal, one has to ask.
        var isPrimary = features & UInt64(RBD_FEATURE_NON_PRIMARY) == 0
        if !isPrimary, storedFeatures(identity).map({ $0 & UInt64(RBD_FEATURE_NON_PRIMARY) == 0 }) == true {
            refresh(identity)
        }
        if isPrimary, features & UInt64(RBD_FEATURE_JOURNALING) != 0 { isPrimary = isPrimaryByJournal }
        return .present(byteCount: size, isPrimary: isPrimary)
    }

    private var isPrimaryByJournal: Bool {
        var info = unsafe rbd_mirror_image_info_t()
        guard unsafe rbd_mirror_image_get_info(image, &info, MemoryLayout.size(ofValue: info)) == 0 else {
            // Journaled, and not mirrored.
            return true
        }
        defer { unsafe rbd_mirror_image_get_info_cleanup(&info) }
        return unsafe (info.primary || info.state != RBD_MIRROR_IMAGE_ENABLED)
    }

    // MARK: Around librbd

    /// The features as the image's header has them; nil if it does not tell. librbd tells its clients that
    /// an image is being promoted, and takes the feature away after that: what it remembers may be out of
    /// date for good.
    private func storedFeatures(_ identity: ImageIdentity) -> UInt64? {
        // The class method's input: no snapshot (-2), read-only. Its output: the features, and which of them
        // a client must know. Linux's krbd asks likewise.
        var input = [UInt8](repeating: 0xFF, count: 9)
        input[0] = 0xFE
        input[8] = 1
        var output = [UInt8](repeating: 0, count: 16)
        let count = unsafe input.withUnsafeBytes { given in
            unsafe output.withUnsafeMutableBytes { taken in
                unsafe rados_exec(
                    context, identity.headerName, "rbd", "get_features",
                    given.baseAddress?.assumingMemoryBound(to: CChar.self), given.count,
                    taken.baseAddress?.assumingMemoryBound(to: CChar.self), taken.count)
            }
        }
        guard count >= 8 else { return nil }
        return output.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Has every client of the image read its header again: a notification without content means that.
    fileprivate func refresh(_ identity: ImageIdentity) {
        var reply: UnsafeMutablePointer<CChar>?
        var count = 0
        _ = unsafe rados_notify2(context, identity.headerName, nil, 0, 2000, &reply, &count)
        // Valid: librados allocated it, or left nil.
        unsafe rados_buffer_free(reply)
    }

    /// Whether the image's pool and header are there. True if the cluster does not say otherwise.
    private func exists(_ identity: ImageIdentity) -> Bool {
        let cluster = unsafe rados_ioctx_get_cluster(context)
        _ = unsafe rados_wait_for_latest_osdmap(cluster)
        var name = [CChar](repeating: 0, count: 1024)
        if unsafe rados_pool_reverse_lookup(cluster, identity.poolID, &name, name.count) == -ENOENT {
            return false
        }
        var size: UInt64 = 0
        var time = time_t()
        return unsafe rados_stat(context, identity.headerName, &size, &time) != -ENOENT
    }
}

extension ImageIdentity {
    /// The object that holds the image's size and features, in its pool and namespace.
    fileprivate var headerName: String { "rbd_header.\(imageID)" }
}
