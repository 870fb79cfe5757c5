// `gatewayd spdk_log_level`: the log of what serves hosts, under upstream's name for it.

import ArgumentParser
import GatewayControl
import GatewayRPC

struct TargetLogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spdk_log_level",
        abstract: "How much is logged of hosts and their commands.",
        discussion: """
            The name is that of upstream's command line; there is no SPDK here.

              gatewayd spdk_log_level set -l debug
              gatewayd spdk_log_level disable
            """,
        subcommands: [
            TargetLogGetCommand.self, TargetLogSetCommand.self, TargetLogDisableCommand.self,
        ], aliases: ["spdk-log-level"])
}

/// Levels of the target's log.
enum TargetLogLevel: String, CaseIterable, ExpressibleByArgument {
    case error, warning, notice, info, debug

    private static let wires: [(Self, PB_LogLevel)] = [
        (.error, .error), (.warning, .warning), (.notice, .notice), (.info, .info), (.debug, .debug),
    ]

    init?(argument: String) { self.init(rawValue: argument.lowercased()) }

    var wire: PB_LogLevel { Self.wires.first { $0.0 == self }?.1 ?? .notice }

    static func name(_ wire: PB_LogLevel) -> String {
        wires.first { $0.1 == wire }?.0.rawValue ?? String(wire.rawValue)
    }
}

struct TargetLogGetCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Says how much is logged.", discussion: "  gatewayd spdk_log_level get")

    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let answer = try await gateway.call(
            GatewayMethods.getSPDKNVMfLogFlagsAndLevel, PB_get_spdk_nvmf_log_flags_and_level_req())
        var report = Report(
            "nvmf_log_flags", answer.nvmfLogFlags,
            [.text("name", "Flag") { $0.name }, .flag("enabled", "Enabled") { $0.enabled }], nothing: "")
        let (level, print) = (TargetLogLevel.name(answer.logLevel), TargetLogLevel.name(answer.logPrintLevel))
        report.text = "Logged from level \(level) on, printed from level \(print) on.\n\(report.text)"
        report.fields += [.init("log_level", .text(level)), .init("log_print_level", .text(print))]
        return report
    }
}

struct TargetLogSetCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Changes how much is logged, until the gateway ends.",
        discussion: "  gatewayd spdk_log_level set -l debug -p debug")

    @Option(name: [.customShort("l"), .long], help: "What is logged at least.") var level: TargetLogLevel?
    @Option(name: [.customShort("p"), .long], help: "What of it is printed at least.")
    var print: TargetLogLevel?
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_set_spdk_nvmf_logs_req()
        if let level { request.logLevel = level.wire }
        if let print { request.printLevel = print.wire }
        _ = try await gateway.call(GatewayMethods.setSPDKNVMfLogs, request)
        return Report("Changed what is logged of hosts and their commands.")
    }
}

struct TargetLogDisableCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable", abstract: "Logs as much as usual again.",
        discussion: "  gatewayd spdk_log_level disable")

    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        _ = try await gateway.call(GatewayMethods.disableSPDKNVMfLogs, PB_disable_spdk_nvmf_logs_req())
        return Report("As much is logged of hosts and their commands as usual.")
    }
}
