// A Linux host while the program adds, removes, hides and shows namespaces of its subsystem. The steps are in
// Scripts/guest-tests/visibility.sh.

import GatewayCore
import GatewayIO
import NVMeTCP
import Testing

extension Live {
    @Suite("A Linux host's namespaces", .needsGuest)
    struct VisibilityTests {
        static let nqn = "nqn.2026-11.com.example:visible"
        static let others = HostAccess.only(["nqn.2026-11.com.example:other-host"])

        @Test(
            "come, go, are hidden and shown while it does I/O, a thousand of them at once",
            .timeLimit(.minutes(10)))
        func change() async throws {
            let stores = Stores()
            let target = try await Target.start(
                Target.Configuration(
                    listeners: [ListenAddress(host: "127.0.0.1", port: 0)],
                    subsystems: [stores.subsystem([1: .any, 1024: .any, 5000: Self.others])],
                    shardCount: 2, log: SilentLog()))
            var guest = Guest(seconds: 420, memoryMiB: 1200)
            for (word, namespaces) in [
                ("show-5000", [1: .any, 1024: .any, 5000: .any]),
                ("hide-1024", [1: .any, 1024: Self.others, 5000: .any]),
                ("remove-5000", [1: .any, 1024: Self.others]),
                ("add-2", [1: .any, 2: .any, 1024: Self.others]),
                ("add-thousand", Dictionary(uniqueKeysWithValues: (1...1100).map { ($0, .any) })),
            ] as [(String, [UInt32: HostAccess])] {
                guest.answers[word] = {
                    try await target.update(subsystems: [stores.subsystem(namespaces)])
                }
            }
            let result: Result<Void, any Error>
            do {
                try await guest.run(
                    "visibility.sh", Guest.hostAddress, String(target.listeners[0].port), Self.nqn)
                result = .success(())
            } catch { result = .failure(error) }
            await target.shutdown(deadlineMilliseconds: 5_000)
            try result.get()
        }

        /// A store of 1 MiB for each NSID, the first 64 MiB.
        private final class Stores: Sendable {
            private let stores: [UInt32: MemoryBackend] = Dictionary(
                uniqueKeysWithValues: (Array(1...1100) + [5000]).map {
                    ($0, MemoryBackend(byteCount: $0 == 1 ? 64 << 20 : 1 << 20))
                })

            func subsystem(_ namespaces: [UInt32: HostAccess]) -> Subsystem {
                Subsystem(
                    nqn: VisibilityTests.nqn, serialNumber: "VISIBLE", access: .any,
                    namespaces: namespaces.compactMap { id, visibility in
                        stores[id].map {
                            Namespace(
                                id: id, name: "store:\(id)", uuid: 0x2026_1125_0000 + UInt128(id),
                                visibility: visibility, backend: $0)
                        }
                    },
                    anaReporting: ANAReporting(groups: [ANAGroup(id: 1, state: .optimized)]),
                    namespaceIDMax: 8192)
            }
        }
    }
}
