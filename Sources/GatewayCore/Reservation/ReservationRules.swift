// What the reservation commands do to a namespace's state, who is told, and whose commands are aborted. Each
// command either fails and changes nothing, or succeeds; ReservationHome runs them one after the other.

internal import NVMeTCP

/// What a command brought about beyond the new state.
struct ReservationEffects: Equatable {
    /// Who is to be told what.
    var notices: [ReservationNotice] = []
    /// Hosts whose commands are to be aborted.
    var abortedHosts: [HostID] = []
}

/// Something that a host's controllers are told, unless it is masked.
struct ReservationNotice: Equatable, Sendable {
    let host: HostID
    let type: ReservationNotificationType
}

extension ReservationState {
    /// Carries out a command of this host.
    ///
    /// - Throws: Reservation Conflict if the host is not what the command asks for; the others as the
    ///   actions say. The state is then unchanged.
    mutating func apply(
        _ command: ReservationCommand, by host: HostID, registrantsMax: Int
    ) throws(CommandFailure) -> ReservationEffects {
        switch command {
        case .register(let register):
            let effects = try apply(register, by: host, registrantsMax: registrantsMax)
            switch register.persistence {
            case .set: persistsThroughPowerLoss = true
            case .clear: persistsThroughPowerLoss = false
            default: break
            }
            generation &+= 1
            return effects
        case .acquire(let acquire):
            try checkKey(acquire.data.currentKey, of: host)
            if acquire.action == .acquire {
                try self.acquire(acquire.type, by: host)
                return ReservationEffects()
            }
            var effects = try preempt(acquire.data.preemptKey, for: acquire.type, by: host)
            if acquire.action == .preemptAndAbort {
                effects.abortedHosts = effects.notices.filter { $0.type == .registrationPreempted }
                    .map(\.host)
            }
            generation &+= 1
            return effects
        case .release(let release):
            try checkKey(release.data.currentKey, of: host)
            if release.action == .release { return try self.release(release.type, by: host) }
            generation &+= 1
            return clear(by: host)
        case .report:
            return ReservationEffects()
        case .setPersistence(let persists):
            persistsThroughPowerLoss = persists
            return ReservationEffects()
        }
    }

    // MARK: Registration

    /// Source: NVM Express Base Specification, "Registering", "Unregistering"; "Reservation Register
    /// command", Ignore Existing Key.
    private mutating func apply(
        _ register: ReservationCommand.Register, by host: HostID, registrantsMax: Int
    ) throws(CommandFailure) -> ReservationEffects {
        let index = registrants.firstIndex { $0.host == host }
        if register.action == .register {
            guard let index else { return try add(host, register.data.newKey, registrantsMax) }
            // Once more with the same key is no error.
            guard registrants[index].key == register.data.newKey else { throw .reservationConflict }
            return ReservationEffects()
        }
        guard let index else {
            // Who ignores the key need not have one (IEKEY): what clusters do that come from SCSI.
            guard register.ignoresKey else { throw .reservationConflict }
            guard register.action == .replace else { return ReservationEffects() }
            return try add(host, register.data.newKey, registrantsMax)
        }
        guard register.ignoresKey || registrants[index].key == register.data.currentKey else {
            throw .reservationConflict
        }
        if register.action == .replace {
            registrants[index].key = register.data.newKey
            return ReservationEffects()
        }
        return unregister(at: index)
    }

    private mutating func add(
        _ host: HostID, _ key: UInt64, _ registrantsMax: Int
    ) throws(CommandFailure) -> ReservationEffects {
        guard registrants.count < registrantsMax else { throw CommandFailure(.internalError.notRetryable) }
        registrants.append(Registrant(host: host, key: key))
        return ReservationEffects()
    }

    private mutating func unregister(at index: Int) -> ReservationEffects {
        let host = registrants.remove(at: index).host
        guard let reservation else { return ReservationEffects() }
        if reservation.type.isHeldByAllRegistrants {
            releaseIfDeserted()
            return ReservationEffects()
        }
        guard reservation.holder == host else { return ReservationEffects() }
        self.reservation = nil
        return reservation.type.admitsRegistrants
            ? ReservationEffects(notices: notices(.reservationReleased, toAllBut: host))
            : ReservationEffects()
    }

