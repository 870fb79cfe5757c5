// The program: its subcommands and what `gatewayd --help` teaches. Everything that does work is elsewhere.

import ArgumentParser

@main
struct Gatewayd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatewayd",
        abstract: "Exports Ceph RBD images (and files, and memory) as NVMe/TCP namespaces.",
        discussion: """
            Export an image of the pool 'rbd' to this machine, then connect to it from Linux with the line \
            that it prints:

              gatewayd export rbd:rbd/demo
              nvme connect -t tcp -a 127.0.0.1 -s 4420 -n NQN

            Export it to one host of the network, by the name in its /etc/nvme/hostnqn:

              gatewayd export rbd:rbd/demo --listen 192.0.2.1:4420 \\
                  --allow-host nqn.2014-08.org.nvmexpress:uuid:...

            Measure a target, this one or another, without root:

              gatewayd export null:16GiB --nqn nqn.2026-11.com.example:null
              gatewayd bench 127.0.0.1:4420 --rw randread --qd 32 \\
                  --nqn nqn.2026-11.com.example:null

            'gatewayd help export' and 'gatewayd help bench' tell more.
            """,
        version: "0.1.0",
        subcommands: [ServeCommand.self, ExportCommand.self, BenchCommand.self, ConfigCommand.self])
}
