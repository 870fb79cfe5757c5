// What a seed decides before anything runs: how large the target is, who the hosts are, how much goes wrong.

import GatewayCore
import NVMeTCP

/// How a shard's driver behaves.
struct ShardHabits {
    /// What one receive takes at most, in bytes.
    var stagingByteCount = 65_536
    var completionsPerTurn = 1_024
    var batchPDUs = 128
    /// How long a turn keeps the thread, in nanoseconds.
    var turnNanoseconds: (UInt64, UInt64) = (1_000, 50_000)
}

/// One namespace's store.
struct StorePlan {
    let blockSize: BlockSize
    let blockCount: Int
    let hasCache: Bool
}

/// One host.
struct HostPlan {
    var queueCount = 1
    var entries = 32
    /// Commands that it keeps under way on a queue.
    var depth = 8
    var keepAliveMilliseconds: UInt32 = 5_000
    var isFlowControlDisabled = false
    var wire = HostConnection.Parameters()
    var pipe = PipeHabits()
    /// The longest piece of data that it sends in one PDU, in bytes.
    var pieceMax = 131_072
    /// How long it takes to look at what arrived, in nanoseconds.
    var reaction: (UInt64, UInt64) = (1_000, 20_000)
    /// It enables Copy's format 2h: between namespaces.
    var enablesCopyAcross = false
    var usesReservations = false
    /// I/O commands that it sends before it is content.
    var quota = 100
}

/// The plan of a world.
struct Plan {
    var shardCount = 1
    var limits = Limits()
    var shardHabits = ShardHabits()
    var stores: [StorePlan] = []
    var hosts: [HostPlan] = []
    /// ANA groups; 0 for a subsystem that does not report ANA.
    var anaGroupCount = 0
    /// How long things go wrong, in nanoseconds, and the mean time between two faults; 0 for none.
    var chaosNanoseconds: UInt64 = 0
    var faultInterval: UInt64 = 0
    /// The least and the most that a message between shards takes, in nanoseconds.
    var messageNanoseconds: (UInt64, UInt64) = (1_000, 100_000)

    let portID: UInt16 = 1
    static let subsystemNQN = "nqn.2026-11.io.example:simulated"
    static func hostNQN(_ number: Int) -> String {
        let digits = String(number)
        let tail = String(repeating: "0", count: 12 - digits.count) + digits
        return "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-\(tail)"
    }

    /// What a seed decides.
    init(random: inout SeededRandom) {
        shardCount = random.between(1, 4)
        limits = Self.limits(&random)
        shardHabits = Self.habits(&random)
        stores = (0..<random.between(1, 4)).map { _ in
            let blockSize = random.pick([BlockSize.bytes512, .bytes512, .bytes4096])
            return StorePlan(
                blockSize: blockSize, blockCount: random.pick([16, 64, 256, 1024]),
                hasCache: random.chance(0.3))
        }
        let hostCount = random.between(1, 4)
        hosts = (0..<hostCount).map { _ in Self.host(&random, quota: 480 / hostCount) }
        anaGroupCount = random.chance(0.5) ? random.between(1, 3) : 0
        // One host alone must have room in one shard.
        for host in hosts {
            let entries = host.queueCount * (min(host.entries, limits.queueEntriesMax) + 2) + 34
            limits.operationsMax = max(limits.operationsMax, entries)
        }
        if random.chance(0.4) {
            for index in hosts.indices { hosts[index].usesReservations = random.chance(0.7) }
        }
        chaosNanoseconds = random.time(500_000_000, 40_000_000_000)
        faultInterval = chaosNanoseconds / UInt64(random.pick([2, 5, 10, 25, 60]))
        if random.chance(0.2) { messageNanoseconds.1 = 50_000_000 }
        if random.chance(0.05) { messageNanoseconds.1 = 4_000_000_000 }
    }

    private static func limits(_ random: inout SeededRandom) -> Limits {
        var limits = Limits()
        limits.connectionsMax = random.pick([6, 16, 64])
        limits.queueEntriesMax = random.pick([32, 128, 1024])
        limits.controllersMax = random.pick([2, 8, 64])
        limits.operationsMax = random.pick([150, 400, 4096])
        limits.transferShift = UInt8(random.pick([1, 2, 3, 5]))
        limits.bufferBytesMax = limits.transferBytesMax * random.pick([1, 2, 8, 64])
        limits.capsuleBufferBytesMax = 8192 * random.pick([1, 2, 16])
        limits.rangeBytesMax = random.pick([4_096, 32_768, 128 << 20])
        limits.copyBufferBytesMax = random.pick([8_192, 16_384, 256 << 10])
        limits.adminBufferBytesMax = max(limits.transferBytesMax, 8192) * random.pick([1, 2, 8])
        limits.cachedBufferBytesMax = random.pick([0, 65_536, 8 << 20])
        limits.hostDataBytesMax = random.pick([4_096, 8_192, 131_072, 131_072])
        limits.readyToTransfersMax = random.pick([1, 2, 4])
        if random.chance(0.3) { limits.dataAlignment = UInt8(random.below(32)) }
        return limits
    }

    private static func habits(_ random: inout SeededRandom) -> ShardHabits {
        var habits = ShardHabits()
        habits.stagingByteCount = random.pick([600, 4096, 16_384, 65_536])
        habits.completionsPerTurn = random.pick([2, 16, 1024])
        habits.batchPDUs = random.pick([4, 32, 128])
        if random.chance(0.2) { habits.turnNanoseconds.1 = 2_000_000 }
        return habits
    }

    private static func host(_ random: inout SeededRandom, quota: Int) -> HostPlan {
        var host = HostPlan()
        host.queueCount = random.between(1, 4)
        host.entries = random.pick([2, 4, 16, 32, 128])
        host.depth = random.chance(0.25) ? 1 : random.between(1, host.entries - 1)
        host.keepAliveMilliseconds = random.pick([0, 1_000, 5_000, 5_000, 15_000])
        host.isFlowControlDisabled = random.chance(0.3)
        host.wire.wantsHeaderDigest = random.chance(0.4)
        host.wire.wantsDataDigest = random.chance(0.4)
        host.wire.dataAlignment = random.chance(0.5) ? 0 : UInt8(random.below(32))
        host.wire.maximumReadyToTransfers = random.pick([1, 1, 4, 16])
        host.pieceMax = random.pick([512, 4096, 131_072])
        host.quota = quota
        host.enablesCopyAcross = random.chance(0.5)
        host.pipe.segmentMax = random.pick([100, 1_448, 16_384, 65_536, 65_536])
        host.pipe.window = random.pick([4_096, 65_536, 262_144])
        host.pipe.sendBuffer = random.pick([4_096, 65_536, 262_144])
        if random.chance(0.3) { host.pipe.latency.1 = 2_000_000 }
        if random.chance(0.2) { host.reaction.1 = 5_000_000 }
        return host
    }
}
