// Set and Get Features: every identifier, every select, every refusal.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Features")
struct FeatureTests {
    func get(
        _ fixture: ControllerFixture, _ id: FeatureID, select: UInt32 = 0, namespaceID: UInt32 = 0,
        dword11: UInt32 = 0
    ) -> Answer? {
        fixture.send(
            entry(
                .getFeatures, namespaceID: namespaceID, dword10: UInt32(id.rawValue) | select << 8,
                dword11: dword11))
    }

    func set(
        _ fixture: ControllerFixture, _ id: FeatureID, _ value: UInt32, namespaceID: UInt32 = 0,
        saves: Bool = false, data: [UInt8] = []
    ) -> Answer? {
        fixture.send(
            entry(
                .setFeatures, namespaceID: namespaceID, dword10: UInt32(id.rawValue) | (saves ? 1 << 31 : 0),
                dword11: value), data: data)
    }

    /// What I/O controllers have, and of these what discovery controllers have.
    let io: Set<UInt8> = [
        0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x0A, 0x0B, 0x0F, 0x16, 0x19, 0x81, 0x82, 0x83,
    ]
    let discovery: Set<UInt8> = [0x0B, 0x0F]
    /// Those that are a namespace's.
    let namespaced: Set<UInt8> = [0x05, 0x82, 0x83]

    @Test("A feature that is not there answers Invalid Field at FID", arguments: [false, true])
    func sweep(isDiscovery: Bool) throws {
        let known = isDiscovery ? discovery : io
        let cached = ControllerFixture.namespace(1, backend: ShapeBackend(hasCache: true))
        for id in UInt8.min...UInt8.max {
            let fixture = try ControllerFixture(discovery: isDiscovery, namespaces: [cached])
            let refused = Answer.failure(.invalidField, byte: 40)
            let dword11: UInt32 = id == 0x81 ? 1 : 0
            let got = get(
                fixture, FeatureID(rawValue: id), namespaceID: namespaced.contains(id) ? 1 : 0,
                dword11: dword11)
            #expect((got == refused) == !known.contains(id), "Get of \(id)")
            let wasSet = set(fixture, FeatureID(rawValue: id), 0, data: [UInt8](repeating: 0, count: 512))
            #expect((wasSet == refused) == !known.contains(id), "Set of \(id)")
        }
    }

    @Test("The supported capabilities say what can be changed and what is a namespace's")
    func capabilities() throws {
        let cached = ControllerFixture.namespace(1, backend: ShapeBackend(hasCache: true))
        let fixture = try ControllerFixture(namespaces: [cached])
        for id in io {
            let expected: UInt64 =
                namespaced.contains(id) ? 0b110 : id == 0x06 || id == 0x81 ? 0 : 0b100
            #expect(get(fixture, FeatureID(rawValue: id), select: 3) == .success(expected), "feature \(id)")
        }
        for select in UInt32(4)...7 {
            #expect(get(fixture, .arbitration, select: select) == .failure(.invalidField, byte: 41))
        }
    }

    @Test("Saving answers Feature Identifier Not Saveable")
    func saving() throws {
        let fixture = try ControllerFixture()
        let refused = Answer.failure(.featureNotSaveable, byte: 43, bit: 7)
        #expect(set(fixture, .asyncEventConfiguration, 0, saves: true) == refused)
        #expect(set(fixture, .errorRecovery, 0, namespaceID: 1, saves: true) == refused)
    }

    @Test("A controller's feature set for one namespace answers Feature Not Namespace Specific")
    func namespaces() throws {
        let fixture = try ControllerFixture()
        let refused = Answer.failure(.featureNotNamespaceSpecific, byte: 4)
        #expect(set(fixture, .arbitration, 0, namespaceID: 1) == refused)
        #expect(set(fixture, .arbitration, 0, namespaceID: .broadcastNamespace) == .success())
        #expect(set(fixture, .arbitration, 0) == .success())
    }

    @Test("Values that are set are current, the default stays, saved is the default")
    func values() throws {
        let fixture = try ControllerFixture()
        let plain: [(FeatureID, set: UInt32, current: UInt64, standard: UInt64)] = [
            (.arbitration, 0x0102_0303, 0x0102_0303, 7), (.powerManagement, 0x20, 0x20, 0),
            (.writeAtomicityNormal, 1, 1, 0), (.asyncEventConfiguration, 0x103, 0x103, 0),
        ]
        for (id, value, current, standard) in plain {
            #expect(get(fixture, id) == .success(standard))
            #expect(set(fixture, id, value) == .success())
            #expect(get(fixture, id) == .success(current))
            #expect(get(fixture, id, select: 1) == .success(standard))
            #expect(get(fixture, id, select: 2) == .success(standard))
        }
    }

