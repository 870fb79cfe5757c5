// What this client may do with its image, and how that changes while hosts use it: what a failed request
// tells, what asking librbd tells, and what the operator reads of it, once. The callback
// (AIOCompletion.swift) only sets bits here; the client's thread does the rest.

internal import GatewayCore
internal import Glibc
internal import Synchronization

/// What requests may do, as far as is known.
enum ImageStanding: UInt8, AtomicRepresentable {
    case serving
    /// Demoted, or a mirror's copy: it may be read, as far as librbd does that, and not written.
    case nonPrimary
    /// The image or its pool is not there any more.
    case gone
    /// This client is on the blocklist. It stays so when the cluster lifts that: what waited meanwhile must
    /// not be written over what others have written since.
    case fenced
}

/// Why requests fail that failed just now: a bit each, set by librbd's callback.
struct ImageTrouble: OptionSet, Sendable {
    let rawValue: UInt8

    static let full = ImageTrouble(rawValue: 1 << 0)
    static let quota = ImageTrouble(rawValue: 1 << 1)
    static let locked = ImageTrouble(rawValue: 1 << 2)
    static let fenced = ImageTrouble(rawValue: 1 << 3)
    /// Anything else that may mean that the image is not what it was.
    static let suspect = ImageTrouble(rawValue: 1 << 4)
    /// Requests that have not ended for long; no errno.
    static let stalled = ImageTrouble(rawValue: 1 << 5)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(errno code: Int32) {
        switch code {
        case ENOSPC: self = .full
        case EDQUOT: self = .quota
        // Another client's lock, or a demotion.
        case EROFS: self = .locked
        case ESHUTDOWN: self = .fenced
        // A deleted pool, revoked capabilities, a demotion; a removed image; a shorter image.
        case EPERM, ENOENT, EINVAL: self = .suspect
        case _: self = []
        }
    }
}

/// What is known of an image's troubles.
final class ImageTroubles: Sendable {
    /// What failed since the client's thread looked last.
    let reported = Atomic<UInt8>(0)
    /// What the operator has read of and is not over yet.
    let told = Atomic<UInt8>(0)
    /// Whether a change was stored while something was told.
    let hasSucceeded = Atomic<Bool>(false)
    /// Whether a promotion must be asked for: librbd tells nobody of one.
    let awaitsPromotion = Atomic<Bool>(false)
    /// Whether whoever registered has been told that the client was fenced.
    let isFenceTold = Atomic<Bool>(false)
    private let questions = Mutex(Questions())

    private struct Questions {
        var last: ContinuousClock.Instant?
        var isDue = false
        /// When a change failed for want of room or of the lock, last.
        var lastFailure: ContinuousClock.Instant?
    }

    /// Whether changes are stored again. A full cluster stores what takes no more room than it had: for some
    /// seconds no other change may fail.
    /// - Parameter hasFailed: whether one has, since the last look.
    func areOver(_ hasFailed: Bool, _ now: ContinuousClock.Instant) -> Bool {
        questions.withLock { questions in
            if hasFailed { questions.lastFailure = now }
            guard let last = questions.lastFailure, now - last >= .seconds(RBDLimits.stallSeconds),
                hasSucceeded.exchange(false, ordering: .acquiringAndReleasing)
            else { return false }
            questions.lastFailure = nil
            return true
        }
    }

    /// Whether a trouble may be over without another request.
    var mayEnd: Bool {
        questions.withLock { $0.lastFailure != nil } && hasSucceeded.load(ordering: .acquiring)
    }

    /// Whether librbd is to be asked now; a question that comes too soon after the last one is kept for
    /// later.
    func mayAsk(_ isWanted: Bool, _ now: ContinuousClock.Instant) -> Bool {
        let awaitsPromotion = awaitsPromotion.load(ordering: .acquiring)
        return questions.withLock { questions in
            if isWanted { questions.isDue = true }
            guard questions.isDue || awaitsPromotion else { return false }
            let pause = questions.isDue ? RBDLimits.lookSeconds : RBDLimits.stallSeconds
            if let last = questions.last, now - last < .seconds(pause) { return false }
            questions.last = now
            questions.isDue = false
            return true
        }
    }

    var hasQuestion: Bool {
        questions.withLock { $0.isDue } || awaitsPromotion.load(ordering: .acquiring)
    }
}

extension RBDImageBackend {
    // MARK: On librbd's thread

    /// How a request ends that librbd failed with `code` (positive).
    func failure(_ code: Int32) -> BackendResult {
        let trouble = ImageTrouble(errno: code)
        if trouble == .fenced { standing.store(.fenced, ordering: .releasing) }
        if !trouble.isEmpty {
            let bit = trouble.rawValue
            let old = troubles.reported.bitwiseOr(bit, ordering: .acquiringAndReleasing).oldValue
            if old & bit == 0 { cluster.thread.post() }
        }
        if code == EPERM {
            switch standing.load(ordering: .acquiring) {
            case .nonPrimary: return .notReady
            case .gone: return .gone
            case .serving, .fenced: break
            }
        }
        return ErrnoTable.result(code)
    }

    /// Whether a result is told only when the client's thread looks next: what a host with a single path
    /// would ask for again at once. Where the client was fenced it is told to leave.
    func isHeld(_ result: BackendResult) -> Bool { result == .unreachable && !isLost }

