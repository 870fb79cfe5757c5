// An NVM subsystem as configured: what a host names in Connect, and who may.

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

/// An NVM subsystem.
public final class Subsystem: Sendable {
    /// The NVMe Qualified Name (SUBNQN).
    public let nqn: String
    /// Serial Number (SN): at most 20 ASCII characters.
    public let serialNumber: String
    /// Model Number (MN): at most 40 ASCII characters.
    public let modelNumber: String
    public let access: HostAccess
    /// In ascending order of NSID.
    public let namespaces: [Namespace]

    public init(
        nqn: String, serialNumber: String, modelNumber: String = "gatewayd", access: HostAccess,
        namespaces: [Namespace]
    ) {
        self.nqn = nqn
        self.serialNumber = serialNumber
        self.modelNumber = modelNumber
        self.access = access
        self.namespaces = namespaces.sorted { $0.id < $1.id }
        for (a, b) in zip(self.namespaces, self.namespaces.dropFirst()) {
            precondition(a.id != b.id, "namespace \(a.id) of \(nqn) is there twice")
        }
    }

    /// The namespace with this NSID, if it is there.
    public func namespace(_ id: UInt32) -> Namespace? {
        var (low, high) = (0, namespaces.count)
        while low < high {
            let middle = (low + high) / 2
            if namespaces[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < namespaces.count && namespaces[low].id == id ? namespaces[low] : nil
    }
}
