// The table of the Base Specification's "Command Behavior in the Presence of a Reservation" and the NVM
// Command Set Specification's, written out by hand.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Who may do what while a namespace is reserved")
struct ReservationAccessTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let type: ReservationType
        let role: ReservationRole
        let reads: Bool
        let writes: Bool
        var testDescription: String { "\(type.name), \(role)" }

        init(_ type: ReservationType, _ role: ReservationRole, reads: Bool, writes: Bool) {
            self.type = type
            self.role = role
            self.reads = reads
            self.writes = writes
        }
    }

    static let table = [
        Row(.writeExclusive, .holder, reads: true, writes: true),
        Row(.writeExclusive, .registrant, reads: true, writes: false),
        Row(.writeExclusive, .other, reads: true, writes: false),
        Row(.exclusiveAccess, .holder, reads: true, writes: true),
        Row(.exclusiveAccess, .registrant, reads: false, writes: false),
        Row(.exclusiveAccess, .other, reads: false, writes: false),
        Row(.writeExclusiveRegistrantsOnly, .holder, reads: true, writes: true),
        Row(.writeExclusiveRegistrantsOnly, .registrant, reads: true, writes: true),
        Row(.writeExclusiveRegistrantsOnly, .other, reads: true, writes: false),
        Row(.exclusiveAccessRegistrantsOnly, .holder, reads: true, writes: true),
        Row(.exclusiveAccessRegistrantsOnly, .registrant, reads: true, writes: true),
        Row(.exclusiveAccessRegistrantsOnly, .other, reads: false, writes: false),
        Row(.writeExclusiveAllRegistrants, .holder, reads: true, writes: true),
        Row(.writeExclusiveAllRegistrants, .registrant, reads: true, writes: true),
        Row(.writeExclusiveAllRegistrants, .other, reads: true, writes: false),
        Row(.exclusiveAccessAllRegistrants, .holder, reads: true, writes: true),
        Row(.exclusiveAccessAllRegistrants, .registrant, reads: true, writes: true),
        Row(.exclusiveAccessAllRegistrants, .other, reads: false, writes: false),
    ]

    @Test(
        "Each type admits each role to the read group and the write group as the table says",
        arguments: table)
    func access(row: Row) {
        #expect(row.type.admits(.read, in: row.role) == row.reads)
        #expect(row.type.admits(.write, in: row.role) == row.writes)
        #expect(row.type.admits(.maintain, in: row.role) == row.writes)
        #expect(row.type.admits(.none, in: row.role))
    }

    @Test("The table has each type and role once")
    func isComplete() {
        let pairs = Set(Self.table.map { "\($0.type.rawValue) \($0.role)" })
        #expect(pairs.count == Self.table.count)
        #expect(pairs.count == ReservationType.table.count * ReservationRole.allCases.count)
    }

    @Test("Who holds a reservation follows from its type")
    func roles() {
        for (type, _) in ReservationType.table {
            var state = ReservationState()
            state.registrants = [
                .init(host: HostID(rawValue: 1), key: 1), .init(host: HostID(rawValue: 2), key: 2),
            ]
            let beforehand = state.role(of: HostID(rawValue: 1))
            #expect(beforehand == .registrant)
            state.reservation = .init(type: type, holder: HostID(rawValue: 1))
            let isForAll = type.rawValue >= 5
            #expect(state.role(of: HostID(rawValue: 1)) == .holder)
            #expect(state.role(of: HostID(rawValue: 2)) == (isForAll ? .holder : .registrant))
            #expect(state.role(of: HostID(rawValue: 3)) == .other)
            #expect(state.status.registrants.map(\.holdsReservation) == [true, isForAll])
            #expect(state.status.registrants.map(\.controllerID) == [0xFFFF, 0xFFFF])
        }
    }
}
