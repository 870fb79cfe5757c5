// The commands of our command line and their options, as the parser has them.

import ArgumentParser
import Foundation

enum CommandTree {
    /// Each command that does something: its names, word by word with all that a word may be, and its type.
    static func leaves(
        of command: any ParsableCommand.Type, path: [[String]] = []
    ) -> [(path: [[String]], command: any ParsableCommand.Type)] {
        let configuration = command.configuration
        let children = configuration.subcommands
        guard !children.isEmpty else { return [(path, command)] }
        return children.flatMap { child in
            let names = [child.configuration.commandName ?? ""] + child.configuration.aliases
            return leaves(of: child, path: path + [names])
        }
    }

    /// The options of a command, each with all its names, dashes included.
    static func options(of command: any ParsableCommand.Type) -> [Set<String>] {
        struct Dump: Decodable {
            struct Command: Decodable { var arguments: [Argument]? }
            struct Argument: Decodable { var names: [Name]? }
            struct Name: Decodable {
                var kind: String
                var name: String
            }
            var command: Command
        }
        guard let dump = try? JSONDecoder().decode(Dump.self, from: Data(command._dumpHelp().utf8)) else {
            return []
        }
        return (dump.command.arguments ?? []).compactMap { argument in
            let names = (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
            return names.isEmpty || names.contains("--help") || names.contains("--version") ? nil : Set(names)
        }
    }
}
