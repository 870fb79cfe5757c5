// How much librbd may hold at once, for each image and for all images of a client. Both are one atomic
// word; requests that find no room wait in their image's queue (WaitingRequests.swift) until ClientThread
// tries them again.

internal import Synchronization

/// A number of requests and of bytes in one word, so that one addition counts both.
private struct Load {
    static let byteBits: UInt64 = 40
    let word: UInt64
    var requests: Int { Int(word >> Self.byteBits) }
    var bytes: Int { Int(word & (1 << Self.byteBits - 1)) }

    static func one(_ bytes: Int) -> UInt64 { 1 << byteBits | UInt64(bytes) }
}

/// What all images of one client share, beyond what each has reserved.
final class SharedCredit: Sendable {
    private let load = Atomic<UInt64>(0)
    /// Set by a request that found no room here: the next one that gives back wakes the client's thread.
    private let wanted = Atomic<Bool>(false)
    private let requestsMax: Int
    private let bytesMax: Int

    init(requestsMax: Int, bytesMax: Int) {
        self.requestsMax = requestsMax
        self.bytesMax = bytesMax
    }

    func take(_ bytes: Int) -> Bool {
        let old = Load(word: load.add(Load.one(bytes), ordering: .sequentiallyConsistent).oldValue)
        if old.requests < requestsMax, old.bytes + bytes <= bytesMax || old.bytes == 0 { return true }
        load.subtract(Load.one(bytes), ordering: .sequentiallyConsistent)
        return false
    }

    /// Gives back; true if someone waits for it.
    func give(_ bytes: Int) -> Bool {
        load.subtract(Load.one(bytes), ordering: .sequentiallyConsistent)
        return wanted.load(ordering: .sequentiallyConsistent)
            && wanted.exchange(false, ordering: .sequentiallyConsistent)
    }

    func want() { wanted.store(true, ordering: .sequentiallyConsistent) }
}

/// One image's budget.
final class ImageBudget: Sendable {
    private let load = Atomic<UInt64>(0)
    private let limits: RBDLimits
    private let credit: SharedCredit

    init(_ limits: RBDLimits, _ credit: SharedCredit) {
        self.limits = limits
        self.credit = credit
    }

    /// Takes room for one request with `bytes` of data.
    ///
    /// Requests below the image's reserve never ask the client's credit: the other images can't keep an
    /// image from having its reserve in flight. A request that is larger than a bound goes when nothing
    /// else is in flight.
    /// - Returns: whether the room is the client's; nil if there is none.
    func take(_ bytes: Int) -> Bool? {
        let old = Load(word: load.add(Load.one(bytes), ordering: .sequentiallyConsistent).oldValue)
        guard old.requests < limits.imageRequestsMax,
            old.bytes + bytes <= limits.imageBytesMax || old.bytes == 0
        else {
            load.subtract(Load.one(bytes), ordering: .sequentiallyConsistent)
            return nil
        }
        if old.requests < limits.imageRequestsReserved,
            old.bytes + bytes <= limits.imageBytesReserved || old.bytes == 0
        {
            return false
        }
        if credit.take(bytes) { return true }
        load.subtract(Load.one(bytes), ordering: .sequentiallyConsistent)
        return nil
    }

    /// Gives back what a request took; true if another image waits for it.
    func give(_ cost: RequestCost) -> Bool {
        load.subtract(Load.one(cost.byteCount), ordering: .sequentiallyConsistent)
        return cost.isShared ? credit.give(cost.byteCount) : false
    }

    /// Requests in flight; for tests and metrics.
    var requestCount: Int { Load(word: load.load(ordering: .relaxed)).requests }
}
