// Each thing that a state can ask for and this gateway can't serve: named, left out, and nothing else with
// it.

import GatewayCore
import Testing

@testable import GatewayControl

@Suite("What can't be served")
struct RefusalTests {
    private static let nqn = "nqn.2016-06.io.spdk:cnode1"

    /// The problems and the served NSIDs of a subsystem with two namespaces, after a change of the records.
    private func assemble(
        subsystem change: (inout SubsystemRecord) -> Void = { _ in },
        namespace: (inout NamespaceRecord) -> Void = { _ in }, others: [StateChange] = []
    ) -> (problems: [String], namespaces: [UInt32]?, access: HostAccess?) {
        var record = SubsystemRecord(subsystemNQN: Self.nqn, serialNumber: "Ceph1", enableHA: false)
        record.maxNamespaces = 16
        change(&record)
        var first = NamespaceRecord(
            subsystemNQN: record.subsystemNQN, nsid: 1, rbdPoolName: "rbd", rbdImageName: "a")
        first.uuid = "9d8e7c66-1111-4222-8333-000000000001"
        var second = first
        (second.nsid, second.rbdImageName) = (2, "b")
        namespace(&first)
        var entries: [String: String] = [:]
        StateChanges([.put(record), .put(first), .put(second)] + others).apply(to: &entries)
        let state = GroupState(StateSnapshot(version: 1, entries: entries))
        var means = ServingMeans()
        means.stores[first.store] = MemoryBackend(byteCount: 4096)
        means.stores[second.store] = MemoryBackend(byteCount: 4096)
        var assembly = TargetAssembly(ReconcilerSettings(hostName: "me"))
        assembly.make(state, with: means)
        let served = assembly.subsystems.first
        return (
            assembly.problems.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" },
            served?.namespaces.map(\.id), served?.access
        )
    }

    private typealias NamespaceCase = (change: @Sendable (inout NamespaceRecord) -> Void, reason: String)
    private static let namespaceCases: [NamespaceCase] = [
        ({ $0.nsid = 17 }, "its NSID is above 16, which hosts were told is the highest"),
        ({ $0.blockSize = 1024 }, "blocks of 1024 bytes are not offered: 512 and 4096 are"),
        ({ $0.uuid = nil }, "it has no UUID that could be read"),
        ({ $0.uuid = "not one" }, "it has no UUID that could be read"),
        (
            { $0.encryptionEntries = [.text("luks")] },
            "its image is encrypted with keys of a key server, which are not offered yet"
        ),
    ]

    @Test("Namespaces", arguments: namespaceCases.indices)
    func namespaces(index: Int) {
        let (change, reason) = Self.namespaceCases[index]
        let (problems, served, _) = assemble(namespace: change)
        #expect(problems == ["namespace \(index == 0 ? 17 : 1) of \(Self.nqn): \(reason)"])
        #expect(served == [2])
    }

    private typealias SubsystemCase = (change: @Sendable (inout SubsystemRecord) -> Void, reason: String)
    private static let subsystemCases: [SubsystemCase] = [
        ({ $0.serialNumber = "" }, "its serial number is not 1 to 20 characters of ASCII"),
        (
            { $0.serialNumber = "123456789012345678901" },
            "its serial number is not 1 to 20 characters of ASCII"
        ),
        ({ $0.serialNumber = "é" }, "its serial number is not 1 to 20 characters of ASCII"),
        ({ $0.dhchapKey = "DHHC-1:00:" }, "it has a key, and authentication is not offered yet"),
    ]

    @Test("Subsystems", arguments: subsystemCases.indices)
    func subsystems(index: Int) {
        let (change, reason) = Self.subsystemCases[index]
        let (problems, served, _) = assemble(subsystem: change)
        #expect(problems == ["subsystem \(Self.nqn): \(reason)"])
        #expect(served == nil)
    }

    @Test("A host with a key may not connect without proving it; others may")
    func hosts() {
        var secret = HostRecord(subsystemNQN: Self.nqn, hostNQN: "nqn.2014-08.org:secret")
        secret.dhchapKey = "DHHC-1:00:"
        let open = HostRecord(subsystemNQN: Self.nqn, hostNQN: "nqn.2014-08.org:open")
        let (problems, _, access) = assemble(others: [.put(secret), .put(open)])
        #expect(access == .only(["nqn.2014-08.org:open"]))
        #expect(
            problems == [
                "host nqn.2014-08.org:secret of \(Self.nqn): it has a key, and authentication and TLS are "
                    + "not offered yet: it may not connect"
            ])
    }

    @Test("A secure listener is not listened at in the clear, and a port must be one")
    func listeners() {
        var secure = ListenerRecord(nqn: Self.nqn, hostName: "me", address: "192.0.2.1", port: 4420)
        secure.secure = true
        let wrong = ListenerRecord(nqn: Self.nqn, hostName: "me", address: "192.0.2.1", port: 70_000)
        #expect(secure.servedAddress == nil)
        #expect(wrong.servedAddress == nil)
        let (problems, _, _) = assemble(others: [.put(secure), .put(wrong)])
        #expect(
            problems == [
                "listener 192.0.2.1:4420 of \(Self.nqn): it is to be secure, and TLS is not offered yet: "
                    + "nothing listens there",
                "listener 192.0.2.1:70000 of \(Self.nqn): 70000 is no TCP port",
            ])
    }
}
