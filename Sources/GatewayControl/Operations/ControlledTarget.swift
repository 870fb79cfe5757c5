// What the operations need of the running target. The daemon implements it over GatewayIO's Target, tests
// have a fake. Everything here answers from memory, in microseconds: no call waits for a cluster or a host,
// but for `settle` and `setANAStates`, which have deadlines of their own.

/// The running target as control calls see it.
public protocol ControlledTarget: Sendable {
    /// Returns when this gateway serves by `state` or a later one, as far as that can be: an image that
    /// cannot be opened is left for later, and so is everything that takes more than a few seconds.
    func settle(_ state: GroupState) async

    /// The controllers of a subsystem.
    func connections(of nqn: String) async -> [HostConnection]

    /// How this gateway's listeners of a subsystem are.
    func listeners(of nqn: String) async -> [ListenerStanding]

    /// How a namespace is here; nil if this gateway has not come to it yet.
    func namespace(_ nsid: UInt32, of nqn: String) async -> NamespaceStanding?

    /// The same for all namespaces.
    func namespaces() async -> [NamespaceName: NamespaceStanding]

    /// What a namespace has done since it was opened; nil if it is not open.
    func statistics(ofNamespace nsid: UInt32, of nqn: String) async -> NamespaceStatistics?

    /// The same for all namespaces that are open.
    func statistics() async -> [NamespaceName: NamespaceStatistics]

    /// What hosts have done so far, and have under way.
    func activity() async -> TargetActivity

    /// What is not served as it is configured, and why: it names the object and the next step. What is only
    /// on its way is not among it.
    func problems() async -> [ServedObject: String]

    /// Looks at the size of a namespace's image again.
    func refreshSize(ofNamespace nsid: UInt32, of nqn: String) async

    /// The state of a load-balancing (ANA) group of a subsystem in this gateway.
    func anaState(ofGroup group: UInt32, of nqn: String) async -> GroupANAState

    /// Puts ANA groups into other states, as the monitor says; subsystems that are not there yet take
    /// theirs when they come. A group that becomes optimized has the newest OSD map in every RADOS client
    /// of its images before this returns, and one that becomes inaccessible has nothing under way.
    func setANAStates(_ changes: [ANAStateChange]) async throws(ControlFailure)

    /// Whether an address is one of this machine's.
    func hasAddress(_ address: String, _ family: ListenerRecord.AddressFamily) -> Bool

    /// The threads that serve connections.
    func shards() async -> [ShardStatistics]

    // What a target may not have: by default each answers that it is not supported.

    /// The I/O of a host's connections to a subsystem by size, since the last `reset`.
    func connectionStatistics(
        of hostNQN: String, _ nqn: String, reset: Bool
    ) async throws(ControlFailure) -> ConnectionStatistics

    /// Lets a host that is about to lose its place on the allow list go on until it disconnects.
    func keepConnected(_ hostNQN: String, _ nqn: String) async throws(ControlFailure)

    /// Whether listeners can take TLS connections.
    var offersTLS: Bool { get }

    /// Whether I/O is counted at all.
    var countsIO: Bool { get async }
    func setCountsIO(_ counts: Bool) async throws(ControlFailure)
}

/// A namespace's subsystem and NSID.
public struct NamespaceName: Hashable, Sendable {
    public var nqn: String
    public var nsid: UInt32

    public init(_ nqn: String, _ nsid: UInt32) {
        self.nqn = nqn
        self.nsid = nsid
    }
}

/// A controller: one host's association with a subsystem.
public struct HostConnection: Hashable, Sendable {
    public var hostNQN: String
    /// Controller Identifier (CNTLID).
    public var controllerID: UInt16
    /// The listener's address that the host connected to.
    public var address: String
    public var port: UInt32
    public var addressFamily: ListenerRecord.AddressFamily
    /// Not counting the admin queue.
    public var ioQueueCount: Int32
    /// Over TLS.
    public var isSecure: Bool
    /// The host has proved itself with a key (DH-HMAC-CHAP).
    public var isAuthenticated: Bool

    public init(
        hostNQN: String, controllerID: UInt16, address: String, port: UInt32,
        addressFamily: ListenerRecord.AddressFamily = .ipv4, ioQueueCount: Int32 = 0, isSecure: Bool = false,
        isAuthenticated: Bool = false
    ) {
        self.hostNQN = hostNQN
        self.controllerID = controllerID
        self.address = address
        self.port = port
        self.addressFamily = addressFamily
        self.ioQueueCount = ioQueueCount
        self.isSecure = isSecure
        self.isAuthenticated = isAuthenticated
    }
}

/// A listener of this gateway.
public struct ListenerStanding: Hashable, Sendable {
    public var record: ListenerRecord
    /// The gateway listens there by itself: the address is in a network that the subsystem names.
    public var isAutomatic: Bool
    /// Why it does not listen; nil if it does.
    public var problem: String?

    public init(record: ListenerRecord, isAutomatic: Bool = false, problem: String? = nil) {
        self.record = record
        self.isAutomatic = isAutomatic
        self.problem = problem
    }
}

/// A namespace in this gateway.
public struct NamespaceStanding: Hashable, Sendable {
    /// Of the image, in bytes; 0 while it is not known.
    public var sizeBytes: UInt64
    /// The addresses of the RADOS client that has the image open, as `entity_addrvec_t` reads: what is
    /// blocklisted when this gateway is gone. Empty where there is none.
    public var clientAddresses: String
    /// What that client is called.
    public var clientName: String
    /// Why it is not served; nil if it is.
    public var problem: String?

    public init(
        sizeBytes: UInt64, clientAddresses: String = "", clientName: String = "", problem: String? = nil
    ) {
        self.sizeBytes = sizeBytes
        self.clientAddresses = clientAddresses
        self.clientName = clientName
        self.problem = problem
    }
}

/// How a gateway reaches an ANA group: upstream's enumeration ana_state.
public enum GroupANAState: Hashable, Sendable {
    case optimized, nonOptimized, inaccessible
}

/// The new state of one group of one subsystem.
public struct ANAStateChange: Hashable, Sendable {
    public var nqn: String
    public var group: UInt32
    public var state: GroupANAState

    public init(nqn: String, group: UInt32, state: GroupANAState) {
        self.nqn = nqn
        self.group = group
        self.state = state
    }
}

extension ControlledTarget {
    public func connectionStatistics(
        of hostNQN: String, _ nqn: String, reset: Bool
    ) async throws(ControlFailure) -> ConnectionStatistics {
        throw .notSupported("Statistics of a connection are")
    }

    public func keepConnected(_ hostNQN: String, _ nqn: String) async throws(ControlFailure) {
        throw .notSupported("Keeping the connections of a host that is removed is")
    }

    public var offersTLS: Bool { false }

    public var countsIO: Bool { get async { true } }

    public func setCountsIO(_ counts: Bool) async throws(ControlFailure) {
        // Counting costs nothing that could be saved: it is always on.
        if !counts { throw .notSupported("Switching the I/O statistics off is") }
    }
}
