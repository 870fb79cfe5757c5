// What each reservation command does in each situation, as a table written out by hand from the Base
// Specification's section "Reservations".

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Reservation rules")
struct ReservationRuleTests {
    /// Hosts A, B and D are registered with keys Ah, Bh and Dh; C is not. A is who acquired, if anybody did.
    static let hosts: [Character: HostID] = [
        "A": HostID(rawValue: 0xA), "B": HostID(rawValue: 0xB), "C": HostID(rawValue: 0xC),
        "D": HostID(rawValue: 0xD),
    ]

    /// The kinds of situations: each holds for some types.
    enum Situation: String, CaseIterable, Sendable {
        case none, exclusive, registrantsOnly, allRegistrants

        /// Types that are held in it, each with another one to ask for.
        var types: [(held: ReservationType, other: ReservationType)] {
            switch self {
            case .none: [(.writeExclusive, .exclusiveAccess)]
            case .exclusive:
                [
                    (.writeExclusive, .exclusiveAccess), (.exclusiveAccess, .writeExclusive),
                    (.writeExclusive, .exclusiveAccessRegistrantsOnly),
                    (.exclusiveAccess, .writeExclusiveAllRegistrants),
                ]
            case .registrantsOnly:
                [
                    (.writeExclusiveRegistrantsOnly, .exclusiveAccessRegistrantsOnly),
                    (.exclusiveAccessRegistrantsOnly, .writeExclusive),
                ]
            case .allRegistrants:
                [
                    (.writeExclusiveAllRegistrants, .exclusiveAccessAllRegistrants),
                    (.exclusiveAccessAllRegistrants, .exclusiveAccess),
                ]
            }
        }
    }

    enum Command: String, Sendable {
        /// Register with the key that the host has, with another, and as a host that is new.
        case registerSame, registerOther
        case replace, replaceWrongKey, replaceIgnoringKey
        case unregister, unregisterWrongKey, unregisterIgnoringKey
        case acquireSameType, acquireOtherType, acquireWrongKey
        /// Preempt with a host's key, for the type that is held or another.
        case preemptA, preemptAForSameType, preemptB, preemptD, preemptZero, preemptZeroForSameType
        case preemptUnknown, preemptWrongKey
        case release, releaseOtherType, releaseWrongKey
        case clear, clearWrongKey
    }

    /// What comes out: `conflict`, `field`, or the registrants left, the holder (`=` with the type that was
    /// held or asked for as such, `*` with the other one, `-` none), and who is told of what: `p` that its
    /// registration is preempted, `r` that the reservation is released, `c` that it is preempted (cleared).
    struct Row: Sendable, CustomTestStringConvertible {
        let situation: Situation
        let command: Command
        /// For the hosts A, B and C.
        let outcomes: [String]
        var testDescription: String { "\(situation.rawValue) \(command.rawValue)" }

        init(_ situation: Situation, _ command: Command, _ a: String, _ b: String, _ c: String) {
            self.situation = situation
            self.command = command
            outcomes = [a, b, c]
        }
    }

    static let table = withoutReservation + exclusive + registrantsOnly + allRegistrants

