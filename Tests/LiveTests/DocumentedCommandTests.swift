// The commands in pages of Docs, run as they stand there: where a gateway runs on this machine, where a host
// does in the guest.

import Foundation
import Testing

extension Live {
    @Suite("Commands in Docs", .needsCeph, .needsUpstreamCLI)
    struct DocumentedCommandTests {
        private static let nqn = "nqn.2016-06.io.spdk:cnode1"
        private static let host = "nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb"

        @Test("Those of Requirements.md work where a gateway runs", .timeLimit(.minutes(4)))
        func requirements() async throws {
            try await CephCluster.with(.memory) { cluster in
                try await ServingGateway.with(cluster.section) { gateway in
                    let page = try DocumentedPage(
                        "Requirements.md",
                        replacing: [
                            ("/etc/ceph/ceph-nvmeof.conf", gateway.configurationFile),
                            ("/etc/ceph/", cluster.folder + "/"),
                        ])
                    #expect(page.steps.count >= 4)
                    try await Self.run(
                        page, environment: ["CEPH_ARGS": "--conf \(cluster.configuration) --id admin"])
                }
            }
        }

        @Test("Those of Target.md bring a target about and take it away again", .timeLimit(.minutes(4)))
        func target() async throws {
            try await CephCluster.with(.memory) { cluster in
                try await ServingGateway.with(cluster.section) { gateway in
                    let page = try DocumentedPage(
                        "Target.md",
                        replacing: [
                            ("/tmp/", gateway.folder + "/"),
                            ("/etc/ceph/ceph-nvmeof.conf", gateway.configurationFile),
                            ("192.0.2.11", "127.0.0.1"), ("-s 4420", "-s \(gateway.port)"),
                        ])
                    #expect(page.steps.count >= 11)
                    try await Self.run(
                        page,
                        environment: [
                            "CEPH_ARGS": "--conf \(cluster.configuration) --id admin",
                            "GATEWAYD_SERVER_ADDRESS": "127.0.0.1",
                            "GATEWAYD_SERVER_PORT": "\(gateway.controlPort)",
                            "CEPH_NVMEOF_SERVER_ADDRESS": "127.0.0.1",
                            "CEPH_NVMEOF_SERVER_PORT": "\(gateway.controlPort)", "NVMEOF_VERSION": "1.5.1",
                        ])
                }
            }
        }

        @Test("Those of Initiators-Linux.md work on a Linux host", .needsGuest, .timeLimit(.minutes(8)))
        func linux() async throws {
            try await CephCluster.with(.memory) { cluster in
                try await ServingGateway.with(cluster.section, group: "g1") { gateway in
                    try await Self.setUp(gateway)
                    let page = try DocumentedPage(
                        "Initiators-Linux.md",
                        replacing: [
                            ("192.0.2.11", "127.0.0.1"), ("-s 8009", "-s \(gateway.discoveryPort)"),
                            ("-s 4420", "-s \(gateway.port)"),
                        ])
                    #expect(page.steps.count >= 14)
                    let folder = try Self.write(page)
                    var guest = Guest(seconds: 300)
                    guest.files = ["\(folder):commands"]
                    for case (let line, .operatorsLine(let words)) in page.steps {
                        let cli = gateway.cli
                        guest.answers[Self.name(line)] = { try await cli(words) }
                    }
                    try await guest.run("documented.sh", Self.nqn)
                }
            }
        }

        @Test("Those of Initiators-ESXi.md are marked as not run")
        func esxi() throws {
            #expect(try DocumentedPage("Initiators-ESXi.md", replacing: []).steps.isEmpty)
        }

        /// Runs a page's commands on this machine, each block in a shell that ends at the first failure.
        private static func run(_ page: DocumentedPage, environment: [String: String]) async throws {
            let programs = URL(fileURLWithPath: Checkout.gatewayd).deletingLastPathComponent().path
            let path = "\(programs):\(UpstreamCLI.folder)/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            for case (let line, .commands(let text)) in page.steps {
                let shell = try ChildProcess(
                    "/bin/sh", ["-ec", text], environment: environment.merging(["PATH": path]) { $1 })
                let code = try await shell.exit(seconds: 120)
                #expect(code == 0, "\(page.name):\(line) ended with \(code):\n\(shell.tail)")
            }
        }

        private static func setUp(_ gateway: ServingGateway) async throws {
            let cli = gateway.cli
            try await cli("subsystem add -n \(nqn) --no-group-append")
            try await cli("namespace add -n \(nqn) -p rbd -i disk1 -c --size 64M")
            try await cli(
                "listener add -n \(nqn) -t \(ServingGateway.hostName) -a 127.0.0.1 -s \(gateway.port)")
            try await cli("host add -n \(nqn) -t \(host)")
        }

        /// A folder for the guest, with a file for each step, in their order.
        private static func write(_ page: DocumentedPage) throws -> String {
            let folder = try Checkout.temporaryFolder()
            for (line, step) in page.steps {
                let (ending, text) =
                    switch step {
                    case .commands(let text): (".sh", text)
                    case .operatorsLine(let text): (".ask", text)
                    }
                try text.write(
                    toFile: "\(folder)/\(name(line))\(ending)", atomically: true, encoding: .utf8)
            }
            try host.write(toFile: folder + "/hostnqn", atomically: true, encoding: .utf8)
            return folder
        }

        /// So that they sort as they stand on the page.
        private static func name(_ line: Int) -> String { "line-" + String(10_000 + line).dropFirst() }
    }
}
