// Docs/CLI.md is made from what the commands that call a gateway say of themselves. This test makes it again
// and compares; with GATEWAYD_WRITE_DOCS=1 in the environment it writes the page instead.

import ArgumentParser
import Foundation
import Testing

@testable import gatewayd

@Suite("Command line reference")
struct CommandLineReferenceTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Docs/CLI.md").standardizedFileURL

    private static let nouns: [any ParsableCommand.Type] = [
        SubsystemCommand.self, NamespaceCommand.self, ListenerCommand.self, HostCommand.self,
        ConnectionCommand.self, GatewayCommand.self, TargetLogCommand.self, StatusCommand.self,
        TopCommand.self,
    ]

    @Test("Docs/CLI.md says what the commands say")
    func isCurrent() throws {
        let text = try Self.text()
        if ProcessInfo.processInfo.environment["GATEWAYD_WRITE_DOCS"] == "1" {
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(
            written == text,
            "run GATEWAYD_WRITE_DOCS=1 swift test --filter CommandLineReferenceTests, and commit the page")
    }

    @Test("Every verb teaches with an example that fits a terminal, and says what each option is")
    func teaches() throws {
        func check(_ command: DescribedCommand, _ path: String) {
            #expect(command.abstract?.isEmpty == false, "\(path)")
            let examples = command.examples
            #expect(examples.contains { $0.hasPrefix("gatewayd ") }, "\(path): no example")
            for line in examples { #expect(line.count <= 78, "\(path): \(line)") }
            for argument in command.options {
                #expect(argument.abstract?.isEmpty == false, "\(path) \(argument.name)")
            }
            for verb in command.verbs { check(verb, "\(path) \(verb.commandName)") }
        }
        for noun in Self.nouns {
            let described = try DescribedCommand.of(noun)
            check(described, "gatewayd \(described.commandName)")
        }
    }

    @Test(
        "A shell can complete nouns, verbs, options and their values",
        arguments: [CompletionShell.bash, .zsh, .fish])
    func completion(shell: CompletionShell) {
        let script = Gatewayd.completionScript(for: shell)
        for word in ["namespace", "set_qos", "rbd-create-image", "yaml", "bandwidth"] {
            #expect(script.contains(word), "\(word)")
        }
    }

    // MARK: The page

    private static func text() throws -> String {
        let common = try DescribedCommand.of(CommonOptions.self).options
        var text = """
            # The command line

            Made from the commands' own help by `GATEWAYD_WRITE_DOCS=1 swift test --filter
            CommandLineReferenceTests`; do not edit.

            `gatewayd NOUN VERB` calls the control interface of a gateway that serves ([Running a
            gateway](Serving.md)). Nouns, verbs and options are those of upstream's `ceph-nvmeof`, whose
            options for all commands may stand before the noun, too: `gatewayd --format json namespace list`.

            What is refused is told on standard error, and the exit code is its errno. `--format json` and
            `yaml` print one document in any case: `status` (0, or the errno), `error_message`, and the
            fields of the answer, which have the names of upstream's JSON; numbers are numbers. What takes
            data or a connection from a host is asked for at the terminal; where there is none, it needs
            `--yes`.

            `gatewayd --generate-completion-script bash` (or `zsh`, `fish`) prints what completes nouns,
            verbs, options and values in a shell: `source <(gatewayd --generate-completion-script bash)`.

            ## Options of all commands

            \(table(common))

            """
        for noun in nouns {
            let described = try DescribedCommand.of(noun)
            text += section(
                described, path: "gatewayd \(described.commandName)", level: "##", without: common)
        }
        return text
    }

    private static func section(
        _ command: DescribedCommand, path: String, level: String, without common: [DescribedCommand.Argument]
    ) -> String {
        var parts = ["\(level) \(path)", command.abstract ?? ""]
        parts += command.paragraphs.map { $0.isExample ? "```\n\($0.text)\n```" : $0.text }
        let names = Set(common.map(\.name))
        let own = command.options.filter { !names.contains($0.name) }
        if !own.isEmpty { parts.append(table(own)) }
        let verbs = command.verbs.map {
            section($0, path: "\(path) \($0.commandName)", level: level + "#", without: common)
        }
        return "\n" + parts.joined(separator: "\n\n") + "\n" + verbs.joined()
    }

    private static func table(_ options: [DescribedCommand.Argument]) -> String {
        let lines = options.map { option in
            let names = (option.names ?? []).map(\.text).joined(separator: "`, `")
            let value = option.kind == "flag" ? "" : " \((option.valueName ?? "").uppercased())"
            let must = option.isOptional ? "" : " Required."
            let standard = option.defaultValue.map { " Otherwise `\($0)`." } ?? ""
            let values = option.allValues.map { " One of `\($0.joined(separator: "`, `"))`." } ?? ""
            return "| `\(names)\(value)` | \(option.abstract ?? "")\(values)\(standard)\(must) |"
        }
        return "| option | meaning |\n| --- | --- |\n" + lines.joined(separator: "\n")
    }
}

/// The options that each command has.
private struct CommonOptions: ParsableCommand {
    @OptionGroup var control: ControlOptions
}

/// A command as the parser describes it.
private struct DescribedCommand: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String

            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        let kind: String
        let names: [Name]?
        let valueName: String?
        let abstract: String?
        let isOptional: Bool
        let defaultValue: String?
        let allValues: [String]?

        var name: String { names?.first { $0.kind == "long" }?.text ?? "" }
    }

    let commandName: String
    let abstract: String?
    let discussion: String?
    let arguments: [Argument]?
    let subcommands: [DescribedCommand]?

    static func of(_ command: any ParsableCommand.Type) throws -> DescribedCommand {
        struct Dump: Decodable { let command: DescribedCommand }
        return try JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8)).command
    }

    /// Without what the parser adds to each.
    var options: [Argument] { (arguments ?? []).filter { !["--help", "--version"].contains($0.name) } }

    var verbs: [DescribedCommand] { (subcommands ?? []).filter { $0.commandName != "help" } }

    /// The discussion in its parts: sentences, and examples without their indentation.
    var paragraphs: [(text: String, isExample: Bool)] {
        (discussion ?? "").components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { part in
            guard part.hasPrefix("  ") else { return (part, false) }
            return (
                part.split(separator: "\n").map { String($0.dropFirst(2)) }.joined(separator: "\n"), true
            )
        }
    }

    var examples: [String] {
        paragraphs.filter(\.isExample).flatMap { $0.text.components(separatedBy: "\n") }
    }
}
