// The real thing: a Linux host connects to a gatewayd process and uses its namespace, from discovery to
// reconnecting. The steps are in Scripts/guest-tests. Each test boots a guest, so they run one after the
// other.

import Synchronization
import Testing

extension Live {
    @Suite("A Linux host", .needsGuest)
    struct LinuxHostTests {
        @Test(
            "does all the steps with Linux's own target, so that what fails with ours is ours",
            .timeLimit(.minutes(8)))
        func kernelTarget() async throws {
            try await Guest(memoryMiB: 1400, scripts: ["initiator.sh"]).run(
                "kernel-target.sh", "initiator.sh")
        }

        @Test("uses a namespace in memory, from discovery to reconnecting", .timeLimit(.minutes(8)))
        func memory() async throws {
            try await Gateway.with(["memory:256MiB"], use)
        }

        @Test("uses a namespace of 4096-byte blocks", .timeLimit(.minutes(8)))
        func largeBlocks() async throws {
            try await Gateway.with(["memory:256MiB"], options: ["--block-size", "4096"], use)
        }

        @Test("uses an RBD image, from discovery to reconnecting", .needsCeph, .timeLimit(.minutes(8)))
        func rbd() async throws {
            try await CephCluster.with(.memory) { cluster in
                try await Gateway.with(["rbd:rbd/demo"], options: cluster.options, use)
            }
        }

        @Test("loses no write when the gateway is restarted", .needsCeph, .timeLimit(.minutes(8)))
        func restart() async throws {
            try await CephCluster.with(.memory) { cluster in
                let second = Mutex<Gateway?>(nil)
                try await Gateway.with(["rbd:rbd/demo"], options: cluster.options) { first in
                    let guest = Guest(answers: [
                        "restart-gateway": {
                            try await first.stop()
                            let restarted = try await first.restarted()
                            second.withLock { $0 = restarted }
                        }
                    ])
                    try await run(guest, "reconnect.sh", first)
                }
                try await #require(second.withLock { $0 }).stop()
            }
        }

        @Test(
            "loses nothing while the only OSD is away, and what others leave there is bounded", .needsCeph,
            .timeLimit(.minutes(10)))
        func outage() async throws {
            try await CephCluster.with(.disk) { cluster in
                try await Gateway.with(["rbd:rbd/demo"], options: cluster.options) { gateway in
                    let before = gateway.residentMiB
                    var guest = Guest(seconds: 420)
                    guest.answers["kill-osd"] = { try await cluster.killOSD() }
                    guest.answers["start-osd"] = {
                        let left = try await onThread { try DesertingHost.leave(at: gateway, times: 100) }
                        print("\(left >> 20) MiB were left behind; it has \(gateway.residentMiB) MiB")
                        #expect(left > 512 << 20)
                        let growth = gateway.residentMiB - before
                        #expect(growth < 256, "the gateway grew by \(growth) MiB while the OSD was away")
                        try await cluster.startOSD()
                    }
                    try await run(guest, "osd-down.sh", gateway)
                }
            }
        }

        @Test("sees an image grow without being told by anybody else", .needsCeph, .timeLimit(.minutes(5)))
        func resize() async throws {
            try await CephCluster.with(.memory) { cluster in
                try await Gateway.with(["rbd:rbd/demo"], options: cluster.options) { gateway in
                    var guest = Guest()
                    guest.answers["resize"] = { try await cluster.resizeImage(mebibytes: 1536) }
                    try await guest.run(
                        "resize.sh", Guest.hostAddress, String(gateway.port), gateway.nqn, String(1536 << 20))
                }
            }
        }

        @Test(
            "sees what others do to its image and to its cluster", .needsCeph, .timeLimit(.minutes(8)))
        func imageChanges() async throws {
            try await CephCluster.with(.memory) { cluster in
                try await cluster.rbd("snap", "create", "rbd/demo@s")
                try await cluster.rbd(
                    "clone", "--rbd-default-clone-format", "2", "rbd/demo@s", "rbd/clone")
                try await cluster.rbd("mirror", "pool", "enable", "rbd", "image")
                try await Gateway.with(["rbd:rbd/clone"], options: cluster.options) { gateway in
                    var guest = Guest()
                    guest.answers = Self.changes(of: "rbd/clone", cluster)
                    try await guest.run(
                        "image-changes.sh", Guest.hostAddress, String(gateway.port), gateway.nqn,
                        String(512 << 20))
                }
            }
        }

        private static func changes(
            of image: String, _ cluster: CephCluster
        ) -> [String: @Sendable () async throws -> Void] {
            [
                "snapshot": {
                    try await cluster.rbd("snap", "create", "\(image)@x")
                    try await cluster.rbd("snap", "rm", "\(image)@x")
                    try await cluster.rbd("snap", "create", "\(image)@y")
                },
                "flatten": { try await cluster.rbd("flatten", image) },
                "fill": { try await cluster.fill() },
                "unfill": { try await cluster.unfill() },
                "demote": {
                    try await cluster.rbd("mirror", "image", "enable", image, "snapshot")
                    try await cluster.rbd("mirror", "image", "demote", image)
                },
                "promote": { try await cluster.rbd("mirror", "image", "promote", image) },
                "shrink": { try await cluster.rbd("resize", "--allow-shrink", "--size", "512M", image) },
                "grow": { try await cluster.rbd("resize", "--size", "1G", image) },
                "journal": {
                    try await cluster.rbd("mirror", "image", "disable", image)
                    try await cluster.rbd("mirror", "image", "enable", image, "journal")
                },
                "demote-journaled": { try await cluster.rbd("mirror", "image", "demote", image) },
                "promote-journaled": { try await cluster.rbd("mirror", "image", "promote", image) },
            ]
        }

        @Test("costs nothing while it asks for nothing", .needsCeph, .timeLimit(.minutes(5)))
        func idle() async throws {
            let seconds = 20
            try await CephCluster.with(.memory) { cluster in
                try await Gateway.with(["rbd:rbd/demo"], options: cluster.options) { gateway in
                    let before = Mutex(0)
                    var guest = Guest()
                    guest.answers["idle"] = { before.withLock { $0 = gateway.processorTicks } }
                    guest.answers["idled"] = {
                        let ticks = gateway.processorTicks - before.withLock { $0 }
                        print("idle: \(ticks * 10) ms in \(seconds) s, \(gateway.residentMiB) MiB")
                        #expect(ticks <= seconds, "more than one per cent of a processor")
                        #expect(gateway.residentMiB < 80)
                    }
                    try await guest.run(
                        "idle.sh", Guest.hostAddress, String(gateway.port), gateway.nqn, String(seconds))
                }
            }
        }

        /// Everything a host does.
        private func use(_ gateway: Gateway) async throws {
            try await Guest().run(
                "initiator.sh", Guest.hostAddress, String(gateway.port), gateway.nqn,
                String(gateway.discoveryPort))
        }

        private func run(_ guest: Guest, _ script: String, _ gateway: Gateway) async throws {
            try await guest.run(script, Guest.hostAddress, String(gateway.port), gateway.nqn)
        }
    }
}
