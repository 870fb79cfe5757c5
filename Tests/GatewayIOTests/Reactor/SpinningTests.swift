// When a reactor spins: the rules, without a clock.

import GatewayCore
import Testing

@testable import GatewayIO

@Suite("Spinning")
struct SpinningTests {
    @Test("Off is never, a number is always")
    func fixed() {
        var off = SpinGovernor(.off)
        var always = SpinGovernor(.always(microseconds: 50))
        for governor in 0..<2 {
            off.waited(1000, finds: 1)
            always.waited(5_000_000_000, finds: 100)
            #expect(off.budget(at: UInt64(governor)) == 0)
            #expect(always.budget(at: UInt64(governor)) == 50_000)
        }
    }

    @Test(
        "It is promising after short waits for single commands, and not after long ones or for many at a time"
    )
    func automatic() {
        var governor = SpinGovernor(.automatic)
        #expect(!governor.isPromising, "nothing is known yet")
        for _ in 0..<32 { governor.waited(30_000, finds: 2) }
        #expect(governor.isPromising)
        for _ in 0..<32 { governor.waited(30_000, finds: 24) }
        #expect(!governor.isPromising, "the wake is shared by many")
        for _ in 0..<64 { governor.waited(200_000, finds: 1) }
        #expect(governor.isPromising)
        for _ in 0..<4 { governor.waited(5_000_000_000, finds: 1) }
        #expect(!governor.isPromising, "the hosts have gone quiet")
    }

    @Test("Spinning goes on while others wait in less than a tenth of the time, and pauses longer each time")
    func pressure() {
        let pressure = ProcessorPressure(isWanted: true)
        let samples: [(milliseconds: UInt64, total: UInt64?, spins: Bool)] = [
            // A first trial, which goes well, and a second.
            (1000, 7_000_000, true), (1050, 7_004_000, true), (1100, 7_008_000, true),
            // Others had to wait; the next trial shows the same.
            (1150, 7_014_000, false), (2200, 7_500_000, true), (2250, 7_510_000, false),
            // A sample of long ago says nothing; unknown is none.
            (5000, 8_000_000, true), (6000, 9_000_000, true), (6050, nil, false), (6100, 9_000_000, true),
        ]
        for sample in samples {
            let spins = pressure.note(total: sample.total, at: sample.milliseconds * 1_000_000)
            #expect(spins == sample.spins, "at \(sample.milliseconds) ms")
        }
    }

    @Test(
        "The total is the first line's",
        arguments: [
            ("some avg10=0.15 avg60=0.07 total=16012391799\nfull avg10=0.00 total=5\n", 16_012_391_799),
            ("some avg10=0.15 avg60=0.07 avg300=0.02\n", nil), ("", nil), ("total=x", nil),
        ] as [(String, UInt64?)])
    func text(_ text: String, _ total: UInt64?) {
        #expect(ProcessorPressure.total(in: text) == total)
    }

    @Test(
        "A target serves whatever way its threads wait",
        arguments: [
            SpinSetting.automatic, .off, .always(microseconds: 200),
        ])
    func serves(_ setting: SpinSetting) throws {
        let mailbox = try Mailbox()
        let reactor = try Reactor(mailbox: mailbox, spinning: setting)
        for _ in 0..<100 {
            reactor.ring.nop(Operation(.file))
            var found = 0
            while found == 0 {
                reactor.wait(until: nil)
                while reactor.next() != nil { found += 1 }
            }
            #expect(found == 1)
        }
        mailbox.ring()
        reactor.wait(until: nil)
        #expect(mailbox.takeBell())
        let start = MonotonicClock.now()
        let deadline = Instant(nanoseconds: start.nanoseconds + 2_000_000)
        while MonotonicClock.now() < deadline { reactor.wait(until: deadline) }
        #expect(reactor.next() == nil)
    }
}
