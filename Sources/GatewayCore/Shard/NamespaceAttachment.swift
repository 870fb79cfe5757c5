// A namespace as one shard sees it: the backend object to submit to, the size that commands are checked
// against, and what is under way. It is replaced when the model has another namespace under its NSID, and let
// go when the last command has ended.

internal import NVMeTCP

/// A shard's side of one namespace.
final class NamespaceAttachment {
    /// The same to hosts all its life (`Namespace.isSame`).
    private(set) var namespace: Namespace
    let backend: any BlockBackend
    let blockShift: UInt8
    /// What commands are checked against; read from the backend at attach and when it says that it changed.
    private(set) var blockCount: UInt64
    private(set) var isReadOnly: Bool
    private(set) var hasVolatileWriteCache: Bool
    /// Whether fused Compare and Write is served.
    private(set) var offersCompareAndWrite: Bool
    /// Whether it is in its subsystem's table: commands that began with another one find the current one.
    var isCurrent = true
    /// What all its commands are answered with because of its ANA state; nil while they are served.
    private(set) var anaRefusal: Status?
    /// Who may use it; nil while it is not reserved.
    var reservation: NamespaceReservation?
    /// Commands between arrival and end.
    @safe @exclusivity(unchecked) var inFlightCount = 0
    /// Its part in the shard's data buffers.
    @safe @exclusivity(unchecked) var lines = BufferLines()
    /// Whether it has limits, and its commands that wait for their turn.
    private(set) var isPaced = false
    @safe @exclusivity(unchecked) var paced = PacedLine()
    /// Commands that have ended.
    @safe @exclusivity(unchecked) var traffic = TrafficTotals()
    /// Requests that the backend has.
    @safe @exclusivity(unchecked) var submissions = SubmissionEpochs()

    init(
        _ namespace: Namespace, services: any ShardServices, reservations: ReservationRecord
    ) {
        self.namespace = namespace
        backend = namespace.backend.attached(to: services)
        blockShift = namespace.blockSize.shift
        let geometry = namespace.backend.geometry
        blockCount = geometry.byteCount >> UInt64(blockShift)
        isReadOnly = geometry.isReadOnly
        hasVolatileWriteCache = geometry.hasVolatileWriteCache
        offersCompareAndWrite = namespace.offersCompareAndWrite
        reservation = NamespaceReservation(reservations.state)
    }

    /// Whether nothing of it is under way.
    var isUnused: Bool { inFlightCount == 0 && submissions.isEmpty }

    /// Whether it is for some hosts only.
    private var isForSome = false
    /// Whether a command that found it may have lost it since: then it is looked up again before each
    /// request.
    var mustBeLookedUp: Bool { !isCurrent || isForSome }

    /// Takes over what may change of a namespace while its commands go on.
    func apply(_ namespace: Namespace, anaState: ANAState) {
        self.namespace = namespace
        isForSome = namespace.visibility != .any
        isPaced = namespace.rateLimiter != nil
        anaRefusal = anaState.refusal
    }

    func refresh() {
        let geometry = namespace.backend.geometry
        blockCount = geometry.byteCount >> UInt64(blockShift)
        isReadOnly = geometry.isReadOnly
        hasVolatileWriteCache = geometry.hasVolatileWriteCache
        offersCompareAndWrite = namespace.offersCompareAndWrite
    }
}
