// What reservations forbid: no request may reach a store that is certainly not allowed then, and when a host
// is told that its command has taken effect, none may be left in the store that it forbids.

import GatewayCore
import NVMeTCP

enum ReservationRules {
    /// A request is handed to a store.
    static func complaint(
        of request: BackendRequest, to store: FaultingBackend, for command: SimulatedCommand
    ) -> String? {
        let writes = changes(request, of: command)
        return store.ledger.forbids(command.queue.host.number, writing: writes)
            ? "\(request.operation) reached store \(store.number), whose reservation forbids it" : nil
    }

    /// Whether a request belongs to those that change blocks, as reservations tell them apart: a Flush does,
    /// but not one that Force Unit Access of a reading command brings about.
    private static func changes(_ request: BackendRequest, of command: SimulatedCommand) -> Bool {
        switch request.operation {
        case .read, .compare: false
        case .write, .writeZeroes, .deallocate, .compareAndWrite: true
        case .flush: [.flush, .flushAll].contains(command.wish.kind)
        }
    }

    /// A command about a reservation was answered.
    static func answered(_ command: SimulatedCommand, _ status: Status, _ world: World) -> String? {
        guard let store = command.store else { return nil }
        switch status.kind {
        case .success, .reservationConflict: break
        case .invalidField where !isGone(command, world): break
        default:
            // It was refused before it came so far.
            store.ledger.refused(command.number)
            return nil
        }
        guard store.ledger.answered(command.number, succeeded: status.isSuccess) else {
            return "answered with \(status.name), which no order of the reservation commands explains"
        }
        for pending in world.judge.openRequests where pending.store === store {
            guard let other = pending.command else { continue }
            let writes = changes(pending.request, of: other)
            if store.ledger.forbids(other.queue.host.number, writing: writes) {
                return "answered while \(other.description) is in its store, which it forbids"
            }
        }
        return nil
    }

    private static func isGone(_ command: SimulatedCommand, _ world: World) -> Bool {
        let host = command.queue.host.number
        return command.views(world).contains { !$0.has(command.wish.namespaceID, for: host) }
    }

    /// Whether a conflict may have been found for a command.
    static func mayConflict(_ command: SimulatedCommand, _ world: World) -> Bool {
        let host = command.queue.host.number
        let ids =
            command.wish.kind == .flushAll
            ? world.stores.map { UInt32($0.number + 1) } : command.namespaceIDs
        return ids.contains { id in
            guard let ledger = world.operations.store(of: id)?.ledger else { return false }
            return [true, false].contains { ledger.mayConflict(host, writing: $0, since: command.start) }
        }
    }

    static func mayBePreempted(_ command: SimulatedCommand, _ world: World) -> Bool {
        command.namespaceIDs.contains { world.operations.store(of: $0)?.ledger.abortsCommands == true }
    }
}
