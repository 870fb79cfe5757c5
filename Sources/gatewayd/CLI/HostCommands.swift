// `gatewayd host`: who may connect to a subsystem.

import ArgumentParser
import GatewayControl
import GatewayRPC

struct HostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "host",
        abstract: "Who may connect to a subsystem.",
        discussion: """
            A host is known by its NQN: 'cat /etc/nvme/hostnqn' on Linux, 'esxcli nvme info get' on ESXi. \
            '*' stands for any host.

              gatewayd host add -n nqn.2026-11.com.example:disks \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb
              gatewayd host list -n nqn.2026-11.com.example:disks

            \(HostListCommand.exitCodes)
            """,
        subcommands: [
            HostAddCommand.self, HostDeleteCommand.self, HostListCommand.self, HostChangeKeyCommand.self,
            HostDeleteKeyCommand.self, HostChangeControllerKeyCommand.self,
            HostDeleteControllerKeyCommand.self,
        ])
}

struct HostAddCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Lets hosts connect to a subsystem.",
        discussion: """
              gatewayd host add -n nqn.2026-11.com.example:disks \\
                  -t "$(cat hostnqn-a)" "$(cat hostnqn-b)"
              gatewayd host add -n nqn.2026-11.com.example:open -t '*'
            """, aliases: ["create"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var hosts: HostNames

    @Option(
        name: [.customShort("p"), .long],
        help: KeyArgument.help("The host's key for TLS,", KeyArgument.psk))
    var psk: KeyArgument?

    @Option(
        name: [.customShort("k"), .long],
        help: KeyArgument.help("The key with which the host proves itself,", KeyArgument.dhchap))
    var dhchapKey: KeyArgument?

    @Option(
        name: [.customShort("c"), .long],
        help: KeyArgument.help(
            "The key with which the subsystem proves itself to this host, if not the subsystem's,",
            KeyArgument.dhchap))
    var dhchapControllerKey: KeyArgument?

    @OptionGroup var control: ControlOptions

    func validate() throws {
        let hasKey = psk != nil || dhchapKey != nil || dhchapControllerKey != nil
        if hasKey, hosts.nqns.count > 1 { throw ValidationError("A key is one host's: name one host.") }
        if hasKey, hosts.nqns == [HostNames.any] {
            throw ValidationError("A key is one host's: '*' can't have one.")
        }
        if dhchapControllerKey != nil, dhchapKey == nil {
            throw ValidationError("--dhchap-controller-key goes with --dhchap-key.")
        }
    }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        await hosts.each { nqn in
            nqn == HostNames.any
                ? "Any host may connect to \(subsystem.nqn): whoever can reach it has its data."
                : "Host \(nqn) may connect to \(subsystem.nqn)."
        } _: { nqn throws(ControlFailure) in
            var request = PB_add_host_req()
            request.subsystemNqn = subsystem.nqn
            request.hostNqn = nqn
            if let psk { request.psk = psk.text }
            if let dhchapKey { request.dhchapKey = dhchapKey.text }
            if let dhchapControllerKey { request.dhchapCtrlrKey = dhchapControllerKey.text }
            _ = try await gateway.call(GatewayMethods.addHost, request)
        }
    }
}

struct HostDeleteCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del", abstract: "Lets hosts connect no more; those that are connected lose it at once.",
        discussion: """
              gatewayd host del -n nqn.2026-11.com.example:disks \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb
            """, aliases: ["delete"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var hosts: HostNames
    @Flag(help: "Even though namespaces are shown to the host.") var force = false
    @OptionGroup var agreement: Agreement
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        // With '*' go all that are not named themselves.
        let connected = Set(try await gateway.connections(to: subsystem.nqn).map(\.nqn))
        let losing = hosts.nqns.contains(HostNames.any) ? connected : connected.intersection(hosts.nqns)
        if !losing.isEmpty {
            let who = hosts.nqns.contains(HostNames.any) ? ", unless they are allowed by name" : ""
            try agreement.obtain(
                "Connected hosts are disconnected from \(subsystem.nqn)\(who): "
                    + "\(losing.sorted().joined(separator: ", ")).", from: gateway.console)
        }
        return await hosts.each { nqn in
            nqn == HostNames.any
                ? "Only hosts that are named may connect to \(subsystem.nqn)."
                : "Host \(nqn) may not connect to \(subsystem.nqn) any more."
        } _: { nqn throws(ControlFailure) in
            var request = PB_remove_host_req()
            request.subsystemNqn = subsystem.nqn
            request.hostNqn = nqn
            if force { request.force = true }
            _ = try await gateway.call(GatewayMethods.removeHost, request)
        }
    }
}

struct HostListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the hosts that may connect to a subsystem.",
        discussion: "  gatewayd host list -n nqn.2026-11.com.example:disks")

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var control: ControlOptions

    static let columns: [Column<PB_host>] = [
        .text("nqn", "Host") { $0.nqn },
        .flag("use_psk", "TLS key") { $0.usePsk },
        .flag("use_dhchap", "Key") { $0.useDhchap },
        .text("dhchap_controller_origin", "Subsystem's key") { $0.dhchapControllerOrigin.words },
        .flag("disconnected_due_to_keepalive_timeout") { $0.disconnectedDueToKeepaliveTimeout },
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_list_hosts_req()
        request.subsystem = subsystem.nqn
        let answer = try await gateway.call(GatewayMethods.listHosts, request)
        var report = Report(
            "hosts", answer.hosts, Self.columns,
            nothing: answer.allowAnyHost
                ? "" : "No host may connect to \(subsystem.nqn). `gatewayd host add` lets one.")
        if answer.allowAnyHost {
            report.text =
                "Any host may connect to \(subsystem.nqn)." + (report.text.isEmpty ? "" : "\n")
                + report.text
        }
        report.fields.insert(
            contentsOf: [
                .init("subsystem_nqn", .text(answer.subsystemNqn)),
                .init("allow_any_host", .flag(answer.allowAnyHost)),
            ], at: 0)
        return report
    }
}

extension PB_DHCHAPControllerKeyOrigin {
    var words: String {
        switch self {
        case .noKey: "none"
        case .hostSpecific: "for this host"
        case .subsystemImplicit: "for all hosts"
        case .UNRECOGNIZED(let number): String(number)
        }
    }
}
