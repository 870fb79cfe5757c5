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
    @safe @exclusivity(unchecked) private var governor: SpinGovernor
    /// Completions taken since the last wait.
    @safe @exclusivity(unchecked) private var finds = 0

    package init(
        mailbox: Mailbox, entries: UInt32 = 1024, spinning: SpinSetting = .off,
        allowing features: RingFeatures = .all
    ) throws(RingError) {
        self.mailbox = mailbox
        governor = SpinGovernor(spinning)
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
    /// - Returns: Whether it let the kernel wait: there was nothing to do yet.
    @discardableResult
    package func wait(until deadline: Instant?) -> Bool {
        let start = MonotonicClock.now()
        guard !ring.hasCompletions, deadline.map({ $0 > start }) ?? true else {
            ring.submit(wait: false)
            return false
        }
        let budget = governor.budget(at: start.nanoseconds)
        if budget > 0, spin(until: min(start.nanoseconds + budget, deadline?.nanoseconds ?? .max)) {
            learn(from: start)
            return false
        }
        guard mailbox.prepareToSleep() else {
            ring.submit(wait: false)
            return false
        }
        let timeout = deadline.map { $0.nanoseconds - min($0.nanoseconds, MonotonicClock.now().nanoseconds) }
        ring.submit(wait: true, timeout: timeout)
        mailbox.wakeUp()
        learn(from: start)
        return true
    }

    /// Submits what is queued, then looks for something to do until `end`, in nanoseconds. Others find the
    /// owner awake meanwhile, and need no system call to tell it something.
    /// - Returns: Whether there is something.
    private func spin(until end: UInt64) -> Bool {
        ring.submit(wait: false)
        while MonotonicClock.now().nanoseconds < end {
            for _ in 0..<32 {
                if ring.hasCompletions || mailbox.hasMail { return true }
                // What the kernel has for this thread becomes completions when it is entered.
                if ring.wantsEnter { ring.submit(wait: false) }
                gw_pause()
            }
        }
        return false
    }

    private func learn(from start: Instant) {
        governor.waited(MonotonicClock.now().nanoseconds - start.nanoseconds, finds: finds)
        finds = 0
    }

    /// The next completion, without a system call; nil if there is none.
    package func next() -> Completion? {
        while let completion = ring.next() {
            switch completion.operation.kind {
            case .wake: armWake()
            case .ignored: break
            default:
                finds += 1
                return completion
            }
        }
        return nil
    }

    private func armWake() {
        unsafe ring.read(
            Self.wakeOperation, file: mailbox.eventDescriptor, into: wakeCount, count: 8, offset: 0)
    }
}
