// `gatewayd namespace`: the disks that hosts see. Adding, deleting and listing them; what can be changed of
// one is in the files beside this one.

import ArgumentParser
import GatewayControl
import GatewayRPC
import Glibc

struct NamespaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespace",
        abstract: "The disks of a subsystem: each is an RBD image.",
        discussion: """
            A namespace is an image with a number (NSID) in a subsystem; hosts see it as a disk. It is \
            named by both: -n NQN --nsid NUMBER.

              gatewayd namespace add -n nqn.2026-11.com.example:disks -p rbd -i disk1 \\
                  -c --size 10G
              gatewayd namespace list
              gatewayd namespace list --watch
              gatewayd namespace resize -n nqn.2026-11.com.example:disks --nsid 1 \\
                  --size 20G

            \(NamespaceListCommand.exitCodes)
            """,
        subcommands: [
            NamespaceAddCommand.self, NamespaceDeleteCommand.self, NamespaceListCommand.self,
            NamespaceResizeCommand.self, NamespaceRefreshSizeCommand.self,
            NamespaceAutoResizeCommand.self, NamespaceQoSCommand.self,
            NamespaceStatisticsCommand.self, NamespaceGroupCommand.self, NamespaceLocationCommand.self,
            NamespaceLocationsCommand.self, NamespaceVisibilityCommand.self, NamespaceAddHostCommand.self,
            NamespaceDeleteHostCommand.self, NamespaceHostsCommand.self, NamespaceTrashCommand.self,
        ], aliases: ["ns"])
}

struct NamespaceAddCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a namespace, and creates its image if asked to.",
        discussion: """
            Examples: an image that is there; one that is created and goes to the trash with its namespace; \
            one that only some hosts are to see:

              gatewayd namespace add -n nqn.2026-11.com.example:disks -p rbd -i disk1
              gatewayd namespace add -n nqn.2026-11.com.example:disks -p rbd -i scratch \\
                  -c --size 10G \\
                  --rbd-trash-image-on-delete
              gatewayd namespace add -n nqn.2026-11.com.example:disks -p rbd -i disk2 \\
                  --no-auto-visible
            """, aliases: ["create"])

    @OptionGroup var subsystem: SubsystemName

    @Option(name: [.customShort("p"), .long], help: ArgumentHelp("The image's pool.", valueName: "pool"))
    var rbdPool: String

    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp(
            "The image, or IMAGE@SNAPSHOT, which can be read only.", valueName: "image"))
    var rbdImage: String

    @Option(
        name: [.customShort("r"), .customLong("rados-namespace")],
        help: ArgumentHelp("The pool's namespace that the image is in.", valueName: "name"))
    var radosNamespace: String?

    @Option(help: ArgumentHelp("Its number; the lowest that is free otherwise.", valueName: "number"))
    var nsid: UInt32?

    @Option(name: [.customShort("u"), .long], help: "What hosts know it by; a random one otherwise.")
    var uuid: String?

    @Option(
        name: [.customShort("s"), .long],
        help: ArgumentHelp("512 or 4096.", valueName: "bytes"), completion: .list(["512", "4096"]))
    var blockSize: UInt32 = 512

    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp(
            "The load-balancing group, which is the gateway that serves it; 0: the one with the fewest "
                + "namespaces.", valueName: "number"))
    var loadBalancingGroup: UInt16 = 0

    @OptionGroup var image: NewImage
    @OptionGroup var use: NamespaceUse
    @OptionGroup var control: ControlOptions

    func validate() throws {
        if nsid == 0 { throw ValidationError("--nsid begins with 1.") }
        if blockSize != 512, blockSize != 4096 { throw ValidationError("--block-size is 512 or 4096.") }
        try image.check()
    }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_add_req()
        request.subsystemNqn = subsystem.nqn
        request.rbdPoolName = rbdPool
        request.rbdImageName = rbdImage
        if let radosNamespace { request.radosNamespaceName = radosNamespace }
        if let nsid { request.nsid = nsid }
        if let uuid { request.uuid = uuid }
        request.blockSize = blockSize
        request.anagrpid = Int32(loadBalancingGroup)
        image.fill(&request)
        use.fill(&request)
        let nsid = try await gateway.call(GatewayMethods.namespaceAdd, request).nsid
        return Report(
            "Added namespace \(nsid) to \(subsystem.nqn).", [.init("nsid", .unsigned(UInt64(nsid)))])
    }
}

