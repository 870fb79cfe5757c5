// Several RADOS clients for the images of one gateway. One client's images share its threads and its
// messenger; a client costs 16 threads and 27 MiB. Who serves many images opens them here: a new client is
// made when those that there are have enough images each, up to a bound, and an image goes to the client
// that has the fewest.

internal import Synchronization

/// How images are spread over RADOS clients.
public struct ClusterSharing: Sendable, Equatable {
    /// A client that has so many images is full, as long as another may be made.
    public var imagesPerClient: Int
    /// How many clients there are at most. Then images go to the one that has the fewest.
    public var clientsMax: Int
    /// Whether images of different groups have different clients: then the bound is each group's.
    public var isByGroup: Bool

    public init(imagesPerClient: Int, clientsMax: Int, isByGroup: Bool = false) {
        precondition(imagesPerClient > 0 && clientsMax > 0)
        self.imagesPerClient = imagesPerClient
        self.clientsMax = clientsMax
        self.isByGroup = isByGroup
    }

    /// What a machine with so many processors gets if nobody chose: few images a client while there are few
    /// (they don't wait for each other then), and no more clients than processors can keep busy.
    public static func automatic(processorCount: Int) -> ClusterSharing {
        ClusterSharing(imagesPerClient: 32, clientsMax: min(max(processorCount, 2), 8))
    }
}

