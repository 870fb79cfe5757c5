// All that is configured, as one immutable value: a change is a new model, which every shard swaps in between
// two commands.

public import NVMeTCP

/// The configured target.
public final class TargetModel: Sendable {
    /// Counts changes.
    public let generation: UInt64
    /// Counts the changes that a host may see in its Discovery log: its Generation Counter (GENCTR).
    public let discoveryGeneration: UInt64
    public let subsystems: [Subsystem]
    public let ports: [Port]
    public let discovery: DiscoveryService
    /// Whether reservations may persist through power loss: there is a store that keeps them.
    public let persistsReservations: Bool
    /// The identifiers (CNTLID) that controllers may have; nil for those of `Limits`.
    public let controllerIDs: ClosedRange<UInt16>?
    /// What that store had of the namespaces' reservations when the model was made.
    package let savedReservations: [NamespaceUUID: ReservationRecord]
    private let byNQN: [String: Subsystem]
    /// The namespaces that hosts may reserve.
    let reservability: Reservability

    /// - Parameter discoveryGeneration: Nil for `generation`.
    public convenience init(
        generation: UInt64, subsystems: [Subsystem], ports: [Port],
        discovery: DiscoveryService = DiscoveryService(), discoveryGeneration: UInt64? = nil,
        persistsReservations: Bool = false, savedReservations: [NamespaceUUID: ReservationRecord] = [:]
    ) {
        self.init(
            generation, subsystems, ports, discovery, discoveryGeneration ?? generation,
            persistsReservations, nil, savedReservations, Reservability(of: subsystems))
    }

    private init(
        _ generation: UInt64, _ subsystems: [Subsystem], _ ports: [Port], _ discovery: DiscoveryService,
        _ discoveryGeneration: UInt64, _ persistsReservations: Bool,
        _ controllerIDs: ClosedRange<UInt16>?,
        _ savedReservations: [NamespaceUUID: ReservationRecord], _ reservability: Reservability
    ) {
        self.generation = generation
        self.discoveryGeneration = discoveryGeneration
        self.subsystems = subsystems
        self.ports = ports
        self.discovery = discovery
        self.persistsReservations = persistsReservations
        self.controllerIDs = controllerIDs
        self.savedReservations = savedReservations
        byNQN = Dictionary(uniqueKeysWithValues: subsystems.map { ($0.nqn, $0) })
        self.reservability = reservability
    }

    /// The model that follows this one.
    /// - Parameters:
    ///   - ports: Nil for those that there are.
    ///   - discovery: Nil for what there is.
    ///   - controllerIDs: Nil for those that there are.
    package func next(
        with subsystems: [Subsystem], ports: [Port]? = nil, discovery: DiscoveryService? = nil,
        controllerIDs: ClosedRange<UInt16>? = nil, savedReservations: [NamespaceUUID: ReservationRecord] = [:]
    ) -> TargetModel {
        let discovery = discovery ?? self.discovery
        let ports = ports ?? self.ports
        let isSame =
            discovery == self.discovery && ports == self.ports
            && subsystems.elementsEqual(self.subsystems) { $0.isDiscovered(as: $1) }
        return TargetModel(
            generation + 1, subsystems, ports, discovery,
            isSame ? discoveryGeneration : discoveryGeneration + 1, persistsReservations,
            controllerIDs ?? self.controllerIDs,
            self.savedReservations.merging(savedReservations) { known, _ in known },
            Reservability(of: subsystems, after: self))
    }

    /// This model with these subsystems in place of its own, which differ in ANA states alone: what a shard
    /// serves for a while, of the same generation.
    func serving(_ subsystems: [Subsystem]) -> TargetModel {
        TargetModel(
            generation, subsystems, ports, discovery, discoveryGeneration, persistsReservations,
            controllerIDs, savedReservations, reservability)
    }

    /// Whether hosts may reserve the namespace.
    func offersReservations(_ namespace: Namespace) -> Bool { reservability.uuids.contains(namespace.uuid) }

    /// What is said of that (RESCAP).
    func reservationCapabilities(of namespace: Namespace) -> ReservationCapabilities {
        guard offersReservations(namespace) else { return [] }
        var capabilities = ReservationCapabilities.everyType
        if persistsReservations { capabilities.insert(.persistThroughPowerLoss) }
        return capabilities
    }

    /// The subsystem of exactly this name, byte by byte.
    public func subsystem(_ nqn: String) -> Subsystem? {
        guard let subsystem = byNQN[nqn], subsystem.nqn.utf8.elementsEqual(nqn.utf8) else { return nil }
        return subsystem
    }

    public func port(_ id: UInt16) -> Port? { ports.first { $0.id == id } }

    /// Under what conditions hosts reach a store.
    func exports(of backend: any BlockBackend) -> [StoreExport] {
        subsystems.flatMap { subsystem in
            subsystem.namespaces.filter { $0.backend === backend }.map {
                StoreExport(
                    subsystemNQN: subsystem.nqn, access: subsystem.access, visibility: $0.visibility,
                    anaState: subsystem.anaState(of: $0))
            }
        }
    }
}

extension Subsystem {
    /// Whether Discovery logs say the same of both.
    fileprivate func isDiscovered(as other: Subsystem) -> Bool {
        self === other
            || nqn.utf8.elementsEqual(other.nqn.utf8) && access == other.access && ports == other.ports
                && portsElsewhere == other.portsElsewhere
    }
}

/// One namespace of a store, as far as it says who may use it.
struct StoreExport: Equatable {
    let subsystemNQN: String
    let access: HostAccess
    let visibility: HostAccess
    let anaState: ANAState
}

extension ReservationCapabilities {
    /// All types, and Ignore Existing Key as it is since NVMe 1.3.
    static let everyType: ReservationCapabilities = [
        .writeExclusive, .exclusiveAccess, .writeExclusiveRegistrantsOnly, .exclusiveAccessRegistrantsOnly,
        .writeExclusiveAllRegistrants, .exclusiveAccessAllRegistrants, .ignoreExistingKey13,
    ]
}
