// Control calls about listeners that the gateway has by itself, and a policy that changes between two calls.

import GatewayControl
import GatewayRPC
import Glibc
import SwiftProtobuf
import Synchronization
import Testing

@Suite("Automatic listeners and reloads")
struct AutomaticListenerTests {
    private static let nqn = RefusalTests.nqn

    /// A gateway with a listener that was created and one that it has by itself.
    private static func gateway() async throws -> ControlledGateway {
        let gateway = try await ControlledGateway()
        var subsystem = SubsystemRecord(subsystemNQN: nqn, serialNumber: "S1")
        subsystem.networkMasks = ["10.0.0.0/8"]
        _ = try await SubsystemOperations(gateway.plane).create(subsystem)
        try await ListenerOperations(gateway.plane).create(
            ListenerRecord(nqn: nqn, hostName: "gw1", address: "127.0.0.1"))
        gateway.target.contents.withLock {
            $0.automatic = [ListenerRecord(nqn: nqn, hostName: "gw1", address: "10.0.0.1")]
        }
        return gateway
    }

    @Test("They are listed, and said not to be made by hand")
    func listed() async throws {
        let gateway = try await Self.gateway()
        let other = ListenerRecord(nqn: Self.nqn, hostName: "gw2", address: "10.0.0.2")
        let kept = await #expect(throws: ControlFailure.self) {
            try await ListenerOperations(gateway.plane).create(other)
        }
        #expect(kept?.errno == EREMOTE)
        try await gateway.call { client in
            let all = try await client.list_listeners(.with { $0.subsystem = Self.nqn }).listeners
            #expect(all.map(\.traddr) == ["127.0.0.1", "10.0.0.2", "10.0.0.1"])
            #expect(all.map(\.manual) == [true, true, false])
            #expect(all.map(\.active) == [true, false, true])
            let ours = try await client.show_gateway_listeners_info(.with { $0.subsystemNqn = Self.nqn })
            #expect(ours.gwListeners.map(\.listener.traddr) == ["127.0.0.1", "10.0.0.1"])
            #expect(ours.gwListeners.map(\.listener.manual) == [true, false])
        }
    }

    @Test("They can be neither deleted nor created by hand")
    func kept() async throws {
        let gateway = try await Self.gateway()
        let listeners = ListenerOperations(gateway.plane)
        let record = ListenerRecord(nqn: Self.nqn, hostName: "gw1", address: "10.0.0.1")
        let twice = await #expect(throws: ControlFailure.self) { try await listeners.create(record) }
        #expect(twice?.errno == EEXIST)
        for force in [false, true] {
            let refused = await #expect(throws: ControlFailure.self) {
                try await listeners.delete(record, force: force)
            }
            #expect(refused?.errno == EINVAL)
            #expect(refused?.message.contains("created automatically") == true)
        }
    }

    @Test("A policy that is replaced holds from the next call on")
    func policy() async throws {
        let gateway = try await Self.gateway()
        let second = SubsystemRecord(subsystemNQN: RefusalTests.other, serialNumber: "S2")
        var policy = gateway.plane.policy
        policy.subsystemsMax = 1
        gateway.plane.replacePolicy(with: policy)
        let refused = await #expect(throws: ControlFailure.self) {
            _ = try await SubsystemOperations(gateway.plane).create(second)
        }
        #expect(refused?.errno == E2BIG)
        policy.subsystemsMax = 2
        gateway.plane.replacePolicy(with: policy)
        _ = try await SubsystemOperations(gateway.plane).create(second)
        let info = await GatewayOperations(gateway.plane).info(for: "1.5.1").info
        #expect(info.policy.subsystemsMax == 2)
    }
}
