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
        let saved = NamespaceUUID(rawValue: 7)
        let given = TargetModel(
            generation: 9, subsystems: [subsystem], ports: [ControllerFixture.port(1)],
            persistsReservations: true, savedReservations: [saved: ReservationRecord()])
        var transitions = ANATransitions()
        let start = Instant(nanoseconds: 1_000)
        #expect(transitions.model(given, at: start, leeway: 0) === given)
        let served = transitions.model(given, at: start.advanced(byMilliseconds: 10_000), leeway: 0)
        #expect(served.subsystems.first?.anaReporting?.state(of: 1) == .inaccessible)
        #expect(served.generation == given.generation && served.ports == given.ports)
        #expect(served.persistsReservations && Array(served.savedReservations.keys) == [saved])
    }
}
