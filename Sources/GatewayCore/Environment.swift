// What the core is given instead of taking it from the machine: time and a place to write log lines. Shards
// pass the time with each event; nothing in this module reads a clock, draws a random number or prints.

/// A moment on the machine's monotonic clock, in nanoseconds.
public struct Instant: Comparable, Hashable, Sendable, BitwiseCopyable {
    public var nanoseconds: UInt64

    @inlinable
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    @inlinable
    public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }

    /// The moment `milliseconds` later.
    @inlinable
    public func advanced(byMilliseconds milliseconds: UInt64) -> Instant {
        Instant(nanoseconds: nanoseconds &+ milliseconds &* 1_000_000)
    }
}

/// How much a log line matters.
public enum LogLevel: Int, Sendable, Comparable {
    case debug, info, notice, warning, error

    public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}

/// Where log lines go. Called on shard threads, never per I/O; it must not block.
public protocol TargetLog: AnyObject, Sendable {
    /// One line: it names the object (a host's NQN, a subsystem, an image) and, where there is one, the next
    /// step.
    func write(_ level: LogLevel, _ message: String)
}

/// Drops every line.
public final class SilentLog: TargetLog {
    public init() {}
    public func write(_ level: LogLevel, _ message: String) {}
}