    /// A reservation that all registrants hold ends with the last of them.
    private mutating func releaseIfDeserted() {
        if let reservation, reservation.type.isHeldByAllRegistrants, registrants.isEmpty {
            self.reservation = nil
        }
    }

    /// The host must be a registrant and know its key.
    private func checkKey(_ key: UInt64, of host: HostID) throws(CommandFailure) {
        guard let registrant = registrant(host), registrant.key == key else { throw .reservationConflict }
    }

    private func notices(
        _ type: ReservationNotificationType, toAllBut host: HostID
    ) -> [ReservationNotice] {
        registrants.filter { $0.host != host }.map { ReservationNotice(host: $0.host, type: type) }
    }

    // MARK: Acquire

    /// Source: NVM Express Base Specification, "Acquiring a Reservation".
    private mutating func acquire(_ type: ReservationType, by host: HostID) throws(CommandFailure) {
        guard let reservation else {
            self.reservation = Reservation(type: type, holder: host)
            return
        }
        // A holder may ask for what it has; for another type it has to release this one.
        guard isHolder(host), reservation.type == type else { throw .reservationConflict }
    }

    /// Source: NVM Express Base Specification, "Preempting a Reservation or Registration".
    private mutating func preempt(
        _ key: UInt64, for type: ReservationType, by host: HostID
    ) throws(CommandFailure) -> ReservationEffects {
        guard let reservation else { return try unregisterAll(with: key, for: host) }
        if reservation.type.isHeldByAllRegistrants {
            guard key == 0 else { return try unregisterAll(with: key, for: host) }
            return replaceReservation(with: type, by: host) { _ in true }
        }
        if registrant(reservation.holder)?.key == key {
            return replaceReservation(with: type, by: host) { $0.key == key }
        }
        // Zero means all holders, where there may be several.
        guard key != 0 else { throw CommandFailure(.invalidField.notRetryable) }
        return try unregisterAll(with: key, for: host)
    }

    /// Registrations alone are preempted: all with this key, the host's own too.
    private mutating func unregisterAll(
        with key: UInt64, for host: HostID
    ) throws(CommandFailure) -> ReservationEffects {
        let gone = registrants.filter { $0.key == key }
        guard !gone.isEmpty else { throw .reservationConflict }
        registrants.removeAll { $0.key == key }
        releaseIfDeserted()
        return ReservationEffects(
            notices: gone.filter { $0.host != host }
                .map { ReservationNotice(host: $0.host, type: .registrationPreempted) })
    }

    /// The reservation is preempted: those others that are `preempted` are unregistered, and the host holds a
    /// new one. It may have been the holder itself, who so changes the type.
    private mutating func replaceReservation(
        with type: ReservationType, by host: HostID, _ preempted: (Registrant) -> Bool
    ) -> ReservationEffects {
        let gone = registrants.filter { $0.host != host && preempted($0) }
        registrants.removeAll { $0.host != host && preempted($0) }
        let isOther = reservation?.type != type
        reservation = Reservation(type: type, holder: host)
        var effects = ReservationEffects(
            notices: gone.map { ReservationNotice(host: $0.host, type: .registrationPreempted) })
        if isOther { effects.notices += notices(.reservationReleased, toAllBut: host) }
        return effects
    }

    // MARK: Release

    /// Source: NVM Express Base Specification, "Releasing a Reservation"; "Reservation Release command",
    /// Reservation Type.
    private mutating func release(
        _ type: ReservationType, by host: HostID
    ) throws(CommandFailure) -> ReservationEffects {
        // Who holds nothing has nothing to release, which is a success.
        guard let reservation, isHolder(host) else { return ReservationEffects() }
        guard reservation.type == type else { throw .invalidField(byte: 41) }
        self.reservation = nil
        return reservation.type.admitsRegistrants
            ? ReservationEffects(notices: notices(.reservationReleased, toAllBut: host))
            : ReservationEffects()
    }

    /// Source: NVM Express Base Specification, "Clearing a Reservation".
    private mutating func clear(by host: HostID) -> ReservationEffects {
        let effects = ReservationEffects(notices: notices(.reservationPreempted, toAllBut: host))
        registrants = []
        reservation = nil
        return effects
    }
}

extension CommandFailure {
    /// Reservation Conflict, not to be retried as it is.
    static var reservationConflict: CommandFailure { CommandFailure(.reservationConflict.notRetryable) }
}
