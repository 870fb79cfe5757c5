// Asymmetric Namespace Access as a controller reports it: Identify, the log page as libnvme reads it, the
// features that a state withholds.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Asymmetric Namespace Access")
struct ANATests {
    static let states: [ANAState] = [.optimized, .nonOptimized, .inaccessible, .persistentLoss, .change]

    /// A controller of a subsystem with namespaces 1 and 4 in group 2, 3 in group 7, and nothing in group 5.
    func fixture(_ state: ANAState = .optimized, other: ANAState = .optimized) throws -> ControllerFixture {
        try ControllerFixture(
            namespaces: [
                ControllerFixture.namespace(1, group: 2), ControllerFixture.namespace(3, group: 7),
                ControllerFixture.namespace(4, group: 2),
            ],
            anaReporting: ANAReporting(groups: [
                ANAGroup(id: 7, state: other), ANAGroup(id: 5, state: .optimized),
                ANAGroup(id: 2, state: state),
            ]))
    }

    func read<Value>(_ reply: [UInt8], as type: Value.Type) -> Value {
        reply.withUnsafeBytes { $0.loadUnaligned(as: type) }
    }

    func log(
        _ fixture: ControllerFixture, dwords: UInt32 = 256, offset: UInt32 = 0, groupsOnly: Bool = false,
        retains: Bool = false
    ) -> [UInt8] {
        fixture.exchange(
            entry(
                .getLogPage, namespaceID: .broadcastNamespace,
                dword10: 0x0C | (groupsOnly ? 1 << 8 : 0) | (retains ? 1 << 15 : 0) | (dwords - 1) << 16,
                dword12: offset)
        ).reply
    }

    @Test("Identify Controller says what Linux needs: ANARS, ANATT, groups, MNAN not above NN")
    func identifyController() throws {
        let plain = read(
            try ControllerFixture().exchange(entry(.identify, dword10: 1)).reply, as: nvme_id_ctrl.self)
        #expect(plain.cmic & 1 << 3 == 0)
        #expect(plain.anacap == 0 && plain.anatt == 0 && plain.anagrpmax == 0 && plain.nanagrpid == 0)
        let data = read(try fixture().exchange(entry(.identify, dword10: 1)).reply, as: nvme_id_ctrl.self)
        let reporting = NVME_CTRL_CMIC_MULTI_ANA_REPORTING.rawValue
        #expect(data.cmic == UInt8(NVME_CTRL_CMIC_MULTI_CTRL.rawValue | reporting))
        #expect(data.oaes == UInt32(NVME_CTRL_OAES_NA.rawValue | NVME_CTRL_OAES_ANA.rawValue))
        #expect(data.anacap == 0b1_1111)
        #expect(data.anatt == 30)
        #expect(data.anagrpmax == 128)
        #expect(data.nanagrpid == 128)
        #expect(data.nn == 1024)
        #expect(data.mnan == 1024)
        // Linux: header, groups and namespaces of the log in one transfer.
        #expect(16 + 32 * data.nanagrpid + 4 * data.mnan <= 4096 << data.mdts)
    }

    @Test(
        "Identify Namespace has the group; a namespace out of reach has no NUSE and NVMCAP", arguments: states
    )
    func identifyNamespace(state: ANAState) throws {
        let fixture = try fixture(state)
        let data = read(
            fixture.exchange(entry(.identify, namespaceID: 4)).reply, as: nvme_id_ns.self)
        #expect(data.anagrpid == 2)
        #expect(data.nsze == 2048 && data.ncap == 2048)
        let isOut = state == .inaccessible || state == .persistentLoss
        #expect(data.nuse == (isOut ? 0 : 2048))
        #expect(data.nvmcap.0 == 0 || !isOut)
        let independent = read(
            fixture.exchange(entry(.identify, namespaceID: 3, dword10: 8)).reply,
            as: nvme_id_independent_id_ns.self)
        #expect(independent.anagrpid == 7)
        let other = read(fixture.exchange(entry(.identify, namespaceID: 3)).reply, as: nvme_id_ns.self)
        #expect(other.nuse == 2048)
    }

