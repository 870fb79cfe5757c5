// The enumerations of a Discovery log entry. Hosts and targets of other transports use other values of the
// same fields.

/// Transport Type (TRTYPE).
///
/// Source: NVM Express Base Specification, "Discovery Log Page", Discovery Log Page Entry.
public struct TransportType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Not of a transport: 00h.
    @inlinable public static var none: TransportType { TransportType(rawValue: 0x00) }
    /// RDMA: 01h.
    @inlinable public static var rdma: TransportType { TransportType(rawValue: 0x01) }
    /// Fibre Channel: 02h.
    @inlinable public static var fibreChannel: TransportType { TransportType(rawValue: 0x02) }
    /// TCP: 03h.
    @inlinable public static var tcp: TransportType { TransportType(rawValue: 0x03) }
    /// Intra-host transport: FEh.
    @inlinable public static var loopback: TransportType { TransportType(rawValue: 0xFE) }
}

extension TransportType {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        TransportType.table.first { $0.value == self }?.name
            ?? "TransportType \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: TransportType, name: String)] = [
        (.none, "Not of a transport"),
        (.rdma, "RDMA"),
        (.fibreChannel, "Fibre Channel"),
        (.tcp, "TCP"),
        (.loopback, "Intra-host transport"),
    ]
}

/// Address Family (ADRFAM).
///
/// Source: NVM Express Base Specification, "Discovery Log Page", Discovery Log Page Entry.
public struct AddressFamily: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Not specified: 00h.
    @inlinable public static var none: AddressFamily { AddressFamily(rawValue: 0x00) }
    /// IPv4: 01h.
    @inlinable public static var ipv4: AddressFamily { AddressFamily(rawValue: 0x01) }
    /// IPv6: 02h.
    @inlinable public static var ipv6: AddressFamily { AddressFamily(rawValue: 0x02) }
    /// InfiniBand: 03h.
    @inlinable public static var infiniBand: AddressFamily { AddressFamily(rawValue: 0x03) }
    /// Fibre Channel: 04h.
    @inlinable public static var fibreChannel: AddressFamily { AddressFamily(rawValue: 0x04) }
    /// Intra-host transport: FEh.
    @inlinable public static var loopback: AddressFamily { AddressFamily(rawValue: 0xFE) }
}

extension AddressFamily {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        AddressFamily.table.first { $0.value == self }?.name
            ?? "AddressFamily \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: AddressFamily, name: String)] = [
        (.none, "Not specified"),
        (.ipv4, "IPv4"),
        (.ipv6, "IPv6"),
        (.infiniBand, "InfiniBand"),
        (.fibreChannel, "Fibre Channel"),
        (.loopback, "Intra-host transport"),
    ]
}

/// Subsystem Type (SUBTYPE).
///
/// Source: NVM Express Base Specification, "Discovery Log Page", Discovery Log Page Entry.
public struct DiscoverySubsystemType: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Referral to another Discovery service: 01h.
    @inlinable public static var referral: DiscoverySubsystemType { DiscoverySubsystemType(rawValue: 0x01) }
    /// NVM subsystem: 02h.
    @inlinable public static var nvm: DiscoverySubsystemType { DiscoverySubsystemType(rawValue: 0x02) }
    /// Current Discovery subsystem: 03h.
    @inlinable public static var currentDiscovery: DiscoverySubsystemType {
        DiscoverySubsystemType(rawValue: 0x03)
    }
}

extension DiscoverySubsystemType {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        DiscoverySubsystemType.table.first { $0.value == self }?.name
            ?? "DiscoverySubsystemType \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: DiscoverySubsystemType, name: String)] = [
        (.referral, "Referral to another Discovery service"),
        (.nvm, "NVM subsystem"),
        (.currentDiscovery, "Current Discovery subsystem"),
    ]
}

/// Security Type (SECTYPE) of a TCP entry.
///
/// Source: NVMe over TCP Transport Specification, "Transport Specific Address Subtype".
public struct TCPSecurity: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// No security: 00h.
    @inlinable public static var none: TCPSecurity { TCPSecurity(rawValue: 0x00) }
    /// TLS 1.2: 01h.
    @inlinable public static var tls12: TCPSecurity { TCPSecurity(rawValue: 0x01) }
    /// TLS 1.3: 02h.
    @inlinable public static var tls13: TCPSecurity { TCPSecurity(rawValue: 0x02) }
}

extension TCPSecurity {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        TCPSecurity.table.first { $0.value == self }?.name
            ?? "TCPSecurity \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: TCPSecurity, name: String)] = [
        (.none, "No security"),
        (.tls12, "TLS 1.2"),
        (.tls13, "TLS 1.3"),
    ]
}

/// Transport Requirements (TREQ). Bits 1:0 (TSC) say whether a secure channel is needed: 0 not specified, 1
/// required, 2 not required.
///
/// Source: NVM Express Base Specification, "Discovery Log Page".
public struct TransportRequirements: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Secure channel required (TSC 01b), bit 0.
    public static let secureChannelRequired = TransportRequirements(rawValue: 1 << 0)
    /// Secure channel not required (TSC 10b), bit 1.
    public static let secureChannelNotRequired = TransportRequirements(rawValue: 1 << 1)
    /// Disable SQ Flow Control Support (DSQFCS), bit 2.
    public static let canDisableFlowControl = TransportRequirements(rawValue: 1 << 2)
}

/// Entry Flags (EFLAGS).
///
/// Source: NVM Express Base Specification, "Discovery Log Page".
public struct DiscoveryEntryFlags: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Duplicate Returned Information (DUPRETINFO): this entry's address returns the same log, bit 0.
    public static let duplicateInformation = DiscoveryEntryFlags(rawValue: 1 << 0)
    /// Explicit Persistent Connection Support for Discovery (EPCSD), bit 1.
    public static let explicitPersistentConnections = DiscoveryEntryFlags(rawValue: 1 << 1)
    /// No CDC Connectivity (NCC), bit 2.
    public static let noCentralController = DiscoveryEntryFlags(rawValue: 1 << 2)
}
