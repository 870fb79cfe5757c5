// What the reservation commands carry: the types of reservations, the actions, and the data of Register,
// Acquire and Release. GatewayCore's ReservationRequest parses them; a host side fills them in. What comes
// back, the report and the notifications, is in `ReservationReport.swift`.

/// Reservation Type (RTYPE): who may read and write a namespace while it is reserved.
///
/// Source: NVM Express Base Specification, "Reservation Acquire command", Reservation Type Encoding.
public struct ReservationType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Write Exclusive: 1h.
    @inlinable public static var writeExclusive: ReservationType { ReservationType(rawValue: 1) }
    /// Exclusive Access: 2h.
    @inlinable public static var exclusiveAccess: ReservationType { ReservationType(rawValue: 2) }
    /// Write Exclusive - Registrants Only: 3h.
    @inlinable public static var writeExclusiveRegistrantsOnly: ReservationType {
        ReservationType(rawValue: 3)
    }
    /// Exclusive Access - Registrants Only: 4h.
    @inlinable public static var exclusiveAccessRegistrantsOnly: ReservationType {
        ReservationType(rawValue: 4)
    }
    /// Write Exclusive - All Registrants: 5h.
    @inlinable public static var writeExclusiveAllRegistrants: ReservationType {
        ReservationType(rawValue: 5)
    }
    /// Exclusive Access - All Registrants: 6h.
    @inlinable public static var exclusiveAccessAllRegistrants: ReservationType {
        ReservationType(rawValue: 6)
    }
}

extension ReservationType {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        ReservationType.table.first { $0.value == self }?.name
            ?? "ReservationType \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: ReservationType, name: String)] = [
        (.writeExclusive, "Write Exclusive"),
        (.exclusiveAccess, "Exclusive Access"),
        (.writeExclusiveRegistrantsOnly, "Write Exclusive - Registrants Only"),
        (.exclusiveAccessRegistrantsOnly, "Exclusive Access - Registrants Only"),
        (.writeExclusiveAllRegistrants, "Write Exclusive - All Registrants"),
        (.exclusiveAccessAllRegistrants, "Exclusive Access - All Registrants"),
    ]
}

/// Reservation Register Action (RREGA).
///
/// Source: NVM Express Base Specification, "Reservation Register command".
public struct ReservationRegisterAction: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Register Reservation Key: 0h.
    @inlinable public static var register: Self { Self(rawValue: 0) }
    /// Unregister Reservation Key: 1h.
    @inlinable public static var unregister: Self { Self(rawValue: 1) }
    /// Replace Reservation Key: 2h.
    @inlinable public static var replace: Self { Self(rawValue: 2) }
}

/// Change Persist Through Power Loss State (CPTPL) of Reservation Register.
///
/// Source: NVM Express Base Specification, "Reservation Register command".
public struct ReservationPersistenceChange: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No change: 0h.
    @inlinable public static var none: Self { Self(rawValue: 0) }
    /// Reservations are released and registrants are cleared on a power on: 2h.
    @inlinable public static var clear: Self { Self(rawValue: 2) }
    /// Reservations and registrants persist across a power loss: 3h.
    @inlinable public static var set: Self { Self(rawValue: 3) }
}

/// Reservation Acquire Action (RACQA).
///
/// Source: NVM Express Base Specification, "Reservation Acquire command".
public struct ReservationAcquireAction: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Acquire: 0h.
    @inlinable public static var acquire: Self { Self(rawValue: 0) }
    /// Preempt: 1h.
    @inlinable public static var preempt: Self { Self(rawValue: 1) }
    /// Preempt and Abort: 2h.
    @inlinable public static var preemptAndAbort: Self { Self(rawValue: 2) }
}

/// Reservation Release Action (RRELA).
///
/// Source: NVM Express Base Specification, "Reservation Release command".
public struct ReservationReleaseAction: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Release: 0h.
    @inlinable public static var release: Self { Self(rawValue: 0) }
    /// Clear: 1h.
    @inlinable public static var clear: Self { Self(rawValue: 1) }
}

/// The data of Reservation Register: 16 bytes.
///
/// Source: NVM Express Base Specification, "Reservation Register command", Reservation Register Data
/// Structure.
public struct ReservationRegisterData: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 16

    /// Bytes 7:0. Current Reservation Key (CRKEY).
    public var currentKey: UInt64
    /// Bytes 15:8. New Reservation Key (NRKEY).
    public var newKey: UInt64

    public init(currentKey: UInt64, newKey: UInt64) {
        self.currentKey = currentKey
        self.newKey = newKey
    }

    /// Reads the data; nil where `bytes` is shorter than 16 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.byteCount else { return nil }
        self.init(currentKey: bytes.uint64(at: 0), newKey: bytes.uint64(at: 8))
    }

    /// Writes the 16 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.store(currentKey, at: 0)
        bytes.store(newKey, at: 8)
    }
}

/// The data of Reservation Acquire: 16 bytes.
///
/// Source: NVM Express Base Specification, "Reservation Acquire command", Reservation Acquire Data Structure.
public struct ReservationAcquireData: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 16

    /// Bytes 7:0. Current Reservation Key (CRKEY).
    public var currentKey: UInt64
    /// Bytes 15:8. Preempt Reservation Key (PRKEY).
    public var preemptKey: UInt64

    public init(currentKey: UInt64, preemptKey: UInt64) {
        self.currentKey = currentKey
        self.preemptKey = preemptKey
    }

    /// Reads the data; nil where `bytes` is shorter than 16 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.byteCount else { return nil }
        self.init(currentKey: bytes.uint64(at: 0), preemptKey: bytes.uint64(at: 8))
    }

    /// Writes the 16 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.store(currentKey, at: 0)
        bytes.store(preemptKey, at: 8)
    }
}

/// The data of Reservation Release: 8 bytes.
///
/// Source: NVM Express Base Specification, "Reservation Release command", Reservation Release Data Structure.
public struct ReservationReleaseData: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 8

    /// Bytes 7:0. Current Reservation Key (CRKEY).
    public var currentKey: UInt64

    public init(currentKey: UInt64) { self.currentKey = currentKey }

    /// Reads the data; nil where `bytes` is shorter than 8 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= Self.byteCount else { return nil }
        self.init(currentKey: bytes.uint64(at: 0))
    }

    /// Writes the 8 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) { bytes.store(currentKey, at: 0) }
}
