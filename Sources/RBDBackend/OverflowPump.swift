// The thread that submits requests that had to wait: one for each client, asleep while no image is
// overloaded. librbd's callback only posts the semaphore, and only if someone waits, so that nothing else
// runs on librbd's thread.

internal import Glibc
internal import Synchronization

@safe final class OverflowPump: @unchecked Sendable {
    // Sendable: sem_t is made for many threads; it is freed when neither the thread nor anybody else holds
    // the pump.
    private let semaphore: UnsafeMutablePointer<sem_t>
    private let credit: SharedCredit
    private let images = Mutex<[ObjectIdentifier: RBDImageBackend]>([:])
    /// Whether a post is on its way already.
    private let isPosted = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)

    init(_ credit: SharedCredit) {
        self.credit = credit
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
                // An interrupted wait tries the queues once for nothing.
                unsafe sem_wait(semaphore)
                if isStopping.load(ordering: .acquiring) { return }
                isPosted.store(false, ordering: .sequentiallyConsistent)
                for image in images.withLock({ Array($0.values) }) { image.drain() }
            }
        }
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

    func add(_ image: RBDImageBackend) { images.withLock { $0[ObjectIdentifier(image)] = image } }
    func remove(_ image: RBDImageBackend) {
        _ = images.withLock { $0.removeValue(forKey: ObjectIdentifier(image)) }
    }
    var imageCount: Int { images.withLock { $0.count } }
}
