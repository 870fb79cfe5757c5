// What a host does with reservations: it registers with a key of its own, acquires, preempts others, releases
// and clears, as hosts of a cluster do that have lost sight of each other.

import NVMeTCP

extension SimulatedHost {
    /// The key of a host.
    private static func key(_ host: Int) -> UInt64 { UInt64(host + 1) * 0x1111 }

    /// Sends a command about some namespace's reservation.
    /// - Returns: Whether it did: only so many are under way at once.
    func sendReservation(on queue: HostQueue) -> Bool {
        let store = world.random.pick(world.stores)
        guard store.ledger.hasRoom else { return false }
        quota -= 1
        let actions: [ReservationWish.Action] = [
            .register, .register, .register, .unregister, .acquire, .acquire, .preempt, .preemptAndAbort,
            .release, .release, .clear,
        ]
        var reservation = ReservationWish(action: world.random.pick(actions), key: Self.key(number))
        reservation.otherKey = Self.key(world.random.below(world.plan.hosts.count))
        if world.random.chance(0.2) { reservation.otherKey = 0 }
        reservation.type = UInt8(world.random.between(1, 6))
        var wish = CommandWish(kind: .reservation, namespaceID: UInt32(store.number + 1))
        wish.reservation = reservation
        wish.isInCapsule = world.random.chance(0.6)
        send(world.judge.sent(wish, on: queue), on: queue)
        return true
    }

    /// Asks for the report of some namespace's reservation: each registrant must be a host with its key.
    func sendReport(on queue: HostQueue) {
        world.count(.reservationReport)
        let byteCount = 64 * 16
        var entry = SubmissionEntry(opcode: IOOpcode.reservationReport.rawValue)
        entry.dword1 = UInt32(world.random.pick(world.stores).number + 1)
        entry.dword10 = UInt32(byteCount / 4 - 1)
        // Extended Data Structure (EDS): host identifiers of 128 bits.
        entry.dword11 = 1
        queue.send(entry, reading: byteCount) { [self] completion, data in
            work(on: queue)
            guard completion.status.isSuccess else {
                // Its namespace may be gone or out of reach, or its queue.
                let reasons: [Status] = [
                    .invalidField, .invalidNamespaceOrFormat, .anaInaccessible, .anaPersistentLoss,
                    .anaTransition, .abortedQueueDeletion, .abortRequested, .abortedPreempt,
                ]
                if !reasons.contains(completion.status.kind) {
                    world.fail("host \(number): Reservation Report: \(completion.status.name)")
                }
                return
            }
            let report = data.withUnsafeBytes { ReservationStatus($0.bytes, layout: .extended) }
            let isRight = report?.registrants.allSatisfy { registrant in
                let host = Int(registrant.hostID.rawValue) - 1
                return world.plan.hosts.indices.contains(host) && registrant.key == Self.key(host)
            }
            if isRight != true {
                world.fail("host \(number): Reservation Report says \(String(describing: report))")
            }
        }
    }

    static func keyBytes(_ wish: CommandWish) -> [UInt8] {
        guard let reservation = wish.reservation else { return [] }
        var keys: [UInt64]
        switch reservation.action {
        case .register: keys = [0, reservation.key]
        case .unregister: keys = [reservation.key, 0]
        case .acquire: keys = [reservation.key, 0]
        case .preempt, .preemptAndAbort: keys = [reservation.key, reservation.otherKey]
        case .release, .clear: keys = [reservation.key]
        }
        return keys.withUnsafeMutableBytes { Array($0) }
    }

    static func reserve(_ reservation: ReservationWish, _ plain: SubmissionEntry) -> SubmissionEntry {
        let (opcode, action): (IOOpcode, UInt32) =
            switch reservation.action {
            case .register: (.reservationRegister, 0)
            case .unregister: (.reservationRegister, 1)
            case .acquire: (.reservationAcquire, 0)
            case .preempt: (.reservationAcquire, 1)
            case .preemptAndAbort: (.reservationAcquire, 2)
            case .release: (.reservationRelease, 0)
            case .clear: (.reservationRelease, 1)
            }
        var entry = plain
        entry.dword0 = entry.dword0 & ~0xFF | UInt32(opcode.rawValue)
        let hasType = opcode != .reservationRegister
        entry.dword10 = action | (hasType ? UInt32(reservation.type) << 8 : 0)
        return entry
    }
}
