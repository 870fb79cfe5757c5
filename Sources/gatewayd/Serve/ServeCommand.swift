// `gatewayd serve`: its options and their help. The configuration file says everything else; `ServeService`
// carries it out.

import ArgumentParser

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves what a group of gateways is configured to, until it is stopped.",
        discussion: """
            The daemon: it reads its group's state from an object in Ceph, which Ceph's own gateway may have \
            written, opens the images, listens where its listeners say, and follows every change. FILE is a \
            ceph-nvmeof.conf; 'gatewayd config check FILE' tells what is wrong with one, and \
            Docs/Configuration.md has all keys.

            Examples:

              gatewayd serve --config /etc/ceph/ceph-nvmeof.conf
              gatewayd serve --config ./ceph-nvmeof.conf --set gateway.name=gw1 \\
                  --set ceph.config_file=./ceph.conf

            SIGTERM and SIGINT end it in order: hosts' commands under way are finished, within \
            [gatewayd] drain_seconds (a second signal ends it at once). SIGHUP reads the file again: keys \
            marked "reload" take effect, and the log names those that need a restart.

            Exit codes:
            \(ExitReason.table([
                .poolNotFound, .accessDenied, .clusterUnreachable, .addressUnusable, .clusterConfiguration,
                .fileUnusable, .ringUnavailable, .internalError, .configurationWrong, .stateUnusable,
            ]))
            """)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file())
    var config: String

    @OptionGroup var overrides: ConfigurationOverrides

    func run() async throws {
        do throws(ProgramFailure) {
            try await ServeService(file: ConfigurationFile(path: config, arguments: overrides.set)).run()
        } catch { throw printed(error) }
    }
}
