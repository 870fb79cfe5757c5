// `gatewayd export`: its options and their help. The options become an `ExportPlan`, which `ExportService`
// carries out.

import ArgumentParser
import GatewayCore
import GatewayIO
import NVMeTCP

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Exports images, files or memory until it is stopped.",
        discussion: """
            BACKEND is what to export; each one becomes a namespace, numbered from 1:

              rbd:POOL/IMAGE            an RBD image
              rbd:POOL/NAMESPACE/IMAGE  one inside a RADOS namespace
              rbd:POOL/IMAGE@SNAPSHOT   a snapshot, read-only
              file:PATH                 a file or a block device
              memory:SIZE               memory of this process, gone when it ends
              null:SIZE                 zeroes; what is written is dropped

            SIZE is bytes, or has a unit: 64KiB, 512MiB, 16GiB, 2TiB.

            Examples:

              gatewayd export rbd:rbd/demo
              gatewayd export rbd:rbd/a rbd:rbd/b --block-size 4096 \\
                  --ceph-conf ./ceph.conf --id gateway
              gatewayd export rbd:rbd/demo --listen 192.0.2.1 \\
                  --listen [2001:db8::1]:4420 \\
                  --allow-host nqn.2014-08.org.nvmexpress:uuid:...
              gatewayd export file:/srv/disk.img --listen 0.0.0.0:4420 \\
                  --advertise 192.0.2.1:4420 --allow-any-host

            It prints the lines to type on a host, then runs until SIGTERM or SIGINT: it finishes the \
            commands under way and closes its images (a second signal ends it at once). Names and UUIDs stay \
            the same from run to run.

            Exit codes:
            \(ExitReason.table([
                .imageNotFound, .poolNotFound, .accessDenied, .clusterUnreachable, .addressUnusable,
                .clusterConfiguration, .fileUnusable, .ringUnavailable, .internalError, .encryptionUnusable,
            ]))
            """)

    @Argument(
        help: ArgumentHelp("What to export, see below.", valueName: "backend"),
        transform: { try BackendSpecification($0) })
    var backends: [BackendSpecification]

    @Option(
        help: "The subsystem's name. Without it one is derived from this machine and the backends.",
        transform: { try NQN(argument: $0) })
    var nqn: NQN?

    @Option(
        name: .customLong("listen"), parsing: .singleValue,
        help: ArgumentHelp(
            "Where to listen; may be given several times. (default: 127.0.0.1:4420)", valueName: "addr:port"),
        transform: { try Endpoint($0) })
    var listen: [Endpoint] = []

    @Option(
        name: .customLong("advertise"), parsing: .singleValue,
        help: ArgumentHelp(
            "The address that hosts are told instead, once for each --listen and in the same order.",
            valueName: "addr:port"),
        transform: { try Endpoint($0) })
    var advertise: [Endpoint] = []

    @Option(
        name: .customLong("discovery-listen"), parsing: .singleValue,
        help: ArgumentHelp(
            "Where else discovery listens. (default: port 8009 of each listener's address, if it is free)",
            valueName: "addr:port"),
        transform: { try Endpoint($0, defaultPort: Endpoint.discoveryPort) })
    var discoveryListen: [Endpoint] = []

    @Flag(
        name: .customLong("no-discovery"), help: "Discovery answers at the listeners only, not on port 8009.")
    var withoutDiscovery = false

    @Option(
        name: .customLong("allow-host"), parsing: .singleValue,
        help: ArgumentHelp(
            "A host that may connect; may be given several times. Needed, or --allow-any-host, unless all "
                + "listeners are on loopback.", valueName: "nqn"),
        transform: { try NQN(argument: $0) })
    var allowedHosts: [NQN] = []

    @Flag(
        name: .customLong("allow-any-host"), help: "Whoever reaches a listener may connect, read and write.")
    var allowsAnyHost = false

    @Option(
        name: .customLong("block-size"),
        help: ArgumentHelp("The namespaces' logical block size, 512 or 4096 bytes.", valueName: "bytes"))
    var blockSize: UInt32 = 512

    @Option(
        name: .customLong("encryption-passphrase-file"), parsing: .singleValue,
        help: ArgumentHelp(
            "The file whose content unlocks an image that was formatted with 'rbd encryption format'. May be "
                + "given several times, with 'rbd:POOL/IMAGE=' before the name if there are several images.",
            valueName: "file"),
        transform: { try PassphraseFile($0) })
    var passphraseFiles: [PassphraseFile] = []

    @Option(
        name: .customLong("ceph-conf"),
        help: ArgumentHelp(
            "Ceph's configuration file. (default: $CEPH_CONF, /etc/ceph/ceph.conf, ~/.ceph/ceph.conf)",
            valueName: "file"))
    var cephConfiguration: String?

    @Option(
        name: .customLong("id"),
        help: ArgumentHelp("The Ceph user, without 'client.'.", valueName: "name"))
    var cephUser = "admin"

    @Option(help: "Threads that serve connections. (default: one for each processor, at most 4)")
    var shards: Int?

    @Option(
        help: ArgumentHelp(
            "How long a thread with nothing to do looks on before it sleeps: 'auto' (where waits are short "
                + "and a processor is free), 'off', or a number of microseconds.",
            valueName: "how long"),
        transform: { try SpinSetting(argument: $0) })
    var spin = SpinSetting.automatic

    @Option(
        name: .customLong("mdts"),
        help: ArgumentHelp(
            "The longest transfer of one command: 4KiB times a power of two.", valueName: "size"))
    var transferMax = ByteCount(bytes: 131_072)

    @Option(
        name: .customLong("controller-ids"),
        help: ArgumentHelp(
            "The controller identifiers that hosts get: gateways that export one subsystem need ranges "
                + "apart. (default: 1-65519)", valueName: "first-last"),
        transform: { try ControllerIDRange($0) })
    var controllerIDs = ControllerIDRange.all

    @Option(
        name: .customLong("reservations"),
        help: ArgumentHelp(
            "Keep reservations in this folder, so that those persist that hosts ask it of. Made if it is not "
                + "there; each gateway has its own.", valueName: "folder"))
    var reservationFolder: String?

    @Flag(
        name: .customLong("no-reservations"),
        help: "Offer no reservations: another gateway exports the same blocks. (implied by --controller-ids)")
    var withoutReservations = false

    @Flag(name: .shortAndLong, help: "Log more: each connection and controller.")
    var verbose = false

    func run() async throws {
        do {
            try await ExportService(plan: plan(), settings: settings()).run()
        } catch let failure as ProgramFailure {
            throw printed(failure)
        }
    }

    func validate() throws {
        do {
            _ = try plan()
            _ = try settings()
        } catch {
            throw ValidationError(error.description)
        }
    }

    func plan() throws(UsageError) -> ExportPlan {
        guard let blockSize = BlockSize(rawValue: blockSize) else {
            throw UsageError("--block-size is 512 or 4096, not \(self.blockSize)")
        }
        guard !withoutDiscovery || discoveryListen.isEmpty else {
            throw UsageError("--no-discovery and --discovery-listen contradict each other: leave one out")
        }
        let discovery: DiscoveryOption =
            withoutDiscovery ? .none : discoveryListen.isEmpty ? .wellKnown : .at(discoveryListen)
        return try ExportPlan(
            ExportOptions(
                backends: backends, nqn: nqn, listen: listen, advertise: advertise, discovery: discovery,
                allowedHosts: allowedHosts, allowsAnyHost: allowsAnyHost, blockSize: blockSize,
                passphraseFiles: passphraseFiles),
            machine: Machine.identity)
    }

    func settings() throws(UsageError) -> ExportSettings {
        let pages = transferMax.bytes / 4096
        guard pages.nonzeroBitCount == 1, transferMax.bytes % 4096 == 0, pages > 1, pages <= 1 << 8
        else {
            // 4 KiB can't be said: 0 in MDTS is no limit.
            throw UsageError("--mdts is 8KiB, 16KiB, 32KiB and so on up to 1MiB, not \(transferMax)")
        }
        let shards = shards ?? min(4, Machine.processorCount)
        guard (1...64).contains(shards) else { throw UsageError("--shards is 1 to 64, not \(shards)") }
        guard controllerIDs.bounds.count >= shards else {
            throw UsageError(
                "--controller-ids has \(controllerIDs.bounds.count) for \(shards) threads: each serves "
                    + "controllers of its own")
        }
        let isShared = withoutReservations || controllerIDs != .all
        guard reservationFolder == nil || !isShared else {
            throw UsageError(
                "--reservations keeps what one gateway alone knows: leave it out, or "
                    + (withoutReservations ? "--no-reservations" : "--controller-ids"))
        }
        return ExportSettings(
            shardCount: shards, spinning: spin, transferShift: UInt8(pages.trailingZeroBitCount),
            controllerIDs: controllerIDs.bounds, offersReservations: !isShared,
            reservationFolder: reservationFolder,
            cephConfiguration: cephConfiguration, cephUser: cephUser, isVerbose: verbose)
    }
}

/// What an export needs to know beside its plan.
struct ExportSettings: Equatable, Sendable {
    var shardCount: Int
    var spinning = SpinSetting.automatic
    /// MDTS: a power of two times 4 KiB.
    var transferShift: UInt8
    /// Controller identifiers (CNTLID) to give.
    var controllerIDs: ClosedRange<UInt16>
    /// Whether hosts may reserve the namespaces.
    var offersReservations: Bool
    /// Where reservations are kept that persist; nil if none do.
    var reservationFolder: String?
    var cephConfiguration: String?
    var cephUser: String
    var isVerbose: Bool
}
