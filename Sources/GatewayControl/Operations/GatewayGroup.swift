// Who is in the group: which load-balancing groups there are and whose they are. High availability decides it
// (the Ceph monitor, or leases of our own); a gateway that is alone has a group of one.

/// The gateways of the group. Each has a load-balancing group, which is an ANA group, numbered from 1.
public protocol GatewayGroup: Sendable {
    /// This gateway's index, from 0: its load-balancing group is one more.
    var index: UInt32 { get async }

    /// The identifiers (CNTLID) that controllers get here: of no other gateway of the group, so that a
    /// subsystem spans them.
    var controllerIDs: ClosedRange<UInt16> { get async }

    /// All gateways that there are, whether they run or not, in the order of their groups.
    func members() async throws(ControlFailure) -> [Member]

    typealias Member = GatewayGroupMember
}

/// A gateway of the group.
public struct GatewayGroupMember: Hashable, Sendable {
    /// Whose namespaces it serves, as long as it runs.
    public var anaGroup: UInt32
    /// The name of the gateway that serves this group now.
    public var owner: String

    public init(anaGroup: UInt32, owner: String) {
        self.anaGroup = anaGroup
        self.owner = owner
    }
}

/// A group of one gateway.
public struct SoleGateway: GatewayGroup {
    private let name: String

    /// - Parameter name: The gateway's; empty for whoever asks.
    public init(name: String = "") { self.name = name }

    public var index: UInt32 { 0 }
    public var controllerIDs: ClosedRange<UInt16> { .ofGateway(index: 0) }

    public func members() async throws(ControlFailure) -> [Member] { [Member(anaGroup: 1, owner: name)] }
}

/// As many gateways as a group has identifiers for.
public let gatewayIndexMax: UInt32 = 31

extension ClosedRange<UInt16> {
    /// The controllers' identifiers of the gateway with this index, as upstream deals them out: 2,040 each.
    public static func ofGateway(index: UInt32) -> ClosedRange<UInt16> {
        precondition(index <= gatewayIndexMax, "32 gateways have identifiers")
        let first = UInt16(index) * 2040 + 1
        return first...(first + 2039)
    }
}
