// The file itself: read once, then appended to, each change on the disk before it counts, and written anew
// when it has become much longer than what it says. All its calls may wait for the disk: FileStateStore makes
// them on a queue of its own.

internal import Glibc

/// A journal that is open, and the state that it amounts to.
struct StateJournal {
    private let folder: StateFolderHandle
    private var file: StateFileHandle
    private(set) var snapshot: StateSnapshot
    /// Where the next line begins.
    private var end: Int
    /// Of the first line: what the state itself takes.
    private var baseCount: Int
    /// Why nothing can be written any more: it is not known what is on the disk.
    private var fault: StoreFailure?
    private let slack: Int

    static let name = "state.journal"

    /// A journal is written anew when its changes are longer than its state and than this, in bytes.
    static let usualSlack = 1 << 20

    /// Reads the journal of the folder, or begins one.
    /// - Parameter report: is given a line for the log if the end of the file was cut off.
    init(
        _ folder: StateFolderHandle, slack: Int, _ report: (String) -> Void
    ) throws(StoreFailure) {
        self.slack = slack
        let path = folder.path(Self.name)
        guard let opened = try folder.openFile(Self.name) else {
            snapshot = StateSnapshot(version: 1, entries: [:])
            (file, end) = try Self.writeAnew(folder, snapshot)
            baseCount = end
            self.folder = folder
            return
        }
        let bytes = try opened.readAll()
        let read = try Self.read(bytes, path)
        if read.lacksLineFeed {
            report("\(path): its last line had no end; it is whole otherwise, and counts")
            try opened.write([UInt8(ascii: "\n")], at: read.end - 1)
            try opened.save()
        } else if read.end < bytes.count {
            report(
                "\(path): its last \(bytes.count - read.end) bytes are a change that was not finished; they "
                    + "were cut off, and the state is that of version \(read.snapshot.version)")
            try opened.truncate(to: read.end)
        }
        (snapshot, end, baseCount) = (read.snapshot, read.end, read.baseCount)
        file = opened
        self.folder = folder
    }

    /// Adds a change. When it returns, the change is on the disk.
    mutating func commit(
        _ changes: StateChanges, onto version: UInt64, _ report: (String) -> Void
    ) throws(StoreFailure) -> CommitOutcome {
        if let fault { throw fault }
        guard snapshot.version == version else { return .superseded }
        let line = StateJournalLine(
            version: version + 1, put: changes.puts, remove: Array(changes.removals))
        let bytes = Array(line.text.utf8)
        do throws(StoreFailure) {
            try file.write(bytes, at: end)
        } catch {
            try takeBack()
            throw error
        }
        do throws(StoreFailure) {
            try file.save()
        } catch {
            // The kernel may have forgotten the bytes, and would say next time that they are on the disk.
            fault = StoreFailure(.damaged, "\(error) Start the gateway again to see what was kept.")
            throw StoreFailure(.outcomeUnknown, error.message)
        }
        end += bytes.count
        changes.apply(to: &snapshot.entries)
        snapshot.version += 1
        if end - baseCount > max(baseCount, slack) { compact(report) }
        return .committed(version: snapshot.version)
    }

    /// What was written of a change is not to be there when the file is read again.
    private mutating func takeBack() throws(StoreFailure) {
        do throws(StoreFailure) { try file.truncate(to: end) } catch {
            fault = StoreFailure(.damaged, "\(error) Start the gateway again to see what was kept.")
            throw StoreFailure(.outcomeUnknown, error.message)
        }
    }

    /// Writes the file anew with nothing but the state. If that fails the old one goes on.
    private mutating func compact(_ report: (String) -> Void) {
        do throws(StoreFailure) {
            (file, end) = try Self.writeAnew(folder, snapshot)
            baseCount = end
        } catch {
            report("\(folder.path(Self.name)): it could not be written anew, and grows: \(error)")
            // Not again at once.
            baseCount = end
        }
    }

    private static func writeAnew(
        _ folder: StateFolderHandle, _ snapshot: StateSnapshot
    ) throws(StoreFailure) -> (StateFileHandle, Int) {
        let line = StateJournalLine(
            format: StateJournalLine.format, version: snapshot.version, put: snapshot.entries)
        let bytes = Array(line.text.utf8)
        return (try folder.replaceFile(name, with: bytes), bytes.count)
    }

    // MARK: Reading

    /// What a journal says.
    private struct Contents {
        var snapshot = StateSnapshot(version: 0, entries: [:])
        /// Where its last whole line ends, with its line feed.
        var end = 0
        /// Where the first line ends.
        var baseCount = 0
        /// The last line is whole but for its line feed.
        var lacksLineFeed = false

        /// - Parameter end: where the next line begins.
        mutating func take(_ line: StateJournalLine, end: Int) {
            let steps = line.put.map { StateChange.put(key: $0.key, text: $0.value) }
            StateChanges(steps + (line.remove ?? []).map { .remove(key: $0) }).apply(to: &snapshot.entries)
            snapshot.version = line.version
            if self.end == 0 { baseCount = end }
            self.end = end
        }

        /// Whether this line can come next.
        func admits(_ line: StateJournalLine) -> Bool {
            end == 0 ? line.format == StateJournalLine.format : line.version == snapshot.version + 1
        }
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws(StoreFailure) -> Contents {
        var contents = Contents()
        var number = 1
        while contents.end < bytes.count {
            let start = contents.end
            guard let feed = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) else {
                guard number > 1 else { throw damaged(path, line: number, at: start) }
                readUnended(bytes, &contents)
                return contents
            }
            guard let line = StateJournalLine(bytes[start..<feed]), contents.admits(line) else {
                throw damaged(path, line: number, at: start)
            }
            contents.take(line, end: feed + 1)
            number += 1
        }
        guard number > 1 else { throw damaged(path, line: 1, at: 0) }
        return contents
    }

    /// The last line, if it has no line feed: a write that a crash cut short. Lines are written with their
    /// line feed at the end: what has one was written whole, and if it can't be read it was changed since.
    /// A line that lacks the line feed alone may have been acknowledged, and that byte have changed.
    private static func readUnended(_ bytes: [UInt8], _ contents: inout Contents) {
        let start = contents.end
        for end in [bytes.count, bytes.count - 1] where end > start {
            guard let line = StateJournalLine(bytes[start..<end]), contents.admits(line) else { continue }
            contents.take(line, end: end + 1)
            contents.lacksLineFeed = true
            return
        }
    }

    private static func damaged(_ path: String, line: Int, at byte: Int) -> StoreFailure {
        StoreFailure(
            .damaged,
            "\(path): line \(line), at byte \(byte), is not what was written, and nothing was changed. Put a "
                + "copy back, cut the file off before that byte to go on with what comes before it, or move "
                + "it away to begin with nothing.")
    }
}
