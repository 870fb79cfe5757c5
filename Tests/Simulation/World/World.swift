// A whole world in one thread: hosts, connections, the target's shards, stores, an operator, and one clock
// that jumps from event to event. All that happens by chance is drawn from one seed.

import GatewayCore
import NVMeTCP

/// A mistake that the simulator makes on purpose, to show that it would find it.
public enum Flaw: Sendable, CaseIterable {
    /// One write in fifty is acknowledged and not stored.
    case losesWrites
    /// Writes are acknowledged 20 ms before their last blocks are stored.
    case acknowledgesEarly
    /// One answer in a hundred never leaves the driver.
    case losesAnswers
    /// One payload in two hundred has a bit turned over on its way to the host, without a digest to tell.
    case turnsBits
}

/// One simulated world.
final class World {
    let seed: UInt64
    let flaw: Flaw?
    var random: SeededRandom
    let plan: Plan
    private(set) var now: UInt64 = 100_000_000_000
    /// Counts what happens, to tell before from after.
    private(set) var step: UInt64 = 1
    var trace = Trace()
    var counts = RunCounts()
    private(set) var failure: String?

    private var heap = EventHeap()
    private(set) var shards: [SimulatedShard] = []
    private(set) var stores: [FaultingBackend] = []
    private(set) var hosts: [SimulatedHost] = []
    private(set) var judge: Judge!
    private(set) var operations: Operations!
    private(set) var saboteur: Saboteur!
    /// When the last message of a sender (its row) to a shard arrives; the program's row is the last.
    private var lastArrivals: [[UInt64]] = []
    private var wires: [Wire] = []
    private let log = WorldLog()

    init(seed: UInt64, flaw: Flaw? = nil, scenario: Scenario = .everything) {
        self.seed = seed
        self.flaw = flaw
        random = SeededRandom(seed: seed)
        var plan = Plan(random: &random)
        scenario.adjust(&plan)
        self.plan = plan
        log.world = self
        judge = Judge(self)
        stores = plan.stores.enumerated().map { number, store in
            FaultingBackend(
                self, number: number, blockByteCount: Int(store.blockSize.rawValue),
                blockCount: store.blockCount, hasCache: store.hasCache)
        }
        operations = Operations(self)
        shards = (0..<plan.shardCount).map {
            SimulatedShard(self, id: $0, plan: plan, model: operations.model, log: log)
        }
        lastArrivals = Array(
            repeating: [UInt64](repeating: 0, count: plan.shardCount), count: plan.shardCount + 1)
        hosts = plan.hosts.enumerated().map { SimulatedHost(self, number: $0, plan: $1) }
        saboteur = Saboteur(self)
    }

    // MARK: Time

    func schedule(after delay: UInt64, _ action: @escaping () -> Void) {
        heap.push(at: now &+ delay, action)
    }

    func schedule(at time: UInt64, _ action: @escaping () -> Void) { heap.push(at: max(time, now), action) }

    func nextStep() -> UInt64 {
        step += 1
        return step
    }

    /// Lets things happen until `isDone`, or until `deadline`.
    /// - Returns: Whether `isDone`.
    func run(until deadline: UInt64, _ isDone: () -> Bool) -> Bool {
        while failure == nil {
            if isDone() { return true }
            guard let next = heap.nextTime, next <= deadline, let event = heap.pop() else {
                now = max(now, deadline)
                return isDone()
            }
            now = event.time
            step += 1
            counts.events += 1
            event.action()
            if counts.events > 20_000_000 { fail("the run does not end") }
        }
        return false
    }

    // MARK: Messages

    /// A message to a shard: late, and after those that its sender sent there before. That is all that
    /// ShardMessage promises: those of different senders overtake each other.
    func post(_ message: ShardMessage, from sender: Int?, to shard: Int) {
        counts.messages += 1
        let row = sender ?? plan.shardCount
        let delay = random.time(plan.messageNanoseconds.0, plan.messageNanoseconds.1)
        lastArrivals[row][shard] = max(lastArrivals[row][shard], now + delay)
        schedule(at: lastArrivals[row][shard]) { [self] in shards[shard].deliver(message) }
    }

    /// The program tells every shard.
    func broadcast(_ message: ShardMessage) {
        for shard in shards.indices { post(message, from: nil, to: shard) }
    }

    // MARK: Connections

    /// A host connects: some shard accepts.
    func connect(_ habits: PipeHabits) -> Wire {
        let wire = Wire(self, id: wires.count + 1, to: shards[random.below(shards.count)], habits: habits)
        wires.append(wire)
        return wire
    }

    // MARK: What is found

    /// A bug. The first one counts.
    func fail(_ message: String) {
        if failure == nil { failure = message }
    }

    /// Lets everything go. What is left to happen is of no interest.
    func dismantle() {
        heap = EventHeap()
        for wire in wires { wire.dismantle() }
        wires = []
        hosts = []
    }

    func count(_ fault: FaultKind) { counts.faults[fault.rawValue] += 1 }
    func count(_ command: CommandKind) { counts.commands[command.rawValue] += 1 }
}

/// The target's log lines: kept with the trace.
private final class WorldLog: TargetLog, @unchecked Sendable {
    // Sendable: a world runs on one thread.
    unowned var world: World!

    func write(_ level: LogLevel, _ message: String) { world.judge.logged(level, message) }
}
