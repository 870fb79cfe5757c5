// The keys of the group's state. Upstream puts a prefix, the subsystem's NQN and what else names the thing
// together with "_", which therefore none of them may contain.

/// Names an entry of the group's state.
public enum StateKey: Hashable, Sendable, CustomStringConvertible {
    /// A subsystem, by NVMe Qualified Name (NQN).
    case subsystem(String)
    /// A namespace, by its subsystem's NQN and its Namespace Identifier (NSID).
    case namespace(String, UInt32)
    /// A host on a subsystem's allow list, by its NQN, or "*".
    case host(String, String)
    /// A TCP listener of a subsystem.
    case listener(String, hostName: String, address: String, port: UInt32)
    /// A namespace's limits.
    case qos(String, UInt32)
    /// A host that a namespace is visible to.
    case namespaceHost(String, UInt32, String)
    /// Says that the gateways are to look at the size of a namespace's image again.
    case refreshSize(String, UInt32)

    /// What stands between a key's parts. A name that contains it can't be part of a key.
    public static let delimiter: Character = "_"

    /// Whether `name` (an NQN, a host's name, an address) can be part of a key.
    public static func isValidPart(_ name: String) -> Bool { !name.contains(delimiter) }

    /// The key as the store has it.
    public var text: String {
        switch self {
        case .subsystem(let nqn): "subsystem_\(nqn)"
        case .namespace(let nqn, let nsid): "namespace_\(nqn)_\(nsid)"
        case .host(let nqn, let host): "host_\(nqn)_\(host)"
        case .listener(let nqn, let hostName, let address, let port):
            "listener_\(nqn)_\(hostName)_TCP_\(address)_\(port)"
        case .qos(let nqn, let nsid): "qos_\(nqn)_\(nsid)"
        case .namespaceHost(let nqn, let nsid, let host): "ns-host_\(nqn)_\(nsid)_\(host)"
        case .refreshSize(let nqn, let nsid): "ns-refresh-size_\(nqn)_\(nsid)"
        }
    }

    public var description: String { text }

    /// Holds the version of the whole state, a decimal number, which every change raises by one.
    public static let version = "omap_version"
}

// MARK: What belongs together

extension StateKey {
    /// What upstream ever put before a subsystem's NQN, or a namespace's NQN and NSID. The last ones it
    /// makes up while it applies a change and does not store; if they are there, they go with the rest.
    private static let ofSubsystem = ["host", "listener", "key-host", "key-subsystem"]
    private static let ofNamespace = [
        "namespace", "qos", "ns-host", "ns-refresh-size", "lbgroup", "ns-visibility", "ns-visibility-on",
        "ns-visibility-off", "ns-trash-image", "ns-auto-resize",
    ]

    /// The keys among `keys` that are the subsystem's: its own, and those of all that is in it.
    public static func all(ofSubsystem nqn: String, in keys: some Sequence<String>) -> [String] {
        let whole = Set(["subsystem_\(nqn)", "key-subsystem_\(nqn)"])
        let beginnings = (ofSubsystem + ofNamespace).map { "\($0)_\(nqn)_" }
        return keys.filter { key in whole.contains(key) || beginnings.contains { key.hasPrefix($0) } }
    }

    /// The keys among `keys` that are the namespace's: its own, its limits, its hosts.
    public static func all(
        ofNamespace nsid: UInt32, _ nqn: String, in keys: some Sequence<String>
    ) -> [String] {
        let names = Set(ofNamespace.map { "\($0)_\(nqn)_\(nsid)" })
        // Only these have more parts; whole ones: NSID 1 is not the beginning of NSID 10.
        let hosts = "ns-host_\(nqn)_\(nsid)_"
        return keys.filter { names.contains($0) || $0.hasPrefix(hosts) }
    }

    /// The keys among `keys` that are the host's in the subsystem: its place on the allow list, its keys.
    /// Namespaces that are visible to it stay so.
    public static func all(ofHost host: String, _ nqn: String, in keys: some Sequence<String>) -> [String] {
        let names = ["host_\(nqn)_\(host)", "key-host_\(nqn)_\(host)"]
        return keys.filter(names.contains)
    }
}
