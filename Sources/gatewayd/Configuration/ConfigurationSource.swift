// Where a value of the configuration comes from, and what can be wrong with it. Messages name the place: a
// file's line, an environment variable, an argument.

/// Where a value was given.
enum ConfigurationSource: Hashable, Sendable, CustomStringConvertible {
    /// Nowhere: the table's default holds.
    case builtIn
    case file(path: String, line: Int)
    case environment(variable: String)
    /// `--set` of the command line.
    case argument(String)

    var description: String {
        switch self {
        case .builtIn: "default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let variable): "environment variable \(variable)"
        case .argument(let text): "--set \(text)"
        }
    }
}

/// One mistake in a configuration.
struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    let source: ConfigurationSource
    /// The key, what is wrong with it, and what is allowed.
    let message: String

    var description: String { "\(source): \(message)" }
}

/// Why a configuration can't be used: every mistake in it, so that they can be corrected at once.
struct ConfigurationFailure: Error, Equatable, CustomStringConvertible {
    let problems: [ConfigurationProblem]

    var description: String { problems.map(\.description).joined(separator: "\n") }
}
