// Which namespaces may be reserved, and that hosts hear of it when that changes.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Offered reservations")
struct ReservationOfferTests {
    static let reporting = ANAReporting(groups: [ANAGroup(id: 1, state: .optimized)])

    static func namespace(
        _ id: UInt32, offers: Bool? = nil, backend: ShapeBackend = ShapeBackend()
    ) -> Namespace {
        Namespace(id: id, name: "shape", uuid: UInt128(id), offersReservations: offers, backend: backend)
    }

    static func model(_ subsystems: Subsystem...) -> TargetModel {
        TargetModel(generation: 1, subsystems: subsystems, ports: [ControllerFixture.port(1)])
    }

    @Test("Where ANA is reported nothing can be reserved but what says that nobody else has it")
    func asymmetric() {
        let namespaces = [
            Self.namespace(1), Self.namespace(2, offers: true), Self.namespace(3, offers: false),
        ]
        for (reporting, offered) in [(nil, [1, 2]), (Self.reporting, [2])] as [(ANAReporting?, [UInt32])] {
            let model = Self.model(ControllerFixture.subsystem(namespaces, anaReporting: reporting))
            let capabilities = namespaces.map { model.reservationCapabilities(of: $0).rawValue }
            #expect(capabilities == namespaces.map { offered.contains($0.id) ? 0xFE : 0 })
        }
    }

    @Test("A host is told when a namespace may be reserved, or may not any more, whoever brought it about")
    func changes() throws {
        let backend = ShapeBackend()
        let kept = Self.namespace(3)
        let fixture = try ControllerFixture(namespaces: [Self.namespace(1, backend: backend), kept])
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: 1 << 8)) == .success())
        var model = fixture.model
        func changed() -> [UInt32] {
            let list = fixture.exchange(entry(.getLogPage, dword10: 0x04 | 1023 << 16)).reply
            return NamespaceList(list.span.bytes)?.namespaceIDs ?? []
        }
        func serve(_ offers: Bool?, alsoElsewhere: Bool = false) {
            let own = ControllerFixture.subsystem([
                Self.namespace(1, offers: offers, backend: backend), kept,
            ])
            let other = ControllerFixture.subsystem(
                [Self.namespace(7, backend: backend)], nqn: "nqn.2016-06.io.example:other")
            model = model.next(with: alsoElsewhere ? [own, other] : [own])
            fixture.controller.apply(model)
            // An ANA transition that took too long: the same generation again.
            fixture.controller.apply(model.serving(model.subsystems))
        }
        serve(nil)
        #expect(changed() == [])
        serve(false)
        #expect(fixture.send(entry(.asyncEventRequest, commandID: 100)) == nil)
        #expect(fixture.controller.takeEvent()?.result == AsyncEvent.namespaceAttributesChanged.result)
        #expect(changed() == [1])
        serve(true)
        #expect(changed() == [1])
        // Another subsystem has the same store now, and then not any more.
        serve(true, alsoElsewhere: true)
        #expect(changed() == [1])
        serve(true)
        #expect(changed() == [1])
        serve(true)
        #expect(changed() == [])
    }
}
