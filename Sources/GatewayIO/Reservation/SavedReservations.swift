// Loads what a store of reservations has of the namespaces that are about to be served. Target waits for it:
// a namespace must not be served by anything less than what was acknowledged before a restart.

import GatewayCore
import NVMeTCP

enum SavedReservations {
    /// What was saved of the namespaces of these subsystems, but for those that are known.
    static func load(
        _ subsystems: [Subsystem], from store: (any ReservationStore)?,
        but known: [NamespaceUUID: ReservationRecord] = [:]
    ) async throws(TargetError) -> [NamespaceUUID: ReservationRecord] {
        var saved: [NamespaceUUID: ReservationRecord] = [:]
        guard let store else { return saved }
        let reservable = subsystems.flatMap { subsystem in
            subsystem.namespaces.filter { subsystem.offersReservations($0) }
        }
        for namespace in reservable {
            let id = NamespaceUUID(rawValue: namespace.uuid)
            guard known[id] == nil, saved[id] == nil else { continue }
            let loaded = await withCheckedContinuation { continuation in
                store.load(id) { continuation.resume(returning: $0) }
            }
            do throws(ReservationStoreError) {
                if let record = try loaded.get() { saved[id] = record }
            } catch {
                throw .reservations("reservations of \(namespace.name) can't be read: \(error)")
            }
        }
        return saved
    }
}
