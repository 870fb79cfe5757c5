// `gatewayd gw`: the gateway itself.

import ArgumentParser
import GatewayControl
import GatewayRPC

struct GatewayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gw",
        abstract: "The gateway itself: who it is, its log, its threads.",
        discussion: """
              gatewayd gw info
              gatewayd gw set_log_level -l debug

            'gatewayd status' tells how it is.

            \(GatewayInfoCommand.exitCodes)
            """,
        subcommands: [
            GatewayInfoCommand.self, GatewayVersionCommand.self, GatewayListenersCommand.self,
            GatewayGetLogLevelCommand.self, GatewaySetLogLevelCommand.self, GatewayThreadsCommand.self,
            GatewayStatisticsModeCommand.self,
        ], aliases: ["gateway"])
}

struct GatewayInfoCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Says who the gateway is, and its bounds.",
        discussion: "  gatewayd gw info --server-address gw2")

    @OptionGroup var control: ControlOptions

    static let columns: [Column<PB_gateway_info>] = [
        .text("name", "Name") { $0.name },
        .text("group", "Group") { $0.group },
        .text("hostname", "Host name") { $0.hostname },
        .text("addr", "Control address") { $0.addr },
        .text("port", "Control port") { $0.port },
        .text("version", "Interface version") { $0.version },
        .text("spdk_version", "Program") { $0.spdkVersion },
        .number("load_balancing_group", "Load-balancing group") { $0.loadBalancingGroup },
        .number("max_subsystems", "Subsystems at most") { $0.maxSubsystems },
        .number("max_namespaces", "Namespaces at most") { $0.maxNamespaces },
        .number("max_namespaces_per_subsystem", "Namespaces of a subsystem") { $0.maxNamespacesPerSubsystem },
        .number("max_hosts", "Hosts at most") { $0.maxHosts },
        .number("max_hosts_per_subsystem", "Hosts of a subsystem") { $0.maxHostsPerSubsystem },
        .flag("io_stats_enabled", "I/O is counted") { $0.ioStatsEnabled },
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        Report(try await gateway.info(), Self.columns)
    }
}

struct GatewayVersionCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Says which release of ceph-nvmeof the interface is.",
        discussion: "  gatewayd gw version")

    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let info = try await gateway.info()
        return Report(
            "\(info.spdkVersion), with the control interface of ceph-nvmeof \(info.version)",
            [.init("version", .text(info.version)), .init("program", .text(info.spdkVersion))])
    }
}

struct GatewayListenersCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "listener_info",
        abstract: "Lists the listeners of this gateway that are open, and how it reaches namespaces.",
        discussion: "  gatewayd gw listener_info -n nqn.2026-11.com.example:disks",
        aliases: ["listener-info"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var control: ControlOptions

    private static let columns: [Column<PB_gateway_listener_info>] = [
        .text("traddr", "Address") { $0.listener.traddr },
        .number("trsvcid", "Port") { $0.listener.trsvcid },
        .flag("secure", "TLS") { $0.listener.secure },
        .list("optimized_groups", "Serves groups") { info in
            info.lbStates.filter { $0.state == .optimized }.map { String($0.grpID) }
        },
        .text("host_name") { $0.listener.hostName },
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_show_gateway_listeners_info_req()
        request.subsystemNqn = subsystem.nqn
        let answer = try await gateway.call(GatewayMethods.showGatewayListenersInfo, request)
        return Report(
            "gw_listeners", answer.gwListeners, Self.columns,
            nothing: "This gateway has no open listener for \(subsystem.nqn).")
    }
}

struct GatewayGetLogLevelCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "get_log_level", abstract: "Says how much the gateway logs.",
        discussion: "  gatewayd gw get_log_level", aliases: ["get-log-level"])

    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let answer = try await gateway.call(
            GatewayMethods.getGatewayLogLevel, PB_get_gateway_log_level_req())
        let level = GatewayLogLevel(answer.logLevel)?.rawValue ?? "notset"
        return Report("The gateway logs from level \(level) on.", [.init("log_level", .text(level))])
    }
}

struct GatewaySetLogLevelCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "set_log_level", abstract: "Changes how much the gateway logs, until it ends.",
        discussion: """
              gatewayd gw set_log_level -l debug

            [gateway-logs] log_level of the configuration file is for good.
            """, aliases: ["set-log-level"])

    @Option(name: [.customShort("l"), .long], help: "What is logged at least.") var level: GatewayLogLevel
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_set_gateway_log_level_req()
        request.logLevel = level.wire
        _ = try await gateway.call(GatewayMethods.setGatewayLogLevel, request)
        return Report("The gateway logs from level \(level.rawValue) on.")
    }
}

/// Levels of the gateway's log.
enum GatewayLogLevel: String, CaseIterable, ExpressibleByArgument {
    case debug, info, warning, error, critical

    private static let wires: [(Self, PB_GwLogLevel)] = [
        (.debug, .debug), (.info, .info), (.warning, .warning), (.error, .error), (.critical, .critical),
    ]

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }

    init?(_ wire: PB_GwLogLevel) {
        guard let row = Self.wires.first(where: { $0.1 == wire }) else { return nil }
        self = row.0
    }

    var wire: PB_GwLogLevel { Self.wires.first { $0.0 == self }?.1 ?? .notset }
}

struct GatewayThreadsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "get_thread_stats", abstract: "Shows how busy the threads are that serve hosts.",
        discussion: "  gatewayd gw get_thread_stats", aliases: ["get-thread-stats"])

    @OptionGroup var control: ControlOptions

    private static let columns: [Column<PB_spdk_thread_info>] = [
        .text("name", "Thread") { $0.name },
        .figure(
            "busy_percent", "Busy", { Double($0.busy) / max(1, Double($0.busy) + Double($0.idle)) * 100 },
            { "\(Quantity.tenths($0))%" }),
        .number("busy") { $0.busy },
        .number("idle") { $0.idle },
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let answer = try await gateway.call(GatewayMethods.getThreadStats, PB_get_thread_stats_req())
        var report = Report("threads", answer.threads, Self.columns, nothing: "No threads.")
        report.fields.insert(.init("tick_rate", .unsigned(answer.tickRate)), at: 0)
        return report
    }
}

struct GatewayStatisticsModeCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "set_io_stats_mode", abstract: "Says whether I/O is counted.",
        discussion: """
            A gatewayd counts always, for it costs nothing; another gateway may not.

              gatewayd gw set_io_stats_mode --enable
            """, aliases: ["set-io-stats-mode"])

    enum Mode: EnumerableFlag {
        case enable, disable
        static func name(for value: Mode) -> NameSpecification { .shortAndLong }
        static func help(for value: Mode) -> ArgumentHelp? {
            value == .enable ? "It is." : "It is not."
        }
    }

    @Flag var mode: Mode
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_set_gateway_io_stats_mode_req()
        request.enabled = mode == .enable
        _ = try await gateway.call(GatewayMethods.setGatewayIOStatsMode, request)
        return Report(mode == .enable ? "I/O is counted." : "I/O is not counted any more.")
    }
}

extension ControlSession {
    func info() async throws(ControlFailure) -> PB_gateway_info {
        try await call(GatewayMethods.getGatewayInfo, PB_get_gateway_info_req())
    }
}