    @Test("The keep-alive timer is Connect's until it is set, its default two minutes")
    func keepAlive() throws {
        let fixture = try ControllerFixture(keepAliveMilliseconds: 5000)
        #expect(get(fixture, .keepAliveTimer) == .success(5000))
        #expect(set(fixture, .keepAliveTimer, 1500) == .success())
        #expect(get(fixture, .keepAliveTimer) == .success(2000))
        #expect(set(fixture, .keepAliveTimer, 0) == .failure(.keepAliveInvalid, byte: 44))
        #expect(get(fixture, .keepAliveTimer) == .success(2000))
        #expect(get(fixture, .keepAliveTimer, select: 1) == .success(120_000))
        #expect(get(fixture, .keepAliveTimer, select: 2) == .success(120_000))
    }

    @Test("There is one power state")
    func power() throws {
        let fixture = try ControllerFixture()
        #expect(set(fixture, .powerManagement, 1) == .failure(.invalidField, byte: 44))
    }

    @Test("The composite temperature has thresholds, sensors there are none")
    func temperature() throws {
        let fixture = try ControllerFixture()
        #expect(get(fixture, .temperatureThreshold) == .success(0x157))
        #expect(get(fixture, .temperatureThreshold, dword11: 1 << 20) == .success(0))
        #expect(set(fixture, .temperatureThreshold, 340) == .success())
        #expect(set(fixture, .temperatureThreshold, 270 | 1 << 20 | 0xF << 16) == .success())
        #expect(get(fixture, .temperatureThreshold) == .success(340))
        #expect(get(fixture, .temperatureThreshold, dword11: 1 << 20) == .success(270))
        #expect(get(fixture, .temperatureThreshold, select: 1) == .success(0x157))
        let sensor = Answer.failure(.invalidField, byte: 46)
        #expect(set(fixture, .temperatureThreshold, 1 << 16) == sensor)
        #expect(get(fixture, .temperatureThreshold, dword11: 1 << 16) == sensor)
        let kind = Answer.failure(.invalidField, byte: 46, bit: 4)
        #expect(set(fixture, .temperatureThreshold, 2 << 20) == kind)
        #expect(get(fixture, .temperatureThreshold, dword11: 3 << 20) == kind)
    }

