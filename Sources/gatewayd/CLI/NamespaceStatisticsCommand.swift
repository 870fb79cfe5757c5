// What has been done with a namespace since it was opened.

import ArgumentParser
import GatewayControl
import GatewayRPC

struct NamespaceStatisticsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "get_io_stats", abstract: "Shows what hosts have done with a namespace so far.",
        discussion: """
            Counted by this gateway since it opened the namespace. 'gatewayd top' shows what is going on.

              gatewayd namespace get_io_stats -n nqn.2026-11.com.example:disks --nsid 1
            """, aliases: ["get-io-stats"])

    @OptionGroup var namespace: NamespaceChoice
    @OptionGroup var control: ControlOptions

    /// A kind of request.
    private struct Kind {
        let name: String
        let count: UInt64
        let bytes: UInt64
        let ticks: UInt64
        let ticksPerSecond: UInt64

        var meanMicroseconds: Double {
            count == 0 ? 0 : Double(ticks) / Double(count) / Double(max(1, ticksPerSecond)) * 1_000_000
        }
    }

    private static let columns: [Column<Kind>] = [
        .text("kind", "Kind") { $0.name },
        .number("count", "Requests") { $0.count },
        .bytes("bytes", "Data") { $0.bytes },
        .figure("mean_microseconds", "Mean latency", \.meanMicroseconds, Quantity.microseconds),
    ]

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        var request = PB_namespace_get_io_stats_req()
        request.subsystemNqn = namespace.nqn
        request.nsid = namespace.nsid
        let answer = try await gateway.call(GatewayMethods.namespaceGetIOStats, request)
        func kind(_ name: String, _ count: UInt64, _ bytes: UInt64, _ ticks: UInt64) -> Kind {
            Kind(
                name: name, count: count, bytes: bytes, ticks: ticks, ticksPerSecond: answer.tickRate)
        }
        var report = Report(
            "kinds",
            [
                kind("read", answer.numReadOps, answer.bytesRead, answer.readLatencyTicks),
                kind("write", answer.numWriteOps, answer.bytesWritten, answer.writeLatencyTicks),
            ], Self.columns, nothing: "")
        report.fields.insert(
            contentsOf: [
                .init("subsystem_nqn", .text(answer.subsystemNqn)),
                .init("nsid", .unsigned(UInt64(answer.nsid))),
                .init("uuid", .text(answer.uuid)), .init("tick_rate", .unsigned(answer.tickRate)),
                .init("ticks", .unsigned(answer.ticks)), .init("bytes_read", .unsigned(answer.bytesRead)),
                .init("num_read_ops", .unsigned(answer.numReadOps)),
                .init("bytes_written", .unsigned(answer.bytesWritten)),
                .init("num_write_ops", .unsigned(answer.numWriteOps)),
                .init("read_latency_ticks", .unsigned(answer.readLatencyTicks)),
                .init("write_latency_ticks", .unsigned(answer.writeLatencyTicks)),
            ], at: 0)
        for error in answer.ioError { report.text += "\n\(error.name): \(error.value)" }
        return report
    }
}
