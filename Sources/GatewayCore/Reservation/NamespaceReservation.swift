// A reservation as a shard judges commands by it: made once from each new state, so that a command only looks
// its host up.

internal import NVMeTCP

/// Who may use a namespace that is reserved.
struct NamespaceReservation {
    private let type: ReservationType
    private let holder: HostID
    /// In ascending order.
    private let registrants: [HostID]

    /// Nil if there is no reservation: then every host may do everything.
    init?(_ state: ReservationState) {
        guard let reservation = state.reservation else { return nil }
        type = reservation.type
        holder = reservation.holder
        registrants = state.registrants.map(\.host).sorted { $0.rawValue < $1.rawValue }
    }

    /// - Throws: Reservation Conflict.
    func admit(_ access: BlockAccess, from host: HostID) throws(CommandFailure) {
        guard type.admits(access, in: role(of: host)) else { throw .reservationConflict }
    }

    private func role(of host: HostID) -> ReservationRole {
        if !type.isHeldByAllRegistrants, host == holder { return .holder }
        guard isRegistrant(host) else { return .other }
        return type.isHeldByAllRegistrants ? .holder : .registrant
    }

    private func isRegistrant(_ host: HostID) -> Bool {
        var (low, high) = (0, registrants.count)
        while low < high {
            let middle = (low + high) / 2
            if registrants[middle].rawValue < host.rawValue { low = middle + 1 } else { high = middle }
        }
        return low < registrants.count && registrants[low] == host
    }
}
