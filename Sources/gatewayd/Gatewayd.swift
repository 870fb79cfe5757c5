// The program: its subcommands and what `gatewayd --help` teaches. Everything that does work is elsewhere.

import ArgumentParser

@main
struct Gatewayd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatewayd",
        abstract: "Exports Ceph RBD images (and files, and memory) as NVMe/TCP namespaces.",
        discussion: """
            One image, to this machine, without any configuration; then connect from Linux with the line \
            that it prints:

              gatewayd export rbd:rbd/demo

            A gateway that runs for years is 'gatewayd serve'. It is told what to serve by the commands \
            below, and keeps it. How their nouns hang together:

              subsystem             what hosts connect to, by its name (NQN)
                namespace           its disks; each is an RBD image
                listener            the addresses at which gateways offer it
                host                who may connect
                  connection        who is connected
              gw                    a gateway of the group; all serve the same subsystems

              gatewayd serve --config /etc/ceph/ceph-nvmeof.conf &
              gatewayd subsystem add -n nqn.2026-11.com.example:disks
              gatewayd namespace add -n nqn.2026-11.com.example:disks -p rbd -i disk1 \\
                  -c --size 10G
              gatewayd listener add -n nqn.2026-11.com.example:disks -t "$(hostname)" \\
                  -a 192.0.2.1
              gatewayd host add -n nqn.2026-11.com.example:disks -t NQN-OF-THE-HOST
              gatewayd status
              gatewayd top

            'gatewayd help NOUN' and 'gatewayd help NOUN VERB' tell more. \
            'gatewayd --generate-completion-script bash' completes all of it in a shell.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Serve", subcommands: [ServeCommand.self, ExportCommand.self, ConfigCommand.self]),
            CommandGroup(
                name: "Configure a gateway that serves",
                subcommands: [
                    SubsystemCommand.self, NamespaceCommand.self, ListenerCommand.self, HostCommand.self,
                    ConnectionCommand.self, GatewayCommand.self, TargetLogCommand.self,
                ]),
            CommandGroup(
                name: "Look and measure",
                subcommands: [StatusCommand.self, TopCommand.self, BenchCommand.self]),
        ])

    static func main() async {
        await main(ArgumentOrder.verbFirst(Array(CommandLine.arguments.dropFirst())))
    }
}
