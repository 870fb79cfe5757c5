// A gateway whose RADOS client is put on the blocklist while a Linux host writes: with one path the host's
// I/O ends, with another it goes on there. The steps are in Scripts/guest-tests/fenced*.sh.

import Synchronization
import Testing

extension Live {
    @Suite("A fenced gateway", .needsGuest, .needsCeph)
    struct FenceTests {
        @Test(
            "ends what a host with one path does with the image, and serves its other namespaces on",
            .timeLimit(.minutes(5)))
        func singlePath() async throws {
            try await CephCluster.with(.memory) { cluster in
                let restarted = Mutex<Gateway?>(nil)
                let backends = ["rbd:rbd/demo", "memory:64MiB"]
                try await Gateway.with(backends, options: cluster.options) { gateway in
                    var guest = Guest()
                    guest.answers["fence"] = { try await cluster.fence(cluster.clients(of: "rbd/demo")) }
                    guest.answers["restart"] = {
                        let told = gateway.process.lines.count { $0.contains("the cluster's blocklist") }
                        #expect(told == 1)
                        try await gateway.stop()
                        let second = try await gateway.restarted()
                        restarted.withLock { $0 = second }
                    }
                    try await guest.run(
                        "fenced.sh", Guest.hostAddress, String(gateway.port), gateway.nqn)
                }
                try await restarted.withLock { $0 }?.stop()
            }
        }

        @Test(
            "loses a host with two paths nothing: it goes on through the other gateway",
            .timeLimit(.minutes(5)))
        func twoPaths() async throws {
            try await CephCluster.with(.memory) { cluster in
                // Several gateways write it at once: then it has no exclusive lock.
                try await cluster.rbd(
                    "create", "--size", "64M", "--image-feature", "layering", "rbd/shared")
                let first = try await start("1-1000", cluster)
                let firstClients = try await cluster.clients(of: "rbd/shared")
                let second = try await start("1001-2000", cluster)
                let secondClients = try await cluster.clients(of: "rbd/shared").filter {
                    !firstClients.contains($0)
                }
                let all = Mutex([first, second])
                var guest = Guest()
                guest.answers["fence-first"] = { try await cluster.fence(firstClients) }
                guest.answers["restart-first"] = {
                    try await first.stop()
                    let again = try await first.restarted()
                    all.withLock { $0.append(again) }
                }
                guest.answers["fence-second"] = { try await cluster.fence(secondClients) }
                let result: Result<Void, any Error>
                do {
                    try await guest.run(
                        "fenced-multipath.sh", Guest.hostAddress, String(first.port), String(second.port),
                        first.nqn)
                    result = .success(())
                } catch { result = .failure(error) }
                for gateway in all.withLock({ $0 }) { await gateway.process.stop() }
                try result.get()
            }
        }

        private func start(_ controllers: String, _ cluster: CephCluster) async throws -> Gateway {
            try await Gateway.start(
                ["rbd:rbd/shared"], options: cluster.options + ["--controller-ids", controllers])
        }
    }
}
