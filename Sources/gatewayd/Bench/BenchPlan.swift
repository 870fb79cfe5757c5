// What a benchmark is to do, checked as far as the command line can tell. `BenchRun` carries it out once it
// knows the namespace.

import NVMeTCP

/// The mix and the order of a benchmark's commands.
enum Workload: String, CaseIterable, Sendable {
    case read, write, randread, randwrite, randrw

    var isRandom: Bool {
        switch self {
        case .read, .write: false
        case .randread, .randwrite, .randrw: true
        }
    }

    var reads: Bool {
        switch self {
        case .read, .randread, .randrw: true
        case .write, .randwrite: false
        }
    }

    var writes: Bool {
        switch self {
        case .write, .randwrite, .randrw: true
        case .read, .randread: false
        }
    }
}

/// What a benchmark does.
struct BenchPlan: Sendable {
    var address: Endpoint
    var subsystem: NQN
    var host: NQN
    var workload: Workload
    /// The data of each command, in bytes.
    var ioByteCount: Int
    /// Commands outstanding on each connection.
    var queueDepth: Int
    var connectionCount: Int
    var seconds: Int
    var namespaceID: NamespaceID = 1
    var wantsDigests = false
    var verifies = false
    /// How much of the namespace is used, from its start; nil: all.
    var regionByteCount: UInt64?
    /// Decides which blocks are chosen and what is written.
    var seed: UInt64 = 1

    /// - Throws: which option has a value that can't be.
    func check() throws(UsageError) {
        guard ioByteCount >= 512, ioByteCount % 512 == 0, ioByteCount <= 64 << 20 else {
            throw UsageError("--bs is a multiple of 512 bytes up to 64MiB, not \(ioByteCount)")
        }
        guard (1...1023).contains(queueDepth) else {
            throw UsageError("--qd is 1 to 1023, not \(queueDepth)")
        }
        guard (1...127).contains(connectionCount) else {
            throw UsageError("--connections is 1 to 127, not \(connectionCount)")
        }
        guard (1...86_400).contains(seconds) else {
            throw UsageError("--seconds is 1 to 86400, not \(seconds)")
        }
        guard namespaceID >= 1, namespaceID < 0xFFFF_FFFF else {
            throw UsageError("--nsid is 1 to 4294967294")
        }
        guard UInt64(ioByteCount) * UInt64(queueDepth * connectionCount) <= 4 << 30 else {
            throw UsageError("--bs times --qd times --connections is more than 4GiB of buffers")
        }
    }
}

/// The machine's order of pseudo-random numbers for a seed (SplitMix64): fast, and the same everywhere.
struct SplitMix: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    @inline(__always)
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// The number's bits, thoroughly mixed.
    @inline(__always)
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
