// A Linux host in an emulator, booted by Scripts/linux-guest, that runs one script of Scripts/guest-tests.

import Foundation
import Testing

struct Guest {
    /// Where the guest finds what listens on 127.0.0.1 here.
    static let hostAddress = "10.0.2.2"

    var kernel = "6.12"
    /// Time limit for booting and running.
    var seconds = 300
    /// Memory; nil for what the files need.
    var memoryMiB: Int?
    /// Programs of this machine to take along.
    var programs: [String] = []
    /// Other scripts of Scripts/guest-tests that the script uses.
    var scripts: [String] = []
    /// Files and folders of this machine to take along, as PATH:NAME.
    var files: [String] = []
    /// What is done here when the script asks for it by this word (see `ask` in Scripts/guest-tests/lib.sh).
    var answers: [String: @Sendable () async throws -> Void] = [:]

    /// Runs the script, which must end with 0. Returns what it printed.
    @discardableResult
    func run(_ script: String, _ arguments: String...) async throws -> [String] {
        let process = try start(script, arguments)
        do {
            try await answer(process)
            let code = try await process.exit(seconds: seconds + 60)
            let output = process.lines.joined(separator: "\n")
            print("---- \(script) \(arguments.joined(separator: " "))\n\(output)\n----")
            #expect(code == 0, "\(script) ended with \(code) in the guest:\n\(output)")
            return process.lines
        } catch {
            await process.stop()
            throw error
        }
    }

    private func start(_ script: String, _ arguments: [String]) throws -> ChildProcess {
        var options = ["run", "-i", "-t", String(seconds)]
        for name in ["lib.sh"] + scripts { options += ["-f", Checkout.script("guest-tests/\(name)")] }
        for file in files { options += ["-f", file] }
        for program in programs { options += ["-x", program] }
        var environment = ["KERNEL": kernel]
        if let memoryMiB { environment["MEM"] = String(memoryMiB) }
        return try ChildProcess(
            Checkout.script("linux-guest"), options + [Checkout.script("guest-tests/\(script)")] + arguments,
            environment: environment)
    }

    /// Does what the script asks for, one word after the other, until as many were asked for as there are
    /// answers.
    private func answer(_ process: ChildProcess) async throws {
        var next = 0
        for _ in answers {
            let (number, text) = try await process.line(containing: "@@ ", from: next, seconds: seconds)
            let word = String(text.dropFirst(3))
            let action = try #require(
                answers[word], "\(process.name) asks for \(word), which the test does not know")
            try await action()
            try process.send("done")
            next = number + 1
        }
    }
}
