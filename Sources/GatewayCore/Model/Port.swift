// Where the target listens, as hosts are told in discovery.

/// The address family of a port. Values as in ADRFAM (Discovery Log Page Entry).
public enum AddressFamily: UInt8, Sendable {
    case ipv4 = 1
    case ipv6 = 2
}

/// One listening address.
public struct Port: Sendable, Equatable, Identifiable {
    /// Port Identifier (PORTID): unique in the target.
    public let id: UInt16
    public let family: AddressFamily
    /// The address that hosts are told (TRADDR): it may differ from the one listened on, behind an address
    /// translation.
    public let address: String
    /// The TCP port that hosts are told (TRSVCID).
    public let service: UInt16
    /// Whether only the discovery subsystem answers here (the well-known port 8009).
    public let isDiscoveryOnly: Bool
    /// Whether discovery tells hosts of it.
    public let isAdvertised: Bool

    public init(
        id: UInt16, family: AddressFamily, address: String, service: UInt16, isDiscoveryOnly: Bool = false,
        isAdvertised: Bool = true
    ) {
        self.id = id
        self.family = family
        self.address = address
        self.service = service
        self.isDiscoveryOnly = isDiscoveryOnly
        self.isAdvertised = isAdvertised
    }
}