    /// A change was stored. One load, unless there was trouble.
    func changeSucceeded() {
        if troubles.told.load(ordering: .relaxed) == 0 { return }
        if !troubles.hasSucceeded.exchange(true, ordering: .acquiringAndReleasing) { cluster.thread.post() }
    }

    // MARK: On the client's thread

    /// Whether the client's thread must look again without being told.
    var needsLooking: Bool {
        budget.requestCount > 0 || troubles.hasQuestion || troubles.mayEnd || !held.isEmpty
    }

    /// Deals with what requests have reported, and finds out whether any stalls.
    func lookAfter(_ now: ContinuousClock.Instant, tick: UInt32) {
        guard phase.load(ordering: .acquiring) == .open else { return }
        let reported = ImageTrouble(rawValue: troubles.reported.exchange(0, ordering: .acquiringAndReleasing))
        let ofChanges: ImageTrouble = [.full, .quota, .locked]
        if troubles.areOver(!reported.isDisjoint(with: ofChanges), now) { end(ofChanges) }
        let isStalled =
            budget.requestCount > 0
            && slab.holds(before: tick &- UInt32(RBDLimits.stallSeconds / RBDLimits.lookSeconds))
        if !isStalled { end(.stalled) }
        begin(isStalled ? reported.union(.stalled) : reported)
        if reported.contains(.fenced) { cluster.fence() }
        let isSuspect = isStalled || !reported.isDisjoint(with: [.locked, .suspect])
        if troubles.mayAsk(isSuspect, now) { watch.ask(self, isSuspect: isSuspect) }
    }

    /// Tells the operator of new troubles, once each until it is over.
    private func begin(_ troubles: ImageTrouble) {
        let old = ImageTrouble(
            rawValue: self.troubles.told.bitwiseOr(troubles.rawValue, ordering: .acquiringAndReleasing)
                .oldValue)
        let new = troubles.subtracting(old)
        for (trouble, code) in [(ImageTrouble.full, ENOSPC), (.quota, EDQUOT), (.locked, EROFS)]
        where new.contains(trouble) {
            guard let row = ErrnoTable.row(code) else { continue }
            cluster.log.write(.warning, "image \(spec): writes fail: \(row.reason). \(row.nextStep)")
        }
        if new.contains(.stalled) {
            cluster.log.write(
                .warning,
                "image \(spec): the cluster has not answered for \(RBDLimits.stallSeconds) s. "
                    + "Requests wait and go on by themselves; look for OSDs that are down with `ceph -s`.")
        }
    }

    private func end(_ over: ImageTrouble) {
        let told = ImageTrouble(
            rawValue: troubles.told.bitwiseAnd(~over.rawValue, ordering: .acquiringAndReleasing).oldValue)
        if told.contains(.stalled), over.contains(.stalled) {
            cluster.log.write(.notice, "image \(spec): the cluster answers again.")
        }
        if !told.intersection(over).subtracting(.stalled).isEmpty {
            cluster.log.write(.notice, "image \(spec): writes are stored again.")
        }
    }

    /// The client that this image is open on was fenced.
    func fence() { standing.store(.fenced, ordering: .releasing) }

    /// Has hosts told of it, once.
    func tellFence() {
        guard !troubles.isFenceTold.exchange(true, ordering: .acquiringAndReleasing) else { return }
        watch.tell()
        watch.tell(.fenced)
    }

    // MARK: On the thread that asked

    /// Takes over how the image was found.
    /// - Returns: whether hosts must hear of it.
    func take(_ sighting: ImageSighting) -> Bool {
        switch sighting {
        case .unknown: return false
        case .gone:
            guard change(to: .gone) else { return false }
            cluster.log.write(
                .error,
                "image \(spec): it was removed, or its pool was. Its namespace is not ready any more; "
                    + "take it out of the export.")
            // What changes the image may hang in librbd for ever, and has no memory of ours.
            slab.abandonChanges { $0.complete(.gone) }
            watch.tell(.gone)
            return false
        case .present(let size, let isPrimary):
            troubles.awaitsPromotion.store(!isPrimary, ordering: .releasing)
            // It may sleep.
            if !isPrimary { cluster.thread.post() }
            // A deletion and a fence are for good.
            let roleChanged = change(to: isPrimary ? .serving : .nonPrimary)
            let sizeChanged = byteCount.exchange(size, ordering: .acquiringAndReleasing) != size
            if roleChanged { tellRole(isPrimary) }
            return sizeChanged || roleChanged && !fixed.isReadOnly
        }
    }

    private func change(to new: ImageStanding) -> Bool {
        while true {
            let old = standing.load(ordering: .acquiring)
            if old == new || old == .gone || old == .fenced { return false }
            let (done, _) = standing.compareExchange(
                expected: old, desired: new, ordering: .acquiringAndReleasing)
            if done { return true }
        }
    }

    private func tellRole(_ isPrimary: Bool) {
        cluster.log.write(
            .notice,
            isPrimary
                ? "image \(spec): it was promoted. Its namespace may be written again."
                : "image \(spec): it is not primary. Its namespace is write protected until it is promoted "
                    + "(`rbd mirror image promote \(spec)`).")
    }
}
