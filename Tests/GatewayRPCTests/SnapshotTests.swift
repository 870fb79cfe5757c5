// Namespaces of snapshots, as control calls see them.

import GatewayControl
import Glibc
import RBDBackend
import Synchronization
import Testing

@Suite("Namespaces of snapshots")
struct SnapshotTests {
    private static let nqn = "nqn.2016-06.io.spdk:cnode1"

    private static func gateway() async throws -> ControlledGateway {
        let gateway = try await ControlledGateway(["a": 1 << 20])
        gateway.images.sizes.withLock {
            $0[ImageSpec(pool: "rbd", image: "a", snapshot: "then")] = 1 << 20
        }
        _ = try await SubsystemOperations(gateway.plane).create(
            SubsystemRecord(subsystemNQN: nqn, serialNumber: "S1"))
        return gateway
    }

    private static func record(_ image: String) -> NamespaceRecord {
        NamespaceRecord(subsystemNQN: nqn, nsid: 0, rbdPoolName: "rbd", rbdImageName: image)
    }

    @Test("An image and its snapshots are namespaces side by side; each but once")
    func sideBySide() async throws {
        let namespaces = NamespaceOperations(try await Self.gateway().plane)
        #expect(try await namespaces.add(Self.record("a")) == 1)
        #expect(try await namespaces.add(Self.record("a@then")) == 2)
        let refused = await #expect(throws: ControlFailure.self) {
            try await namespaces.add(Self.record("a@then"))
        }
        #expect(refused?.errno == EEXIST)
        let missing = await #expect(throws: ControlFailure.self) {
            try await namespaces.add(Self.record("a@now"))
        }
        #expect(missing?.errno == ENODEV)
    }

    @Test("It is read only, can't be created or resized, and its image does not go to the trash")
    func refusals() async throws {
        let gateway = try await Self.gateway()
        let namespaces = NamespaceOperations(gateway.plane)
        var created = Self.record("a@now")
        (created.createImage, created.size) = (true, 1 << 20)
        let request = created
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await namespaces.add(request) },
            { try await namespaces.resize(1, of: Self.nqn, toMebibytes: 2) },
            { try await namespaces.setTrashesImage(true, 1, of: Self.nqn) },
        ]
        _ = try await namespaces.add(Self.record("a@then"))
        #expect(gateway.plane.state.current.namespace(1, of: Self.nqn)?.record.readOnly == true)
        for call in calls {
            let refused = await #expect(throws: ControlFailure.self) { try await call() }
            #expect(refused?.errno == EINVAL && refused?.message.contains("is a snapshot") == true)
        }
        // As if somebody had written the flag into the state.
        var record = try #require(gateway.plane.state.current.namespace(1, of: Self.nqn)?.record)
        record.trashImage = true
        let flagged = record
        try await gateway.plane.state.commit { (_) throws(ControlFailure) in [.put(flagged)] }
        try await namespaces.delete(1, of: Self.nqn, isSure: true)
        #expect(gateway.images.trash.withLock { $0.isEmpty })
    }
}
