// The reservations that one shard is the home of: here commands of all shards are carried out, one after the
// other for each namespace. A change is saved, if it is to persist, then told to all shards; when every one
// of them has said that nothing goes on that it forbids, the command is answered and the next one's turn
// comes. A pure state machine: the shard hands it what happened and carries out what it asks for.

internal import NVMeTCP

/// Reservations of namespaces, each with the commands that wait for it.
struct ReservationHome {
    /// What the shard is to do.
    enum Output {
        case answer(ReservationAnswer)
        case save(ReservationSave)
        /// To every shard, this one too.
        case publish(ReservationChange)
        /// A line for the log.
        case warn(String)
    }

    private struct Seat {
        var record: ReservationRecord
        /// The version that the store has, 0 for none.
        var savedVersion: UInt64
        var step = Step.idle
        /// Commands whose turn has not come: each is an operation that waits on its shard.
        var waiting: [ReservationRequest] = []
    }

    private enum Step {
        case idle
        /// The change waits to be durable.
        case saving(Change)
        /// The change is told; so many shards have not settled it.
        case settling(Change, shardsLeft: Int)
    }

    private struct Change {
        let request: ReservationRequest
        let record: ReservationRecord
        let effects: ReservationEffects
    }

    private let shardID: Int
    private let shardCount: Int
    private let registrantsMax: Int
    private var seats: [NamespaceUUID: Seat] = [:]
    private var outputs: [Output] = []

    init(shardID: Int, shardCount: Int, registrantsMax: Int) {
        self.shardID = shardID
        self.shardCount = shardCount
        self.registrantsMax = registrantsMax
    }

    /// The shard that a namespace's reservations are at home on.
    static func shard(of namespace: NamespaceUUID, among shardCount: Int) -> Int {
        let folded = UInt64(truncatingIfNeeded: namespace.rawValue ^ namespace.rawValue >> 64)
        // The bits of a UUID that never change must not decide alone.
        return Int((folded &* 0x9E37_79B9_7F4A_7C15) >> 32 % UInt64(shardCount))
    }

    /// What to do next, or nil.
    mutating func takeOutput() -> Output? { outputs.isEmpty ? nil : outputs.removeFirst() }

    /// A command arrived.
    mutating func receive(_ request: ReservationRequest) {
        var seat =
            seats[request.namespace]
            ?? Seat(record: request.known, savedVersion: request.known.version)
        if case .report = request.command {
            // It changes nothing and waits for nothing: what it shows may be about to change anyway.
            answer(request, .success(seat.record.state))
        } else {
            seat.waiting.append(request)
        }
        seats[request.namespace] = seat
        proceed(request.namespace)
    }

    /// A save has ended.
    mutating func saved(
        _ namespace: NamespaceUUID, version: UInt64, _ result: Result<Void, ReservationStoreError>
    ) {
        guard case .saving(let change) = seats[namespace]?.step, change.record.version == version else {
            preconditionFailure("what is saved was asked for, once")
        }
        switch result {
        case .success:
            seats[namespace]?.savedVersion = version
            publish(change, of: namespace)
        case .failure(let error):
            outputs.append(.warn("reservations of namespace \(namespace): not saved: \(error)"))
            answer(change.request, .failure(CommandFailure(.internalError)))
            seats[namespace]?.step = .idle
        }
        proceed(namespace)
    }

    /// A shard serves by the newest change, and has nothing under way any more that it forbids.
    mutating func settled(_ namespace: NamespaceUUID, version: UInt64) {
        guard case .settling(let change, let left) = seats[namespace]?.step, change.record.version == version
        else { preconditionFailure("what is settled was told, once to each shard") }
        if left > 1 {
            seats[namespace]?.step = .settling(change, shardsLeft: left - 1)
        } else {
            finish(change, of: namespace)
            proceed(namespace)
        }
    }

    // MARK: One after the other

    /// Carries out waiting commands until one has to wait for somebody.
    private mutating func proceed(_ namespace: NamespaceUUID) {
        while let seat = seats[namespace], case .idle = seat.step, let request = seat.waiting.first {
            seats[namespace]?.waiting.removeFirst()
            begin(request, seat)
        }
    }

    private mutating func begin(_ request: ReservationRequest, _ seat: Seat) {
        var state = seat.record.state
        let effects: ReservationEffects
        do throws(CommandFailure) {
            effects = try state.apply(request.command, by: request.host, registrantsMax: registrantsMax)
        } catch {
            return answer(request, .failure(error))
        }
        guard state != seat.record.state else { return answer(request, .success(state)) }
        let record = ReservationRecord(version: seat.record.version + 1, state: state)
        let change = Change(request: request, record: record, effects: effects)
        if state.persistsThroughPowerLoss || seat.record.state.persistsThroughPowerLoss {
            seats[request.namespace]?.step = .saving(change)
            outputs.append(
                .save(
                    ReservationSave(
                        namespace: request.namespace, record: record.asSaved, replacing: seat.savedVersion)))
        } else {
            publish(change, of: request.namespace)
        }
    }

    private mutating func publish(_ change: Change, of namespace: NamespaceUUID) {
        guard let old = seats[namespace]?.record.state else { preconditionFailure("a change has its seat") }
        let isRestriction =
            old.isRestricted(by: change.record.state)
            || !change.effects.abortedHosts.isEmpty
        seats[namespace]?.record = change.record
        outputs.append(
            .publish(
                ReservationChange(
                    namespace: namespace, record: change.record, notices: change.effects.notices,
                    abortedHosts: change.effects.abortedHosts, isRestriction: isRestriction, home: shardID)))
        // Also what permits more is answered only when all shards know: the host may use another queue next.
        seats[namespace]?.step = .settling(change, shardsLeft: shardCount)
    }

    private mutating func finish(_ change: Change, of namespace: NamespaceUUID) {
        seats[namespace]?.step = .idle
        answer(change.request, .success(change.record.state))
    }

    private mutating func answer(
        _ request: ReservationRequest, _ outcome: Result<ReservationState, CommandFailure>
    ) {
        outputs.append(
            .answer(ReservationAnswer(to: request.from, slot: request.slot, outcome: outcome)))
    }
}

extension ReservationRecord {
    /// What a restart is to bring back: all of it, or, if it does not persist, nothing but the version.
    var asSaved: ReservationRecord {
        state.persistsThroughPowerLoss ? self : ReservationRecord(version: version)
    }
}

/// What a shard knows of the namespaces' reservations: what home shards have told it, and before that what
/// the model says was saved. Its controllers read it too.
final class ReservationViews {
    /// One for each namespace that was ever reserved or registered at.
    private var records: [NamespaceUUID: ReservationRecord] = [:]

    subscript(namespace: NamespaceUUID) -> ReservationRecord {
        records[namespace] ?? ReservationRecord()
    }

    /// A home shard's word: it counts.
    func install(_ record: ReservationRecord, of namespace: NamespaceUUID) { records[namespace] = record }

    /// What was saved counts where no home shard has said anything yet.
    func learn(_ saved: [NamespaceUUID: ReservationRecord]) {
        for (namespace, record) in saved where records[namespace] == nil { records[namespace] = record }
    }
}