    @Test("The log has the groups with namespaces, in ascending order, as libnvme reads it")
    func logPage() throws {
        let reply = log(try fixture(.inaccessible))
        let header = read(reply, as: nvme_ana_log.self)
        #expect(header.chgcnt == 0)
        #expect(header.ngrps == 2)
        let first = read(Array(reply[16...]), as: nvme_ana_group_desc.self)
        #expect(first.grpid == 2)
        #expect(first.nnsids == 2)
        #expect(first.chgcnt == 1)
        #expect(first.state == UInt8(NVME_ANA_STATE_INACCESSIBLE.rawValue))
        #expect(Array(reply[48..<56]) == [1, 0, 0, 0, 4, 0, 0, 0])
        let second = read(Array(reply[56...]), as: nvme_ana_group_desc.self)
        #expect(second.grpid == 7)
        #expect(second.nnsids == 1)
        #expect(second.state == UInt8(NVME_ANA_STATE_OPTIMIZED.rawValue))
        #expect(Array(reply[88..<92]) == [3, 0, 0, 0])
        #expect(reply[92...].allSatisfy { $0 == 0 })
    }

    @Test("Return Groups Only leaves the namespaces out; offsets read on")
    func partsOfTheLog() throws {
        let fixture = try fixture()
        let groups = log(fixture, groupsOnly: true)
        #expect(read(groups, as: nvme_ana_log.self).ngrps == 2)
        #expect(read(Array(groups[16...]), as: nvme_ana_group_desc.self).nnsids == 0)
        #expect(read(Array(groups[48...]), as: nvme_ana_group_desc.self).grpid == 7)
        #expect(groups[80...].allSatisfy { $0 == 0 })
        let whole = log(fixture)
        #expect(log(fixture, dwords: 8, offset: 48) == Array(whole[48..<80]))
        let end = entry(.getLogPage, dword10: 0x0C, dword12: 92)
        #expect(fixture.send(end) == .success())
        let beyond = entry(.getLogPage, dword10: 0x0C, dword12: 96)
        #expect(fixture.send(beyond) == .failure(.invalidField, byte: 48))
    }

    @Test("Where ANA is not reported there is no log, no event and no group")
    func notReported() throws {
        let fixture = try ControllerFixture()
        #expect(fixture.send(entry(.getLogPage, dword10: 0x0C)) == .failure(.invalidLogPage, byte: 40))
        let wanted = entry(.setFeatures, dword10: 0x0B, dword11: 1 << 11)
        #expect(fixture.send(wanted) == .failure(.invalidField, byte: 45, bit: 3))
        let data = read(fixture.exchange(entry(.identify, namespaceID: 1)).reply, as: nvme_id_ns.self)
        #expect(data.anagrpid == 0)
    }

    @Test("Error Recovery is not to be had in a state that serves no commands", arguments: states)
    func features(state: ANAState) throws {
        let fixture = try fixture(state)
        let expected = state.refusal.map { Answer(status: $0) } ?? .success()
        func send(_ opcode: AdminOpcode, _ namespaceID: UInt32, select: UInt32 = 0) -> Answer? {
            fixture.send(entry(opcode, namespaceID: namespaceID, dword10: 5 | select << 8))
        }
        #expect(send(.getFeatures, 1) == expected)
        #expect(send(.getFeatures, 1, select: 1) == expected)
        #expect(send(.setFeatures, 1) == expected)
        #expect(send(.setFeatures, .broadcastNamespace) == expected)
        // Another group's namespace, and what is no namespace's.
        #expect(send(.getFeatures, 3) == .success())
        #expect(send(.setFeatures, 3) == .success())
        #expect(send(.getFeatures, 1, select: 3)?.status == .success)
        #expect(fixture.send(entry(.setFeatures, dword10: 0x0B, dword11: 1 << 11)) == .success())
        #expect(
            fixture.send(entry(.setFeatures, namespaceID: .broadcastNamespace, dword10: 1)) == .success())
    }

    @Test("A namespace that is not there is told before its state matters")
    func inactive() throws {
        let fixture = try fixture(.inaccessible, other: .inaccessible)
        #expect(
            fixture.send(entry(.getFeatures, namespaceID: 2, dword10: 5)) == .failure(.invalidField, byte: 4))
    }
}
