// A program that a live test runs beside itself. The test waits for a line of its output or for its end,
// always with a deadline, and ends it by its process ID.

import Foundation

/// Something did not come in time, or the program ended before it came.
struct ChildProcessError: Error, CustomStringConvertible {
    let description: String
}

final class ChildProcess: Sendable {
    let name: String
    private let spawned: SpawnedProcess
    private let record = ChildRecord()

    /// Starts `program` (a path, or a name to look up). Standard output and standard error are read together.
    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        name = ([URL(fileURLWithPath: program).lastPathComponent] + arguments.prefix(2)).joined(
            separator: " ")
        let record = record
        spawned = try Spawn.start(
            [program] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            received: { record.receive($0) }, ended: { record.end(code: $0) })
    }

    deinit { close(spawned.input) }

    var processID: Int32 { spawned.processID }

    /// What it has printed so far.
    var lines: [String] { record.state.lines }

    var hasEnded: Bool { record.state.hasEnded }

    /// The end of its output, for messages.
    var tail: String { lines.suffix(40).joined(separator: "\n") }

    /// Writes a line to its standard input.
    func send(_ line: String) throws {
        let bytes = Array((line + "\n").utf8)
        guard write(spawned.input, bytes, bytes.count) == bytes.count else {
            throw ChildProcessError(description: "\(name) does not read: errno \(errno)")
        }
    }

    func signal(_ number: Int32) {
        if record.state.code == nil { kill(processID, number) }
    }

    /// The first line from number `first` on that contains `text`, and its number.
    func line(containing text: String, from first: Int = 0, seconds: Int) async throws -> (
        number: Int, text: String
    ) {
        let search: @Sendable ([String]) -> Int? = { lines in
            lines.indices.dropFirst(first).first { lines[$0].contains(text) }
        }
        _ = await record.wait(seconds: seconds) { search($0.lines) != nil || $0.hasEnded }
        let lines = lines
        if let number = search(lines) { return (number, lines[number]) }
        let what = hasEnded ? "ended" : "went \(seconds) s"
        throw ChildProcessError(
            description: "\(name) \(what) without printing \"\(text)\"; it printed:\n\(tail)")
    }

    /// Its exit code.
    @discardableResult
    func exit(seconds: Int) async throws -> Int32 {
        _ = await record.wait(seconds: seconds) { $0.hasEnded }
        if hasEnded, let code = record.state.code { return code }
        throw ChildProcessError(description: "\(name) did not end in \(seconds) s; its last lines:\n\(tail)")
    }

    /// Asks it to end, then makes it.
    func stop(seconds: Int = 15) async {
        signal(SIGTERM)
        if await record.wait(seconds: seconds, until: { $0.hasEnded }) { return }
        signal(SIGKILL)
        _ = await record.wait(seconds: 5) { $0.hasEnded }
    }
}
