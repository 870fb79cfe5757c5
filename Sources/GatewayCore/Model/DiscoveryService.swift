// The Discovery subsystem as configured: its own name, if it has one, and the other Discovery services that
// hosts are told of.

internal import NVMeTCP

/// Another Discovery service: hosts that follow it find more subsystems there.
public struct Referral: Sendable, Equatable {
    /// What the other service is called: the well-known name, or its own.
    public let nqn: String
    public let family: AddressFamily
    /// Its address (TRADDR) and TCP port (TRSVCID).
    public let address: String
    public let service: UInt16
    /// Port Identifier (PORTID) there, if it is known.
    public let portID: UInt16
    /// Whether hosts may stay connected to it (EPCSD).
    public let isPersistent: Bool

    /// - Parameter nqn: Nil for the well-known name.
    public init(
        nqn: String? = nil, family: AddressFamily, address: String, service: UInt16 = 8009,
        portID: UInt16 = 0, isPersistent: Bool = false
    ) {
        self.nqn = nqn ?? NQN.discovery.text
        self.family = family
        self.address = address
        self.service = service
        self.portID = portID
        self.isPersistent = isPersistent
    }
}

/// The Discovery subsystem of a target. It answers at every port.
public struct DiscoveryService: Sendable, Equatable {
    /// A name of its own (unique Discovery Subsystem NQN), by which it answers as well as by the well-known
    /// one; nil for none. Hosts that tell one Discovery service from another need it.
    public var nqn: String?
    public var referrals: [Referral]

    public init(nqn: String? = nil, referrals: [Referral] = []) {
        self.nqn = nqn
        self.referrals = referrals
    }

    /// What it says that it is called.
    var name: String { nqn ?? NQN.discovery.text }

    /// Whether it answers by this name.
    func answers(to name: String) -> Bool {
        [NQN.discovery.text, self.name].contains { $0.utf8.elementsEqual(name.utf8) }
    }
}
