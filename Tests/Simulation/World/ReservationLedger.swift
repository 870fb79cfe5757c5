// Which states a namespace's reservation may be in, by what hosts have sent and were told: a command takes
// effect at one moment between its start and its end, in some order with the others, or maybe never if its
// connection was lost. All orders are kept that fit what was answered. If none is left, the target has
// answered something that no order explains.

import NVMeTCP

/// The reservation of one namespace, as hosts may know it.
final class ReservationLedger {
    /// A state, and how those commands would be answered that are under way and have taken effect in it.
    private struct Possibility: Hashable {
        var state = SimulatedReservation()
        var done: [UInt64: Bool] = [:]
    }

    private struct Pending {
        let number: UInt64
        let host: Int
        let wish: ReservationWish
        let sentAt: UInt64
        /// When its connection was lost: nobody will be told how it ends.
        var lostAt: UInt64?
    }

    /// What hosts may have been allowed at some time.
    struct Rights {
        let from: UInt64
        /// By host: whether a state of the time lets it read or write, and whether one does not.
        var mayRead: [Bool]
        var mayNotRead: [Bool]
        var mayWrite: [Bool]
        var mayNotWrite: [Bool]
    }

    private unowned let world: World
    private var possible: Set<Possibility> = [Possibility()]
    private var pending: [Pending] = []
    private(set) var history: [Rights] = []

    init(_ world: World) {
        self.world = world
        note()
    }

    /// Whether another command may be sent: with too many under way there are too many orders.
    var hasRoom: Bool {
        pending.count { $0.lostAt == nil } < 3 && pending.count < 6 && possible.count < 300
    }

    /// Whether a Preempt and Abort was ever sent.
    private(set) var abortsCommands = false

    func sent(_ number: UInt64, by host: Int, _ wish: ReservationWish) {
        pending.append(Pending(number: number, host: host, wish: wish, sentAt: world.now))
        if wish.action == .preemptAndAbort { abortsCommands = true }
        spread()
        note()
    }

    /// - Returns: Whether the answer fits some order.
    func answered(_ number: UInt64, succeeded: Bool) -> Bool {
        guard let index = pending.firstIndex(where: { $0.number == number }) else { return false }
        let answered = pending.remove(at: index)
        possible = possible.filter { $0.done[number] == succeeded }
        forget([number])
        // A namespace's commands are served as they come: what was lost long before this one was sent has had
        // its turn, if it ever came so far.
        let late = pending.filter { ($0.lostAt ?? .max) < answered.sentAt - min(answered.sentAt, Self.delay) }
        pending.removeAll { one in late.contains { $0.number == one.number } }
        forget(late.map(\.number))
        note()
        return !possible.isEmpty
    }

    /// The command never reached the rules, and never will.
    func refused(_ number: UInt64) {
        pending.removeAll { $0.number == number }
        possible = possible.filter { $0.done[number] == nil }
        note()
    }

    /// The connection of its host is gone: it may take effect or not.
    func lost(_ number: UInt64) {
        guard let index = pending.firstIndex(where: { $0.number == number }) else { return }
        pending[index].lostAt = world.now
    }

    /// The longest that a request may be on its way to where it is served, in nanoseconds.
    private static let delay: UInt64 = 8_000_000_000

    /// It is of no interest any more how these ended.
    private func forget(_ numbers: [UInt64]) {
        guard !numbers.isEmpty else { return }
        possible = Set(
            possible.map {
                var next = $0
                for number in numbers { next.done[number] = nil }
                return next
            })
    }

    /// Lets each command under way take effect in each state in which it has not.
    private func spread() {
        var fresh = Array(possible)
        while let one = fresh.popLast() {
            for command in pending where one.done[command.number] == nil {
                var next = one
                next.done[command.number] = next.state.apply(command.wish, by: command.host)
                if possible.insert(next).inserted { fresh.append(next) }
            }
        }
    }

    private func note() {
        let hosts = world.plan.hosts.indices
        func any(_ body: (SimulatedReservation, Int) -> Bool) -> [Bool] {
            hosts.map { host in possible.contains { body($0.state, host) } }
        }
        history.append(
            Rights(
                from: world.nextStep(), mayRead: any { $0.mayRead($1) }, mayNotRead: any { !$0.mayRead($1) },
                mayWrite: any { $0.mayWrite($1) }, mayNotWrite: any { !$0.mayWrite($1) }))
    }

    // MARK: What others ask

    /// Whether a host is certain not to be allowed this now.
    func forbids(_ host: Int, writing: Bool) -> Bool {
        guard let now = history.last else { return false }
        return writing ? !now.mayWrite[host] : !now.mayRead[host]
    }

    /// Whether a conflict may have been found since a step.
    func mayConflict(_ host: Int, writing: Bool, since step: UInt64) -> Bool {
        let first = history.lastIndex { $0.from <= step } ?? 0
        return history[first...].contains { writing ? $0.mayNotWrite[host] : $0.mayNotRead[host] }
    }
}
