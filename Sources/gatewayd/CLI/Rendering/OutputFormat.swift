// How answers are printed: `--format`.

import ArgumentParser

/// A form of answers.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// For people: sentences and tables.
    case table
    /// For programs: one document, whether the call was answered or refused.
    case json
    case yaml

    /// Upstream's command line has two kinds of tables.
    init?(argument: String) {
        self.init(rawValue: ["text", "plain"].contains(argument) ? "table" : argument)
    }
}
