// A target that serves nothing and remembers what it was told: what the control calls are tried on.

import GatewayControl
import GatewayCore
import Glibc
import RBDBackend
import Synchronization

final class FakeTarget: ControlledTarget {
    struct Contents {
        var state = GroupState.none
        var connections: [String: [HostConnection]] = [:]
        var anaStates: [UInt32: GroupANAState] = [:]
        var addresses: Set<String> = ["127.0.0.1", "::1", "10.0.0.1"]
        /// Why a port cannot be listened on.
        var problems: [UInt32: String] = [:]
        var statistics = NamespaceStatistics()
        var refreshed: [NamespaceName] = []
        var anaFailure: ControlFailure?
        var offersTLS = true
        /// What it listens at by itself.
        var automatic: [ListenerRecord] = []
        var activity = TargetActivity()
        var unserved: [ServedObject: String] = [:]
        /// Of any host; nil: there are none.
        var connectionStatistics: ConnectionStatistics?
    }

    let contents = Mutex(Contents())
    private let hostName: String
    private let images: FakeImages

    init(hostName: String, images: FakeImages) {
        self.hostName = hostName
        self.images = images
    }

    func settle(_ state: GroupState) async { contents.withLock { $0.state = state } }

    func connections(of nqn: String) async -> [HostConnection] {
        contents.withLock { $0.connections[nqn] ?? [] }
    }

    func listeners(of nqn: String) async -> [ListenerStanding] {
        contents.withLock { contents in
            (contents.state.subsystems[nqn]?.sortedListeners ?? []).filter { $0.hostName == hostName }.map {
                ListenerStanding(record: $0, problem: contents.problems[$0.portOrDefault])
            }
                + contents.automatic.filter { $0.nqn == nqn }.map {
                    ListenerStanding(record: $0, isAutomatic: true)
                }
        }
    }

    func namespace(_ nsid: UInt32, of nqn: String) async -> NamespaceStanding? {
        await namespaces()[NamespaceName(nqn, nsid)]
    }

    func namespaces() async -> [NamespaceName: NamespaceStanding] {
        let state = contents.withLock { $0.state }
        let sizes = images.sizes.withLock { $0 }
        var standings: [NamespaceName: NamespaceStanding] = [:]
        for subsystem in state.subsystems.values {
            for namespace in subsystem.namespaces.values {
                let record = namespace.record
                standings[NamespaceName(record.subsystemNQN, record.nsid)] = NamespaceStanding(
                    sizeBytes: sizes[record.image] ?? 0, clientAddresses: "127.0.0.1:0/3735928559",
                    clientName: "client.4711")
            }
        }
        return standings
    }

    func statistics(ofNamespace nsid: UInt32, of nqn: String) async -> NamespaceStatistics? {
        contents.withLock { $0.statistics }
    }

    func statistics() async -> [NamespaceName: NamespaceStatistics] {
        let statistics = contents.withLock { $0.statistics }
        return await namespaces().mapValues { _ in statistics }
    }

    /// Each look is a second after the one before.
    func activity() async -> TargetActivity {
        contents.withLock { contents in
            defer { contents.activity.goOn() }
            return contents.activity
        }
    }

    func problems() async -> [ServedObject: String] { contents.withLock { $0.unserved } }

    func connectionStatistics(
        of hostNQN: String, _ nqn: String, reset: Bool
    ) async throws(ControlFailure) -> ConnectionStatistics {
        let statistics = contents.withLock { $0.connectionStatistics }
        if let statistics { return statistics }
        throw ControlFailure(EOPNOTSUPP, "Statistics of a connection are not supported")
    }

    func refreshSize(ofNamespace nsid: UInt32, of nqn: String) async {
        contents.withLock { $0.refreshed.append(NamespaceName(nqn, nsid)) }
    }

    func anaState(ofGroup group: UInt32, of nqn: String) async -> GroupANAState {
        contents.withLock { $0.anaStates[group] ?? .inaccessible }
    }

    func setANAStates(_ changes: [ANAStateChange]) async throws(ControlFailure) {
        let failure = contents.withLock { contents in
            for change in changes { contents.anaStates[change.group] = change.state }
            return contents.anaFailure
        }
        if let failure { throw failure }
    }

    var offersTLS: Bool { contents.withLock { $0.offersTLS } }

    func hasAddress(_ address: String, _ family: ListenerRecord.AddressFamily) -> Bool {
        (family == .ipv6) == address.contains(":") && contents.withLock { $0.addresses.contains(address) }
    }

    func shards() async -> [ShardStatistics] {
        var shard = ShardStatistics(name: "gw-shard-0")
        shard.openIOQueueCount = 4
        shard.busy = 1_000_000
        return [shard]
    }
}

/// Images that are sizes in a table.
final class FakeImages: ImageOperations {
    let sizes: Mutex<[ImageSpec: UInt64]>
    let trash = Mutex<[ImageSpec]>([])
    let pools: Set<String> = ["rbd"]
    /// Thrown by the next call.
    let failure = Mutex<ControlFailure?>(nil)

    init(_ sizes: [String: UInt64] = [:]) {
        var table: [ImageSpec: UInt64] = [:]
        for (name, size) in sizes { table[ImageSpec(pool: "rbd", image: name)] = size }
        self.sizes = Mutex(table)
    }

    /// The next calls end when this does: a cluster that does not answer.
    let hold = Mutex<AsyncStream<Void>?>(nil)
    private let holding = AsyncStream<Void>.makeStream()

    /// Returns when a call is held.
    func isHolding() async { for await _ in holding.stream { return } }

    private func fail(_ image: ImageSpec) throws(ControlFailure) {
        let failure = failure.withLock { failure in
            defer { failure = nil }
            return failure
        }
        if let failure { throw failure }
        if !pools.contains(image.pool) { throw ControlFailure(19, "Pool \(image.pool) doesn't exist") }
    }

    func sizeBytes(of image: ImageSpec) async throws(ControlFailure) -> UInt64? {
        let hold = hold.withLock { hold in
            defer { hold = nil }
            return hold
        }
        if let hold {
            holding.continuation.yield()
            for await _ in hold {}
        }
        try fail(image)
        return sizes.withLock { $0[image] }
    }

    func create(_ image: ImageSpec, sizeBytes: UInt64, dataPool: String?) async throws(ControlFailure) {
        try fail(image)
        sizes.withLock { $0[image] = sizeBytes }
    }

    func resize(_ image: ImageSpec, sizeBytes: UInt64) async throws(ControlFailure) {
        try fail(image)
        sizes.withLock { $0[image] = sizeBytes }
    }

    func moveToTrash(_ image: ImageSpec) async throws(ControlFailure) {
        try fail(image)
        sizes.withLock { $0[image] = nil }
        trash.withLock { $0.append(image) }
    }
}

extension TargetActivity {
    /// A second in which each namespace and each controller had ten reads of 4 KiB, which took 1 ms each.
    fileprivate mutating func goOn() {
        now += 1_000_000_000
        for index in namespaces.indices {
            namespaces[index].totals.reads.count += 10
            namespaces[index].totals.reads.byteCount += 40_960
            namespaces[index].totals.reads.nanoseconds += 10_000_000
        }
        for index in controllers.indices {
            controllers[index].traffic.readCount += 10
            controllers[index].traffic.readBytes += 40_960
            controllers[index].traffic.endedCount += 10
            controllers[index].traffic.endedNanoseconds += 10_000_000
        }
    }
}
