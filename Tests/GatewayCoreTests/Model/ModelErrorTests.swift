// What a target refuses to serve, and what its hosts could not follow.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Models that can't be served")
struct ModelErrorTests {
    static let nqn = "nqn.2026-11.io.example:disk"

    func model(
        _ groups: [ANAGroup]? = [ANAGroup(id: 1, state: .optimized)], namespaceIDMax: UInt32 = 1024
    ) -> TargetModel {
        TargetModel(
            generation: 1,
            subsystems: [
                Subsystem(
                    nqn: Self.nqn, serialNumber: "1", access: .any, namespaces: [],
                    anaReporting: groups.map { ANAReporting(groups: $0) }, namespaceIDMax: namespaceIDMax)
            ], ports: [])
    }

    func problem(_ model: TargetModel, after old: TargetModel? = nil) -> ModelError? {
        do throws(ModelError) {
            try model.check(limits: Limits(), after: old)
            return nil
        } catch { return error }
    }

    @Test("Groups and namespaces that hosts could not be told of")
    func bounds() {
        #expect(problem(model([ANAGroup(id: 128, state: .change)])) == nil)
        #expect(
            problem(model([ANAGroup(id: 129, state: .change)]))
                == .anaGroupTooHigh(id: 129, nqn: Self.nqn, max: 128))
        #expect(problem(model(namespaceIDMax: 31_740)) == nil)
        #expect(
            problem(model(namespaceIDMax: 31_741))
                == .tooManyNamespaces(nqn: Self.nqn, count: 31_741, max: 31_740))
        #expect(problem(model(nil, namespaceIDMax: 100_000)) == nil)
    }

    @Test("The number of NSIDs stays while hosts may have been told it")
    func namespaceMaximum() {
        #expect(
            problem(model(namespaceIDMax: 2048), after: model())
                == .namespaceMaximumChanged(nqn: Self.nqn, from: 1024, to: 2048))
        #expect(problem(model(namespaceIDMax: 2048), after: model(nil)) == nil)
    }

    @Test("No state follows Persistent Loss; each other pair is a transition")
    func transitions() {
        for old in ANATests.states {
            for new in ANATests.states {
                let (before, after) = (
                    model([ANAGroup(id: 4, state: old)]), model([ANAGroup(id: 4, state: new)])
                )
                let isRefused = old == .persistentLoss && new != .persistentLoss
                #expect(
                    problem(after, after: before)
                        == (isRefused ? .persistentLossIsFinal(id: 4, nqn: Self.nqn) : nil))
            }
        }
        let lost = model([ANAGroup(id: 4, state: .persistentLoss)])
        #expect(problem(model(), after: lost) == nil)
    }

    @Test("A state is set for a group that is there, and nothing else changes")
    func setState() throws {
        let groups = [ANAGroup(id: 1, state: .optimized), ANAGroup(id: 2, state: .inaccessible)]
        let namespace = ControllerFixture.namespace(7, visibility: .only(["a"]), group: 2)
        let subsystem = Subsystem(
            nqn: Self.nqn, serialNumber: "1", modelNumber: "M", access: .only(["b"]),
            namespaces: [namespace], anaReporting: ANAReporting(groups: groups, transitionSeconds: 9),
            namespaceIDMax: 77)
        let model = TargetModel(
            generation: 1, subsystems: [subsystem, ControllerFixture.subsystem([])], ports: [])
        let changed = try model.subsystems(with: .change, ofANAGroup: 2, of: Self.nqn)
        #expect(changed[1] === model.subsystems[1])
        let reporting = ANAReporting(
            groups: [groups[0], ANAGroup(id: 2, state: .change)], transitionSeconds: 9)
        #expect(changed[0].anaReporting == reporting)
        #expect(changed[0].namespaces.first === namespace && changed[0].namespaceIDMax == 77)
        #expect(changed[0].serialNumber == "1" && changed[0].modelNumber == "M")
        #expect(changed[0].access == .only(["b"]))
        #expect(throws: ModelError.noANAGroup(id: 3, nqn: Self.nqn)) {
            try model.subsystems(with: .change, ofANAGroup: 3, of: Self.nqn)
        }
        #expect(throws: ModelError.noANAGroup(id: 1, nqn: ControllerFixture.nqn)) {
            try model.subsystems(with: .change, ofANAGroup: 1, of: ControllerFixture.nqn)
        }
        #expect(throws: ModelError.noSubsystem(nqn: "x")) {
            try model.subsystems(with: .change, ofANAGroup: 1, of: "x")
        }
    }
}
