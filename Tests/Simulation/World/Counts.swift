// What a run has done: commands by kind, faults by kind. Sums over many runs are what `make sim` ends with.

/// A command that hosts send.
public enum CommandKind: Int, CaseIterable, Sendable {
    case read, write, compare, writeZeroes, deallocate, hint, flush, flushAll, verify, copy, refusedIO
    case fusedCompare, fusedWrite, reservation
    case connect, property, identify, logPage, feature, eventRequest, keepAlive, abort, disconnect
    case refusedAdmin, discovery, reservationReport
}

/// Something that goes wrong, or is changed, while hosts work.
public enum FaultKind: Int, CaseIterable, Sendable {
    case connectionCut, connectionSilent, networkStalled, connectionRefused
    case hostDies, hostMute, hostDeaf, hostResets, commandTimesOut, dataDigestWrong, headerDigestWrong
    case backendSlow, backendFailing, backendHung, backendFailure
    case namespaceAdded, namespaceRemoved, namespaceResized, namespaceReadOnly
    case namespaceHidden, groupChanged, hostForbidden, subsystemRemoved, shardStalled
}

/// How often each happened.
public struct RunCounts: Sendable, Equatable {
    public var commands = [Int](repeating: 0, count: CommandKind.allCases.count)
    public var faults = [Int](repeating: 0, count: FaultKind.allCases.count)
    /// I/O commands that ended well, and with a failure.
    public var succeeded = 0
    public var failed = 0
    public var connects = 0
    public var messages = 0
    public var events = 0
    public var nanoseconds: UInt64 = 0
    /// The most commands that were served between the arrival of a queue's only command and its own service.
    public var waitedMax = 0

    public init() {}

    public var commandCount: Int { commands.reduce(0, +) }
    public var faultCount: Int { faults.reduce(0, +) }

    public static func += (sum: inout RunCounts, one: RunCounts) {
        for index in sum.commands.indices { sum.commands[index] += one.commands[index] }
        for index in sum.faults.indices { sum.faults[index] += one.faults[index] }
        sum.succeeded += one.succeeded
        sum.failed += one.failed
        sum.connects += one.connects
        sum.messages += one.messages
        sum.events += one.events
        sum.nanoseconds += one.nanoseconds
        sum.waitedMax = max(sum.waitedMax, one.waitedMax)
    }

    /// The counts in words, one group a line.
    public var lines: [String] {
        func list<Kind>(_ counts: [Int], _ kinds: [Kind]) -> String {
            zip(kinds, counts).filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        }
        return [
            "commands: \(commandCount) (\(list(commands, CommandKind.allCases)))",
            "faults: \(faultCount) (\(list(faults, FaultKind.allCases)))",
            "I/O: \(succeeded) succeeded, \(failed) failed; associations: \(connects); "
                + "messages between shards: \(messages); longest wait: \(waitedMax) commands",
        ]
    }
}
