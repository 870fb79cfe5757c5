// What librbd's callback gets as its argument: a record of the request, in a slab that the image allocated
// when it was opened. Taking and giving back a record is one compare-and-swap; nothing is allocated and
// nothing is locked.

internal import CLibrbd
internal import GatewayCore
internal import Synchronization

/// A request that librbd holds. It belongs to whoever took it from the slab: the submitting thread, then
/// librbd's callback.
@unsafe struct InFlight {
    /// Which answer of librbd comes next, and what it means.
    enum Step {
        case read
        /// A read into `scratch`, to be compared with `buffer`.
        case compare
        /// A write, zeroes, deallocation, or compare-and-write: what the image's end may have clipped.
        case change
        /// A write that ends only after a flush of librbd's cache.
        case changeThenFlush
        case flush
    }

    /// The image; it outlives its requests, because it is closed only after the last of them.
    let image: Unmanaged<RBDImageBackend>
    let ticket: CompletionTicket
    let offset: UInt64
    let byteCount: Int
    let buffer: UnsafeMutableRawPointer?
    /// A compare's own memory, freed when it ends.
    let scratch: UnsafeMutableRawPointer?
    /// Where the record lies in its slab.
    let index: UInt32
    /// What was taken from the budgets, to be given back.
    let cost: RequestCost
    var step: Step
    /// Where librbd puts the place of a compare-and-write's first difference, which no command reports.
    var mismatchOffset: UInt64 = 0
}

/// What a request takes from the budgets.
struct RequestCost: BitwiseCopyable {
    /// Bytes of memory that librbd and librados hold for it: 0 for what carries no data.
    var byteCount: Int
    /// Whether it came from the client's budget, beyond what the image has for itself.
    var isShared: Bool
}

/// A fixed number of records with a free list.
@safe final class InFlightSlab: @unchecked Sendable {
    // Sendable: a record is touched by the one thread that holds its index; the list is atomic.
    private let records: UnsafeMutablePointer<InFlight>
    /// For each free record the next free one.
    private let links: UnsafeMutablePointer<Atomic<UInt32>>
    /// For each record who holds it: bit 0 is set while its request is in flight, bits 31:1 are the tick when
    /// it began, and the rest counts the requests that the record has served.
    private let holds: UnsafeMutablePointer<Atomic<UInt64>>
    /// The ticket of each request in flight that may be given up; 0 for others.
    private let tickets: UnsafeMutablePointer<Atomic<UInt>>
    private let capacity: Int
    /// The first free record in the low half; in the high half a count of changes, so that a list that
    /// changed and came back to the same head is not taken for the old one.
    private let head: Atomic<UInt64>
    private static let none: UInt32 = .max

    init(capacity: Int) {
        self.capacity = capacity
        unsafe records = .allocate(capacity: capacity)
        unsafe links = .allocate(capacity: capacity)
        unsafe holds = .allocate(capacity: capacity)
        unsafe tickets = .allocate(capacity: capacity)
        for index in 0..<capacity {
            let next = index + 1 == capacity ? Self.none : UInt32(index + 1)
            unsafe (links + index).initialize(to: Atomic(next))
            unsafe (holds + index).initialize(to: Atomic(0))
            unsafe (tickets + index).initialize(to: Atomic(0))
        }
        head = Atomic(0)
    }

    deinit {
        unsafe links.deinitialize(count: capacity)
        unsafe links.deallocate()
        unsafe holds.deinitialize(count: capacity)
        unsafe holds.deallocate()
        unsafe tickets.deinitialize(count: capacity)
        unsafe tickets.deallocate()
        unsafe records.deallocate()
    }

    /// Takes a record's index; nil if all are taken.
    func take() -> UInt32? {
        var old = head.load(ordering: .acquiring)
        while true {
            let index = UInt32(truncatingIfNeeded: old)
            if index == Self.none { return nil }
            // Another thread may take the record now and change its link; then the exchange fails.
            let next = unsafe links[Int(index)].load(ordering: .relaxed)
            let new = Self.word(next, after: old)
            let (done, seen) = head.weakCompareExchange(
                expected: old, desired: new, ordering: .acquiringAndReleasing)
            if done { return index }
            old = seen
        }
    }

    /// The memory of a record that was taken.
    func record(_ index: UInt32) -> UnsafeMutablePointer<InFlight> {
        precondition(Int(index) < capacity)
        return unsafe records + Int(index)
    }

    /// Gives a record back.
    func give(_ index: UInt32) {
        var old = head.load(ordering: .relaxed)
        while true {
            unsafe links[Int(index)].store(UInt32(truncatingIfNeeded: old), ordering: .relaxed)
            let (done, seen) = head.weakCompareExchange(
                expected: old, desired: Self.word(index, after: old), ordering: .acquiringAndReleasing)
            if done { return }
            old = seen
        }
    }

    // MARK: Requests that don't end

    /// The request of a record begins.
    /// - Parameter mayBeAbandoned: librbd has no memory of the shard's for it.
    func hold(_ index: UInt32, _ ticket: CompletionTicket, since tick: UInt32, mayBeAbandoned: Bool) {
        let bits = mayBeAbandoned ? UInt(bitPattern: unsafe ticket.context) : 0
        unsafe tickets[Int(index)].store(bits, ordering: .relaxed)
        let served = unsafe holds[Int(index)].load(ordering: .relaxed) >> 32 &+ 1
        // The ticket is read by whoever sees this word.
        unsafe holds[Int(index)].store(served << 32 | UInt64(tick << 1 | 1), ordering: .releasing)
    }

    /// librbd has ended a record's request.
    /// - Returns: false if it was given up before.
    func claim(_ index: UInt32) -> Bool {
        let old = unsafe holds[Int(index)].bitwiseAnd(~1, ordering: .acquiringAndReleasing).oldValue
        return old & 1 != 0
    }

    /// Whether a request is in flight that began before `tick`.
    func holds(before tick: UInt32) -> Bool {
        (0..<capacity).contains { index in
            let word = unsafe holds[index].load(ordering: .relaxed)
            // 31 bits of the tick, which go round.
            let age = (tick &- UInt32(truncatingIfNeeded: word) >> 1) & UInt32(Int32.max)
            return word & 1 != 0 && age > 0 && age < 1 << 30
        }
    }

    /// Gives up all requests in flight that may be: whoever called for them is told by `end`, and librbd's
    /// answer, if it ever comes, only frees the record.
    func abandonChanges(_ end: (CompletionTicket) -> Void) {
        for index in 0..<capacity {
            let word = unsafe holds[index].load(ordering: .acquiring)
            let bits = unsafe tickets[index].load(ordering: .relaxed)
            guard word & 1 != 0, let context = unsafe UnsafeMutableRawPointer(bitPattern: bits) else {
                continue
            }
            // The word is another one if the record has been given to another request since: then the ticket
            // may be either's.
            let (isOurs, _) = unsafe holds[index].compareExchange(
                expected: word, desired: word & ~1, ordering: .acquiringAndReleasing)
            if isOurs { unsafe end(CompletionTicket(context: context)) }
        }
    }

    private static func word(_ index: UInt32, after old: UInt64) -> UInt64 {
        ((old >> 32) &+ 1) << 32 | UInt64(index)
    }
}