/// What `namespace add` is told of an image that it creates.
struct NewImage: ParsableArguments {
    @Flag(
        name: [.customShort("c"), .long],
        help: "Create the image. One that is there already is taken if it has this size.")
    var rbdCreateImage = false

    @Option(help: ArgumentHelp(ImageSize.help, valueName: "size"))
    var size: ImageSize?

    @Option(
        name: [.customShort("d"), .customLong("rbd-data-pool")],
        help: ArgumentHelp("The pool for its data, where that is another one.", valueName: "pool"))
    var rbdDataPool: String?

    @Flag(help: "Move the image to the trash when the namespace is deleted.")
    var rbdTrashImageOnDelete = false

    func check() throws {
        if rbdCreateImage, size == nil { throw ValidationError("--rbd-create-image needs --size.") }
        if !rbdCreateImage, size != nil || rbdTrashImageOnDelete || rbdDataPool != nil {
            throw ValidationError(
                "--size, --rbd-data-pool and --rbd-trash-image-on-delete are for images that "
                    + "--rbd-create-image creates.")
        }
    }

    func fill(_ request: inout PB_namespace_add_req) {
        request.createImage = rbdCreateImage
        if let size { request.size = size.bytes }
        if let rbdDataPool { request.rbdDataPoolName = rbdDataPool }
        request.trashImage = rbdTrashImageOnDelete
    }
}

/// What `namespace add` is told of how the namespace is used.
struct NamespaceUse: ParsableArguments {
    @Flag(help: "Even though another namespace has the image.") var force = false
    @Flag(help: "Hosts see it only after 'namespace add_host'.") var noAutoVisible = false
    @Flag(help: "Hosts may read it only.") var readOnly = false
    @Flag(help: "Hosts are not told by themselves when the image becomes larger.")
    var disableAutoResize = false
    @Option(help: ArgumentHelp("A word of yours for where it is.", valueName: "word"))
    var location: String?

    func fill(_ request: inout PB_namespace_add_req) {
        request.force = force
        request.noAutoVisible = noAutoVisible
        if readOnly { request.readOnly = true }
        if disableAutoResize { request.disableAutoResize = true }
        if let location { request.location = location }
    }
}

struct NamespaceDeleteCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del",
        abstract: "Deletes a namespace. Its image stays, unless it was made to go with it.",
        discussion: """
            Hosts lose the disk at once. An image with "trash" in 'namespace list' is moved to the pool's \
            trash, from where 'rbd trash restore' brings it back.

              gatewayd namespace del -n nqn.2026-11.com.example:disks --nsid 1
            """, aliases: ["delete"])

    @OptionGroup var namespace: NamespaceChoice
    @OptionGroup var agreement: Agreement
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let found = try await gateway.namespaces(of: namespace.nqn, nsid: namespace.nsid).first
        let hosts = Set(try await gateway.connections(to: namespace.nqn).map(\.nqn)).filter {
            found?.autoVisible == true || found?.hosts.contains($0) == true
        }
        if let found, found.trashImage || !hosts.isEmpty {
            let image = found.trashImage ? "moves image \(found.image) to the trash" : ""
            let loss = hosts.isEmpty ? "" : "takes it from \(Words.count(hosts.count, "connected host"))"
            try agreement.obtain(
                "Deleting \(namespace.words) "
                    + [image, loss].filter { !$0.isEmpty }.joined(separator: " and ") + ".",
                from: gateway.console)
        }
        var request = PB_namespace_delete_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        request.iAmSure = agreement.isGiven || found?.trashImage == true
        _ = try await gateway.call(GatewayMethods.namespaceDelete, request)
        return Report("Deleted \(namespace.words).")
    }
}

