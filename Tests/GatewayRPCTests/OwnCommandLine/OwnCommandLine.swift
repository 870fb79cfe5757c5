// Runs our own command line inside the test, as a shell would: arguments in, an exit code and streams out.

import ArgumentParser
import Foundation
import Synchronization

@testable import gatewayd

/// What a command line came to.
struct CommandOutcome: Sendable {
    let code: Int32
    let output: String
    let errors: String
    /// What was asked at the terminal.
    let questions: [String]

    var all: String { [output, errors].filter { !$0.isEmpty }.joined(separator: "\n") }

    /// The document of `--format json`.
    var json: [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    }
}

/// Our command line, with a gateway to call.
struct OwnCommandLine: Sendable {
    var environment: [String: String]
    /// What the person at the terminal answers; nil if there is none.
    var answer: String?

    init(port: Int, answer: String? = nil) {
        environment = [
            "GATEWAYD_SERVER_ADDRESS": "127.0.0.1", "GATEWAYD_SERVER_PORT": String(port),
        ]
        self.answer = answer
    }

    func run(_ arguments: [String]) async -> CommandOutcome {
        let transcript = Transcript()
        var console = Console(
            environment: environment, print: { transcript.add($0, to: \.output) },
            printError: { transcript.add($0, to: \.errors) }, ask: nil, isScreen: false)
        if let answer {
            console.ask = { question in
                transcript.add(question, to: \.questions)
                return answer
            }
        }
        let code = await Console.$current.withValue(console) {
            await Self.parseAndRun(arguments, transcript)
        }
        let lines = transcript.lines.withLock { $0 }
        return CommandOutcome(
            code: code, output: lines.output.joined(separator: "\n"),
            errors: lines.errors.filter { !$0.isEmpty }.joined(separator: "\n"), questions: lines.questions)
    }

    private static func parseAndRun(_ arguments: [String], _ transcript: Transcript) async -> Int32 {
        do {
            var command = try Gatewayd.parseAsRoot(ArgumentOrder.verbFirst(arguments))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch {
            transcript.add(Gatewayd.fullMessage(for: error), to: \.errors)
            return Gatewayd.exitCode(for: error).rawValue
        }
    }

    /// What is printed and asked while a command runs.
    private final class Transcript: Sendable {
        struct Lines {
            var output: [String] = []
            var errors: [String] = []
            var questions: [String] = []
        }

        let lines = Mutex(Lines())

        func add(_ line: String, to stream: any WritableKeyPath<Lines, [String]> & Sendable) {
            lines.withLock { $0[keyPath: stream].append(line) }
        }
    }

    /// Blanks and quotation marks as a shell has them.
    static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false
        for character in line {
            switch character {
            case "'":
                isQuoted.toggle()
                word = word ?? ""
            case " " where !isQuoted:
                if let word { words.append(word) }
                word = nil
            case _: word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
