// What all commands that call a gateway have in common: they connect, do their work, and print a report in
// the form that was asked for, or why there is none. A verb is a type with its options and `perform`; the
// files beside this one have them, a noun each.

import ArgumentParser
import GatewayControl
import GatewayRPC
import Glibc

/// A command that calls a gateway.
protocol ControlCommand: AsyncParsableCommand, Sendable {
    var control: ControlOptions { get }

    /// Does what the command is for.
    func perform(_ gateway: ControlSession) async throws(ControlFailure) -> Report
}

/// The options that all of them have.
struct ControlOptions: ParsableArguments {
    @Option(help: "How the answer is printed; json and yaml have all fields, under lasting names.")
    var format: OutputFormat = .table

    @OptionGroup var connection: ConnectionOptions
}

/// A connection to a gateway, while a command works with it.
struct ControlSession: Sendable {
    let client: ControlClient
    let console: Console
    let format: OutputFormat
    /// Where the gateway is.
    let place: String

    func call<Input, Output>(
        _ method: ControlMethod<Input, Output>, _ request: Input
    ) async throws(ControlFailure) -> Output {
        try await client.call(method, request)
    }
}

extension ControlCommand {
    func run() async throws {
        let console = Console.current
        let format = control.format
        do {
            let settings = try control.connection.settings(console.environment)
            let report = try await ControlClient.connected(to: settings) { client in
                try await perform(
                    ControlSession(client: client, console: console, format: format, place: settings.place))
            }
            report.print(format, on: console)
            let code = report.failure?.errno ?? report.exitCode
            if code != 0 { throw ExitCode(code) }
        } catch let failure as ControlFailure {
            Report(failure: failure).print(format, on: console)
            throw ExitCode(failure.errno)
        }
    }

    static var exitCodes: String {
        """
        Exit codes: 0 if it was done; 64 if the command line is wrong; otherwise the errno of what was \
        refused, as errno(1) lists them: 2 or 19 for what does not exist, 17 for what exists already, 22 for \
        what is not allowed, 111 if no gateway answers, 110 if it does not in time, 125 if nothing was done \
        because nobody agreed to it.
        """
    }
}
