// An operator who sets a gateway up with upstream's command line and changes it while a Linux host uses it.
// The host's steps are in Scripts/guest-tests/operated.sh.

import Foundation
import Synchronization
import Testing

extension Live {
    @Suite("An operator", .needsCeph, .needsGuest, .needsUpstreamCLI)
    struct OperatorTests {
        @Test(
            "sets a gateway up with upstream's command line, and changes it under a Linux host's I/O",
            .timeLimit(.minutes(12)))
        func changes() async throws {
            try await CephCluster.with(.memory) { cluster in
                let gateway = try await ServingGateway.start(cluster.section, group: "g1")
                let scene = OperatedGateway(gateway)
                do {
                    try await scene.setUp()
                    var guest = Guest(seconds: 540)
                    guest.answers = scene.answers
                    try await guest.run(
                        "operated.sh", "127.0.0.1", String(gateway.discoveryPort), OperatedGateway.nqn,
                        OperatedGateway.host, String(OperatedGateway.grownMebibytes << 20))
                    // What was not asked for is not in the trash.
                    try await cluster.rbd("info", "rbd/disk1")
                    try await cluster.rbd("info", "rbd/disk2")
                } catch {
                    await scene.gateway.process.stop()
                    throw error
                }
                try await scene.gateway.stop()
            }
        }
    }
}

/// What the operator does, by the words that the host asks for it with.
private final class OperatedGateway: Sendable {
    static let nqn = "nqn.2016-06.io.spdk:cnode1"
    static let host = "nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb"
    static let grownMebibytes = 128

    private let current: Mutex<ServingGateway>
    private let cli: UpstreamCLI

    init(_ gateway: ServingGateway) {
        current = Mutex(gateway)
        cli = gateway.cli
    }

    /// It is another process after `kill-gateway`.
    var gateway: ServingGateway { current.withLock { $0 } }

    func setUp() async throws {
        try await cli("subsystem add -n \(Self.nqn) --no-group-append")
        try await cli("namespace add -n \(Self.nqn) -p rbd -i disk1 -c --size 64M")
        try await cli("namespace add -n \(Self.nqn) -p rbd -i disk2 -c --size 16M --no-auto-visible")
        try await cli(
            "listener add -n \(Self.nqn) -t \(ServingGateway.hostName) -a 127.0.0.1 -s \(gateway.port)")
        try await cli("host add -n \(Self.nqn) -t \(Self.host)")
    }

    var answers: [String: @Sendable () async throws -> Void] {
        let (nqn, host, cli) = (Self.nqn, Self.host, cli)
        let show: @Sendable () async throws -> Void = {
            try await cli("namespace add_host -n \(nqn) --nsid 2 -t \(host)")
        }
        return [
            "resize": {
                try await cli("namespace resize -n \(nqn) --nsid 1 --size \(Self.grownMebibytes)M")
            },
            "limit": { try await self.limit() },
            "show-2": show,
            "hide-2": { try await cli("namespace del_host -n \(nqn) --nsid 2 -t \(host)") },
            "kill-gateway": { try await self.killAndStartAgain() },
            "show-2-again": show,
            "delete-1": { try await cli("namespace del -n \(nqn) --nsid 1") },
            "remove-host": {
                #expect(try await cli("connection list -n \(nqn)").contains(host))
                try await cli("host del -n \(nqn) -t \(host)")
                #expect(try await cli("connection list -n \(nqn)").contains("No connections"))
            },
            "delete-subsystem": {
                try await cli("subsystem del -n \(nqn)", code: EBUSY)
                try await cli("subsystem del -n \(nqn) --force")
                #expect(try await cli("subsystem list").contains("No subsystems"))
            },
        ]
    }

    private func killAndStartAgain() async throws {
        let killed = gateway
        killed.process.signal(SIGKILL)
        try await killed.process.exit(seconds: 30)
        let again = try await killed.startedAgain()
        current.withLock { $0 = again }
    }

    // MARK: Limits

    /// Mebibytes a second: a small part of what an emulated host writes without a limit.
    private func limit() async throws {
        for mebibytes in [1, 2] {
            try await setLimit(mebibytes)
            // What the bucket lets through at once, and what the host had under way.
            _ = try await bytesPerSecond(duringSeconds: 3)
            try await expectRate(Double(mebibytes << 20))
        }
        try await setLimit(0)
        var fastest = 0.0
        for _ in 0..<10 where fastest < 2.5 * 1_048_576 {
            fastest = max(fastest, try await bytesPerSecond(duringSeconds: 2))
        }
        #expect(fastest > 2.5 * 1_048_576, "it stays slow without a limit")
    }

    private func setLimit(_ mebibytes: Int) async throws {
        try await cli(
            "namespace set_qos -n \(Self.nqn) --nsid 1 --rw-megabytes-per-second \(mebibytes)")
    }

    /// The rate must come to the limit in ten seconds, and never be above it. A machine that was busy with
    /// something else may have kept the host from writing; then it is looked at again.
    private func expectRate(_ limit: Double) async throws {
        var rates: [Double] = []
        for _ in 0..<6 {
            let rate = try await bytesPerSecond(duringSeconds: 10)
            rates.append(rate / limit)
            #expect(rate < 1.05 * limit)
            if rate > 0.95 * limit { break }
        }
        print("of a limit of \(Int(limit)) bytes a second: \(rates)")
        #expect(rates.last ?? 0 > 0.95)
    }

    /// By the gateway's own counters, and its clock.
    private func bytesPerSecond(duringSeconds seconds: Int) async throws -> Double {
        let rate = try ChildProcess(
            UpstreamCLI.python,
            [Checkout.root.appendingPathComponent("Tests/ControlCLI/rate.py").path]
                + [String(cli.port), Self.nqn, "1", String(seconds)],
            environment: ["PYTHONDONTWRITEBYTECODE": "1"])
        #expect(try await rate.exit(seconds: 120) == 0, "\(rate.tail)")
        return try #require(rate.lines.last.flatMap { Double($0) })
    }
}
