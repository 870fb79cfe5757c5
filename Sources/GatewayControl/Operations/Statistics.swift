// Counters of the target as control calls tell them. All durations are in nanoseconds: a tick, where the wire
// has ticks, is one of these.

/// What a namespace has done.
public struct NamespaceStatistics: Hashable, Sendable {
    /// One kind of request.
    public struct Requests: Hashable, Sendable {
        public var count: UInt64 = 0
        public var byteCount: UInt64 = 0
        /// The sum of all durations, the longest and the shortest: from the command's arrival to its answer.
        public var duration: UInt64 = 0
        public var longest: UInt64 = 0
        public var shortest: UInt64 = 0

        public init(
            count: UInt64 = 0, byteCount: UInt64 = 0, duration: UInt64 = 0, longest: UInt64 = 0,
            shortest: UInt64 = 0
        ) {
            self.count = count
            self.byteCount = byteCount
            self.duration = duration
            self.longest = longest
            self.shortest = shortest
        }
    }

    /// When this was read, on a clock that only goes forward.
    public var now: UInt64 = 0
    public var reads = Requests()
    public var writes = Requests()
    /// Deallocate and Write Zeroes.
    public var unmaps = Requests()
    public var copies = Requests()
    /// How many requests ended with each status, by its name; success apart.
    public var errors: [String: UInt32] = [:]

    public init() {}

    /// Of the wire's ticks.
    public static let ticksPerSecond: UInt64 = 1_000_000_000
}

/// The I/O of a host's connections to a subsystem.
public struct ConnectionStatistics: Hashable, Sendable {
    /// In microseconds.
    public struct Latency: Hashable, Sendable {
        public var shortest: UInt64
        public var longest: UInt64
        public var mean: UInt64

        public init(shortest: UInt64 = 0, longest: UInt64 = 0, mean: UInt64 = 0) {
            self.shortest = shortest
            self.longest = longest
            self.mean = mean
        }
    }

    /// One direction, and what of its duration was spent where.
    public struct Direction: Hashable, Sendable {
        public var count: UInt64 = 0
        public var total = Latency()
        public var store = Latency()
        public var network = Latency()
        public var limits = Latency()

        public init() {}
    }

    /// The requests of up to a size, and above that of the bucket before.
    public struct Bucket: Hashable, Sendable {
        public var kilobytesMax: UInt32
        public var reads = Direction()
        public var writes = Direction()

        public init(kilobytesMax: UInt32) { self.kilobytesMax = kilobytesMax }
    }

    public var requestCount: UInt64 = 0
    public var buckets: [Bucket] = []

    public init() {}
}

/// A thread that serves connections.
public struct ShardStatistics: Hashable, Sendable {
    public var name: String
    /// Queues since the start, and now.
    public var adminQueueCount: UInt32 = 0
    public var ioQueueCount: UInt32 = 0
    public var openAdminQueueCount: UInt32 = 0
    public var openIOQueueCount: UInt32 = 0
    /// Requests that stores have.
    public var pendingRequestCount: UInt64 = 0
    /// Commands that were answered.
    public var completedCommandCount: UInt64 = 0
    /// Of the time since the start, in nanoseconds.
    public var busy: UInt64 = 0
    public var idle: UInt64 = 0

    public init(name: String) { self.name = name }
}
