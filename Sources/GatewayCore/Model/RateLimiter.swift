// How fast a namespace's hosts may use it (quality of service). Each limit is a bucket that says until when
// what was let through is paid for; commands are let through as long as that is not far ahead. All shards of
// a target ask the same limiter, without a lock, and its limits may change while they do.

internal import Synchronization

/// What hosts may do to a namespace in a second, all of its queues together; 0 is no limit.
public struct RateLimits: Sendable, Equatable {
    /// Commands that move data: Read, Write, Compare, Verify, Copy.
    public var commands: UInt64
    /// Bytes read and written.
    public var bytes: UInt64
    /// Bytes read: by Read, Compare and Verify, and a Copy's sources.
    public var readBytes: UInt64
    /// Bytes written: by Write, and a Copy's destination.
    public var writtenBytes: UInt64

    public init(commands: UInt64 = 0, bytes: UInt64 = 0, readBytes: UInt64 = 0, writtenBytes: UInt64 = 0) {
        self.commands = commands
        self.bytes = bytes
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }
}

/// Lets a namespace's commands through at no more than its limits. Any thread may ask, and change the limits.
public final class RateLimiter: Sendable {
    private let commands = Bucket()
    private let bytes = Bucket()
    private let readBytes = Bucket()
    private let writtenBytes = Bucket()
    private let changeCount = Atomic<UInt64>(0)

    public init(_ limits: RateLimits = RateLimits()) { self.limits = limits }

    /// The limits. Whoever waits for a turn under the old ones is let go on, and what was used before counts
    /// no more.
    public var limits: RateLimits {
        get {
            RateLimits(
                commands: commands.rate, bytes: bytes.rate, readBytes: readBytes.rate,
                writtenBytes: writtenBytes.rate)
        }
        set {
            commands.rate = newValue.commands
            bytes.rate = newValue.bytes
            readBytes.rate = newValue.readBytes
            writtenBytes.rate = newValue.writtenBytes
            changeCount.add(1, ordering: .releasing)
        }
    }

    /// Changes with the limits.
    var version: UInt64 { changeCount.load(ordering: .acquiring) }

    /// Counts a command, and says when it may begin: not later than `now` if it need not wait.
    func reserve(_ use: RateUse, at now: Instant) -> Instant {
        let starts = (
            commands.reserve(UInt64(use.commandCount), at: now.nanoseconds),
            bytes.reserve(UInt64(use.readByteCount + use.writtenByteCount), at: now.nanoseconds),
            readBytes.reserve(UInt64(use.readByteCount), at: now.nanoseconds),
            writtenBytes.reserve(UInt64(use.writtenByteCount), at: now.nanoseconds)
        )
        return Instant(nanoseconds: max(max(starts.0, starts.1), max(starts.2, starts.3)))
    }
}

/// What a command uses of its namespace's limits.
struct RateUse: Equatable, BitwiseCopyable {
    var commandCount = 0
    var readByteCount = 0
    var writtenByteCount = 0
}

/// One limit.
private struct Bucket: ~Copyable, Sendable {
    /// What may be used before it is paid for, in nanoseconds: what a command's lateness makes up for, and
    /// the most that comes at once after a pause.
    private static let burstNanoseconds: UInt64 = 50_000_000

    private let perSecond = Atomic<UInt64>(0)
    /// Until when what was let through is paid for, in nanoseconds of the shards' clock.
    private let paidUntil = Atomic<UInt64>(0)

    /// Units a second; 0 is no limit.
    var rate: UInt64 {
        get { perSecond.load(ordering: .relaxed) }
        nonmutating set {
            perSecond.store(newValue, ordering: .relaxed)
            paidUntil.store(0, ordering: .relaxed)
        }
    }

    /// Counts `amount`, and gives the moment from which it may be used.
    func reserve(_ amount: UInt64, at now: UInt64) -> UInt64 {
        let rate = rate
        guard rate > 0, amount > 0 else { return 0 }
        let (product, overflow) = amount.multipliedReportingOverflow(by: 1_000_000_000)
        let cost = (overflow ? UInt64.max : product) / rate
        var paid = paidUntil.load(ordering: .relaxed)
        while true {
            let (next, isPastTime) = max(paid, now).addingReportingOverflow(cost)
            let result = paidUntil.weakCompareExchange(
                expected: paid, desired: isPastTime ? UInt64.max : next, ordering: .relaxed)
            if result.exchanged { break }
            paid = result.original
        }
        return paid > Self.burstNanoseconds ? paid - Self.burstNanoseconds : 0
    }
}
