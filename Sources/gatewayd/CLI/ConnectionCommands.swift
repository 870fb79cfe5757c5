// `gatewayd connection`: who is connected.

import ArgumentParser
import GatewayControl
import GatewayRPC

struct ConnectionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connection",
        abstract: "Who is connected to a subsystem, at the gateway that is called.",
        discussion: """
              gatewayd connection list -n nqn.2026-11.com.example:disks
              gatewayd connection list

            \(ConnectionListCommand.exitCodes)
            """,
        subcommands: [
            ConnectionListCommand.self, ConnectionStatisticsCommand.self, ConnectionResetCommand.self,
        ])
}

struct ConnectionListCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the hosts that are connected, and those that may connect and are not.",
        discussion: """
              gatewayd connection list -n nqn.2026-11.com.example:disks
              gatewayd connection list --format json | jq -r '.connections[].nqn'
            """)

    @Option(
        name: [.customShort("n"), .customLong("subsystem")],
        help: ArgumentHelp("Only this subsystem.", valueName: "nqn"))
    var nqn: String?

    @OptionGroup var control: ControlOptions

    static let columns: [Column<PB_connection>] = [
        .text("subsystem", "Subsystem") { $0.subsystem },
        .text("nqn", "Host") { $0.nqn },
        .flag("connected", "Connected") { $0.connected },
        .words("At") { $0.place },
        .words("Controller") { $0.connected ? String($0.controllerID) : "" },
        .words("I/O queues") { $0.connected ? String($0.qpairsCount) : "" },
        .flag("secure", "TLS") { $0.secure },
        .flag("use_dhchap", "Key") { $0.useDhchap },
        .text("traddr") { $0.traddr },
        .number("trsvcid") { $0.trsvcid },
        .text("trtype") { $0.trtype },
        .text("adrfam") { $0.adrfam == .ipv6 ? "ipv6" : "ipv4" },
        .number("qpairs_count") { $0.qpairsCount },
        .number("controller_id") { $0.controllerID },
        .flag("use_psk") { $0.usePsk },
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_list_connections_req()
        request.subsystem = nqn ?? "*"
        let answer = try await gateway.call(GatewayMethods.listConnections, request)
        return Report(
            "connections", answer.connections, Self.columns,
            nothing: "No host is connected, and none is allowed by name.")
    }
}

extension PB_connection {
    fileprivate var place: String {
        guard connected else { return "" }
        return adrfam == .ipv6 ? "[\(traddr)]:\(trsvcid)" : "\(traddr):\(trsvcid)"
    }
}

struct ConnectionStatisticsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "get_io_statistics", abstract: "Shows a host's I/O to a subsystem by size.",
        discussion: """
              gatewayd connection get_io_statistics -n nqn.2026-11.com.example:disks \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb
            """, aliases: ["get-io-statistics"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var host: HostName
    @OptionGroup var control: ControlOptions

    /// The I/O of up to a size, in one direction.
    private struct Row {
        let kilobytes: UInt32
        let direction: String
        let group: PB_latency_group
    }

    private static let columns: [Column<Row>] = [
        .number("kilobytes_max", "Up to KB") { $0.kilobytes },
        .text("direction", "Direction") { $0.direction },
        .number("io_count", "Requests") { $0.group.ioCount },
        .figure("total_mean_microseconds", "Mean", { Double($0.group.total.mean) }, Quantity.microseconds),
        .figure("total_max_microseconds", "Longest", { Double($0.group.total.max) }, Quantity.microseconds),
        .figure("store_mean_microseconds", "In store", { Double($0.group.bdev.mean) }, Quantity.microseconds),
        .figure("network_mean_microseconds", "In net", { Double($0.group.net.mean) }, Quantity.microseconds),
        .figure(
            "limits_mean_microseconds", "By limits", { Double($0.group.qos.mean) }, Quantity.microseconds),
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        let answer = try await gateway.statistics(of: host.nqn, in: subsystem.nqn, reset: false)
        var rows: [Row] = []
        for bucket in answer.buckets {
            for (direction, group) in [("read", bucket.read), ("write", bucket.write)] where group.ioCount > 0
            {
                rows.append(Row(kilobytes: bucket.size, direction: direction, group: group))
            }
        }
        var report = Report(
            "buckets", rows, Self.columns, nothing: "Host \(host.nqn) has done nothing yet.")
        report.fields.insert(.init("total_num_ios", .unsigned(answer.totalNumIos)), at: 0)
        return report
    }
}

struct ConnectionResetCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset_io_statistics", abstract: "Begins to count a host's I/O anew.",
        discussion: """
              gatewayd connection reset_io_statistics -n nqn.2026-11.com.example:disks \\
                  -t nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb
            """, aliases: ["reset-io-statistics"])

    @OptionGroup var subsystem: SubsystemName
    @OptionGroup var host: HostName
    @OptionGroup var control: ControlOptions

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        _ = try await gateway.statistics(of: host.nqn, in: subsystem.nqn, reset: true)
        return Report("The I/O of host \(host.nqn) is counted anew.")
    }
}

extension ControlSession {
    fileprivate func statistics(
        of host: String, in nqn: String, reset: Bool
    ) async throws(ControlFailure) -> PB_connection_io_statistics {
        var request = PB_get_connection_io_statistics_req()
        request.subsystemNqn = nqn
        request.hostNqn = host
        request.reset = reset
        return try await call(GatewayMethods.getConnectionIOStatistics, request)
    }
}
