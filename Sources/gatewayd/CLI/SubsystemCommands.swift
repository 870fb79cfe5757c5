// `gatewayd subsystem`: what hosts connect to.

import ArgumentParser
import GatewayControl
import GatewayRPC

struct SubsystemCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subsystem",
        abstract: "What hosts connect to: a name (NQN) with namespaces, listeners and hosts.",
        discussion: """
            A subsystem has namespaces (images), listeners (addresses at which gateways offer it) and hosts \
            (who may connect). All gateways of a group have the same subsystems.

              gatewayd subsystem add -n nqn.2026-11.com.example:disks
              gatewayd namespace add -n nqn.2026-11.com.example:disks -p rbd -i disk1
              gatewayd subsystem list

            In a group that has a name, '.NAME' is appended to the NQN; --no-group-append leaves it out.

            \(SubsystemListCommand.exitCodes)
            """,
        subcommands: [
            SubsystemAddCommand.self, SubsystemDeleteCommand.self, SubsystemListCommand.self,
            SubsystemChangeKeyCommand.self, SubsystemDeleteKeyCommand.self,
            SubsystemAddNetworkCommand.self, SubsystemDeleteNetworkCommand.self,
        ])
}

struct SubsystemAddCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a subsystem.",
        discussion: """
            Example, a subsystem that every gateway of the group offers at its address in a network:

              gatewayd subsystem add -n nqn.2026-11.com.example:disks \\
                  --network-mask 192.0.2.0/24
            """, aliases: ["create"])

    @OptionGroup var subsystem: SubsystemName

    @Option(
        name: [.customShort("s"), .long],
        help: "What hosts see as its serial number: up to 20 letters and digits. A random one otherwise.")
    var serialNumber: String?

    @Option(
        name: [.customShort("m"), .long],
        help: ArgumentHelp("How many namespaces it may have.", valueName: "number"))
    var maxNamespaces: UInt32?

    @Flag(help: "Take the NQN as it is, without the group's name.") var noGroupAppend = false

    @Option(
        name: [.customShort("k"), .long],
        help: KeyArgument.help("The key with which it proves itself to hosts,", KeyArgument.dhchap))
    var dhchapKey: KeyArgument?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Networks: every gateway listens by itself at its addresses in them.",
            valueName: "address/bits"))
    var networkMask: [String] = []

    @Option(
        name: [.customShort("p"), .long],
        help: ArgumentHelp("The port of those listeners; otherwise 4420.", valueName: "port"))
    var port: UInt16?

    @Flag(help: "Those listeners take TLS connections only.") var secureListeners = false

    @OptionGroup var control: ControlOptions

    func validate() throws {
        if maxNamespaces == 0 { throw ValidationError("--max-namespaces must be positive.") }
        if networkMask.isEmpty, port != nil || secureListeners {
            throw ValidationError("--port and --secure-listeners go with --network-mask.")
        }
    }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_create_subsystem_req()
        request.subsystemNqn = subsystem.nqn
        request.serialNumber = serialNumber ?? ""
        if let maxNamespaces { request.maxNamespaces = maxNamespaces }
        request.enableHa = true
        request.noGroupAppend = noGroupAppend
        if let dhchapKey { request.dhchapKey = dhchapKey.text }
        request.networkMask = networkMask
        if secureListeners { request.secureListeners = true }
        if let port { request.port = UInt32(port) }
        let nqn = try await gateway.call(GatewayMethods.createSubsystem, request).nqn
        return Report("Added subsystem \(nqn).", [.init("nqn", .text(nqn))])
    }
}

struct SubsystemDeleteCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del", abstract: "Deletes a subsystem.",
        discussion: """
            One that has namespaces is deleted with --force only, and its hosts lose them at once. Images \
            stay, except those that were made to go with their namespace: they go to the pool's trash.

              gatewayd subsystem del -n nqn.2026-11.com.example:disks
              gatewayd subsystem del -n nqn.2026-11.com.example:disks --force --yes
            """, aliases: ["delete"])

    @OptionGroup var subsystem: SubsystemName
    @Flag(help: "Even though it has namespaces: they go with it.") var force = false
    @OptionGroup var agreement: Agreement
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let nqn = subsystem.nqn
        if force, let loss = try await gateway.loss(ofSubsystem: nqn) {
            try agreement.obtain("Deleting subsystem \(nqn) \(loss).", from: gateway.console)
        }
        var request = PB_delete_subsystem_req()
        request.subsystemNqn = nqn
        request.force = force
        request.iAmSure = force
        _ = try await gateway.call(GatewayMethods.deleteSubsystem, request)
        return Report("Deleted subsystem \(nqn).")
    }
}

