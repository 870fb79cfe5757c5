// The objects of a group's state as messages name them: what is not served as it is configured is told by
// these.

/// An object that is configured.
public enum ServedObject: Hashable, Sendable, Comparable, CustomStringConvertible {
    case subsystem(nqn: String)
    case namespace(nqn: String, nsid: UInt32)
    case host(nqn: String, hostNQN: String)
    /// By its key in the state.
    case listener(nqn: String, key: String, address: String)

    public var description: String {
        switch self {
        case .subsystem(let nqn): "subsystem \(nqn)"
        case .namespace(let nqn, let nsid): "namespace \(nsid) of \(nqn)"
        case .host(let nqn, let hostNQN): "host \(hostNQN) of \(nqn)"
        case .listener(let nqn, _, let address): "listener \(address) of \(nqn)"
        }
    }
}