/// The RADOS clients of a gateway, all with one configuration.
///
/// Close it when its images are closed.
public actor ClusterPool {
    private final class Client {
        var cluster: Cluster?
        /// Images that are open in it, or are being opened.
        var imageCount = 0
        let group: UInt32
        /// Those who wait until it has connected.
        var connecting: Task<Result<Cluster, RBDError>, Never>?

        init(group: UInt32) { self.group = group }
    }

    private let configuration: ClusterConfiguration
    private let sharing: ClusterSharing
    private var clients: [Client] = []
    private let hanging = HangingOpens()
    /// The last answer to what is on the blocklist.
    private var answer: (since: ContinuousClock.Instant, task: Task<Result<Blocklist, RBDError>, Never>)?

    public init(_ configuration: ClusterConfiguration, sharing: ClusterSharing) {
        self.configuration = configuration
        self.sharing = sharing
    }

    /// The clients that are connected, and were not fenced.
    public var clusters: [Cluster] { clients.compactMap(\.cluster).filter { !$0.isFenced } }

    /// Opens an image on one of the clients, which connects first if it is new.
    ///
    /// An image whose last opening was given up, and hangs on its thread still, is not opened again before
    /// that has returned: each try would cost one more thread.
    /// - Parameter group: counts only if images are spread by groups.
    public func open(
        _ image: ImageSpec, readOnly: Bool = false, group: UInt32 = 0, passphrase: Passphrase? = nil
    ) async throws(RBDError) -> RBDImageBackend {
        let hanging = hanging
        guard !hanging.holds(image) else {
            throw .abandoned(
                .deadlinePassed, doing: "opening", seconds: configuration.limits.openSeconds,
                object: "image \(image)")
        }
        let client = client(for: sharing.isByGroup ? group : 0)
        client.imageCount += 1
        var cluster: Cluster?
        do throws(RBDError) {
            let connected = try await connected(client)
            cluster = connected
            return try await RBDImageBackend.open(
                image, on: connected, readOnly, passphrase, returnedLate: { hanging.add(-1, image) })
        } catch {
            client.imageCount -= 1
            await endIfFenced(client)
            if cluster != nil, [.deadlinePassed, .cancelled].contains(error.kind) { hanging.add(1, image) }
            throw error
        }
    }

    /// A client that is connected, or the first of them: for what is not about an open image.
    public func anyCluster() async throws(RBDError) -> Cluster {
        if let cluster = clusters.first { return cluster }
        return try await connected(client(for: 0))
    }

    /// Closes an image that was opened here.
    public func close(_ image: RBDImageBackend) async {
        await image.close()
        guard let client = clients.first(where: { $0.cluster === image.cluster }) else {
            preconditionFailure("an image of another pool")
        }
        client.imageCount -= 1
        await endIfFenced(client)
    }

    /// A fenced client ends with its last image. One that can't end stays in the list.
    private func endIfFenced(_ client: Client) async {
        guard let cluster = client.cluster, cluster.isFenced, client.imageCount == 0 else { return }
        if await cluster.close() { clients.removeAll { $0 === client } }
    }

    /// Throws unless what a fenced client had open may be opened anew: that client is gone, so that nothing
    /// of it can come after what a new one writes, and whoever put it on the blocklist has taken it off, or
    /// the time that it was to be there is over.
    /// - Parameter addresses: the fenced client's `Cluster.addresses`.
    public func checkReturn(of addresses: String) async throws(RBDError) {
        if clients.contains(where: { $0.cluster?.addresses == addresses }) {
            throw RBDError(
                .fenced, object: "client \(addresses)",
                reason: "it was fenced, and has not ended: a call of it hangs",
                nextStep: "Look for OSDs that are down with `ceph -s`, or restart the gateway.")
        }
        guard try await blocklist().holds(addresses) else { return }
        throw RBDError(
            .fenced, object: "client \(addresses)", reason: "it is on the cluster's blocklist",
            nextStep: "Once no other gateway serves its images, take it off (`ceph osd blocklist rm`).")
    }

    /// The blocklist of this second: all images of a client ask for it at once.
    private func blocklist() async throws(RBDError) -> Blocklist {
        let now = ContinuousClock.now
        if let answer, now - answer.since < .seconds(1) { return try await answer.task.value.get() }
        let task = Task { () -> Result<Blocklist, RBDError> in
            do throws(RBDError) { return .success(try await anyCluster().blocklist()) } catch {
                return .failure(error)
            }
        }
        answer = (now, task)
        return try await task.value.get()
    }

    /// Returns when every client knows the newest OSD map, and with it of all that were fenced before. What
    /// they send from then on can't overtake that.
    public func catchUp() async throws(RBDError) {
        for cluster in clusters { try await cluster.catchUp() }
    }

    /// Closes all clients. Their images must be closed before.
    public func close() async {
        let clusters = clients.compactMap(\.cluster)
        clients = []
        await withTaskGroup(of: Void.self) { group in
            for cluster in clusters { group.addTask { await cluster.close() } }
        }
    }

    private func client(for group: UInt32) -> Client {
        let candidates = clients.filter { $0.group == group && $0.cluster?.isFenced != true }
        let least = candidates.min { $0.imageCount < $1.imageCount }
        if let least, least.imageCount < sharing.imagesPerClient || candidates.count >= sharing.clientsMax {
            return least
        }
        let client = Client(group: group)
        clients.append(client)
        return client
    }

    /// The client's cluster. Who comes while it connects waits for the same outcome; after a failure the
    /// next one tries anew.
    private func connected(_ client: Client) async throws(RBDError) -> Cluster {
        if let cluster = client.cluster { return cluster }
        let configuration = configuration
        let task =
            client.connecting
            ?? Task {
                do throws(RBDError) {
                    return .success(try await Cluster.connect(configuration))
                } catch { return .failure(error) }
            }
        client.connecting = task
        switch await task.value {
        case .success(let cluster):
            client.cluster = cluster
            client.connecting = nil
            return cluster
        case .failure(let error):
            client.connecting = nil
            throw error
        }
    }
}

/// Images whose opening was given up and has not returned.
private final class HangingOpens: Sendable {
    /// Those that were given up, less those that have returned since: the two come in either order.
    private let counts = Mutex<[ImageSpec: Int]>([:])

    func add(_ delta: Int, _ image: ImageSpec) {
        counts.withLock { counts in
            let count = counts[image, default: 0] + delta
            counts[image] = count == 0 ? nil : count
        }
    }

    func holds(_ image: ImageSpec) -> Bool { counts.withLock { $0[image, default: 0] > 0 } }
}
