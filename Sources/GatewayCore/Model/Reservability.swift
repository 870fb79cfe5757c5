// Which namespaces of a model hosts may reserve, and where that is another answer than in the model before:
// hosts are told of that. Made with the model, for its shards have no time to compare thousands of namespaces
// for each controller.

/// The namespaces that hosts may reserve.
struct Reservability: Sendable {
    /// By UUID.
    let uuids: Set<UInt128>
    /// Those that were there before and may be reserved now, or may not be any more.
    let changed: Set<UInt128>

    /// Namespaces whose store or UUID is there more than once are not: reservations of the one would say
    /// nothing of the other.
    init(of subsystems: [Subsystem], after old: TargetModel? = nil) {
        var backends: [ObjectIdentifier: Int] = [:]
        var known: [UInt128: Int] = [:]
        for namespace in subsystems.flatMap(\.namespaces) {
            backends[ObjectIdentifier(namespace.backend), default: 0] += 1
            known[namespace.uuid, default: 0] += 1
        }
        var uuids: Set<UInt128> = []
        for subsystem in subsystems {
            for namespace in subsystem.namespaces
            where subsystem.offersReservations(namespace) && known[namespace.uuid] == 1
                && backends[ObjectIdentifier(namespace.backend)] == 1
            {
                uuids.insert(namespace.uuid)
            }
        }
        self.uuids = uuids
        guard let old, old.reservability.uuids != uuids else {
            changed = []
            return
        }
        let before = Set(old.subsystems.flatMap(\.namespaces).map(\.uuid))
        changed = old.reservability.uuids.symmetricDifference(uuids).filter {
            before.contains($0) && known[$0] != nil
        }
    }
}
