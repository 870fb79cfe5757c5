// Subsystems that name networks: where the gateway listens by itself, and that it follows the machine's
// addresses.

import GatewayCore
import Synchronization
import Testing

@testable import GatewayControl

@Suite("Network masks", .timeLimit(.minutes(10)))
struct NetworkTests {
    private static let nqn = ReconcilerTests.nqn

    private static func subsystem(
        _ networks: [String], _ change: (inout SubsystemRecord) -> Void = { _ in }
    ) -> SubsystemRecord {
        var record = SubsystemRecord(subsystemNQN: nqn, serialNumber: "Ceph1", enableHA: false)
        record.maxNamespaces = 32
        record.networkMasks = networks
        change(&record)
        return record
    }

    @Test(
        "A gateway listens at its addresses in the networks, but at none that no host could use",
        arguments: [
            (["10.1.0.0/16"], ["10.1.0.1"]),
            (["10.1.0.0/16", "10.1.0.0/24"], ["10.1.0.1"]),
            (["10.0.0.0/8", "nonsense"], ["10.1.0.1", "10.2.0.1"]),
            (["0.0.0.0/0"], ["10.1.0.1", "10.2.0.1"]),
            (["127.0.0.0/8"], ["127.0.0.1"]),
            (["127.0.0.0/7"], []),
            (["::/0"], ["2001:db8::1"]),
            (["fe80::/10"], []),
            (["::1/128"], ["::1"]),
            (["192.0.2.0/24"], []),
            ([], []),
        ])
    func addresses(networks: [String], expected: [String]) {
        let state = SubsystemState(record: Self.subsystem(networks))
        let found = state.automaticListeners(
            hostName: "me",
            addresses: ["127.0.0.1", "10.2.0.1", "10.1.0.1", "::1", "2001:db8::1", "fe80::1", "10.1.0.1"])
        #expect(found.map(\.address) == expected)
        #expect(found.allSatisfy { $0.port == 4420 && $0.hostName == "me" && $0.secure == nil })
    }

    @Test("They have the subsystem's port and security, and leave alone what was created by hand")
    func details() {
        var state = SubsystemState(
            record: Self.subsystem(["10.0.0.0/8"]) {
                $0.port = 4444
                $0.secureListeners = true
            })
        func add(_ address: String, _ port: UInt32, host: String) {
            let record = ListenerRecord(nqn: Self.nqn, hostName: host, address: address, port: port)
            state.listeners[record.key.text] = record
        }
        add("10.0.0.1", 4444, host: "me")
        add("10.0.0.2", 4420, host: "me")
        add("10.0.0.3", 4444, host: "other")
        let addresses = (1...4).map { "10.0.0.\($0)" }
        let found = state.automaticListeners(hostName: "me", addresses: addresses)
        #expect(found.map(\.address) == ["10.0.0.2", "10.0.0.3", "10.0.0.4"])
        #expect(found.allSatisfy { $0.port == 4444 && $0.secure == true && $0.addressFamily == .ipv4 })
        #expect(
            state.listeners(hostName: "me", addresses: addresses).map { "\($0.address):\($0.portOrDefault)" }
                == [
                    "10.0.0.1:4444", "10.0.0.2:4420", "10.0.0.2:4444", "10.0.0.3:4444", "10.0.0.4:4444",
                ])
    }

    @Test("It listens when a network is named, follows the machine's addresses, and leaves with the network")
    func follows() async throws {
        let addresses = Addresses(["10.0.0.1", "192.0.2.1"])
        let rig = try await ReconcilerTests.Rig {
            $0.addressInterval = .milliseconds(1)
            $0.localAddresses = { addresses.all }
        }
        func listened() -> [String] { rig.target.now.addresses.values.map(\.description).sorted() }
        try await rig.run {
            try await rig.commit([.put(Self.subsystem(["10.0.0.0/8"]))])
            #expect(listened() == ["10.0.0.1:4420"])
            #expect(rig.served?.ports == .only([1]))
            let standings = await rig.reconciler.listeners(of: Self.nqn)
            #expect(standings.map(\.isAutomatic) == [true])
            #expect(standings.map(\.problem) == [nil])
            addresses.set(["10.0.0.2", "10.0.0.1"])
            await rig.until { listened() == ["10.0.0.1:4420", "10.0.0.2:4420"] }
            await rig.until { rig.served?.ports == .only([1, 2]) }
            addresses.set(["10.0.0.2"])
            await rig.until { listened() == ["10.0.0.2:4420"] }
            // By hand now: the same socket, another entry.
            let named = ListenerRecord(nqn: Self.nqn, hostName: "me", address: "10.0.0.2")
            try await rig.commit([.put(named)])
            #expect(await rig.reconciler.listeners(of: Self.nqn).map(\.isAutomatic) == [false])
            #expect(listened() == ["10.0.0.2:4420"])
            try await rig.commit([.remove(named.key), .put(Self.subsystem([]))])
            await rig.until { listened().isEmpty }
            #expect(await rig.reconciler.listeners(of: Self.nqn).isEmpty)
        }
    }
}

/// A machine's addresses, which change.
private final class Addresses: Sendable {
    private let addresses: Mutex<[String]>
    init(_ addresses: [String]) { self.addresses = Mutex(addresses) }
    var all: [String] { addresses.withLock { $0 } }
    func set(_ new: [String]) { addresses.withLock { $0 = new } }
}
