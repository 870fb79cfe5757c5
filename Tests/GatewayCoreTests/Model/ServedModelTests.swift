// What a shard serves for a while in place of what it was given: all that is not changed on purpose stays.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Served models")
struct ServedModelTests {
    @Test("An ANA transition that took too long changes the group's state and nothing else of the model")
    func overdueTransition() {
        let subsystem = ControllerFixture.subsystem(
            [ControllerFixture.namespace(1)],
            anaReporting: ANAReporting(groups: [ANAGroup(id: 1, state: .change)], transitionSeconds: 10))
        let saved = [NamespaceUUID(rawValue: 7): ReservationRecord()]
        let given = TargetModel(
            generation: 9, subsystems: [subsystem], ports: [ControllerFixture.port(1)],
            discovery: DiscoveryService(nqn: "nqn.2016-06.io.example:discovery"), discoveryGeneration: 4,
            persistsReservations: true, savedReservations: saved)
        var transitions = ANATransitions()
        let start = Instant(nanoseconds: 1_000)
        #expect(transitions.model(given, at: start, leeway: 0) === given)
        let served = transitions.model(given, at: start.advanced(byMilliseconds: 10_000), leeway: 0)
        #expect(served.subsystems.first?.anaReporting?.state(of: 1) == .inaccessible)
        #expect(served.generation == 9 && served.discoveryGeneration == 4)
        #expect(served.ports == given.ports && served.discovery == given.discovery)
        #expect(served.persistsReservations)
        #expect(served.savedReservations.keys.map { $0 } == [NamespaceUUID(rawValue: 7)])
    }
}
