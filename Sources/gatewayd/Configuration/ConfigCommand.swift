// `gatewayd config`: what a configuration file comes to, and what is wrong with it, without serving.

import ArgumentParser

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Checks configuration files of 'gatewayd serve'.",
        subcommands: [ConfigCheckCommand.self])
}

struct ConfigCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a configuration file and prints what is in effect.",
        discussion: """
            Reads the file as 'gatewayd serve' does, with the environment and --set, and prints all keys \
            that mean something with the values that they come to; a comment says where a value was given. \
            What it prints is a configuration file again. Keys that mean nothing to this gateway are told \
            on standard error, and so is each mistake, with its line.

            Examples:

              gatewayd config check /etc/ceph/ceph-nvmeof.conf
              GATEWAYD_GATEWAY_PORT=5501 gatewayd config check ./ceph-nvmeof.conf \\
                  --set gateway.group=group1

            Exit codes:
            \(ExitReason.table([.fileUnusable, .configurationWrong]))
            """)

    @Argument(help: "The configuration file.", completion: .file())
    var file: String

    @OptionGroup var overrides: ConfigurationOverrides

    func run() throws {
        do throws(ProgramFailure) {
            let loaded = try ConfigurationFile(path: file, arguments: overrides.set).load()
            for note in loaded.notes { Machine.printError("gatewayd: note: \(note)\n") }
            Machine.print(loaded.effectiveText)
        } catch { throw printed(error) }
    }
}

/// `--set`, of each command that reads a configuration.
struct ConfigurationOverrides: ParsableArguments {
    @Option(
        name: .customLong("set"), parsing: .singleValue,
        help: ArgumentHelp(
            "A value that wins over the file and over the environment (GATEWAYD_SECTION_KEY); may be given "
                + "several times.", valueName: "section.key=value"))
    var set: [String] = []
}

extension LoadedConfiguration {
    /// All keys that mean something, as a configuration file.
    var effectiveText: String {
        ConfigurationTable.sections.compactMap { section, _ in
            let lines = ConfigurationTable.rows.compactMap { row -> String? in
                guard row.section == section, case .used(_, _, let text) = row.role else { return nil }
                // A file reads %% as %.
                let value = text(values).replacing("%", with: "%%").replacing("\n", with: "\n    ")
                let source = given[row.path].map { "# \($0.source)\n" } ?? ""
                return value.isEmpty ? "\(source)\(row.name) =" : "\(source)\(row.name) = \(value)"
            }
            return lines.isEmpty ? nil : "[\(section)]\n" + lines.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}
