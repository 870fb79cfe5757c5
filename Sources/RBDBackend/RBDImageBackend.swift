// The way of a request to librbd: the I/O handlers' BackendRequest becomes one rbd_aio_* call on the
// shard's own thread. What comes back is in AIOCompletion.swift; opening and closing in
// RBDImageBackend+Open.swift; what happens to the image meanwhile in RBDImageBackend+Standing.swift.

internal import CLibrbd
public import GatewayCore
internal import Glibc
internal import Synchronization

/// Why an image is lost to a gateway until it is opened anew.
public enum ImageLoss: Sendable {
    /// Its client was fenced, and is not to write any more.
    case fenced
    /// The image was removed, or its pool was.
    case gone
}

/// An RBD image as a block backend.
///
/// Every request goes through librbd's asynchronous calls: librbd copies what is written, and reads into
/// the request's own buffer. A stopped OSD makes requests wait, without an error, until it is back. Close
/// it when no request is in flight: an open image traps when it is released.
public final class RBDImageBackend: BlockBackend {
    /// The image's name when it was opened.
    public let spec: ImageSpec
    /// What stays the same on every gateway and when the image is renamed: to derive a UUID or NGUID from.
    public let identity: ImageIdentity

    /// The client that it is open in.
    public let cluster: Cluster
    let handle: ImageHandle
    let slab: InFlightSlab
    let budget: ImageBudget
    let waiting: WaitingRequests
    let watch: ImageWatch
    let troubles: ImageTroubles
    let held: HeldFailures
    /// The size in bytes; only ImageWatch changes it.
    let byteCount: Atomic<UInt64>
    let standing = Atomic<ImageStanding>(.serving)
    let phase = Atomic<Phase>(.open)
    /// The geometry at opening: all stays but the size, and that it may be written.
    let fixed: BlockGeometry
    /// Whether librbd encrypts what is written.
    private let isEncrypted: Bool

    /// The life of the handle.
    enum Phase: UInt8, AtomicRepresentable {
        case open
        case closing
        case closed
    }

    init(_ opened: OpenedImage, _ spec: ImageSpec, _ cluster: Cluster) {
        self.spec = spec
        self.cluster = cluster
        identity = opened.identity
        handle = opened.handle
        fixed = opened.geometry
        isEncrypted = opened.isEncrypted
        byteCount = Atomic(opened.geometry.byteCount)
        slab = InFlightSlab(capacity: cluster.limits.imageRequestsMax)
        budget = ImageBudget(cluster.limits, cluster.credit)
        waiting = WaitingRequests(capacity: cluster.limits.waitingRequestsMax)
        held = HeldFailures(capacity: cluster.limits.waitingRequestsMax)
        watch = ImageWatch()
        troubles = ImageTroubles()
    }

    deinit {
        precondition(
            phase.load(ordering: .acquiring) == .closed, "image \(spec): released before it was closed")
    }

    public var geometry: BlockGeometry {
        var geometry = fixed
        geometry.byteCount = byteCount.load(ordering: .acquiring)
        if standing.load(ordering: .acquiring) == .nonPrimary { geometry.isReadOnly = true }
        return geometry
    }

    /// Whether this client was fenced: no request of it reaches the image any more.
    public var isLost: Bool { standing.load(ordering: .acquiring) == .fenced }

    /// Registers who is told of a resize, a demotion, a promotion or a fence: on a thread of this module,
    /// soon after another client made it.
    public func onGeometryChange(_ notify: @escaping @Sendable () -> Void) { watch.add(notify) }

    /// Registers who is told, once, that the image is lost to this gateway: on a thread of this module.
    public func onLoss(_ notify: @escaping @Sendable (ImageLoss) -> Void) {
        watch.addLoss(notify)
        // It may have been lost before anybody was to be told.
        switch standing.load(ordering: .acquiring) {
        case .fenced: notify(.fenced)
        case .gone: notify(.gone)
        case .serving, .nonPrimary: break
        }
    }

    /// Reads the image's size again from the cluster, and tells of it if it is another one. Returns when that
    /// is done, or after `limits.monitorSeconds`.
    public func refresh() async {
        // Whoever looks at the geometry next sees what was found; late is good enough.
        _ = await callOnThread(
            within: .seconds(cluster.limits.monitorSeconds), stranded: cluster.stranded,
            orphaned: { (_: Void) in }, { self.watch.refresh(self) })
    }

    /// Requests that librbd holds, and requests that wait for room; for metrics.
    public var load: (inFlight: Int, waiting: Int) { (budget.requestCount, waiting.count) }

    public func submit(_ request: BackendRequest) -> BackendSubmission {
        precondition(phase.load(ordering: .relaxed) == .open, "image \(spec): a request after close")
        if let result = refusal(request) { return .completed(result) }
        // Who comes later does not overtake who waits.
        if waiting.count == 0, case .some(let cost) = admit(request) { return begin(request, cost) }
        guard waiting.append(request) else { return .completed(.unreachable) }
        // Room may have come free between the two looks: the client's thread looks
        // again.
        cluster.thread.post()
        return .pending
    }

    /// Submits what waits, as far as there is room. The client's thread calls it.
    func drain() {
        while let (request, cost) = waiting.takeFirst({ request in
            if let cost = admit(request) { return cost }
            // Ask to be woken by another image's end, then look once more: one may have just ended.
            cluster.credit.want()
            return admit(request)
        }) {
            if case .completed(let result) = begin(request, cost) { request.ticket.complete(result) }
        }
    }

