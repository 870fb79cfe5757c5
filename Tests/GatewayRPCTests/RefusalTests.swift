// What the command line cannot bring about: bounds, keys that can't be kept, groups of several gateways,
// and the order of checks. Each row is a call, the errno that it must answer, and words of its message.

import GatewayControl
import Glibc
import RBDBackend
import Synchronization
import Testing

@Suite("Refusals")
struct RefusalTests {
    static let nqn = "nqn.2016-06.io.spdk:cnode1"
    static let other = "nqn.2016-06.io.spdk:cnode2"
    static let host = "nqn.2016-06.io.spdk:host1"
    static let key = "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:"

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let errno: Int32
        let words: String
        let call: @Sendable (ControlledGateway) async throws -> Void

        init(
            _ name: String, _ errno: Int32, _ words: String,
            _ call: @escaping @Sendable (ControlledGateway) async throws -> Void
        ) {
            testDescription = name
            self.errno = errno
            self.words = words
            self.call = call
        }
    }

    /// One of everything is as much as there may be.
    private static func smallGateway() async throws -> ControlledGateway {
        var policy = ControlPolicy()
        policy.subsystemsMax = 1
        policy.hostsPerSubsystemMax = 1
        policy.hostsPerNamespaceMax = 1
        policy.maskedNamespacesMax = 1
        let gateway = try await ControlledGateway(
            ["a": 1 << 20, "b": 1 << 20], policy: policy, keys: NoKeyProtection())
        var subsystem = SubsystemRecord(subsystemNQN: nqn, serialNumber: "S1")
        subsystem.maxNamespaces = 2
        _ = try await SubsystemOperations(gateway.plane).create(subsystem)
        try await HostOperations(gateway.plane).add(HostRecord(subsystemNQN: nqn, hostNQN: host))
        _ = try await NamespaceOperations(gateway.plane).add(namespace("a", 1, masked: true))
        try await NamespaceOperations(gateway.plane).addHost(host, to: 1, of: nqn)
        return gateway
    }

    static func namespace(_ image: String, _ nsid: UInt32 = 0, masked: Bool = false) -> NamespaceRecord {
        var record = NamespaceRecord(
            subsystemNQN: nqn, nsid: nsid, rbdPoolName: "rbd", rbdImageName: image)
        record.noAutoVisible = masked
        return record
    }

    static let rows: [Row] = [
        Row("One subsystem too many", E2BIG, "Maximal number of subsystems (1)") {
            _ = try await SubsystemOperations($0.plane).create(
                SubsystemRecord(subsystemNQN: other, serialNumber: "S2"))
        },
        Row("A subsystem without high availability", EINVAL, "HA must be enabled") {
            _ = try await SubsystemOperations($0.plane).create(
                SubsystemRecord(subsystemNQN: other, serialNumber: "S2", enableHA: false))
        },
        Row("One host too many", E2BIG, "Maximal number of hosts for subsystem (1)") {
            try await HostOperations($0.plane).add(HostRecord(subsystemNQN: nqn, hostNQN: host + "2"))
        },
        Row("A host's key where keys can't be kept", ENOKEY, "No encryption key") {
            try await HostOperations($0.plane).changeKeys(of: host, in: nqn, to: .set(key))
        },
        Row("One masked namespace too many", E2BIG, "only visible to selected hosts (1)") {
            _ = try await NamespaceOperations($0.plane).add(namespace("b", masked: true))
        },
        Row("One host of a namespace too many", E2BIG, "Maximal host count for namespace (1)") {
            try await NamespaceOperations($0.plane).addHost(host + "2", to: 1, of: nqn)
        },
        Row("An NSID beyond the subsystem's maximum", E2BIG, "bigger than the maximal one (2)") {
            _ = try await NamespaceOperations($0.plane).add(namespace("b", 3))
        },
        Row("An image in use is told before a wrong group", EEXIST, "already used by a namespace") {
            var record = namespace("a")
            record.anaGroupID = 9
            _ = try await NamespaceOperations($0.plane).add(record)
        },
        Row("A wrong group is told before a block size of 0", ENODEV, "group 9 doesn't exist") {
            var record = namespace("b")
            record.anaGroupID = 9
            record.blockSize = 0
            _ = try await NamespaceOperations($0.plane).add(record)
        },
        Row("A block size of 0 is told before a missing image", EINVAL, "block size can't be zero") {
            var record = namespace("nothing")
            record.blockSize = 0
            _ = try await NamespaceOperations($0.plane).add(record)
        },
        Row("A missing image is told before a missing subsystem", ENODEV, "doesn't exist") {
            var record = namespace("nothing")
            record.subsystemNQN = other
            _ = try await NamespaceOperations($0.plane).add(record)
        },
        Row("A cluster that fails says so", EACCES, "may not") { gateway in
            gateway.images.failure.withLock { $0 = ControlFailure(EACCES, "client.gw1 may not") }
            _ = try await NamespaceOperations(gateway.plane).add(namespace("b"))
        },
        Row("A size that overflows", EINVAL, "too large") {
            try await NamespaceOperations($0.plane).resize(1, of: nqn, toMebibytes: .max)
        },
        Row("Limits without a limit", EINVAL, "No limit was given") {
            try await NamespaceOperations($0.plane).setLimits(QoSRecord(subsystemNQN: nqn, nsid: 1))
        },
        Row("A listener's deletion from all hosts without force", EINVAL, "--force") {
            try await ListenerOperations($0.plane).delete(
                ListenerRecord(nqn: nqn, hostName: "*", address: "10.0.0.1"), force: false)
        },
        Row("A secure listener where there is no TLS", EOPNOTSUPP, "Secure channels are not supported") {
            $0.target.contents.withLock { $0.offersTLS = false }
            var listener = ListenerRecord(nqn: nqn, hostName: "gw1", address: "10.0.0.1")
            listener.secure = true
            try await ListenerOperations($0.plane).create(listener)
        },
        Row("A listener's port of 0", EINVAL, "1 to 65535") {
            try await ListenerOperations($0.plane).create(
                ListenerRecord(nqn: nqn, hostName: "gw1", address: "10.0.0.1", port: 0))
        },
        Row("A network that is none", EINVAL, "CIDR") {
            try await SubsystemOperations($0.plane).addNetwork("10.0.0.0", to: nqn)
        },
    ]

    @Test("A call is refused with its errno and says why, and nothing is changed", arguments: rows)
    func refusal(row: Row) async throws {
        let gateway = try await Self.smallGateway()
        let before = gateway.plane.state.current.entries
        let failure = await #expect(throws: ControlFailure.self) { try await row.call(gateway) }
        #expect(failure?.errno == row.errno)
        #expect(failure?.message.contains(row.words) == true, "\(failure?.message ?? "")")
        #expect(gateway.plane.state.current.entries == before)
    }

    @Test("An image is not created for a namespace that is refused")
    func noImage() async throws {
        let gateway = try await Self.smallGateway()
        var record = Self.namespace("new", 3)
        record.createImage = true
        record.size = 1 << 20
        await #expect(throws: ControlFailure.self) {
            try await NamespaceOperations(gateway.plane).add(record)
        }
        #expect(gateway.images.sizes.withLock { $0[ImageSpec(pool: "rbd", image: "new")] } == nil)
    }

    @Test("An image that another namespace has does not go to the trash with the first")
    func sharedImage() async throws {
        let gateway = try await ControlledGateway(["a": 1 << 20])
        _ = try await SubsystemOperations(gateway.plane).create(
            SubsystemRecord(subsystemNQN: Self.nqn, serialNumber: "S1"))
        let namespaces = NamespaceOperations(gateway.plane)
        _ = try await namespaces.add(Self.namespace("a", 1))
        var second = Self.namespace("a", 2)
        second.force = true
        _ = try await namespaces.add(second)
        try await namespaces.setTrashesImage(true, 1, of: Self.nqn)
        try await namespaces.setTrashesImage(true, 2, of: Self.nqn)
        try await namespaces.delete(1, of: Self.nqn, isSure: true)
        #expect(gateway.images.trash.withLock { $0 }.isEmpty)
        try await namespaces.delete(2, of: Self.nqn, isSure: true)
        #expect(gateway.images.trash.withLock { $0.count } == 1)
    }

    @Test("Namespaces go to the group with the fewest, and another gateway's are changed there only")
    func groups() async throws {
        let gateway = try await ControlledGateway(
            ["a": 1 << 20, "b": 1 << 20, "c": 1 << 20], groupMembers: TwoGateways())
        _ = try await SubsystemOperations(gateway.plane).create(
            SubsystemRecord(subsystemNQN: Self.nqn, serialNumber: "S1"))
        let namespaces = NamespaceOperations(gateway.plane)
        for image in ["a", "b", "c"] { _ = try await namespaces.add(Self.namespace(image)) }
        let groups = gateway.plane.state.current.subsystems[Self.nqn]?.sortedNamespaces.map(\.anaGroup)
        #expect(groups == [1, 2, 2])
        try await namespaces.changeGroup(of: 1, in: Self.nqn, to: 2)
        let failure = await #expect(throws: ControlFailure.self) {
            try await namespaces.changeGroup(of: 2, in: Self.nqn, to: 1)
        }
        #expect(failure?.errno == EEXIST)
        #expect(failure?.message.contains("is owned by gateway client.gw2") == true)
        try await namespaces.changeGroup(of: 2, in: Self.nqn, to: 1, byBalancing: true)
    }

    @Test("A subsystem's key that can't be kept is told in its list, and lets no host in with one")
    func keyNotKept() async throws {
        let gateway = try await ControlledGateway(keys: NoKeyProtection())
        let subsystems = SubsystemOperations(gateway.plane)
        var record = SubsystemRecord(subsystemNQN: Self.nqn, serialNumber: "S1")
        record.dhchapKey = Self.key
        _ = try await subsystems.create(record)
        #expect(try subsystems.list().first?.record.lacksItsKey == true)
        var host = HostRecord(subsystemNQN: Self.nqn, hostNQN: Self.host)
        host.dhchapKey = Self.key
        let request = host
        let failure = await #expect(throws: ControlFailure.self) {
            try await HostOperations(gateway.plane).add(request)
        }
        #expect(failure?.errno == ENOKEY)
        #expect(gateway.plane.state.current.entries.values.allSatisfy { !$0.contains(Self.key) })
    }

    @Test("No message of a wrong key holds the key")
    func keysAreSecret() async throws {
        let gateway = try await ControlledGateway()
        let secret = Self.key.replacing("AAEC", with: "BBEC")
        var record = SubsystemRecord(subsystemNQN: Self.nqn, serialNumber: "S1")
        record.dhchapKey = secret
        let request = record
        let failure = await #expect(throws: ControlFailure.self) {
            _ = try await SubsystemOperations(gateway.plane).create(request)
        }
        #expect(failure?.message.contains("CRC-32 checksums mismatch") == true)
        #expect(failure?.message.contains("BBEC") == false)
    }

    @Test(
        "A network takes the addresses that it contains",
        arguments: [
            ("10.1.0.0/16", "10.1.2.3", true), ("10.1.0.0/16", "10.2.2.3", false),
            ("0.0.0.0/0", "1.2.3.4", true),
            ("10.1.2.3/32", "10.1.2.3", true), ("10.1.2.3/32", "10.1.2.2", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("0.0.0.0/0", "::1", false),
        ])
    func networks(mask: String, address: String, isIn: Bool) throws {
        #expect(try #require(NetworkMask(mask)).contains(address) == isIn)
    }
}

/// A group of two: this gateway's load-balancing group is 1.
private struct TwoGateways: GatewayGroup {
    var index: UInt32 { 0 }
    var controllerIDs: ClosedRange<UInt16> { .ofGateway(index: 0) }
    func members() async throws(ControlFailure) -> [Member] {
        [Member(anaGroup: 1, owner: "client.gw1"), Member(anaGroup: 2, owner: "client.gw2")]
    }
}
