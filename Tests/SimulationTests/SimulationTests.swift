// The simulator in the test run: some seeds that are always the same and some that never are, the mistakes
// that it must find, and the fairness that it is to prove. `make sim` runs thousands more.

import Simulation
import Testing

@Suite("Simulation")
struct SimulationTests {
    @Test("Nothing is found in seeds that every run tries", arguments: 1...12)
    func fixedSeeds(seed: Int) {
        let report = simulate(seed: UInt64(seed))
        #expect(report.failure == nil, "\(report.explanation)")
    }

    @Test("Nothing is found in seeds that nobody has tried")
    func freshSeeds() {
        for _ in 0..<6 {
            let report = simulate(seed: UInt64.random(in: 1_000_000...UInt64(UInt32.max)))
            #expect(report.failure == nil, "\(report.explanation)")
        }
    }

    @Test("A seed is a run: what happens in it is the same each time")
    func sameRun() {
        let (first, second) = (simulate(seed: 3), simulate(seed: 3))
        #expect(first.digest == second.digest)
        #expect(first.counts == second.counts)
        #expect(first.digest != simulate(seed: 4).digest)
    }

    @Test("A mistake made on purpose is found", arguments: Flaw.allCases)
    func canary(flaw: Flaw) {
        let found = (1...20).contains { simulate(seed: UInt64($0), flaw: flaw).failure != nil }
        #expect(found, "twenty seeds with \(flaw) and nobody noticed")
    }

    @Test("A queue's only command waits for no more commands than the other queues have entries")
    func fairness() {
        var longest = 0
        for seed in 1...2 {
            let report = simulate(seed: UInt64(seed), scenario: .crowd)
            #expect(report.failure == nil, "\(report.explanation)")
            longest = max(longest, report.counts.waitedMax)
        }
        // Each of the loud host's queues has had one turn: at most its entries and one.
        #expect((1...4 * 130).contains(longest), "\(longest)")
    }
}
