// An NVM subsystem as configured: what a host names in Connect, and who may.

internal import NVMeTCP

/// Which hosts may connect.
public enum HostAccess: Sendable, Equatable {
    /// Every host is welcome.
    case any
    /// Only hosts with these NQNs.
    case only(Set<String>)

    /// Whether a host of this name may connect. Names are compared byte by byte, as the specification has it:
    /// Swift's own comparison takes different spellings of the same Unicode text for equal.
    public func admits(_ hostNQN: String) -> Bool {
        switch self {
        case .any: return true
        case .only(let hosts):
            guard let place = hosts.firstIndex(of: hostNQN) else { return false }
            return hosts[place].utf8.elementsEqual(hostNQN.utf8)
        }
    }
}

/// The ports at which a subsystem is served.
public enum PortAccess: Sendable, Equatable {
    /// All that are not for discovery alone.
    case all
    /// Those of them with these identifiers.
    case only(Set<UInt16>)
}

/// An NVM subsystem.
public final class Subsystem: Sendable {
    /// The NVMe Qualified Name (SUBNQN).
    public let nqn: String
    /// Serial Number (SN): at most 20 ASCII characters.
    public let serialNumber: String
    /// Model Number (MN): at most 40 ASCII characters.
    public let modelNumber: String
    public let access: HostAccess
    public let ports: PortAccess
    /// Where other gateways serve it, for discovery to tell. Their identifiers differ from those of this
    /// target's ports.
    public let portsElsewhere: [Port]
    /// In ascending order of NSID.
    public let namespaces: [Namespace]
    /// Namespaces that would be there, had this target not lost their stores; in ascending order of NSID.
    let lostNamespaces: [Namespace]
    /// The ANA groups and their states in this target; nil if ANA is not reported.
    public let anaReporting: ANAReporting?
    /// Number of Namespaces (NN): the highest NSID that is valid. It has room, as it should not move while
    /// hosts are connected: Linux keeps an ANA log of as many namespaces as there may be when it connects.
    public let namespaceIDMax: UInt32
    /// Whether every host sees all namespaces.
    let isForAll: Bool
    /// The namespaces of each ANA group that has any, in ascending order of NSID.
    let anaMembers: [UInt32: [UInt32]]

    /// - Parameter namespaceIDMax: The highest NSID that there will be. Without ANA it gives way to a
    ///   namespace with a higher one.
    public convenience init(
        nqn: String, serialNumber: String, modelNumber: String = "gatewayd", access: HostAccess,
        ports: PortAccess = .all, portsElsewhere: [Port] = [], namespaces: [Namespace],
        anaReporting: ANAReporting? = nil, namespaceIDMax: UInt32 = 1024
    ) {
        self.init(
            nqn: nqn, serialNumber: serialNumber, modelNumber: modelNumber, access: access, ports: ports,
            portsElsewhere: portsElsewhere, namespaces: namespaces, lostNamespaces: [],
            anaReporting: anaReporting,
            namespaceIDMax: namespaceIDMax)
    }

    init(
        nqn: String, serialNumber: String, modelNumber: String, access: HostAccess, ports: PortAccess,
        portsElsewhere: [Port], namespaces: [Namespace], lostNamespaces: [Namespace],
        anaReporting: ANAReporting?,
        namespaceIDMax: UInt32
    ) {
        self.nqn = nqn
        self.serialNumber = serialNumber
        self.modelNumber = modelNumber
        self.access = access
        self.ports = ports
        self.portsElsewhere = portsElsewhere
        self.namespaces = namespaces.sorted { $0.id < $1.id }
        self.lostNamespaces = lostNamespaces
        for (a, b) in zip(self.namespaces, self.namespaces.dropFirst()) {
            precondition(a.id != b.id, "namespace \(a.id) of \(nqn) is there twice")
        }
        let highest = self.namespaces.last?.id ?? 0
        self.anaReporting = anaReporting
        self.namespaceIDMax = max(namespaceIDMax, highest)
        isForAll = namespaces.allSatisfy { $0.visibility == .any }
        anaMembers = anaReporting == nil ? [:] : Self.anaMembers(self.namespaces)
        guard let anaReporting else { return }
        precondition(highest <= namespaceIDMax, "namespace \(highest) of \(nqn) is above the highest NSID")
        for namespace in namespaces {
            precondition(
                anaReporting.state(of: namespace.anaGroupID) != nil,
                "namespace \(namespace.id) of \(nqn) is in an ANA group that is not there"
            )
        }
    }

    /// Namespaces in ascending order of NSID, by their ANA group.
    static func anaMembers(_ namespaces: [Namespace]) -> [UInt32: [UInt32]] {
        var members: [UInt32: [UInt32]] = [:]
        for namespace in namespaces { members[namespace.anaGroupID, default: []].append(namespace.id) }
        return members
    }

    /// The namespace with this NSID, if it is there.
    public func namespace(_ id: UInt32) -> Namespace? { namespaces.namespace(id) }

    /// Whether hosts can have it at this port.
    func isServed(at port: Port) -> Bool {
        guard !port.isDiscoveryOnly else { return false }
        switch ports {
        case .all: return true
        case .only(let ids): return ids.contains(port.id)
        }
    }

    /// How this target reaches a namespace.
    func anaState(of namespace: Namespace) -> ANAState {
        anaReporting?.state(of: namespace.anaGroupID) ?? .optimized
    }

    /// Whether hosts may reserve a namespace, as far as the namespace and its subsystem say.
    package func offersReservations(_ namespace: Namespace) -> Bool {
        namespace.offersReservations ?? (anaReporting == nil)
    }

    /// The same with an ANA group in another state.
    func with(_ state: ANAState, ofGroup group: UInt32) -> Subsystem {
        Subsystem(
            nqn: nqn, serialNumber: serialNumber, modelNumber: modelNumber, access: access,
            ports: ports, portsElsewhere: portsElsewhere, namespaces: namespaces,
            lostNamespaces: lostNamespaces, anaReporting: anaReporting?.with(state, of: group),
            namespaceIDMax: namespaceIDMax)
    }

    /// The same without namespaces that were lost: they are inactive.
    func without(_ lost: [Namespace]) -> Subsystem {
        Subsystem(
            nqn: nqn, serialNumber: serialNumber, modelNumber: modelNumber, access: access, ports: ports,
            portsElsewhere: portsElsewhere,
            namespaces: namespaces.filter { namespace in !lost.contains { $0 === namespace } },
            lostNamespaces: lost, anaReporting: anaReporting, namespaceIDMax: namespaceIDMax)
    }
}
