// Why the program ends, as its exit code: one table for all subcommands, shown by their help, so that a
// script or a systemd unit can tell a wrong name from a cluster that is down.

import ArgumentParser

/// The exit codes other than 0. 64 and the ones below it are ArgumentParser's.
enum ExitReason: Int32, CaseIterable, Sendable {
    case imageNotFound = 65
    case poolNotFound = 66
    case accessDenied = 67
    case clusterUnreachable = 68
    case addressUnusable = 69
    case clusterConfiguration = 70
    case fileUnusable = 71
    case ringUnavailable = 72
    case targetUnreachable = 73
    case connectionBroken = 74
    case commandsFailed = 75
    case dataWrong = 76
    case internalError = 77
    case encryptionUnusable = 78
    case configurationWrong = 79
    case stateUnusable = 80

    var meaning: String {
        switch self {
        case .imageNotFound: "the image or snapshot does not exist"
        case .poolNotFound: "the pool or its namespace does not exist"
        case .accessDenied: "the cluster refuses the user or its key"
        case .clusterUnreachable: "no monitor (or no OSD) answers"
        case .addressUnusable: "an address cannot be listened on"
        case .clusterConfiguration: "the Ceph configuration or keyring cannot be read"
        case .fileUnusable: "a file or device cannot be opened"
        case .ringUnavailable: "io_uring is missing or forbidden"
        case .targetUnreachable: "the target does not answer or refuses the connection"
        case .connectionBroken: "a connection broke during the run"
        case .commandsFailed: "commands ended with an error status"
        case .dataWrong: "data read back was not what was written"
        case .encryptionUnusable: "the passphrase does not unlock the image, or the image is not encrypted"
        case .configurationWrong: "the configuration has mistakes; each is named with its line"
        case .stateUnusable: "the group's state is damaged, locked or has no room"
        case .internalError: "none of the above; the message tells"
        }
    }

    /// The table, for the help pages.
    static func table(_ reasons: [ExitReason]) -> String {
        (["  0   all is well", " 64   the command line is wrong"]
            + reasons.map { " \($0.rawValue)   \($0.meaning)" }).joined(separator: "\n")
    }
}

/// The end of the program with a message for whoever started it.
struct ProgramFailure: Error, Equatable, CustomStringConvertible {
    let reason: ExitReason
    /// One or two sentences: the object, what happened, the next step.
    let description: String

    init(_ reason: ExitReason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
