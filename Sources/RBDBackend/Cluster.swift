// One RADOS client: what images are opened on. gatewayd makes one (16 threads, 27 MiB) for all images of a
// cluster. All calls that can block run on threads of their own (CallThread.swift); nothing here is on the
// way of a request.

internal import CLibrbd
internal import GatewayCore
internal import Synchronization

/// A connection to a Ceph cluster.
///
/// Close it when its images are closed: an open cluster traps when it is released.
public final class Cluster: Sendable {
    /// The cluster's fsid, a UUID as text.
    public let fsid: String
    /// "client.gateway": whom the cluster knows us as.
    public let user: String
    /// The client's own addresses as Ceph writes an `entity_addrvec_t`: what is put on the blocklist to
    /// fence it.
    public let addresses: String
    /// The bounds that were given at connect.
    public let limits: RBDLimits

    let handle: ClusterHandle
    let credit: SharedCredit
    let thread: ClientThread
    let log: any TargetLog
    let stranded: StrandedCalls
    private let isOpen = Atomic<Bool>(true)
    private let fenced = Atomic<Bool>(false)

    private init(
        _ connected: ConnectedCluster, _ configuration: ClusterConfiguration, _ stranded: StrandedCalls
    ) {
        fsid = connected.fsid
        user = "client.\(configuration.userID)"
        addresses = connected.addresses
        limits = configuration.limits
        handle = connected.handle
        credit = SharedCredit(
            requestsMax: configuration.limits.clientRequestsMax, bytesMax: configuration.limits.clientBytesMax
        )
        thread = ClientThread()
        log = configuration.log
        self.stranded = stranded
    }

    /// Connects to the cluster, or says within seconds why that can't be.
    /// - Parameter deadline: how long to wait at most; by default two seconds more than
    ///   `limits.connectSeconds`.
    public static func connect(
        _ configuration: ClusterConfiguration, within deadline: Duration? = nil
    ) async throws(RBDError) -> Cluster {
        configuration.limits.check()
        let stranded = StrandedCalls()
        let limit = deadline ?? .seconds(configuration.limits.connectSeconds + 2)
        let outcome = await callOnThread(within: limit, stranded: stranded) {
            (late: Result<ConnectedCluster, RBDError>) in
            // The caller has left: nobody will use this client.
            if case .success(let connected) = late { connected.handle.shutDown() }
        } _: {
            ClusterHandle.connect(configuration)
        }
        switch outcome {
        case .success(.success(let connected)):
            let cluster = Cluster(connected, configuration, stranded)
            let code = cluster.thread.start()
            if code != 0 {
                await cluster.close()
                throw .abandoned(.noThread(code), doing: "connecting", seconds: 0, object: cluster.user)
            }
            return cluster
        case .success(.failure(let error)):
            throw error
        case .failure(let why):
            throw .abandoned(
                why, doing: "connecting", seconds: Int(limit.components.seconds),
                object: "cluster of \(configuration.configurationFile ?? "the default ceph.conf")")
        }
    }

    /// Calls to librados and librbd that missed their deadline and have not returned since. Each holds a
    /// thread.
    public var strandedCallCount: Int { stranded.count }

    /// Returns when this client knows the OSD map that was the newest when it was called.
    public func catchUp() async throws(RBDError) {
        let (handle, limit) = (handle, limits.monitorSeconds)
        let outcome = await callOnThread(
            within: .seconds(limit), stranded: stranded, orphaned: { (_: Int32) in },
            { handle.waitForNewestMap() })
        switch outcome {
        case .success(0): return
        case .success(let code): throw .returned(code, "rados_wait_for_latest_osdmap", object: user)
        case .failure(let why):
            throw .abandoned(why, doing: "asking for the newest OSD map", seconds: limit, object: user)
        }
    }

    /// Another client put this one on the blocklist: no image of it is served any more, and the operator
    /// reads of it once. Called on the client's thread.
    func fence() {
        let images = thread.openImages
        for image in images { image.fence() }
        // Not before all are known to be lost: who is told of one looks at all.
        let isNew = !fenced.exchange(true, ordering: .acquiringAndReleasing)
        for image in images { image.tellFence() }
        guard isNew else { return }
        log.write(
            .error,
            "\(user): this client is on the cluster's blocklist, and none of its images is served any "
                + "more: hosts lose this path to them. See `ceph osd blocklist ls`; once no other gateway "
                + "serves them, take the client off the list, or restart this one.")
    }

    /// Whether the client was found to be on the blocklist: it stays so.
    public var isFenced: Bool { fenced.load(ordering: .acquiring) }

    /// Ends the connection. Its images must be closed before.
    ///
    /// If a call was left behind, or shutting down takes longer than `limits.closeSeconds`, the client
    /// stays in memory until the process ends: taking it away under a thread that uses it is not possible.
    /// - Returns: whether the client is gone: nothing that it was asked for reaches the cluster any more.
    @discardableResult
    public func close() async -> Bool {
        guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return false }
        precondition(thread.imageCount == 0, "\(user): the cluster was closed before its images")
        thread.stop()
        guard stranded.count == 0 else { return false }
        let handle = handle
        let outcome = await callOnThread(
            within: .seconds(limits.closeSeconds), stranded: stranded, orphaned: { (_: Void) in },
            { handle.shutDown() })
        if case .success = outcome { return true } else { return false }
    }

    deinit {
        precondition(
            !isOpen.load(ordering: .acquiring), "\(user): the cluster was released before it was closed")
    }
}

