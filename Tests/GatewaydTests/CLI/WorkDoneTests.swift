// The figures that `gatewayd top` makes of a gateway's counters.

import GatewayRPC
import Testing

@testable import gatewayd

@Suite("Work done")
struct WorkDoneTests {
    private func counters(_ reads: UInt64, _ milliseconds: UInt64, inFlight: UInt64 = 0) -> WorkDone {
        var work = WorkDone()
        work.readCount = reads
        work.readBytes = reads * 4096
        work.endedCount = reads
        work.endedNanoseconds = milliseconds * 1_000_000
        work.inFlightCount = inFlight
        return work
    }

    @Test("What was done is the difference of the counters; what is under way is no counter")
    func difference() {
        #expect(
            counters(110, 700, inFlight: 4).since(counters(100, 500, inFlight: 9))
                == counters(10, 200, inFlight: 4))
        #expect(counters(110, 700).since(nil) == counters(110, 700))
    }

    @Test("Counters that began anew count from 0")
    func anew() { #expect(counters(5, 10).since(counters(100, 500)) == counters(5, 10)) }

    @Test("The queue depth is the mean of what was under way; where nothing ends, what is")
    func depth() {
        #expect(WorkRate(work: counters(100, 8000, inFlight: 1), seconds: 2).queueDepth == 4)
        #expect(WorkRate(work: counters(0, 0, inFlight: 32), seconds: 2).queueDepth == 32)
        #expect(WorkRate(work: counters(100, 8000), seconds: 2).meanMicroseconds == 80_000)
        #expect(WorkRate(work: counters(0, 0), seconds: 2).meanMicroseconds == 0)
        #expect(WorkRate(work: counters(100, 8000), seconds: 2).readsPerSecond == 50)
    }

    @Test("A host's controllers are one row; one that is gone is in no row any more")
    func hosts() {
        func controller(_ host: String, _ id: UInt32, reads: UInt64) -> PB_controller_activity {
            var controller = PB_controller_activity()
            (controller.subsystemNqn, controller.hostNqn) = ("nqn", host)
            (controller.controllerID, controller.queueCount) = (id, 2)
            (controller.readCount, controller.endedCount) = (reads, reads)
            return controller
        }
        var (before, after) = (PB_gateway_activity(), PB_gateway_activity())
        (before.now, after.now) = (5_000_000_000, 7_000_000_000)
        before.controllers = [controller("a", 1, reads: 100), controller("b", 2, reads: 7)]
        after.controllers = [controller("a", 1, reads: 104), controller("a", 3, reads: 2)]
        let hosts = Activity(from: before, to: after).hosts
        #expect(hosts.map(\.hostNQN) == ["a"])
        #expect(hosts.first?.controllerCount == 2)
        #expect(hosts.first?.queueCount == 4)
        #expect(hosts.first?.rate.readsPerSecond == 3)
    }

    @Test(
        "A time is told in its two largest units",
        arguments: [(5, "5 s"), (65, "1 min 5 s"), (3_725, "1 h 2 min"), (200_000, "2 d 7 h")]
            as [(UInt64, String)])
    func times(seconds: UInt64, text: String) { #expect(StatusCommand.time(seconds) == text) }
}
