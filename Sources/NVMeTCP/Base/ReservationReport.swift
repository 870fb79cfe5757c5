// What hosts are told of reservations: the Reservation Status data structure that Reservation Report returns,
// and the Reservation Notification log (LID 80h) with the feature that masks its entries.

/// A registrant in a Reservation Status data structure.
///
/// Source: NVM Express Base Specification, "Reservation Report command", Registrant data structures.
public struct ReservationRegistrant: Hashable, Sendable, BitwiseCopyable {
    /// Bytes 1:0. Controller ID (CNTLID); FFFFh where controllers are dynamic.
    public var controllerID: ControllerID
    /// Byte 2, bit 0. Reservation Status (RCSTS): whether the host holds the reservation.
    public var holdsReservation: Bool
    /// Host Identifier (HOSTID): bytes 31:16 in the extended structure; its first 8 bytes at 15:8 in the
    /// other.
    public var hostID: HostID
    /// Reservation Key (RKEY): bytes 15:8 in the extended structure, 23:16 in the other.
    public var key: UInt64

    public init(
        controllerID: ControllerID = .anyController, holdsReservation: Bool, hostID: HostID, key: UInt64
    ) {
        self.controllerID = controllerID
        self.holdsReservation = holdsReservation
        self.hostID = hostID
        self.key = key
    }
}

/// The Reservation Status data structure.
///
/// Source: NVM Express Base Specification, "Reservation Report command", Reservation Status data structures.
public struct ReservationStatus: Hashable, Sendable {
    /// Which of the two layouts: the extended one (EDS) has room for Host Identifiers of 128 bits.
    public enum Layout: Sendable {
        case basic, extended

        /// The size of the header and of a registrant, in bytes.
        public var headerByteCount: Int { self == .basic ? 24 : 64 }
        public var registrantByteCount: Int { self == .basic ? 24 : 64 }
    }

    /// Bytes 3:0. Generation (GEN): counts changes of the registrants.
    public var generation: UInt32
    /// Byte 4. Reservation Type (RTYPE); 0 is no reservation.
    public var type: ReservationType
    /// Byte 9. Persist Through Power Loss State (PTPLS).
    public var persistsThroughPowerLoss: Bool
    /// From the end of the header on. The registrants; their number is in bytes 6:5 (REGSTRNT).
    public var registrants: [ReservationRegistrant]

    public init(
        generation: UInt32, type: ReservationType, persistsThroughPowerLoss: Bool,
        registrants: [ReservationRegistrant]
    ) {
        self.generation = generation
        self.type = type
        self.persistsThroughPowerLoss = persistsThroughPowerLoss
        self.registrants = registrants
    }

    /// The size on the wire, in bytes.
    public func byteCount(_ layout: Layout) -> Int {
        layout.headerByteCount + registrants.count * layout.registrantByteCount
    }

    /// Reads the structure; nil where `bytes` ends before it does.
    public init?(_ bytes: RawSpan, layout: Layout) {
        guard bytes.byteCount >= layout.headerByteCount else { return nil }
        generation = bytes.uint32(at: 0)
        type = ReservationType(rawValue: bytes.uint8(at: 4))
        persistsThroughPowerLoss = bytes.uint8(at: 9) & 1 != 0
        registrants = []
        let count = Int(bytes.uint16(at: 5))
        guard count <= (bytes.byteCount - layout.headerByteCount) / layout.registrantByteCount else {
            return nil
        }
        for index in 0..<count {
            let offset = layout.headerByteCount + index * layout.registrantByteCount
            let host =
                layout == .extended
                ? bytes.uint128(at: offset + 16).byteSwapped
                : UInt128(bytes.uint64(at: offset + 8).byteSwapped) << 64
            registrants.append(
                ReservationRegistrant(
                    controllerID: bytes.uint16(at: offset),
                    holdsReservation: bytes.uint8(at: offset + 2) & 1 != 0,
                    hostID: HostID(rawValue: host),
                    key: bytes.uint64(at: offset + (layout == .extended ? 8 : 16))))
        }
    }

