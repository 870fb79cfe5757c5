// What every control call works with, put together once when the daemon starts. The operations are one type
// for each noun over it; they check a call in the order that upstream does, decide what is to change, have
// SharedState keep it, and return when this gateway serves by it.

public import GatewayCore
internal import Glibc
internal import Synchronization

/// A gateway as control calls see it.
public struct ControlPlane: Sendable {
    public let state: SharedState
    public let target: any ControlledTarget
    public let images: any ImageOperations
    public let group: any GatewayGroup
    public let identity: GatewayIdentity
    private let livePolicy: LivePolicy
    public let keys: any KeyProtection
    public let logLevels: LogLevels
    public let log: any TargetLog

    public init(
        state: SharedState, target: any ControlledTarget, images: any ImageOperations,
        group: any GatewayGroup = SoleGateway(), identity: GatewayIdentity,
        policy: ControlPolicy = ControlPolicy(), keys: any KeyProtection = NoKeyProtection(),
        logLevels: LogLevels = LogLevels(), log: any TargetLog = SilentLog()
    ) {
        self.state = state
        self.target = target
        self.images = images
        self.group = group
        self.identity = identity
        livePolicy = LivePolicy(policy)
        self.keys = keys
        self.logLevels = logLevels
        self.log = log
    }

    /// What calls are held to now. A call that asks more than once may see two.
    public var policy: ControlPolicy { livePolicy.current }

    /// Calls are held to this one from now on; what is there already stays.
    public func replacePolicy(with policy: ControlPolicy) { livePolicy.replace(with: policy) }

    /// Has a change kept, and returns when this gateway serves by it (or has given up waiting for that;
    /// then it will later).
    func change<Value: Sendable>(
        _ decide: @Sendable (GroupState) throws(ControlFailure) -> StateDecision<Value>
    ) async throws(ControlFailure) -> Value {
        let (state, value) = try await self.state.commit(decide)
        await target.settle(state)
        return value
    }

    /// The same for a decision whose changes are all there is to know.
    func change(
        _ decide: @Sendable (GroupState) throws(ControlFailure) -> [StateChange]
    ) async throws(ControlFailure) {
        try await change { state throws(ControlFailure) in StateDecision(try decide(state), ()) }
    }

    /// An NQN's problem as the failure of a call, if NQNs are checked at all.
    func check(nqn: String, _ prefix: String) throws(ControlFailure) {
        guard policy.verifiesNQNs, let problem = NQNRules.problem(of: nqn) else { return }
        throw ControlFailure(EINVAL, "\(prefix): \(problem)")
    }

    /// A key's problem as the failure of a call, if keys are checked at all.
    func check(_ format: KeyFormat, _ key: String?, _ prefix: String) throws(ControlFailure) {
        guard policy.verifiesKeys, let key, !key.isEmpty, let problem = format.problem(of: key) else {
            return
        }
        throw ControlFailure(problem.errno, "\(prefix): \(problem.message)")
    }
}

/// Who this gateway is: what `gw info` tells.
public struct GatewayIdentity: Sendable {
    public var name: String
    /// Empty for the group without a name.
    public var group: String
    /// Which listeners are this gateway's.
    public var hostName: String
    /// Where control calls are served, as configured.
    public var address: String
    public var port: Int
    /// "1.5.1": which release's interface this is. Clients refuse what is not three numbers.
    public var version: String
    /// What it is, for people: gatewayd's own name and version.
    public var product: String

    public init(
        name: String, group: String = "", hostName: String, address: String = "0.0.0.0", port: Int = 5500,
        version: String = GatewayIdentity.interfaceVersion, product: String = "gatewayd"
    ) {
        self.name = name
        self.group = group
        self.hostName = hostName
        self.address = address
        self.port = port
        self.version = version
        self.product = product
    }

    /// The release of ceph-nvmeof whose interface is served.
    public static let interfaceVersion = "1.5.1"
}

/// What calls are held to: the bounds and switches of the configuration's section `gateway`. A call beyond a
/// bound is refused, E2BIG.
public struct ControlPolicy: Sendable, Equatable {
    public var subsystemsMax: UInt32 = 128
    public var namespacesMax: UInt32 = 4096
    public var namespacesPerSubsystemMax: UInt32 = 512
    public var hostsPerSubsystemMax: UInt32 = 128
    public var hostsMax: UInt32 = 2048
    public var hostsPerNamespaceMax: UInt32 = 16
    /// Namespaces of a subsystem that are not visible to every host.
    public var maskedNamespacesMax: UInt32 = 1000
    /// Gateways of a group, which is how many load-balancing groups there can be.
    public var gatewaysPerGroupMax: UInt32 = 16
    public var verifiesNQNs = true
    public var verifiesKeys = true
    /// Whether a listener's address must be one of this machine's.
    public var verifiesListenerAddresses = true

    public init() {}
}

/// A policy that can be replaced while calls are held to it.
private final class LivePolicy: Sendable {
    private let policy: Mutex<ControlPolicy>

    init(_ policy: ControlPolicy) { self.policy = Mutex(policy) }

    var current: ControlPolicy { policy.withLock { $0 } }
    func replace(with new: ControlPolicy) { policy.withLock { $0 = new } }
}
