// Who is registered at a namespace, who holds it, and whether that outlives the gateway: a plain value, with
// the rules that change it in ReservationRules.swift. The namespace's home shard has the one that counts;
// shards judge commands by copies of it, and a store keeps one.

public import NVMeTCP

/// The registrants and the reservation of one namespace.
///
/// Source: NVM Express Base Specification, "Reservations".
public struct ReservationState: Equatable, Sendable {
    /// A host that is registered, and the key that it registered.
    public struct Registrant: Equatable, Sendable, BitwiseCopyable {
        public var host: HostID
        public var key: UInt64

        public init(host: HostID, key: UInt64) {
            self.host = host
            self.key = key
        }
    }

    /// A reservation that is held.
    public struct Reservation: Equatable, Sendable, BitwiseCopyable {
        public var type: ReservationType
        /// The host that acquired it. Where all registrants hold it, this one may have gone since.
        public var holder: HostID

        public init(type: ReservationType, holder: HostID) {
            self.type = type
            self.holder = holder
        }
    }

    /// In the order that they came; each host once.
    public var registrants: [Registrant] = []
    public var reservation: Reservation?
    /// Persist Through Power Loss State (PTPLS).
    public var persistsThroughPowerLoss = false
    /// Generation (GEN): counts successful Register, Clear and Preempt commands, and wraps.
    public var generation: UInt32 = 0

    public init() {}

    /// The registrant that this host is, if it is one.
    func registrant(_ host: HostID) -> Registrant? { registrants.first { $0.host == host } }

    /// Whether the host holds the reservation, alone or as all registrants do.
    func isHolder(_ host: HostID) -> Bool {
        guard let reservation else { return false }
        if reservation.type.isHeldByAllRegistrants { return registrant(host) != nil }
        return reservation.holder == host
    }

    /// What the host is to the namespace.
    func role(of host: HostID) -> ReservationRole {
        if isHolder(host) { return .holder }
        return registrant(host) == nil ? .other : .registrant
    }

    /// Whether some host may do less by `new` than by this.
    func isRestricted(by new: ReservationState) -> Bool {
        guard let reservation = new.reservation else { return false }
        guard reservation == self.reservation else { return true }
        return registrants.contains { new.registrant($0.host) == nil }
    }

    /// Reservation Report's data. Controllers are dynamic here: their identifiers come and go with
    /// associations, so that none is reported.
    var status: ReservationStatus {
        ReservationStatus(
            generation: generation, type: reservation?.type ?? ReservationType(rawValue: 0),
            persistsThroughPowerLoss: persistsThroughPowerLoss,
            registrants: registrants.map {
                ReservationRegistrant(holdsReservation: isHolder($0.host), hostID: $0.host, key: $0.key)
            })
    }
}

/// What a host is to a namespace that is reserved.
enum ReservationRole: CaseIterable {
    /// It holds the reservation.
    case holder
    /// It is registered and does not hold the reservation.
    case registrant
    /// It is neither.
    case other
}

extension ReservationType {
    /// Whether the specification defines it.
    var isDefined: Bool { (1...6).contains(rawValue) }

    /// Whether every registrant holds such a reservation.
    var isHeldByAllRegistrants: Bool {
        self == .writeExclusiveAllRegistrants || self == .exclusiveAccessAllRegistrants
    }

    /// Whether registrants may do as much as the holder. Of such a reservation's release registrants are
    /// told.
    var admitsRegistrants: Bool { self != .writeExclusive && self != .exclusiveAccess }

    /// Whether every host may read.
    var admitsReads: Bool {
        self == .writeExclusive || self == .writeExclusiveRegistrantsOnly
            || self == .writeExclusiveAllRegistrants
    }

    /// Whether a host in this role may have such access under a reservation of this type.
    ///
    /// Source: NVM Express Base Specification, "Reservations", Command Behavior in the Presence of a
    /// Reservation; NVM Command Set Specification, the same for its commands: Read, Compare and Verify, and
    /// what Copy reads, are of the read group; Write, Write Zeroes, Dataset Management and Flush, and what
    /// Copy writes, are of the write group; all others are not concerned.
    func admits(_ access: BlockAccess, in role: ReservationRole) -> Bool {
        switch (access, role) {
        case (.none, _), (_, .holder): true
        case (.read, .registrant): admitsReads || admitsRegistrants
        case (.read, .other): admitsReads
        case (.write, .registrant), (.maintain, .registrant): admitsRegistrants
        case (.write, .other), (.maintain, .other): false
        }
    }
}

/// A state with its number among those of its namespace: of two, the one with the higher version counts.
public struct ReservationRecord: Equatable, Sendable {
    public var version: UInt64
    public var state: ReservationState

    public init(version: UInt64 = 0, state: ReservationState = ReservationState()) {
        self.version = version
        self.state = state
    }
}