    static let withoutReservation = [
        Row(.none, .registerSame, "ABD - ", "ABD - ", "ABDC - "),
        Row(.none, .registerOther, "conflict", "conflict", "ABDC - "),
        Row(.none, .replace, "ABD - ", "ABD - ", "conflict"),
        Row(.none, .replaceWrongKey, "conflict", "conflict", "conflict"),
        Row(.none, .replaceIgnoringKey, "ABD - ", "ABD - ", "ABDC - "),
        Row(.none, .unregister, "BD - ", "AD - ", "conflict"),
        Row(.none, .unregisterWrongKey, "conflict", "conflict", "conflict"),
        Row(.none, .unregisterIgnoringKey, "BD - ", "AD - ", "ABD - "),
        Row(.none, .acquireSameType, "ABD A= ", "ABD B= ", "conflict"),
        Row(.none, .acquireOtherType, "ABD A* ", "ABD B* ", "conflict"),
        Row(.none, .acquireWrongKey, "conflict", "conflict", "conflict"),
        Row(.none, .preemptA, "BD - ", "BD - Ap", "conflict"),
        Row(.none, .preemptAForSameType, "BD - ", "BD - Ap", "conflict"),
        Row(.none, .preemptB, "AD - Bp", "AD - ", "conflict"),
        Row(.none, .preemptD, "AB - Dp", "AB - Dp", "conflict"),
        Row(.none, .preemptZero, "conflict", "conflict", "conflict"),
        Row(.none, .preemptZeroForSameType, "conflict", "conflict", "conflict"),
        Row(.none, .preemptUnknown, "conflict", "conflict", "conflict"),
        Row(.none, .preemptWrongKey, "conflict", "conflict", "conflict"),
        Row(.none, .release, "ABD - ", "ABD - ", "conflict"),
        Row(.none, .releaseOtherType, "ABD - ", "ABD - ", "conflict"),
        Row(.none, .releaseWrongKey, "conflict", "conflict", "conflict"),
        Row(.none, .clear, " - BcDc", " - AcDc", "conflict"),
        Row(.none, .clearWrongKey, "conflict", "conflict", "conflict"),
    ]

    static let exclusive = [
        Row(.exclusive, .registerSame, "ABD A= ", "ABD A= ", "ABDC A= "),
        Row(.exclusive, .registerOther, "conflict", "conflict", "ABDC A= "),
        Row(.exclusive, .replace, "ABD A= ", "ABD A= ", "conflict"),
        Row(.exclusive, .replaceWrongKey, "conflict", "conflict", "conflict"),
        Row(.exclusive, .replaceIgnoringKey, "ABD A= ", "ABD A= ", "ABDC A= "),
        Row(.exclusive, .unregister, "BD - ", "AD A= ", "conflict"),
        Row(.exclusive, .unregisterWrongKey, "conflict", "conflict", "conflict"),
        Row(.exclusive, .unregisterIgnoringKey, "BD - ", "AD A= ", "ABD A= "),
        Row(.exclusive, .acquireSameType, "ABD A= ", "conflict", "conflict"),
        Row(.exclusive, .acquireOtherType, "conflict", "conflict", "conflict"),
        Row(.exclusive, .acquireWrongKey, "conflict", "conflict", "conflict"),
        Row(.exclusive, .preemptA, "ABD A* BrDr", "BD B* ApDr", "conflict"),
        Row(.exclusive, .preemptAForSameType, "ABD A= ", "BD B= Ap", "conflict"),
        Row(.exclusive, .preemptB, "AD A= Bp", "AD A= ", "conflict"),
        Row(.exclusive, .preemptD, "AB A= Dp", "AB A= Dp", "conflict"),
        Row(.exclusive, .preemptZero, "field", "field", "conflict"),
        Row(.exclusive, .preemptZeroForSameType, "field", "field", "conflict"),
        Row(.exclusive, .preemptUnknown, "conflict", "conflict", "conflict"),
        Row(.exclusive, .preemptWrongKey, "conflict", "conflict", "conflict"),
        Row(.exclusive, .release, "ABD - ", "ABD A= ", "conflict"),
        Row(.exclusive, .releaseOtherType, "field", "ABD A= ", "conflict"),
        Row(.exclusive, .releaseWrongKey, "conflict", "conflict", "conflict"),
        Row(.exclusive, .clear, " - BcDc", " - AcDc", "conflict"),
        Row(.exclusive, .clearWrongKey, "conflict", "conflict", "conflict"),
    ]

