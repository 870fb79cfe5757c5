// Two Linux hosts reserve a namespace from each other, and the reservation outlives the gateway. The steps
// are in Scripts/guest-tests/reservations.sh.

import Foundation
import Synchronization
import Testing

extension Live {
    @Suite("Reservations of Linux hosts", .needsGuest)
    struct ReservationTests {
        @Test(
            "keep others out, are preempted, and are there after the gateway was killed",
            .timeLimit(.minutes(5)))
        func hosts() async throws {
            let folder = try Checkout.temporaryFolder()
            let disk = folder + "/disk"
            #expect(FileManager.default.createFile(atPath: disk, contents: Data(count: 1 << 20)))
            let second = Mutex<Gateway?>(nil)
            let first = try await Gateway.start(
                ["file:\(disk)"], options: ["--reservations", folder + "/reservations"])
            let guest = Guest(answers: [
                "restart": {
                    first.process.signal(SIGKILL)
                    try await first.process.exit(seconds: 120)
                    let restarted = try await first.restarted()
                    second.withLock { $0 = restarted }
                }
            ])
            let result: Result<Void, any Error>
            do {
                try await guest.run(
                    "reservations.sh", Guest.hostAddress, String(first.port), first.nqn)
                result = .success(())
            } catch { result = .failure(error) }
            await first.process.stop()
            try await second.withLock { $0 }?.stop()
            try FileManager.default.removeItem(atPath: folder)
            try result.get()
        }
    }
}
