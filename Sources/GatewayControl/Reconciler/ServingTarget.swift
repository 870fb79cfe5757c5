// What the reconciler needs of the target that hosts connect to, and of what namespaces are stored in. The
// daemon implements both over GatewayIO and RBDBackend; tests have fakes.

public import GatewayCore
public import RBDBackend

/// The running target.
public protocol ServingTarget: Sendable {
    /// Serves these subsystems from now on, as one change: all of them or, if it throws, none.
    /// - Returns: what waits until nothing is under way any more that was taken away.
    func serve(_ subsystems: [Subsystem]) async throws(ServingFailure) -> ServingChange

    /// Listens at one more address.
    /// - Returns: the Port Identifier (PORTID) that subsystems name it by.
    func listen(on address: ServedAddress) async throws(ServingFailure) -> UInt16

    /// Listens no more there. Returns when no connection is served there any more.
    func stopListening(on portID: UInt16) async

    /// The controllers that hosts have.
    func controllers() async -> [ControllerReport]

    /// What hosts did with each namespace.
    func traffic() async -> [NamespaceTraffic]

    /// Hosts are told that a store may have another size.
    func geometryChanged(of store: any BlockBackend)
}

/// Why the target does not serve what it was told to, or does not listen.
public struct ServingFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The subsystem that can't be served; nil if it is none.
    public let nqn: String?
    public let description: String

    public init(_ description: String, subsystem nqn: String? = nil) {
        self.nqn = nqn
        self.description = description
    }
}

/// A change that is in force.
public struct ServingChange: Sendable {
    /// Returns when nothing that the change takes away is under way any more. A store that hangs delays it.
    public let complete: @Sendable () async -> Void

    public init(complete: @escaping @Sendable () async -> Void = {}) { self.complete = complete }
}

/// A numeric address and a TCP port.
public struct ServedAddress: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    public var family: AddressFamily { host.contains(":") ? .ipv6 : .ipv4 }
    /// Whether it stands for all addresses of its family, and so for none that a host could be told.
    public var isWildcard: Bool { host == "0.0.0.0" || host == "::" }
    public var description: String { family == .ipv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// What a namespace's blocks are in: one image, opened once however many namespaces are in it.
public struct StoreName: Hashable, Sendable, CustomStringConvertible {
    public let image: ImageSpec
    public let isReadOnly: Bool

    public init(image: ImageSpec, isReadOnly: Bool = false) {
        self.image = image
        self.isReadOnly = isReadOnly
    }

    public var description: String { isReadOnly ? "image \(image) (read-only)" : "image \(image)" }
}

/// An open store.
public struct OpenedStore: Sendable {
    public let backend: any BlockBackend
    /// The addresses of the RADOS client that has it open, as an `entity_addrvec_t` reads; empty for none.
    public let clientAddresses: String
    /// What that client is called.
    public let clientName: String
    /// Registers who is told when it is lost to this gateway, from any thread, maybe more than once.
    public let onLoss: @Sendable (_ notify: @escaping @Sendable (StoreLoss) -> Void) -> Void
    /// Looks at its size again; returns when the backend's geometry says what there is.
    public let refresh: @Sendable () async -> Void
    /// Closes it. No request may be under way.
    public let close: @Sendable () async -> Void

    public init(
        backend: any BlockBackend, clientAddresses: String = "", clientName: String = "",
        onLoss: @escaping @Sendable (@escaping @Sendable (StoreLoss) -> Void) -> Void = { _ in },
        refresh: @escaping @Sendable () async -> Void = {},
        close: @escaping @Sendable () async -> Void
    ) {
        self.backend = backend
        self.clientAddresses = clientAddresses
        self.clientName = clientName
        self.onLoss = onLoss
        self.refresh = refresh
        self.close = close
    }
}

/// Why a store that was open is not this gateway's any more.
public enum StoreLoss: Sendable {
    /// The client that has it open was fenced, and is not to write any more.
    case fenced
    /// It was removed.
    case gone
}

/// Opens stores, each call by itself and within a deadline.
public protocol StoreOpener: Sendable {
    /// - Parameters:
    ///   - group: the load-balancing group of the namespace that it is opened for.
    ///   - lostClient: the addresses of the client that had it open and was fenced, if one was. It fails
    ///     until that client is gone and off the blocklist.
    func open(
        _ store: StoreName, group: UInt32, after lostClient: String?
    ) async throws(StoreProblem) -> OpenedStore

    /// Returns when every RADOS client knows the newest OSD map, and so of every gateway that was fenced
    /// before.
    func catchUp() async throws(StoreProblem)
}

/// Why a store is not open: it names the store, what is wrong and the next step.
public struct StoreProblem: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
