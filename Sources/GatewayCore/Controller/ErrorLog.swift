// The Error Information log of one controller: the last failures of its commands, newest first.

internal import NVMeTCP

/// The failures that the log page shows, and how many there were.
///
/// Source: NVM Express Base Specification, "Error Information".
struct ErrorLog {
    private let entriesMax: Int
    /// Oldest first.
    private var entries: [ErrorInformation] = []
    /// All failures since Connect.
    private(set) var count: UInt64 = 0

    init(entriesMax: Int) { self.entriesMax = entriesMax }

    /// Takes a failure in.
    ///
    /// - Returns: Its status with More set.
    mutating func record(_ failure: CommandFailure, of command: SubmissionEntry, queue: UInt16) -> Status {
        count &+= 1
        let status = failure.status.withMore
        var entry = ErrorInformation()
        entry.errorCount = count
        entry.submissionQueueID = queue
        entry.commandID = command.commandID
        entry.status = status
        entry.parameterLocation =
            failure.location.map { ParameterLocation(byte: $0.byte, bit: $0.bit) } ?? ParameterLocation.none
        entry.opcode = command.opcode
        if command.opcode != AdminOpcode.fabrics.rawValue {
            // A Fabrics command has its type there.
            entry.namespaceID = failure.block?.namespaceID ?? command.namespaceID
        }
        if let block = failure.block {
            entry.lba = block.lba
        } else if queue > 0, CommandTable.io(command.opcode)?.length == .blocks {
            entry.lba = command.startingLBA
        }
        // Only what the transport did wrong is told to be the transport's.
        entry.transportType = failure.status.kind == .transientTransportError ? .tcp : .none
        if entries.count == entriesMax { entries.removeFirst() }
        entries.append(entry)
        return status
    }

    /// The log page: newest first, entries without an error all zero.
    var page: LogPage {
        var page = LogPage(byteCount: entriesMax * ErrorInformation.byteCount)
        for (index, entry) in entries.reversed().enumerated() {
            page.write { entry.encode(into: &$0, at: index * ErrorInformation.byteCount) }
        }
        return page
    }
}
