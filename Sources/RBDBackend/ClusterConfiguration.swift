// What an operator says about a Ceph cluster before connecting, and the options that the gateway sets by
// itself.

public import GatewayCore

/// How to reach a Ceph cluster, and as whom.
public struct ClusterConfiguration: Sendable {
    /// The configuration file; nil looks where librados looks: $CEPH_CONF, /etc/ceph/ceph.conf,
    /// ~/.ceph/ceph.conf.
    public var configurationFile: String?
    /// The user, without or with the "client." in front.
    public var user: String
    /// librbd's cache in RAM. Off by default: with it an acknowledged write may be lost with the gateway,
    /// which is then reported as a volatile write cache.
    public var usesCache: Bool
    /// Further options by their names in Ceph's configuration. They win over the file and over the
    /// gateway's own.
    public var overrides: [String: String]
    /// Bounds and deadlines.
    public var limits: RBDLimits
    /// What becomes of images while they are open: a line when it begins, with the next step, and one when it
    /// is over.
    public var log: any TargetLog = SilentLog()

    public init(
        configurationFile: String? = nil, user: String = "admin", usesCache: Bool = false,
        overrides: [String: String] = [:], limits: RBDLimits = RBDLimits()
    ) {
        self.configurationFile = configurationFile
        self.user = user
        self.usesCache = usesCache
        self.overrides = overrides
        self.limits = limits
    }

    /// The user without "client.", as rados_create wants it.
    var userID: String {
        user.hasPrefix("client.") ? String(user.dropFirst("client.".count)) : user
    }

    /// The options that are set after reading the file and before connecting, in this order.
    var options: [(name: String, value: String)] {
        [
            // An acknowledged write is in RADOS, not in this process.
            ("rbd_cache", usesCache ? "true" : "false"),
            // librbd copies each write, which is its default too. Without the copy, a write that fails
            // before it gets to an object (the client is on the blocklist, another one keeps the exclusive
            // lock) never completes in 16.2: Docs/Decisions/0006-librbd-copies-each-write.md.
            ("rbd_disable_zero_copy_writes", "true"),
            // Out of reach: RBDLimits takes their place, for each image by itself.
            ("objecter_inflight_ops", "1048576"),
            ("objecter_inflight_op_bytes", "1099511627776"),
            // 300 s and forever by default.
            ("client_mount_timeout", String(limits.connectSeconds)),
            ("rados_mon_op_timeout", String(limits.monitorSeconds)),
            // rados_osd_op_timeout stays 0, refused on purpose: a write that failed by it may still land
            // later.
        ] + overrides.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}