    /// What ends a request before librbd sees it.
    private func refusal(_ request: BackendRequest) -> BackendResult? {
        let standing = standing.load(ordering: .acquiring)
        switch standing {
        case .serving, .nonPrimary: break
        case .gone: return .gone
        case .fenced: return .unreachable
        }
        let isReadOnly = fixed.isReadOnly || standing == .nonPrimary
        switch request.operation {
        case .flush:
            // Nothing was ever written, or demoting has flushed it.
            return isReadOnly ? .success : nil
        case .write, .writeZeroes, .deallocate, .compareAndWrite:
            if isReadOnly { return .readOnly }
            // librbd would write encrypted zeroes to all of it and free nothing.
            if isEncrypted, request.operation == .deallocate { return .unsupported }
        case .read, .compare:
            break
        }
        // The core has checked this; but the image may have shrunk since, and librbd clips a write silently.
        let end = request.offset.addingReportingOverflow(UInt64(request.byteCount))
        if end.overflow || end.partialValue > byteCount.load(ordering: .relaxed) { return .outOfRange }
        if request.byteCount == 0 { return .success }
        return nil
    }

    private func admit(_ request: BackendRequest) -> RequestCost? {
        let bytes =
            switch request.operation {
            case .read, .write: request.byteCount
            // Our own memory beside the shard's; librbd's copies of both.
            case .compare, .compareAndWrite: 2 * request.byteCount
            case .flush, .writeZeroes, .deallocate: 0
            }
        return budget.take(bytes).map { RequestCost(byteCount: bytes, isShared: $0) }
    }

    /// Hands an admitted request to librbd.
    private func begin(_ request: BackendRequest, _ cost: RequestCost) -> BackendSubmission {
        guard let index = slab.take() else {
            preconditionFailure("the budget admits no more than the slab holds")
        }
        var scratch: UnsafeMutableRawPointer?
        if request.operation == .compare {
            // The only allocation on the way of a request: a compare needs the store's bytes beside the
            // host's. The budget counts it.
            unsafe scratch = .allocate(byteCount: request.byteCount, alignment: 4096)
        }
        let record = unsafe slab.record(index)
        unsafe record.initialize(
            to: InFlight(
                image: .passUnretained(self), ticket: request.ticket, offset: request.offset,
                byteCount: request.byteCount, buffer: request.buffer, scratch: scratch, index: index,
                cost: cost,
                step: step(request)))
        let tick = cluster.thread.tick.load(ordering: .relaxed)
        slab.hold(index, request.ticket, since: tick, mayBeAbandoned: request.keepsNoBuffer)
        cluster.thread.requestBegins()
        let code = unsafe AIOCompletion.start(record) { completion in
            unsafe call(request, record, completion)
        }
        if code == 0 { return .pending }
        // librbd took nothing: no callback will come.
        unsafe scratch?.deallocate()
        let isOurs = slab.claim(index)
        precondition(isOurs, "a request that never began is not given up")
        release(index, cost)
        return .completed(failure(abs(code)))
    }

    private func step(_ request: BackendRequest) -> InFlight.Step {
        switch request.operation {
        case .read: .read
        case .compare: .compare
        case .flush: .flush
        // Without a cache a write's acknowledgement comes from RADOS: Force Unit Access asks for nothing
        // more.
        case .write, .writeZeroes, .deallocate, .compareAndWrite:
            request.forceUnitAccess && fixed.hasVolatileWriteCache ? .changeThenFlush : .change
        }
    }

    private func call(
        _ request: BackendRequest, _ record: UnsafeMutablePointer<InFlight>, _ completion: rbd_completion_t
    ) -> Int32 {
        // The buffers are valid until the request ends: the shard's slab keeps one, the record the other.
        let scratch = unsafe record.pointee.scratch
        switch request.operation {
        case .read:
            return unsafe rbd_aio_read(
                handle.image, request.offset, request.byteCount,
                request.buffer?.assumingMemoryBound(to: CChar.self), completion)
        case .compare:
            return unsafe rbd_aio_read(
                handle.image, request.offset, request.byteCount, scratch?.assumingMemoryBound(to: CChar.self),
                completion)
        case .compareAndWrite:
            // Librbd tells where the difference is into the record, which stays as long as its request.
            let code = unsafe rbd_aio_compare_and_write(
                handle.image, request.offset, request.byteCount,
                request.buffer?.assumingMemoryBound(to: CChar.self),
                request.writeBuffer?.assumingMemoryBound(to: CChar.self), completion,
                &record.pointee.mismatchOffset, 0)
            return Int32(truncatingIfNeeded: code)
        case .write:
            return unsafe rbd_aio_write(
                handle.image, request.offset, request.byteCount,
                request.buffer?.assumingMemoryBound(to: CChar.self), completion)
        case .flush:
            return unsafe rbd_aio_flush(handle.image, completion)
        case .writeZeroes:
            // Thick: the space is allocated and stays so. Thin: whole objects are removed, parts of them
            // zeroed.
            let flags = request.mayDeallocate ? 0 : Int32(RBD_WRITE_ZEROES_FLAG_THICK_PROVISION)
            return unsafe rbd_aio_write_zeroes(
                handle.image, request.offset, request.byteCount, completion, flags, 0)
        case .deallocate:
            return unsafe rbd_aio_discard(handle.image, request.offset, UInt64(request.byteCount), completion)
        }
    }

    /// Gives back a record and what its request took, and wakes who waits for it.
    func release(_ index: UInt32, _ cost: RequestCost) {
        slab.give(index)
        let othersWait = budget.give(cost)
        if othersWait || waiting.count > 0 { cluster.thread.post() }
    }
}

extension BackendRequest {
    /// Whether librbd leaves the shard's memory alone once it has taken the request: it copies what is
    /// written, and flushes and zeroes have none.
    fileprivate var keepsNoBuffer: Bool {
        switch operation {
        case .write, .writeZeroes, .deallocate, .flush: true
        case .read, .compare, .compareAndWrite: false
        }
    }
}
