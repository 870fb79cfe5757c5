// Upstream's unmodified command line (ceph-nvmeof 1.5.1 from PyPI) drives the gateway through every command
// and option that it has. What each must come to is in Tests/ControlCLI/cases.py.

import Foundation
import Testing

@Suite("Upstream's command line")
struct CommandLineTests {
    /// Fewer would mean that a group of cases is not run any more.
    static let casesMin = 260

    @Test(
        "Each command and option comes to its exit code and its words, as text and as JSON",
        .enabled(if: UpstreamCLI.isThere, UpstreamCLI.isMissing), .timeLimit(.minutes(8)))
    func cases() async throws {
        let keys = try TestCertificates()
        defer { keys.remove() }
        let gateway = try await TestGateway.make()
        let (code, lines) = try await gateway.serve { port in
            try await gateway.serve(keys.server) { tlsPort in
                try await UpstreamCLI.run([
                    String(port), "--tls", String(tlsPort), keys.folder.path,
                ])
            }
        }
        for line in lines where !line.hasPrefix("ok ") { Issue.record("\(line)") }
        #expect(code == 0)
        #expect(lines.count >= Self.casesMin)
    }
}

/// The environment that Scripts/upstream-cli makes.
enum UpstreamCLI {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let isThere =
        ProcessInfo.processInfo.environment["GATEWAYD_REQUIRE_LIVE"] == "1"
        || FileManager.default.fileExists(
            atPath: root.appendingPathComponent(".cache/upstream-cli/version").path)

    static let isMissing: Comment = "upstream's command line is missing; Scripts/upstream-cli installs it"

    /// Runs Tests/ControlCLI/run.py: its exit code, and the lines that it printed.
    static func run(_ arguments: [String]) async throws -> (code: Int32, lines: [String]) {
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("cli-\(UUID())")
        try Data().write(to: output)
        defer { try? FileManager.default.removeItem(at: output) }
        let process = Process()
        process.executableURL = root.appendingPathComponent(".cache/upstream-cli/bin/python")
        process.arguments = [root.appendingPathComponent("Tests/ControlCLI/run.py").path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PYTHONDONTWRITEBYTECODE": "1"]
        ) { $1 }
        // A file and not a pipe: nobody reads while it runs.
        let handle = try FileHandle(forWritingTo: output)
        process.standardOutput = handle
        process.standardError = handle
        // Not waited for on a thread of the pool: the server needs them.
        let ended = AsyncStream<Void>.makeStream()
        process.terminationHandler = { _ in ended.continuation.finish() }
        try process.run()
        for await _ in ended.stream {}
        let text = try String(contentsOf: output, encoding: .utf8)
        return (process.terminationStatus, text.split(separator: "\n").map(String.init))
    }
}
