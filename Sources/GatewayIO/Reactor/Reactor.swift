// One turn of a thread's life: submit all that was queued, sleep until something happened, hand out what did.
// The shard (and the initiator) call `wait`, then `next` until nil, then look into the mailbox. Nothing runs
// inside a submit.

import CLiburing
package import GatewayCore

/// The ring of one thread together with its mailbox. It belongs to the thread that made it.
@safe package final class Reactor {
    package let ring: Ring
    package let mailbox: Mailbox
    // Where the eventfd's count is read to; freed in deinit, when the ring is gone or nothing is read any
    // more.
    private let wakeCount: UnsafeMutablePointer<UInt64>
    private static let wakeOperation = Operation(.wake)

    package init(
        mailbox: Mailbox, entries: UInt32 = 1024, allowing features: RingFeatures = .all
    ) throws(RingError) {
        self.mailbox = mailbox
        ring = try Ring(entries: entries, allowing: features)
        unsafe wakeCount = .allocate(capacity: 1)
        unsafe wakeCount.initialize(to: 0)
        armWake()
    }

    deinit {
        // The kernel must let go of the count first.
        ring.cancel(Self.wakeOperation)
        var isReading = true
        while isReading {
            ring.submit(wait: !ring.hasCompletions)
            while isReading, let completion = ring.next() {
                isReading = completion.operation != Self.wakeOperation
            }
        }
        unsafe wakeCount.deallocate()
    }

    /// Submits what is queued and returns when there is something to do: completions, mail, or `deadline`'s
    /// time.
    package func wait(until deadline: Instant?) {
        var timeout: UInt64?
        if let deadline {
            let now = MonotonicClock.now()
            if deadline <= now { return ring.submit(wait: false) }
            timeout = deadline.nanoseconds - now.nanoseconds
        }
        guard !ring.hasCompletions, mailbox.prepareToSleep() else { return ring.submit(wait: false) }
        ring.submit(wait: true, timeout: timeout)
        mailbox.wakeUp()
    }

    /// The next completion, without a system call; nil if there is none.
    package func next() -> Completion? {
        while let completion = ring.next() {
            switch completion.operation.kind {
            case .wake: armWake()
            case .ignored: break
            default: return completion
            }
        }
        return nil
    }

    private func armWake() {
        unsafe ring.read(
            Self.wakeOperation, file: mailbox.eventDescriptor, into: wakeCount, count: 8, offset: 0)
    }
}
