// Upstream's unmodified command line (Scripts/upstream-cli), pointed at one gateway. Used by the live tests
// as an operator uses it: a process for each line.

import Foundation
import Testing

struct UpstreamCLI {
    let port: Int
    /// For a gateway that wants certificates: the address in its certificate, and the files.
    var address = "127.0.0.1"
    var options: [String] = []

    static let folder = Checkout.root.appendingPathComponent(".cache/upstream-cli").path
    static let python = folder + "/bin/python"

    /// Runs a command line, whose words hold no blanks.
    /// - Parameter code: what it must exit with: the errno of a refusal.
    /// - Returns: what it printed.
    @discardableResult
    func callAsFunction(_ line: String, code: Int32 = 0) async throws -> String {
        let words = line.split(separator: " ").map(String.init)
        let process = try ChildProcess(
            Self.folder + "/bin/ceph-nvmeof",
            ["--output", "stdio", "--server-address", address, "--server-port", String(port)] + options
                + words, environment: ["NVMEOF_VERSION": "1.5.1"])
        #expect(
            try await process.exit(seconds: 120) == code, "\(line) was to end with \(code):\n\(process.tail)")
        return process.lines.joined(separator: "\n")
    }
}

extension Trait where Self == ConditionTrait {
    static var needsUpstreamCLI: Self {
        .enabled(
            if: Requirement.isForced
                || FileManager.default.fileExists(atPath: UpstreamCLI.folder + "/version"),
            "upstream's command line is missing; Scripts/upstream-cli installs it")
    }
}
