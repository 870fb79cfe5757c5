// A run: a world is made from a seed, things go wrong in it for a while, then it is left in peace, and must
// come to rest: every host does what it wanted, every connection can end, and nothing is left in the target.

import GatewayCore

/// How a run went.
public struct SimulationReport: Sendable {
    public let seed: UInt64
    /// The same for two runs of a seed.
    public let digest: UInt64
    public let counts: RunCounts
    /// What was found; nil if all was well.
    public let failure: String?
    /// The world's time when the run ended, in nanoseconds.
    public let nanoseconds: UInt64
    /// The last events, and the target's last log lines.
    public let events: [String]
    public let logLines: [String]

    /// The failure with all that helps to understand it.
    public var explanation: String {
        guard let failure else { return "seed \(seed): ok" }
        return """
            seed \(seed), at \(Trace.milliseconds(nanoseconds)) ms: \(failure)
            the last events:
              \(events.joined(separator: "\n  "))
            the target's last lines:
              \(logLines.joined(separator: "\n  "))
            to see it again: SEED=\(seed) make sim
            """
    }
}

/// Runs one seed.
/// - Parameters:
///   - flaw: A mistake to make on purpose.
///   - isVerbose: Print each event.
public func simulate(
    seed: UInt64, flaw: Flaw? = nil, scenario: Scenario = .everything, isVerbose: Bool = false
) -> SimulationReport {
    run(World(seed: seed, flaw: flaw, scenario: scenario), isVerbose: isVerbose)
}

func run(_ world: World, isVerbose: Bool = false) -> SimulationReport {
    world.trace.isPrinting = isVerbose
    live(world)
    world.counts.nanoseconds = world.now
    let report = SimulationReport(
        seed: world.seed, digest: world.trace.digest, counts: world.counts, failure: world.failure,
        nanoseconds: world.now, events: world.trace.lines, logLines: world.judge.lastLines)
    if world.failure == nil {
        world.dismantle()
    } else {
        // Shards must not end with commands under way: a world that went wrong stays for good.
        _ = Unmanaged.passRetained(world)
    }
    return report
}

/// The longest that a world may take to come to rest once nothing goes wrong any more, in nanoseconds: a host
/// whose peer is silent is told by TCP after 90 seconds, and a command may have to time out first.
private let restNanoseconds: UInt64 = 400_000_000_000

private func live(_ world: World) {
    let start = world.now
    _ = world.run(until: start + world.plan.chaosNanoseconds) { world.hosts.allSatisfy(\.isContent) }
    world.saboteur.stop()
    for host in world.hosts { host.settleDown() }
    // Room in the target may not be enough for all at once: who is content makes room.
    let isQuiet = {
        for host in world.hosts where host.isContent { host.goAway(inOrder: world.random.chance(0.7)) }
        return world.hosts.allSatisfy { $0.phase == .gone }
    }
    guard world.run(until: world.now + restNanoseconds, isQuiet) else {
        let stuck = world.hosts.filter { $0.phase != .gone }.map(\.state).joined(separator: "; ")
        return world.fail("nothing goes wrong any more, and still: \(stuck)")
    }
    let isEmpty = {
        world.shards.allSatisfy { $0.core.inventory == ShardInventory() } && world.judge.openRequests.isEmpty
    }
    _ = world.run(until: world.now + restNanoseconds, isEmpty)
    world.judge.checkEmpty()
    world.broadcast(.drain)
    _ = world.run(until: world.now + restNanoseconds) { world.shards.allSatisfy(\.isDrained) }
    if !world.shards.allSatisfy(\.isDrained) { world.fail("a shard without connections does not drain") }
}
