// A client's own thread: it does what must neither run on librbd's completion thread nor on a shard's. It
// submits requests that had to wait for room, and looks after images whose requests fail or stall. While
// nothing is in flight it sleeps; librbd's callback only posts the semaphore, and only if there is something
// to do.

internal import Glibc
internal import Synchronization

@safe final class ClientThread: @unchecked Sendable {
    // Sendable: sem_t is made for many threads; it is freed when neither the thread nor anybody else holds
    // this object.
    private let semaphore: UnsafeMutablePointer<sem_t>
    private let images = Mutex<[ObjectIdentifier: RBDImageBackend]>([:])
    /// Whether a post is on its way already.
    private let isPosted = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    /// Whether the thread looks at its images from time to time, and need not be told of a request.
    private let isTicking = Atomic<Bool>(false)
    /// The thread's own clock, for the age of requests: RBDLimits.lookSeconds a step, and still when it
    /// sleeps.
    let tick = Atomic<UInt32>(0)
    /// When the clock went on last; the thread's own.
    private let lastTick = Mutex(ContinuousClock.now)

    init() {
        unsafe semaphore = .allocate(capacity: 1)
        let code = unsafe sem_init(semaphore, 0, 0)
        precondition(code == 0)
    }

    deinit {
        unsafe sem_destroy(semaphore)
        unsafe semaphore.deallocate()
    }

    /// Starts the thread. Returns 0 or an errno.
    func start() -> Int32 {
        startThread { [self] in
            while true {
                let isWoken = wait()
                if isStopping.load(ordering: .acquiring) { return }
                isPosted.store(false, ordering: .sequentiallyConsistent)
                turn(isWoken: isWoken)
            }
        }
    }

    /// Does what there is to do for each image, and decides how long to sleep.
    private func turn(isWoken: Bool) {
        let images = openImages
        let now = ContinuousClock.now
        let hasTicked = lastTick.withLock { last in
            guard now - last >= .seconds(RBDLimits.lookSeconds) else { return false }
            last = now
            tick.add(1, ordering: .relaxed)
            return true
        }
        for image in images {
            image.drain()
            image.lookAfter(now, tick: tick.load(ordering: .relaxed))
            if hasTicked { image.held.tell() }
        }
        // Only a look that nobody asked for, and that found nothing, lets the thread sleep: requests that
        // come one after the other must not wake it each. One that begins after the store finds the thread
        // not ticking and posts; one that began before is seen by the second look.
        isTicking.store(isWoken, ordering: .sequentiallyConsistent)
        if !isWoken, openImages.contains(where: \.needsLooking) {
            isTicking.store(true, ordering: .sequentiallyConsistent)
        }
    }

    /// Sleeps until somebody posts, or while ticking for a tick.
    /// - Returns: whether it was woken before its time. An interrupted wait looks once for nothing.
    private func wait() -> Bool {
        guard isTicking.load(ordering: .relaxed) else {
            unsafe sem_wait(semaphore)
            return true
        }
        var until = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &until)
        until.tv_sec += RBDLimits.lookSeconds
        return unsafe sem_timedwait(semaphore, &until) == 0
    }

    /// Ends the thread, if one was started.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        unsafe sem_post(semaphore)
    }

    /// Wakes the thread. Never blocks.
    func post() {
        if isPosted.exchange(true, ordering: .sequentiallyConsistent) { return }
        unsafe sem_post(semaphore)
    }

    /// A request begins: the thread must look whether it ends. One load while others are in flight.
    func requestBegins() {
        if !isTicking.load(ordering: .sequentiallyConsistent) { post() }
    }

    func add(_ image: RBDImageBackend) { images.withLock { $0[ObjectIdentifier(image)] = image } }
    func remove(_ image: RBDImageBackend) {
        _ = images.withLock { $0.removeValue(forKey: ObjectIdentifier(image)) }
    }
    /// All images of the client that are open.
    var openImages: [RBDImageBackend] { images.withLock { Array($0.values) } }
    var imageCount: Int { images.withLock { $0.count } }
}