    static let registrantsOnly = [
        Row(.registrantsOnly, .registerSame, "ABD A= ", "ABD A= ", "ABDC A= "),
        Row(.registrantsOnly, .registerOther, "conflict", "conflict", "ABDC A= "),
        Row(.registrantsOnly, .replace, "ABD A= ", "ABD A= ", "conflict"),
        Row(.registrantsOnly, .replaceWrongKey, "conflict", "conflict", "conflict"),
        Row(.registrantsOnly, .replaceIgnoringKey, "ABD A= ", "ABD A= ", "ABDC A= "),
        Row(.registrantsOnly, .unregister, "BD - BrDr", "AD A= ", "conflict"),
        Row(.registrantsOnly, .unregisterWrongKey, "conflict", "conflict", "conflict"),
        Row(.registrantsOnly, .unregisterIgnoringKey, "BD - BrDr", "AD A= ", "ABD A= "),
        Row(.registrantsOnly, .acquireSameType, "ABD A= ", "conflict", "conflict"),
        Row(.registrantsOnly, .acquireOtherType, "conflict", "conflict", "conflict"),
        Row(.registrantsOnly, .acquireWrongKey, "conflict", "conflict", "conflict"),
        Row(.registrantsOnly, .preemptA, "ABD A* BrDr", "BD B* ApDr", "conflict"),
        Row(.registrantsOnly, .preemptAForSameType, "ABD A= ", "BD B= Ap", "conflict"),
        Row(.registrantsOnly, .preemptB, "AD A= Bp", "AD A= ", "conflict"),
        Row(.registrantsOnly, .preemptD, "AB A= Dp", "AB A= Dp", "conflict"),
        Row(.registrantsOnly, .preemptZero, "field", "field", "conflict"),
        Row(.registrantsOnly, .preemptZeroForSameType, "field", "field", "conflict"),
        Row(.registrantsOnly, .preemptUnknown, "conflict", "conflict", "conflict"),
        Row(.registrantsOnly, .preemptWrongKey, "conflict", "conflict", "conflict"),
        Row(.registrantsOnly, .release, "ABD - BrDr", "ABD A= ", "conflict"),
        Row(.registrantsOnly, .releaseOtherType, "field", "ABD A= ", "conflict"),
        Row(.registrantsOnly, .releaseWrongKey, "conflict", "conflict", "conflict"),
        Row(.registrantsOnly, .clear, " - BcDc", " - AcDc", "conflict"),
        Row(.registrantsOnly, .clearWrongKey, "conflict", "conflict", "conflict"),
    ]

    static let allRegistrants = [
        Row(.allRegistrants, .registerSame, "ABD A= ", "ABD A= ", "ABDC A= "),
        Row(.allRegistrants, .registerOther, "conflict", "conflict", "ABDC A= "),
        Row(.allRegistrants, .replace, "ABD A= ", "ABD A= ", "conflict"),
        Row(.allRegistrants, .replaceWrongKey, "conflict", "conflict", "conflict"),
        Row(.allRegistrants, .replaceIgnoringKey, "ABD A= ", "ABD A= ", "ABDC A= "),
        Row(.allRegistrants, .unregister, "BD A= ", "AD A= ", "conflict"),
        Row(.allRegistrants, .unregisterWrongKey, "conflict", "conflict", "conflict"),
        Row(.allRegistrants, .unregisterIgnoringKey, "BD A= ", "AD A= ", "ABD A= "),
        Row(.allRegistrants, .acquireSameType, "ABD A= ", "ABD A= ", "conflict"),
        Row(.allRegistrants, .acquireOtherType, "conflict", "conflict", "conflict"),
        Row(.allRegistrants, .acquireWrongKey, "conflict", "conflict", "conflict"),
        Row(.allRegistrants, .preemptA, "BD A= ", "BD A= Ap", "conflict"),
        Row(.allRegistrants, .preemptAForSameType, "BD A= ", "BD A= Ap", "conflict"),
        Row(.allRegistrants, .preemptB, "AD A= Bp", "AD A= ", "conflict"),
        Row(.allRegistrants, .preemptD, "AB A= Dp", "AB A= Dp", "conflict"),
        Row(.allRegistrants, .preemptZero, "A A* BpDp", "B B* ApDp", "conflict"),
        Row(.allRegistrants, .preemptZeroForSameType, "A A= BpDp", "B B= ApDp", "conflict"),
        Row(.allRegistrants, .preemptUnknown, "conflict", "conflict", "conflict"),
        Row(.allRegistrants, .preemptWrongKey, "conflict", "conflict", "conflict"),
        Row(.allRegistrants, .release, "ABD - BrDr", "ABD - ArDr", "conflict"),
        Row(.allRegistrants, .releaseOtherType, "field", "field", "conflict"),
        Row(.allRegistrants, .releaseWrongKey, "conflict", "conflict", "conflict"),
        Row(.allRegistrants, .clear, " - BcDc", " - AcDc", "conflict"),
        Row(.allRegistrants, .clearWrongKey, "conflict", "conflict", "conflict"),
    ]

