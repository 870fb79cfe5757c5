// A Linux host that finds its subsystems by discovery alone: two targets of this process, of which one refers
// to the other, over IPv4 and IPv6. The steps are in Scripts/guest-tests/discovery.sh.

import GatewayCore
import GatewayIO
import NVMeTCP
import Testing

extension Live {
    @Suite("Discovery by a Linux host", .needsGuest)
    struct DiscoveryTests {
        private static let prefix = "nqn.2026-11.com.example:"

        private func subsystem(_ name: String, access: HostAccess = .any) -> Subsystem {
            let uuid = name.utf8.reduce(0x1000) { $0 << 8 | UInt128($1) }
            let namespace = Namespace(
                id: 1, name: name, uuid: uuid, backend: MemoryBackend(byteCount: 64 << 20))
            return Subsystem(
                nqn: Self.prefix + name, serialNumber: name, access: access, namespaces: [namespace])
        }

        /// A target on loopback, as the guest's user network shows it: 10.0.2.2, and fec0::2 for ::1.
        private func target(
            _ subsystems: [Subsystem], ids: ClosedRange<UInt16>, hasIPv6: Bool,
            discovery: DiscoveryService = DiscoveryService()
        ) async throws -> Target {
            var listeners = [ListenAddress(host: "127.0.0.1", port: 0, advertisedHost: Guest.hostAddress)]
            if hasIPv6 { listeners.append(ListenAddress(host: "::1", port: 0, advertisedHost: "fec0::2")) }
            var configuration = Target.Configuration(
                listeners: listeners, subsystems: subsystems, shardCount: 2, log: SilentLog())
            configuration.discovery = discovery
            configuration.limits.controllerIDs = ids
            return try await Target.start(configuration)
        }

        @Test(
            "finds all by one address: over IPv6, through a referral, and what comes later",
            .timeLimit(.minutes(8)))
        func findsAll() async throws {
            let other = try await target([subsystem("referred")], ids: 1...1000, hasIPv6: false)
            let referral = Referral(
                family: .ipv4, address: Guest.hostAddress, service: other.listeners[0].port)
            let open = [
                subsystem("a"), subsystem("b"),
                subsystem("secret", access: .only(["nqn.2026-11.com.example:another-host"])),
            ]
            let ownName = Self.prefix + "discovery"
            let first = try await target(
                open, ids: 1001...2000, hasIPv6: true,
                discovery: DiscoveryService(nqn: ownName, referrals: [referral]))
            let later = subsystem("later")
            var guest = Guest()
            guest.answers["add"] = { try await first.update(subsystems: open + [later]) }
            let outcome = await Result {
                try await guest.run(
                    "discovery.sh", Guest.hostAddress, String(first.listeners[0].port), "fec0::2",
                    String(first.listeners[1].port), ownName, Self.prefix + "a", Self.prefix + "b",
                    Self.prefix + "referred", later.nqn)
            }
            await first.shutdown()
            await other.shutdown()
            _ = try outcome.get()
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
