// What nearly every verb takes: the subsystem, the namespace, the hosts that it is about. The letters are
// upstream's.

import ArgumentParser
import GatewayControl

/// `-n NQN`.
struct SubsystemName: ParsableArguments {
    @Option(
        name: [.customShort("n"), .customLong("subsystem")],
        help: ArgumentHelp("The subsystem.", valueName: "nqn"))
    var nqn: String
}

/// `-n NQN --nsid N`.
struct NamespaceChoice: ParsableArguments {
    @OptionGroup var subsystem: SubsystemName

    @Option(help: ArgumentHelp("The namespace's number in its subsystem.", valueName: "number"))
    var nsid: UInt32

    var nqn: String { subsystem.nqn }
    /// For sentences.
    var words: String { "namespace \(nsid) of \(subsystem.nqn)" }

    func validate() throws {
        if nsid == 0 { throw ValidationError("--nsid begins with 1.") }
    }
}

/// `-t NQN`.
struct HostName: ParsableArguments {
    @Option(
        name: [.customShort("t"), .customLong("host-nqn")],
        help: ArgumentHelp("The host, as its /etc/nvme/hostnqn says.", valueName: "nqn"))
    var nqn: String
}

/// `-t NQN...`.
struct HostNames: ParsableArguments {
    @Option(
        name: [.customShort("t"), .customLong("host-nqn")], parsing: .upToNextOption,
        help: ArgumentHelp(
            "The hosts, as their /etc/nvme/hostnqn says; several with blanks between them.",
            valueName: "nqn"))
    var nqns: [String]

    /// What hosts are called when any host is meant.
    static let any = "*"

    func validate() throws {
        if nqns.isEmpty { throw ValidationError("--host-nqn needs at least one host.") }
    }

    /// Does something with each host, and goes on with the next when it was refused.
    /// - Parameter done: what people read of a host with which it went well.
    func each(
        done: (String) -> String, _ call: (String) async throws(ControlFailure) -> Void
    ) async -> Report {
        var (lines, rows): ([String], [JSONValue]) = ([], [])
        var failures: [ControlFailure] = []
        for nqn in nqns {
            var failure: ControlFailure?
            do throws(ControlFailure) {
                try await call(nqn)
                lines.append(done(nqn))
            } catch { failure = error }
            failures += failure.map { [$0] } ?? []
            rows.append(
                .object([
                    .init("nqn", .text(nqn)), .init("status", .integer(Int64(failure?.errno ?? 0))),
                    .init("error_message", .text(failure?.message ?? "Success")),
                ]))
        }
        var report = Report(lines.joined(separator: "\n"), [.init("hosts", .list(rows))])
        report.failure = failures.first.map { first in
            ControlFailure(first.errno, failures.map(\.message).joined(separator: "\n"))
        }
        return report
    }
}

/// A yes or a no as a value, in the words that upstream takes.
enum Choice: String, CaseIterable, ExpressibleByArgument {
    case yes
    case no

    init?(argument: String) {
        switch argument.lowercased() {
        case "yes", "true", "1": self = .yes
        case "no", "false", "0": self = .no
        default: return nil
        }
    }
}
