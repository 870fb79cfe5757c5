// A TCP connection between a host and a shard: two pipes, and the ways in which it can end.

/// One connection.
final class Wire {
    private unowned let world: World
    let id: Int
    let toTarget: Pipe
    let toHost: Pipe
    /// The shard that accepts it. Set once.
    private(set) unowned var shard: SimulatedShard
    /// The host's queue that it carries.
    var queue: HostQueue?
    /// The target's index of it, while the target has it.
    var index: UInt32?
    /// When the target last took bytes of the host from it, in nanoseconds.
    var heardAt: UInt64 = 0
    /// Whether the target has closed its end and its core has heard so: nothing of it is ever begun again.
    private(set) var isClosedByTarget = false
    private(set) var isClosedByHost = false
    /// Whether the network, not one of its ends, has ended it.
    private(set) var isCut = false

    /// Until when nothing gets through.
    private(set) var silentUntil: UInt64 = 0

    /// The connection is gone, for the host: nothing more arrives.
    var onLost: () -> Void = {}
    /// The target has let go of it.
    var onTargetClosed: () -> Void = {}

    init(_ world: World, id: Int, to shard: SimulatedShard, habits: PipeHabits) {
        self.world = world
        self.id = id
        self.shard = shard
        var hostSide = habits
        hostSide.sendBuffer = Int.max
        toTarget = Pipe(world, hostSide)
        toHost = Pipe(world, habits)
        let latency = world.random.time(habits.latency.0, habits.latency.1)
        world.schedule(after: latency) { [self] in
            if !isClosedByHost, !isCut { shard.adopt(self) }
        }
    }

    /// The host closes its socket: in order, with what it has sent before, or at once.
    func closeByHost(abruptly: Bool) {
        guard !isClosedByHost else { return }
        isClosedByHost = true
        onLost = {}
        toHost.die()
        if index == nil {
            // Not accepted yet, or closed by the target before.
            if !isClosedByTarget { targetClosed() }
            return
        }
        if abruptly {
            toTarget.die()
            resetAtTarget()
        } else {
            toTarget.end()
        }
    }

    /// The target closes its socket.
    func closeByTarget() {
        index = nil
        toTarget.die()
        toHost.end()
        targetClosed()
    }

    /// Refused as soon as it was accepted.
    func refuse() {
        toTarget.die()
        toHost.end()
        targetClosed()
    }

    private func targetClosed() {
        isClosedByTarget = true
        onTargetClosed()
    }

    /// Both ends hear that the connection is gone, each in its time.
    func cut() {
        guard !isCut else { return }
        isCut = true
        toTarget.die()
        toHost.die()
        if index == nil, !isClosedByTarget { targetClosed() }
        resetAtTarget()
        resetAtHost()
    }

    /// Nothing gets through any more, and nobody is told before TCP gives up.
    func silence(healingAfter time: UInt64?) {
        guard !isCut else { return }
        silentUntil = time.map { world.now + $0 } ?? .max
        toTarget.stall()
        toHost.stall()
        if let time {
            world.schedule(after: time) { [self] in
                toTarget.resume()
                toHost.resume()
            }
        } else {
            // GatewayIO's TCP keep-alive: a minute of silence, then some tries.
            world.schedule(after: 90_000_000_000) { [self] in cut() }
        }
    }

    /// The world ends.
    func dismantle() {
        queue = nil
        (onLost, onTargetClosed) = ({}, {})
        toTarget.die()
        toHost.die()
    }

    private func resetAtTarget() {
        guard index != nil else { return }
        world.schedule(after: world.random.time(1_000, 5_000_000)) { [self] in
            if let index { shard.reset(index, of: self) }
        }
    }

    private func resetAtHost() {
        world.schedule(after: world.random.time(1_000, 5_000_000)) { [self] in
            let tell = onLost
            onLost = {}
            tell()
        }
    }
}
