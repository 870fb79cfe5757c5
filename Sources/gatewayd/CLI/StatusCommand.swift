// `gatewayd status`: whether a gateway is up, and what of its configuration it serves.

import ArgumentParser
import GatewayControl
import GatewayRPC

struct StatusCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Says whether a gateway is up, what it serves, and what it doesn't and why.",
        discussion: """
              gatewayd status
              gatewayd status --config /etc/ceph/ceph-nvmeof.conf
              gatewayd status --format json | jq '.unserved'

            Exit codes: 0 if all that is configured is served, 1 if something is not, 111 if no gateway \
            answers, 110 if it does not in time.
            """)

    @OptionGroup var control: ControlOptions

    private struct Count {
        let noun: String
        let count: PB_served_count
    }

    private static let columns: [Column<Count>] = [
        .text("noun", "What") { $0.noun },
        .number("configured", "Configured") { $0.count.configured },
        .number("served", "Served here") { $0.count.served },
    ]

    private static let unservedColumns: [Column<PB_unserved_object>] = [
        .text("object") { $0.object }, .text("reason") { $0.reason },
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let info = try await gateway.info()
        let status = try await gateway.call(InspectionMethods.getStatus, PB_get_status_req())
        let counts = [
            Count(noun: "subsystems", count: status.subsystems),
            Count(noun: "namespaces", count: status.namespaces),
            Count(noun: "listeners", count: status.listeners), Count(noun: "hosts", count: status.hosts),
        ]
        let group = info.group.isEmpty ? "the group without a name" : "group \(info.group)"
        var text = """
            Gateway \(info.name) of \(group), host name \(info.hostname), at \(gateway.place)
            \(info.spdkVersion) with the interface of ceph-nvmeof \(info.version), up \
            \(Self.time(status.uptimeSeconds)), state version \(status.stateVersion), \
            \(Words.count(Int(status.connectionCount), "connection"))

            \(TextTable(counts, Self.columns).text)
            """
        if !status.unserved.isEmpty {
            text += "\n\nNot served:\n"
            text += status.unserved.map { "  \($0.object): \($0.reason)" }.joined(separator: "\n")
        }
        var report = Report(
            text,
            [
                .init("name", .text(info.name)), .init("group", .text(info.group)),
                .init("hostname", .text(info.hostname)), .init("version", .text(info.version)),
                .init("program", .text(info.spdkVersion)),
                .init("load_balancing_group", .unsigned(UInt64(info.loadBalancingGroup))),
                .init("uptime_seconds", .unsigned(status.uptimeSeconds)),
                .init("state_version", .unsigned(status.stateVersion)),
                .init("connection_count", .unsigned(UInt64(status.connectionCount))),
            ] + counts.map { .init($0.noun, Report.object($0, Array(Self.columns.dropFirst()))) }
                + [
                    .init(
                        "unserved", .list(status.unserved.map { Report.object($0, Self.unservedColumns) }))
                ])
        report.exitCode = status.unserved.isEmpty ? 0 : 1
        return report
    }

    /// A duration in the two largest units.
    static func time(_ seconds: UInt64) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
        if days > 0 { return "\(days) d \(hours) h" }
        if hours > 0 { return "\(hours) h \(minutes) min" }
        return minutes > 0 ? "\(minutes) min \(seconds % 60) s" : "\(seconds) s"
    }
}
