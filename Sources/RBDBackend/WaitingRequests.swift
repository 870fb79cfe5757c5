// The requests of one image that wait for room in its budget: a ring that is allocated with the first of
// them. Only the overloaded image takes this lock; while nobody waits, submitting reads one atomic count.

internal import GatewayCore
internal import Synchronization

/// A bounded queue of requests, first in, first out.
final class WaitingRequests: Sendable {
    private let ring: Mutex<RequestRing>
    private let atomicCount = Atomic<Int>(0)

    init(capacity: Int) { ring = Mutex(RequestRing(capacity: capacity)) }

    /// How many wait.
    var count: Int { atomicCount.load(ordering: .sequentiallyConsistent) }

    /// Appends a request; false if the queue is full.
    func append(_ request: BackendRequest) -> Bool {
        return ring.withLock { ring in
            guard ring.append(request) else { return false }
            atomicCount.store(ring.count, ordering: .sequentiallyConsistent)
            return true
        }
    }

    /// Takes the first request if `admit` takes it on; `admit` is not called when nobody waits.
    func takeFirst<Admission: Sendable>(_ admit: (BackendRequest) -> Admission?) -> (
        BackendRequest, Admission
    )? {
        ring.withLock { ring in
            guard let first = ring.first, let admission = admit(first) else { return nil }
            ring.removeFirst()
            atomicCount.store(ring.count, ordering: .sequentiallyConsistent)
            return (first, admission)
        }
    }

    /// Takes the first request away.
    func removeFirst() -> BackendRequest? { takeFirst { _ in () }?.0 }
}

/// The ring itself.
@safe private struct RequestRing: ~Copyable, @unchecked Sendable {
    // Sendable: behind the mutex. The memory is touched only where requests lie, so an image that was never
    // overloaded has none of it resident.
    private var memory: UnsafeMutablePointer<BackendRequest>?
    private let capacity: Int
    private var head = 0
    private(set) var count = 0

    init(capacity: Int) {
        unsafe memory = nil
        self.capacity = capacity
    }

    deinit { unsafe memory?.deallocate() }

    var first: BackendRequest? {
        guard count > 0, let memory = unsafe memory else { return nil }
        return unsafe memory[head]
    }

    mutating func append(_ request: BackendRequest) -> Bool {
        guard count < capacity else { return false }
        let ring = unsafe memory ?? .allocate(capacity: capacity)
        unsafe memory = ring
        unsafe (ring + (head + count) % capacity).initialize(to: request)
        count += 1
        return true
    }

    mutating func removeFirst() {
        head = (head + 1) % capacity
        count -= 1
    }
}
