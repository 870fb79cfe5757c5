// How the gateway is, and what hosts do with it at the moment: what `gatewayd status` and `gatewayd top` ask.
// Upstream's interface has no words for either.

public import GatewayCore
internal import Glibc
internal import RBDBackend

/// What hosts have done so far, on one clock.
public struct TargetActivity: Sendable {
    /// When it was read, in nanoseconds, on a clock that only goes forward.
    public var now: UInt64
    public var namespaces: [NamespaceTraffic]
    /// Without those of the Discovery service.
    public var controllers: [ControllerReport]

    public init(now: UInt64 = 0, namespaces: [NamespaceTraffic] = [], controllers: [ControllerReport] = []) {
        self.now = now
        self.namespaces = namespaces
        self.controllers = controllers
    }
}

/// How a gateway is.
public struct GatewayStatus: Sendable {
    /// How many objects of a kind there are, and of how many nothing keeps this gateway from serving them.
    public struct Served: Hashable, Sendable {
        public var configured = 0
        public var served = 0
    }

    public var stateVersion: UInt64 = 0
    public var uptimeSeconds: UInt64 = 0
    public var subsystems = Served()
    public var namespaces = Served()
    /// Of this gateway.
    public var listeners = Served()
    public var hosts = Served()
    public var connectionCount = 0
    /// By object, why it is not served, sorted.
    public var unserved: [(object: String, reason: String)] = []
}

/// The control calls about what is going on.
public struct InspectionOperations: Sendable {
    private let plane: ControlPlane

    public init(_ plane: ControlPlane) { self.plane = plane }

    /// What hosts have done, with all subsystems or one.
    public func activity(of nqn: String?) async throws(ControlFailure) -> TargetActivity {
        if let nqn, plane.state.current.subsystems[nqn] == nil {
            throw ControlFailure(ENODEV, "Failure getting activity: there is no subsystem \(nqn)")
        }
        var activity = await plane.target.activity()
        guard let nqn else { return activity }
        activity.namespaces.removeAll { $0.subsystemNQN != nqn }
        activity.controllers.removeAll { $0.subsystemNQN != nqn }
        return activity
    }

    /// The image of a namespace, as people write it; empty for one that is gone.
    public func image(ofNamespace nsid: UInt32, _ nqn: String) -> String {
        plane.state.current.namespace(nsid, of: nqn)?.record.image.description ?? ""
    }

    public func status() async -> GatewayStatus {
        let state = plane.state.current
        let activity = await plane.target.activity()
        let standings = await plane.target.namespaces()
        var problems = await plane.target.problems()
        var status = GatewayStatus()
        status.stateVersion = state.version
        status.uptimeSeconds = activity.now / 1_000_000_000
        status.connectionCount = activity.controllers.count
        for subsystem in state.sortedSubsystems {
            let nqn = subsystem.record.subsystemNQN
            let isServed = status.subsystems.count(problems[.subsystem(nqn: nqn)] == nil)
            for namespace in subsystem.sortedNamespaces {
                let name = ServedObject.namespace(nqn: nqn, nsid: namespace.record.nsid)
                let standing = standings[NamespaceName(nqn, namespace.record.nsid)]
                if problems[name] == nil {
                    problems[name] = standing == nil ? "its image is being opened" : standing?.problem
                }
                status.namespaces.count(isServed && problems[name] == nil)
            }
            for host in subsystem.sortedHosts {
                let name = ServedObject.host(nqn: nqn, hostNQN: host.hostNQN)
                status.hosts.count(isServed && problems[name] == nil)
            }
            for listener in await plane.target.listeners(of: nqn) {
                let name = ServedObject.listener(listener.record)
                if problems[name] == nil { problems[name] = listener.problem }
                status.listeners.count(isServed && problems[name] == nil)
            }
        }
        status.unserved =
            problems.sorted { $0.key < $1.key }.map { ("\($0.key)", $0.value) }
            + state.corruptEntries.map { ("entry \($0.key) of the state", $0.reason) }
        return status
    }
}

extension GatewayStatus.Served {
    /// One more of the kind.
    @discardableResult
    fileprivate mutating func count(_ isServed: Bool) -> Bool {
        configured += 1
        if isServed { served += 1 }
        return isServed
    }
}
