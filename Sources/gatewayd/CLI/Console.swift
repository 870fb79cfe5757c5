// What the commands that call a gateway have around them: variables, two streams to print to, and perhaps a
// person to ask. Tests put another one in its place.

import Foundation
import Glibc

/// The surroundings of a command.
struct Console: Sendable {
    var environment: [String: String]
    /// What the command was asked for.
    var print: @Sendable (_ text: String) -> Void
    /// What is said about it.
    var printError: @Sendable (_ text: String) -> Void
    /// Puts a question to the person at the terminal, and gives the line that comes back; nil if there is
    /// nobody.
    var ask: (@Sendable (_ question: String) -> String?)?
    /// Whether what was printed can be replaced by what is printed next: it goes to a terminal's screen.
    var isScreen: Bool

    /// The process's own, except in tests.
    @TaskLocal static var current = Console.ofProcess

    private static let ofProcess = Console(
        environment: ProcessInfo.processInfo.environment, print: { Machine.print($0) },
        printError: { Machine.printError($0 + "\n") }, ask: hasPerson ? Console.askPerson : nil,
        isScreen: isatty(STDOUT_FILENO) == 1)

    private static var hasPerson: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    @Sendable private static func askPerson(_ question: String) -> String? {
        Machine.printError(question)
        return readLine()
    }
}