    @Test("Each command in each situation, by each host", arguments: table)
    func rules(row: Row) {
        for (held, other) in row.situation.types {
            for (index, name) in "ABC".enumerated() {
                var state = Self.state(held: row.situation == .none ? nil : held)
                let before = state
                let command = Self.command(row.command, by: name, held: held, other: other)
                let outcome: String
                do throws(CommandFailure) {
                    let effects = try state.apply(command, by: Self.hosts[name]!, registrantsMax: 8)
                    outcome = Self.describe(state, effects, held: held, other: other)
                    #expect(effects.abortedHosts.isEmpty)
                    #expect(state.generation == before.generation + (Self.counts(row.command) ? 1 : 0))
                } catch {
                    #expect(state == before)
                    outcome = error == .reservationConflict ? "conflict" : "field"
                    #expect(
                        outcome == "conflict" || error.status == .invalidField.notRetryable,
                        "\(error)")
                }
                #expect(outcome == row.outcomes[index], "host \(name), \(held.name)")
            }
        }
    }

    @Test(
        "Preempt and Abort does what Preempt does, and aborts the commands of who lost its registration",
        arguments: table.filter { $0.command.rawValue.hasPrefix("preempt") })
    func preemptAndAbort(row: Row) {
        for (held, other) in row.situation.types {
            for (index, name) in "ABC".enumerated() {
                guard
                    case .acquire(let preempt) = Self.command(
                        row.command, by: name, held: held, other: other)
                else { preconditionFailure("Preempt is an Acquire") }
                let command = ReservationCommand.acquire(
                    .init(action: .preemptAndAbort, type: preempt.type, data: preempt.data))
                var state = Self.state(held: row.situation == .none ? nil : held)
                guard
                    let effects = try? state.apply(command, by: Self.hosts[name]!, registrantsMax: 8)
                else {
                    #expect(row.outcomes[index] == "conflict" || row.outcomes[index] == "field")
                    continue
                }
                #expect(Self.describe(state, effects, held: held, other: other) == row.outcomes[index])
                let preempted = effects.notices.filter { $0.type == .registrationPreempted }.map(\.host)
                #expect(effects.abortedHosts == preempted)
            }
        }
    }

    @Test("The table has each command in each situation once")
    func isComplete() {
        #expect(Set(Self.table.map(\.testDescription)).count == Self.table.count)
        #expect(Self.table.count == Situation.allCases.count * 24)
    }

    // MARK: The table's language

    static func state(held: ReservationType?) -> ReservationState {
        var state = ReservationState()
        state.generation = 7
        state.registrants = "ABD".map { .init(host: hosts[$0]!, key: key($0)) }
        if let held { state.reservation = .init(type: held, holder: hosts["A"]!) }
        return state
    }

    static func key(_ name: Character) -> UInt64 { UInt64(name.hexDigitValue!) }

    /// Whether success counts a generation: Register, Preempt and Clear.
    static func counts(_ command: Command) -> Bool {
        !command.rawValue.hasPrefix("acquire") && !command.rawValue.hasPrefix("release")
    }

    static func describe(
        _ state: ReservationState, _ effects: ReservationEffects, held: ReservationType,
        other: ReservationType
    ) -> String {
        func name(_ host: HostID) -> String { String(hosts.first { $0.value == host }!.key) }
        var holder = "-"
        if let reservation = state.reservation {
            holder = name(reservation.holder)
            if reservation.type == held { holder += "=" } else if reservation.type == other { holder += "*" }
        }
        let letters: [ReservationNotificationType: String] = [
            .registrationPreempted: "p", .reservationReleased: "r", .reservationPreempted: "c",
        ]
        let notices = effects.notices.map { name($0.host) + letters[$0.type]! }.joined()
        return state.registrants.map { name($0.host) }.joined() + " \(holder) \(notices)"
    }

    static func command(
        _ command: Command, by name: Character, held: ReservationType, other: ReservationType
    ) -> ReservationCommand {
        let own = key(name)
        func register(
            _ action: ReservationRegisterAction, current: UInt64, new: UInt64 = 0, ignoresKey: Bool = false
        ) -> ReservationCommand {
            .register(
                .init(
                    action: action, ignoresKey: ignoresKey, persistence: .none,
                    data: .init(currentKey: current, newKey: new)))
        }
        func acquire(
            _ action: ReservationAcquireAction, _ type: ReservationType, current: UInt64, preempt: UInt64 = 0
        ) -> ReservationCommand {
            .acquire(
                .init(action: action, type: type, data: .init(currentKey: current, preemptKey: preempt)))
        }
        func release(
            _ action: ReservationReleaseAction, _ type: ReservationType, current: UInt64
        ) -> ReservationCommand {
            .release(.init(action: action, type: type, data: .init(currentKey: current)))
        }
        switch command {
        case .registerSame: return register(.register, current: 0, new: own)
        case .registerOther: return register(.register, current: own, new: 0x77)
        case .replace: return register(.replace, current: own, new: 0x77)
        case .replaceWrongKey: return register(.replace, current: 0x66, new: 0x77)
        case .replaceIgnoringKey: return register(.replace, current: 0x66, new: 0x77, ignoresKey: true)
        case .unregister: return register(.unregister, current: own)
        case .unregisterWrongKey: return register(.unregister, current: 0x66)
        case .unregisterIgnoringKey: return register(.unregister, current: 0x66, ignoresKey: true)
        case .acquireSameType: return acquire(.acquire, held, current: own)
        case .acquireOtherType: return acquire(.acquire, other, current: own)
        case .acquireWrongKey: return acquire(.acquire, held, current: 0x66)
        case .preemptA: return acquire(.preempt, other, current: own, preempt: 0xA)
        case .preemptAForSameType: return acquire(.preempt, held, current: own, preempt: 0xA)
        case .preemptB: return acquire(.preempt, other, current: own, preempt: 0xB)
        case .preemptD: return acquire(.preempt, other, current: own, preempt: 0xD)
        case .preemptZero: return acquire(.preempt, other, current: own, preempt: 0)
        case .preemptZeroForSameType: return acquire(.preempt, held, current: own, preempt: 0)
        case .preemptUnknown: return acquire(.preempt, other, current: own, preempt: 0x55)
        case .preemptWrongKey: return acquire(.preempt, other, current: 0x66, preempt: 0xA)
        case .release: return release(.release, held, current: own)
        case .releaseOtherType: return release(.release, other, current: own)
        case .releaseWrongKey: return release(.release, held, current: 0x66)
        case .clear: return release(.clear, ReservationType(rawValue: 0), current: own)
        case .clearWrongKey: return release(.clear, held, current: 0x66)
        }
    }
}