    /// Writes the structure at the start of `bytes`, which must hold `byteCount(layout)` bytes.
    public func encode(into bytes: inout MutableRawSpan, layout: Layout) {
        bytes.zero(count: byteCount(layout))
        bytes.store(generation, at: 0)
        bytes.store(type.rawValue, at: 4)
        bytes.store(UInt16(registrants.count), at: 5)
        bytes.store(UInt8(persistsThroughPowerLoss ? 1 : 0), at: 9)
        for (index, registrant) in registrants.enumerated() {
            let offset = layout.headerByteCount + index * layout.registrantByteCount
            bytes.store(registrant.controllerID, at: offset)
            bytes.store(UInt8(registrant.holdsReservation ? 1 : 0), at: offset + 2)
            let host = registrant.hostID.rawValue
            switch layout {
            case .extended:
                bytes.store(registrant.key, at: offset + 8)
                bytes.store(host.byteSwapped, at: offset + 16)
            case .basic:
                bytes.store(UInt64(truncatingIfNeeded: host >> 64).byteSwapped, at: offset + 8)
                bytes.store(registrant.key, at: offset + 16)
            }
        }
    }
}

/// Reservation Notification Log Page Type (RNLPT): what happened.
///
/// Source: NVM Express Base Specification, "Reservation Notification".
public struct ReservationNotificationType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Empty Log Page: 0h.
    @inlinable public static var empty: Self { Self(rawValue: 0) }
    /// Registration Preempted: 1h.
    @inlinable public static var registrationPreempted: Self { Self(rawValue: 1) }
    /// Reservation Released: 2h.
    @inlinable public static var reservationReleased: Self { Self(rawValue: 2) }
    /// Reservation Preempted: 3h.
    @inlinable public static var reservationPreempted: Self { Self(rawValue: 3) }
}

/// One Reservation Notification log page (LID 80h): 64 bytes. All zeroes is the empty one.
///
/// Source: NVM Express Base Specification, "Reservation Notification".
public struct ReservationNotificationLog: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 64

    /// Bytes 7:0. Log Page Count (LPC): counts notifications since the controller was reset; a gap tells of
    /// lost ones.
    public var count: UInt64 = 0
    /// Byte 8. Reservation Notification Log Page Type (RNLPT).
    public var type: ReservationNotificationType = .empty
    /// Byte 9. Number of Available Log Pages (NALP): how many more can be read; 255 is that many or more.
    public var availableCount: UInt8 = 0
    /// Bytes 15:12. Namespace ID (NSID).
    public var namespaceID: NamespaceID = 0

    public init() {}

    /// Reads the page; nil where `bytes` is shorter than 64 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.byteCount else { return nil }
        count = bytes.uint64(at: 0)
        type = ReservationNotificationType(rawValue: bytes.uint8(at: 8))
        availableCount = bytes.uint8(at: 9)
        namespaceID = bytes.uint32(at: 12)
    }

    /// Writes the 64 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: Self.byteCount)
        bytes.store(count, at: 0)
        bytes.store(type.rawValue, at: 8)
        bytes.store(availableCount, at: 9)
        bytes.store(namespaceID, at: 12)
    }
}

/// Reservation Notification Mask (feature 82h): the value in dword 11 of Set Features, and in dword 0 of Get
/// Features' completion. A notification whose bit is set is not given.
///
/// Source: NVM Express Base Specification, "Reservation Notification Mask".
public struct ReservationNotificationMask: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Mask Registration Preempted Notification (REGPRE), bit 1.
    public static let registrationPreempted = Self(rawValue: 1 << 1)
    /// Mask Reservation Released Notification (RESREL), bit 2.
    public static let reservationReleased = Self(rawValue: 1 << 2)
    /// Mask Reservation Preempted Notification (RESPRE), bit 3.
    public static let reservationPreempted = Self(rawValue: 1 << 3)
    public static let all: Self = [.registrationPreempted, .reservationReleased, .reservationPreempted]

    /// The bit that masks such notifications.
    public init(masking type: ReservationNotificationType) { self.init(rawValue: 1 << UInt32(type.rawValue)) }
}