struct NamespaceListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists namespaces; --watch shows what hosts do with them.",
        discussion: """
              gatewayd namespace list
              gatewayd namespace list -n nqn.2026-11.com.example:disks --nsid 1 \\
                  --format json
              gatewayd namespace list --watch --interval 5
            """)

    @Option(
        name: [.customShort("n"), .customLong("subsystem")],
        help: ArgumentHelp("Only those of this subsystem.", valueName: "nqn"))
    var nqn: String?

    @Option(help: ArgumentHelp("Only the one with this number.", valueName: "number"))
    var nsid: UInt32?

    @Option(name: [.customShort("u"), .long], help: "Only the one with this UUID.") var uuid: String?

    @Flag(name: [.customShort("w"), .long], help: "Show again and again what hosts do with them.")
    var watch = false

    @OptionGroup var watchOptions: WatchOptions
    @OptionGroup var control: ControlOptions

    func validate() throws {
        if nsid == 0 { throw ValidationError("--nsid begins with 1.") }
        if !watch, watchOptions.iterations != nil { throw ValidationError("--iterations goes with --watch.") }
    }

    static let columns: [Column<PB_namespace_cli>] = [
        .text("ns_subsystem_nqn", "Subsystem") { $0.nsSubsystemNqn },
        .number("nsid", "NSID") { $0.nsid },
        .words("Image") { $0.image },
        .bytes("rbd_image_size", "Size") { $0.rbdImageSize },
        .bytes("block_size", "Block") { $0.blockSize },
        .number("load_balancing_group", "Group") { $0.loadBalancingGroup },
        .words("Visible to") { $0.autoVisible ? "all" : Words.count($0.hosts.count, "host") },
        .words("Limits") { $0.limits },
        .words("Notes") { $0.notes },
        .text("uuid") { $0.uuid },
        .text("rbd_pool_name") { $0.rbdPoolName },
        .text("rados_namespace_name") { $0.radosNamespaceName },
        .text("rbd_image_name") { $0.rbdImageName },
        .text("rbd_data_pool_name") { $0.rbdDataPoolName },
        .text("bdev_name") { $0.bdevName },
        .limit("rw_ios_per_second") { $0.rwIosPerSecond },
        .limit("rw_mbytes_per_second") { $0.rwMbytesPerSecond },
        .limit("r_mbytes_per_second") { $0.rMbytesPerSecond },
        .limit("w_mbytes_per_second") { $0.wMbytesPerSecond },
        .flag("auto_visible") { $0.autoVisible },
        .list("hosts") { $0.hosts },
        .flag("trash_image") { $0.trashImage },
        .flag("read_only") { $0.readOnly },
        .flag("disable_auto_resize") { $0.disableAutoResize },
        .text("location") { $0.location },
        .text("cluster_name") { $0.clusterName },
    ]

    /// A namespace and what is done with it.
    private struct Watched {
        let namespace: PB_namespace_cli
        let rate: WorkRate
    }

    private static let watchedColumns: [Column<Watched>] =
        [
            .text("ns_subsystem_nqn", "Subsystem") { $0.namespace.nsSubsystemNqn },
            .number("nsid", "NSID") { $0.namespace.nsid },
            .text("image", "Image") { $0.namespace.image },
            .bytes("rbd_image_size", "Size") { $0.namespace.rbdImageSize },
            .words("Limits") { $0.namespace.limits },
        ] + Column.figures { $0.rate }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        guard watch else { return Report("namespaces", try await list(gateway), Self.columns, nothing: none) }
        return try await watchOptions.watch(gateway, subsystem: nqn) { activity throws(ControlFailure) in
            let rates = Dictionary(
                activity.namespaces.map { (NamespaceName($0.subsystemNQN, $0.nsid), $0.rate) }
            ) { $1 }
            let idle = WorkRate(work: WorkDone(), seconds: activity.seconds)
            let rows = try await list(gateway).map {
                Watched(
                    namespace: $0, rate: rates[NamespaceName($0.nsSubsystemNqn, $0.nsid)] ?? idle)
            }
            return Report("namespaces", rows, Self.watchedColumns, nothing: none)
        }
    }

    private func list(_ gateway: ControlSession) async throws(ControlFailure) -> [PB_namespace_cli] {
        var request = PB_list_namespaces_req()
        request.subsystem = nqn ?? "*"
        if let nsid { request.nsid = nsid }
        if let uuid { request.uuid = uuid }
        return try await gateway.call(GatewayMethods.listNamespaces, request).namespaces
    }

    /// What is said where there is none.
    private var none: String {
        nqn == nil && nsid == nil && uuid == nil
            ? "No namespaces. `gatewayd namespace add -n NQN -p POOL -i IMAGE` adds one."
            : "No such namespace."
    }
}

extension PB_namespace_cli {
    /// What holds, in few words.
    fileprivate var limits: String {
        let parts: [(UInt64, String)] = [
            (rwIosPerSecond, "IO/s"), (rwMbytesPerSecond, "MB/s"), (rMbytesPerSecond, "MB/s read"),
            (wMbytesPerSecond, "MB/s write"),
        ]
        return parts.filter { $0.0 != 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    /// What is not as usual.
    fileprivate var notes: String {
        [
            readOnly ? "read-only" : "", trashImage ? "trash" : "",
            disableAutoResize ? "no auto-resize" : "", location,
            rbdImageSize == 0 ? "not open here: see gatewayd status" : "",
        ].filter { !$0.isEmpty }.joined(separator: ", ")
    }
}
