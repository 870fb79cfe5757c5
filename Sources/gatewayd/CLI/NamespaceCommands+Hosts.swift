// Who sees a namespace.

import ArgumentParser
import GatewayControl
import GatewayRPC
import Glibc

struct NamespaceVisibilityCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "change_visibility",
        abstract: "Shows a namespace to all hosts of its subsystem, or to chosen ones only.",
        discussion: """
              gatewayd namespace change_visibility -n nqn.2026-11.com.example:disks \\
                  --nsid 1 \\
                  --auto-visible no
            """, aliases: ["change-visibility"])

    @OptionGroup var namespace: NamespaceChoice
    @Option(help: "yes: to all hosts; no: to those of 'namespace add_host'.") var autoVisible: Choice
    @Flag(help: "Even though hosts are connected, or hosts were added to it.") var force = false
    @OptionGroup var agreement: Agreement
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        if force, autoVisible == .no {
            let hosts = Set(try await gateway.connections(to: namespace.nqn).map(\.nqn))
            if !hosts.isEmpty {
                try agreement.obtain(
                    "Hiding \(namespace.words) takes it from \(Words.count(hosts.count, "connected host")).",
                    from: gateway.console)
            }
        }
        var request = PB_namespace_change_visibility_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        request.autoVisible = autoVisible == .yes
        request.force = force
        _ = try await gateway.call(GatewayMethods.namespaceChangeVisibility, request)
        return Report(
            autoVisible == .yes
                ? "All hosts of the subsystem see \(namespace.words)."
                : "Only hosts that are added to it see \(namespace.words).")
    }
}

struct NamespaceAddHostCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "add_host", abstract: "Shows a namespace that is not for all hosts to some.",
        discussion: """
            The hosts must be allowed to connect to the subsystem, too ('gatewayd host add').

              gatewayd namespace add_host -n nqn.2026-11.com.example:disks --nsid 2 \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb
            """, aliases: ["add-host"])

    @OptionGroup var namespace: NamespaceChoice
    @OptionGroup var hosts: HostNames
    @Flag(help: "Even though the host may not connect to the subsystem yet.") var force = false
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        await hosts.each {
            "Host \($0) sees \(namespace.words)."
        } _: { nqn throws(ControlFailure) in
            var request = PB_namespace_add_host_req()
            request.subsystemNqn = namespace.nqn
            request.nsid = namespace.nsid
            request.hostNqn = nqn
            if force { request.force = true }
            _ = try await gateway.call(GatewayMethods.namespaceAddHost, request)
        }
    }
}

struct NamespaceDeleteHostCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "del_host", abstract: "Hides a namespace from hosts that it was shown to.",
        discussion: """
              gatewayd namespace del_host -n nqn.2026-11.com.example:disks --nsid 2 \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb
            """, aliases: ["del-host", "delete_host"])

    @OptionGroup var namespace: NamespaceChoice
    @OptionGroup var hosts: HostNames
    @OptionGroup var agreement: Agreement
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let connected = Set(try await gateway.connections(to: namespace.nqn).map(\.nqn))
            .intersection(hosts.nqns)
        if !connected.isEmpty {
            try agreement.obtain(
                "Connected hosts lose \(namespace.words): \(connected.sorted().joined(separator: ", ")).",
                from: gateway.console)
        }
        return await hosts.each {
            "Host \($0) sees \(namespace.words) no more."
        } _: { nqn throws(ControlFailure) in
            var request = PB_namespace_delete_host_req()
            request.subsystemNqn = namespace.nqn
            request.nsid = namespace.nsid
            request.hostNqn = nqn
            _ = try await gateway.call(GatewayMethods.namespaceDeleteHost, request)
        }
    }
}

struct NamespaceHostsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list_hosts", abstract: "Lists the hosts that a namespace is shown to.",
        discussion: "  gatewayd namespace list_hosts -n nqn.2026-11.com.example:disks --nsid 2",
        aliases: ["list-hosts"])

    @OptionGroup var namespace: NamespaceChoice
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_list_namespaces_req()
        request.subsystem = namespace.nqn
        request.nsid = namespace.nsid
        let answer = try await gateway.call(GatewayMethods.listNamespaces, request)
        guard let found = answer.namespaces.first else {
            throw ControlFailure(ENODEV, "There is no \(namespace.words).")
        }
        var report = Report(
            "hosts", found.hosts, [.text("nqn", "Host") { $0 }],
            nothing: found.autoVisible
                ? "All hosts of the subsystem see it." : "No host sees it: `gatewayd namespace add_host`.")
        report.fields.insert(.init("auto_visible", .flag(found.autoVisible)), at: 0)
        return report
    }
}
