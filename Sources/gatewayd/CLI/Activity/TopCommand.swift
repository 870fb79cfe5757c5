// `gatewayd top`: which namespaces and hosts are busy.

import ArgumentParser
import GatewayControl

struct TopCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows what hosts do with namespaces at the moment, the busiest first.",
        discussion: """
            Reads, writes and data are those of a second, latency is the mean of the commands that ended \
            (from their arrival to their answer), and depth is how many were under way in the mean.

              gatewayd top
              gatewayd top --sort latency --interval 10
              gatewayd top --iterations 1 --format json | jq .hosts

            json prints a document a line, yaml one after '---'.

            \(exitCodes)
            """)

    enum Order: String, CaseIterable, ExpressibleByArgument {
        case iops, bandwidth, latency, depth

        func value(_ rate: WorkRate) -> Double {
            switch self {
            case .iops: rate.readsPerSecond + rate.writesPerSecond
            case .bandwidth: rate.readBytesPerSecond + rate.writtenBytesPerSecond
            case .latency: rate.meanMicroseconds
            case .depth: rate.queueDepth
            }
        }
    }

    @Option(
        name: [.customShort("n"), .customLong("subsystem")],
        help: ArgumentHelp("Only this subsystem.", valueName: "nqn"))
    var nqn: String?

    @Option(help: "What the busiest have most of.") var sort: Order = .iops

    @Option(help: ArgumentHelp("So many namespaces and hosts at most.", valueName: "number"))
    var rows = 15

    @OptionGroup var watch: WatchOptions
    @OptionGroup var control: ControlOptions

    func validate() throws {
        if rows < 1 { throw ValidationError("--rows begins with 1.") }
    }

    private static let namespaceColumns: [Column<Activity.Namespace>] =
        [
            .text("subsystem_nqn", "Subsystem") { $0.subsystemNQN },
            .number("nsid", "NSID") { $0.nsid },
            .text("image", "Image") { $0.image },
        ] + Column.figures { $0.rate }

    private static let hostColumns: [Column<Activity.Host>] =
        [
            .text("subsystem_nqn", "Subsystem") { $0.subsystemNQN },
            .text("host_nqn", "Host") { $0.hostNQN },
            .number("controller_count") { $0.controllerCount },
            .number("queue_count", "Queues") { $0.queueCount },
        ] + Column.figures { $0.rate }

    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report {
        try await watch.watch(gateway, subsystem: nqn) { activity in
            let namespaces = busiest(activity.namespaces) { $0.rate }
            let hosts = busiest(activity.hosts) { $0.rate }
            var report = Report(
                "namespaces", namespaces, Self.namespaceColumns, nothing: "No namespace is open.")
            let rest = Report("hosts", hosts, Self.hostColumns, nothing: "No host is connected.")
            report.text = Self.summary(activity, gateway) + "\n\n\(report.text)\n\n\(rest.text)"
            report.fields =
                [.init("seconds", .number((activity.seconds * 1000).rounded() / 1000))]
                + report.fields + rest.fields
            return report
        }
    }

    private func busiest<Row>(_ all: [Row], _ rate: (Row) -> WorkRate) -> [Row] {
        // As they came where they are alike: a quiet list does not jump.
        let order = all.enumerated().sorted {
            let (one, other) = (sort.value(rate($0.element)), sort.value(rate($1.element)))
            return one == other ? $0.offset < $1.offset : one > other
        }
        return order.prefix(rows).map(\.element)
    }

    private static func summary(_ activity: Activity, _ gateway: ControlSession) -> String {
        let total = activity.total
        return "\(gateway.place): \(Quantity.count(total.readsPerSecond)) reads/s, "
            + "\(Quantity.count(total.writesPerSecond)) writes/s, "
            + "\(Quantity.bytes(total.readBytesPerSecond))/s read, "
            + "\(Quantity.bytes(total.writtenBytesPerSecond))/s written, "
            + "\(Quantity.microseconds(total.meanMicroseconds)), depth \(Quantity.tenths(total.queueDepth))"
    }
}