/// A client that connected, on its way from its thread.
struct ConnectedCluster: Sendable {
    let handle: ClusterHandle
    let fsid: String
    let addresses: String
}

/// librados' client.
@safe struct ClusterHandle: @unchecked Sendable {
    // Sendable: librados' functions may be called on any thread. Valid until shutDown, which Cluster calls
    // once.
    let raw: rados_t

    /// Blocks for `limits.connectSeconds` at most, as far as librados keeps its promise.
    static func connect(_ configuration: ClusterConfiguration) -> Result<ConnectedCluster, RBDError> {
        let user = "user client.\(configuration.userID)"
        var created: rados_t?
        let code = unsafe rados_create(&created, configuration.userID)
        guard code == 0, let raw = unsafe created else {
            return .failure(.returned(code, "rados_create", object: user))
        }
        let handle = unsafe ClusterHandle(raw: raw)
        do throws(RBDError) {
            try handle.configure(configuration)
            let code = unsafe rados_connect(raw)
            guard code == 0 else { throw handle.connectError(code, configuration) }
            return .success(
                ConnectedCluster(
                    handle: handle, fsid: try handle.fsid(), addresses: try handle.addresses()))
        } catch {
            handle.shutDown()
            return .failure(error)
        }
    }

    /// Blocks until a monitor has answered.
    func waitForNewestMap() -> Int32 { unsafe rados_wait_for_latest_osdmap(raw) }

    /// Ends the client; blocks until its threads are gone.
    func shutDown() { unsafe rados_shutdown(raw) }

    private func configure(_ configuration: ClusterConfiguration) throws(RBDError) {
        let file = configuration.configurationFile
        let code = unsafe rados_conf_read_file(raw, file)
        if code != 0 {
            throw RBDError(
                .configurationFile, object: "configuration file \(file ?? "ceph.conf")", code: abs(code),
                reason: "it can't be read: \(errorText(abs(code)))",
                nextStep: "Name the right file (--ceph-conf FILE), or put one to /etc/ceph/ceph.conf.")
        }
        for option in configuration.options {
            let code = unsafe rados_conf_set(raw, option.name, option.value)
            if code != 0 {
                throw RBDError(
                    .configuration, object: "Ceph option \(option.name)", code: abs(code),
                    reason: "this librados does not take the value \"\(option.value)\"",
                    nextStep: "Look the option up with `ceph config help \(option.name)`.")
            }
        }
    }

    private func connectError(_ returned: Int32, _ configuration: ClusterConfiguration) -> RBDError {
        let code = abs(returned)
        let user = "user client.\(configuration.userID)"
        let monitors = option("mon_host")
        switch ErrnoTable.row(code)?.kind {
        case .imageMissing where monitors.isEmpty:
            return RBDError(
                .configuration,
                object: "configuration file \(configuration.configurationFile ?? "ceph.conf")",
                code: code, reason: "it names no monitor", nextStep: "Set mon_host in its [global] section.")
        case .imageMissing:
            return RBDError(
                .keyringMissing, object: user, code: code,
                reason: "no keyring with its key was found in \(option("keyring"))",
                nextStep:
                    "Write one with `ceph auth get client.\(configuration.userID) -o FILE`, or name another "
                    + "user (--id NAME).")
        case .accessDenied:
            return RBDError(
                .accessDenied, object: user, code: code, reason: "the cluster refused its key",
                nextStep: "Compare the keyring in \(option("keyring")) with `ceph auth get "
                    + "client.\(configuration.userID)`.")
        case .monitorUnreachable:
            return RBDError(
                .monitorUnreachable, object: "monitors \(monitors)", code: code,
                reason: "none answered within \(configuration.limits.connectSeconds) s",
                nextStep: "Check mon_host, the network and that ceph-mon runs.")
        case _:
            return .returned(returned, "rados_connect", object: user)
        }
    }

    private func fsid() throws(RBDError) -> String {
        // 36 characters and the zero.
        var text = [CChar](repeating: 0, count: 37)
        let code = unsafe rados_cluster_fsid(raw, &text, text.count)
        guard code >= 0 else { throw .returned(code, "rados_cluster_fsid", object: "cluster") }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func addresses() throws(RBDError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        let code = unsafe rados_getaddrs(raw, &text)
        guard code >= 0, let text = unsafe text else {
            throw .returned(code, "rados_getaddrs", object: "cluster")
        }
        // librados' memory, freed after the copy.
        defer { unsafe rados_buffer_free(text) }
        return unsafe String(cString: text)
    }

    private func option(_ name: String) -> String {
        var text = [CChar](repeating: 0, count: 4096)
        guard unsafe rados_conf_get(raw, name, &text, text.count) == 0 else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