    @Test("Error Recovery is a namespace's: each NSID rule")
    func errorRecovery() throws {
        let fixture = try ControllerFixture()
        #expect(set(fixture, .errorRecovery, 50, namespaceID: 1) == .success())
        #expect(get(fixture, .errorRecovery, namespaceID: 1) == .success(50))
        #expect(get(fixture, .errorRecovery, namespaceID: 3) == .success(0))
        #expect(set(fixture, .errorRecovery, 60, namespaceID: .broadcastNamespace) == .success())
        #expect(get(fixture, .errorRecovery, namespaceID: 1) == .success(60))
        #expect(get(fixture, .errorRecovery, namespaceID: 3) == .success(60))
        #expect(get(fixture, .errorRecovery, select: 1, namespaceID: 3) == .success(0))
        for (id, status) in [
            (0, Status.invalidNamespaceOrFormat), (2, .invalidField), (1024, .invalidField),
            (1025, .invalidNamespaceOrFormat),
        ] as [(UInt32, Status)] {
            #expect(set(fixture, .errorRecovery, 0, namespaceID: id) == .failure(status, byte: 4))
            #expect(get(fixture, .errorRecovery, namespaceID: id) == .failure(status, byte: 4))
        }
        #expect(
            get(fixture, .errorRecovery, namespaceID: .broadcastNamespace)
                == .failure(.invalidField, byte: 4))
        #expect(
            set(fixture, .errorRecovery, 1 << 16, namespaceID: 1) == .failure(.invalidField, byte: 46))
    }

    @Test("Volatile Write Cache is there if a namespace has one, and stays on")
    func writeCache() throws {
        let without = try ControllerFixture()
        for select in UInt32(0)...3 {
            #expect(
                get(without, .volatileWriteCache, select: select) == .failure(.invalidField, byte: 40))
        }
        #expect(set(without, .volatileWriteCache, 1) == .failure(.invalidField, byte: 40))
        let with = try ControllerFixture(
            namespaces: [ControllerFixture.namespace(1, backend: ShapeBackend(hasCache: true))])
        #expect(get(with, .volatileWriteCache) == .success(1))
        #expect(without.controller.featureEffects.features[.volatileWriteCache] == nil)
        #expect(with.controller.featureEffects.features[.volatileWriteCache] != nil)
        #expect(set(with, .volatileWriteCache, 1) == .success())
        #expect(set(with, .volatileWriteCache, 0) == .failure(.featureNotChangeable, byte: 44))
    }

    @Test("A discovery controller reports changes of its log by default if Connect has a keep-alive timer")
    func discoveryNotices() throws {
        for (milliseconds, expected) in [(UInt32(0), UInt64(0)), (10_000, 1 << 31)] {
            let fixture = try ControllerFixture(discovery: true, keepAliveMilliseconds: milliseconds)
            for select in UInt32(0)...1 {
                #expect(get(fixture, .asyncEventConfiguration, select: select) == .success(expected))
            }
            #expect(set(fixture, .asyncEventConfiguration, 0) == .success())
            #expect(get(fixture, .asyncEventConfiguration) == .success(0))
            #expect(get(fixture, .asyncEventConfiguration, select: 1) == .success(expected))
        }
        let io = try ControllerFixture(keepAliveMilliseconds: 10_000)
        #expect(get(io, .asyncEventConfiguration) == .success(0))
    }

    @Test("The one combination of command sets can be selected, and no other")
    func commandSetProfile() throws {
        let fixture = try ControllerFixture()
        #expect(set(fixture, .commandSetProfile, 0) == .success())
        for value: UInt32 in [1, 2, 511] {
            #expect(
                set(fixture, .commandSetProfile, value) == .failure(.commandSetCombinationRejected, byte: 44))
        }
        #expect(get(fixture, .commandSetProfile) == .success(0))
    }

    @Test("Number of Queues grants pairs up to the bound, and not once there are I/O queues")
    func numberOfQueues() throws {
        let fixture = try ControllerFixture()
        #expect(get(fixture, .numberOfQueues) == .success(126 | 126 << 16))
        #expect(set(fixture, .numberOfQueues, 999 | 999 << 16) == .success(126 | 126 << 16))
        #expect(set(fixture, .numberOfQueues, 3 | 1 << 16) == .success(1 | 1 << 16))
        #expect(get(fixture, .numberOfQueues) == .success(1 | 1 << 16))
        #expect(get(fixture, .numberOfQueues, select: 1) == .success(126 | 126 << 16))
        #expect(set(fixture, .numberOfQueues, 0xFFFF) == .failure(.invalidField, byte: 44))
        #expect(set(fixture, .numberOfQueues, 0xFFFF << 16) == .failure(.invalidField, byte: 46))
        #expect(throws: CommandFailure.self) { try fixture.join(3) }
        try fixture.join(2)
        #expect(set(fixture, .numberOfQueues, 1 | 1 << 16) == .failure(.commandSequenceError))
        #expect(get(fixture, .numberOfQueues) == .success(1 | 1 << 16))
    }

    @Test("Only events that OAES has can be wanted")
    func asyncEvents() throws {
        let fixture = try ControllerFixture()
        #expect(set(fixture, .asyncEventConfiguration, 0x1FF) == .success())
        #expect(
            set(fixture, .asyncEventConfiguration, 1 << 9) == .failure(.invalidField, byte: 45, bit: 1))
        #expect(
            set(fixture, .asyncEventConfiguration, 1 << 31) == .failure(.invalidField, byte: 47, bit: 7))
        let discovery = try ControllerFixture(discovery: true)
        #expect(set(discovery, .asyncEventConfiguration, 1 << 31) == .success())
        #expect(
            set(discovery, .asyncEventConfiguration, 1 << 8) == .failure(.invalidField, byte: 45))
    }

    @Test("Host Behavior Support keeps its 512 bytes, and refuses what the controller does not have")
    func hostBehavior() throws {
        let fixture = try ControllerFixture()
        var data = [UInt8](repeating: 0, count: 512)
        data[0] = 1
        data[4] = 0b100
        #expect(set(fixture, .hostBehaviorSupport, 0, data: data) == .success())
        let (answer, reply) = fixture.exchange(entry(.getFeatures, dword10: 0x16))
        #expect(answer == .success())
        #expect(reply == data)
        data[0] = 2
        #expect(set(fixture, .hostBehaviorSupport, 0, data: data) == .failure(.invalidField))
        data[0] = 0
        data[2] = 1
        #expect(set(fixture, .hostBehaviorSupport, 0, data: data) == .failure(.invalidField))
        let capabilities = fixture.exchange(entry(.getFeatures, dword10: 0x316))
        #expect(capabilities.reply.isEmpty)
    }

    @Test("Host Identifier is Connect's: readable in 128 bits, not settable")
    func hostID() throws {
        let fixture = try ControllerFixture()
        let (answer, reply) = fixture.exchange(entry(.getFeatures, dword10: 0x81, dword11: 1))
        #expect(answer == .success())
        #expect(reply == [UInt8](repeating: 0, count: 15) + [9])
        #expect(get(fixture, .hostID) == .failure(.invalidField, byte: 44))
        #expect(set(fixture, .hostID, 1) == .failure(.commandSequenceError))
    }
}
