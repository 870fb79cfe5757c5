// Reservations as the specification tells them, written once more and by itself: what a host may do, and what
// a command makes of a state. One state is a small value, so that many of them can be kept at once.

import NVMeTCP

/// Who is registered and who holds the reservation, by the hosts' numbers.
struct SimulatedReservation: Hashable {
    /// The key of each host that is registered.
    var keys: [Int: UInt64] = [:]
    var type: UInt8 = 0
    var holder: Int?

    private var isAllRegistrants: Bool { type == 5 || type == 6 }

    func isHolder(_ host: Int) -> Bool {
        if type == 0 { return false }
        return isAllRegistrants ? keys[host] != nil : holder == host
    }

    func mayRead(_ host: Int) -> Bool {
        switch type {
        case 2: isHolder(host)
        case 4, 6: keys[host] != nil
        default: true
        }
    }

    func mayWrite(_ host: Int) -> Bool {
        switch type {
        case 0: true
        case 1, 2: isHolder(host)
        default: keys[host] != nil
        }
    }

    /// Does a command.
    /// - Returns: Whether it succeeds; if not, nothing has changed.
    mutating func apply(_ command: ReservationWish, by host: Int) -> Bool {
        switch command.action {
        case .register:
            if let key = keys[host] { return key == command.key }
            keys[host] = command.key
            return true
        case .unregister:
            guard keys[host] == command.key else { return false }
            keys[host] = nil
            let isDeserted = isAllRegistrants ? keys.isEmpty : holder == host
            if type != 0, isDeserted { (type, holder) = (0, nil) }
            return true
        case .acquire:
            guard keys[host] == command.key else { return false }
            if type == 0 {
                (type, holder) = (command.type, host)
                return true
            }
            return isHolder(host) && type == command.type
        case .preempt, .preemptAndAbort: return preempt(command, by: host)
        case .release:
            guard keys[host] == command.key else { return false }
            guard isHolder(host) else { return true }
            guard type == command.type else { return false }
            (type, holder) = (0, nil)
            return true
        case .clear:
            guard keys[host] == command.key else { return false }
            self = SimulatedReservation()
            return true
        }
    }

    private mutating func preempt(_ command: ReservationWish, by host: Int) -> Bool {
        guard keys[host] == command.key else { return false }
        let isHeld = type != 0
        let meetsHolder =
            isHeld
            && (isAllRegistrants ? command.otherKey == 0 : holder.flatMap { keys[$0] } == command.otherKey)
        if meetsHolder {
            let all = isAllRegistrants
            keys = keys.filter { $0.key == host || !(all || $0.value == command.otherKey) }
            (type, holder) = (command.type, host)
            return true
        }
        guard command.otherKey != 0, keys.values.contains(command.otherKey) else { return false }
        keys = keys.filter { $0.value != command.otherKey }
        if isAllRegistrants, keys.isEmpty { (type, holder) = (0, nil) }
        return true
    }
}

/// What a host wants of a namespace's reservation.
struct ReservationWish {
    enum Action: CaseIterable {
        case register, unregister, acquire, preempt, preemptAndAbort, release, clear
    }

    var action: Action
    /// The host's own key, and for a preemption that of another.
    var key: UInt64
    var otherKey: UInt64 = 0
    var type: UInt8 = 1
}