struct SubsystemListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists subsystems.",
        discussion: """
            Example, the NQNs alone:

              gatewayd subsystem list --format json | jq -r '.subsystems[].nqn'
            """)

    @Option(
        name: [.customShort("n"), .customLong("subsystem")],
        help: ArgumentHelp("Only this one.", valueName: "nqn"))
    var nqn: String?

    @Option(name: [.customShort("s"), .long], help: "Only the one with this serial number.")
    var serialNumber: String?

    @OptionGroup var control: ControlOptions

    static let columns: [Column<PB_subsystem_cli>] = [
        .text("nqn", "NQN") { $0.nqn },
        .text("serial_number", "Serial number") { $0.serialNumber },
        .number("namespace_count", "Namespaces") { $0.namespaceCount },
        .number("max_namespaces", "At most") { $0.maxNamespaces },
        .flag("allow_any_host", "Any host") { $0.allowAnyHost },
        .flag("has_dhchap_key", "Key") { $0.hasDhchapKey_p },
        .list("network_mask", "Networks") { $0.networkMask },
        .flag("enable_ha") { $0.enableHa },
        .text("model_number") { $0.modelNumber },
        .number("min_cntlid") { $0.minCntlid },
        .number("max_cntlid") { $0.maxCntlid },
        .text("subtype") { $0.subtype },
        .flag("created_without_key") { $0.createdWithoutKey },
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_list_subsystems_req()
        if let nqn { request.subsystemNqn = nqn }
        if let serialNumber { request.serialNumber = serialNumber }
        let answer = try await gateway.call(GatewayMethods.listSubsystems, request)
        let which = serialNumber.map { "No subsystem has serial number \($0)." }
        return Report(
            "subsystems", answer.subsystems, Self.columns,
            nothing: which ?? "No subsystems. `gatewayd subsystem add -n NQN` adds one.")
    }
}

struct SubsystemChangeKeyCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "change_key", abstract: "Gives a subsystem another key, or takes its key away.",
        discussion: """
            The key (DH-HMAC-CHAP) is the one with which the subsystem proves itself to hosts that have a key.

              gatewayd subsystem change_key -n nqn.2026-11.com.example:disks \\
                  -k @/root/subsystem.key
            """, aliases: ["change-key"])

    @OptionGroup var subsystem: SubsystemName

    @Option(
        name: [.customShort("k"), .long],
        help: KeyArgument.help("The new key (none without it),", KeyArgument.dhchap))
    var dhchapKey: KeyArgument?

    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        try await gateway.changeKey(ofSubsystem: subsystem.nqn, to: dhchapKey?.text)
    }
}

struct SubsystemDeleteKeyCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del_key", abstract: "Takes a subsystem's key away.",
        discussion: "  gatewayd subsystem del_key -n nqn.2026-11.com.example:disks", aliases: ["del-key"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        try await gateway.changeKey(ofSubsystem: subsystem.nqn, to: nil)
    }
}

struct SubsystemAddNetworkCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "add_network",
        abstract: "Has every gateway listen by itself at its addresses in a network.",
        discussion: """
              gatewayd subsystem add_network -n nqn.2026-11.com.example:disks \\
                  --network-mask 192.0.2.0/24
            """, aliases: ["add-network"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var network: NetworkOption
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_add_subsystem_network_req()
        request.subsystemNqn = subsystem.nqn
        request.networkMask = network.mask
        _ = try await gateway.call(GatewayMethods.addSubsystemNetwork, request)
        return Report("Gateways listen for \(subsystem.nqn) at their addresses in \(network.mask).")
    }
}

struct SubsystemDeleteNetworkCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del_network", abstract: "Takes a network away, and the listeners that it made.",
        discussion: """
              gatewayd subsystem del_network -n nqn.2026-11.com.example:disks \\
                  --network-mask 192.0.2.0/24
            """, aliases: ["del-network"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var network: NetworkOption
    @OptionGroup var agreement: Agreement
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let count = try await gateway.connections(to: subsystem.nqn).count
        if count > 0 {
            try agreement.obtain(
                "Hosts that are connected to \(subsystem.nqn) in \(network.mask) are disconnected "
                    + "(\(count) connected in all).", from: gateway.console)
        }
        var request = PB_del_subsystem_network_req()
        request.subsystemNqn = subsystem.nqn
        request.networkMask = network.mask
        _ = try await gateway.call(GatewayMethods.delSubsystemNetwork, request)
        return Report("Gateways listen no more for \(subsystem.nqn) in \(network.mask).")
    }
}

/// `--network-mask`.
struct NetworkOption: ParsableArguments {
    @Option(
        name: .customLong("network-mask"), help: ArgumentHelp("The network.", valueName: "address/bits"))
    var mask: String
}

extension ControlSession {
    fileprivate func changeKey(
        ofSubsystem nqn: String, to key: String?
    ) async throws(ControlFailure) -> Report {
        var request = PB_change_subsystem_key_req()
        request.subsystemNqn = nqn
        if let key { request.dhchapKey = key }
        _ = try await call(GatewayMethods.changeSubsystemKey, request)
        return Report(key == nil ? "Subsystem \(nqn) has no key now." : "Subsystem \(nqn) has a new key.")
    }
}
