// What goes wrong: drawn from the seed, one thing at a time, until the world is to calm down. Afterwards
// everything is whole again, and what is still stuck then is a bug.

import GatewayCore
import NVMeTCP

/// Breaks things.
final class Saboteur {
    private unowned let world: World
    private var isActive = true

    init(_ world: World) {
        self.world = world
        if world.plan.faultInterval > 0 { next() }
    }

    private func next() {
        world.schedule(after: world.random.time(1_000_000, max(2_000_000, 2 * world.plan.faultInterval))) {
            [self] in
            guard isActive else { return }
            strike()
            next()
        }
    }

    /// Makes everything whole.
    func stop() {
        isActive = false
        for store in world.stores {
            store.enter(.healthy)
            if store.geometry.isReadOnly {
                store.setReadOnly(false)
                world.operations.shapeChanged(of: store)
            }
        }
        world.operations.restore()
    }

    private func strike() {
        switch world.random.weighted([22, 12, 26, 24, 8]) {
        case 0: strikeConnection()
        case 1: strikeHost()
        case 2: strikeStore()
        case 3: change()
        default: stallShard()
        }
    }

    private func strikeConnection() {
        let host = world.random.pick(world.hosts)
        let queues = host.allQueues
        guard !queues.isEmpty else { return }
        let queue = world.random.pick(queues)
        switch world.random.below(8) {
        case 0, 1:
            world.count(.connectionCut)
            queue.wire.cut()
        case 2:
            world.count(.connectionSilent)
            queue.wire.silence(healingAfter: nil)
        case 3, 4:
            world.count(.networkStalled)
            queue.wire.silence(healingAfter: world.random.time(1_000_000, 10_000_000_000))
        case 5: queue.spoilsHeader = true
        default: queue.spoilsPayload = true
        }
    }

    private func strikeHost() {
        let host = world.random.pick(world.hosts)
        switch world.random.below(6) {
        case 0:
            world.count(.hostDies)
            host.die(forNanoseconds: world.random.time(1_000_000, 10_000_000_000))
        case 1: host.fallSilent()
        case 2:
            guard let queue = host.queues.first else { return }
            world.count(.hostDeaf)
            queue.turnDeaf()
            world.schedule(after: world.random.time(1_000_000, 60_000_000_000)) { queue.hearAgain() }
        case 3, 4:
            world.count(.hostResets)
            host.reset()
        default: host.leave()
        }
    }

    private func strikeStore() {
        let store = world.random.pick(world.stores)
        let mode = world.random.pick(BackendMode.allCases)
        switch mode {
        case .slow: world.count(.backendSlow)
        case .failing: world.count(.backendFailing)
        case .hung: world.count(.backendHung)
        case .healthy, .immediate: break
        }
        store.enter(mode)
        if mode != .healthy, world.random.chance(0.8) {
            world.schedule(after: world.random.time(1_000_000, 20_000_000_000)) { store.enter(.healthy) }
        }
    }

    private func stallShard() {
        world.count(.shardStalled)
        world.random.pick(world.shards).stall(world.random.time(1_000_000, 1_500_000_000))
    }

    // MARK: What an operator does

    private func change() {
        let number = world.random.below(world.stores.count)
        let store = world.stores[number]
        let operations = world.operations!
        switch world.random.below(14) {
        case 0...3:
            if operations.current.isPresent[number] {
                world.count(.namespaceRemoved)
            } else {
                world.count(.namespaceAdded)
                if world.random.chance(0.5) { operations.renew(number) }
            }
            operations.change { $0.isPresent[number].toggle() }
        case 4, 5:
            world.count(.namespaceResized)
            store.resize(toBlocks: world.random.between(8, world.plan.stores[number].blockCount * 2))
            operations.shapeChanged(of: store)
        case 6:
            world.count(.namespaceReadOnly)
            store.setReadOnly(!store.geometry.isReadOnly)
            operations.shapeChanged(of: store)
        case 7, 8:
            world.count(.namespaceHidden)
            let hosts = world.hosts.indices.filter { _ in world.random.chance(0.4) }
            operations.change { $0.hidden[number] = hosts }
        case 9, 10, 11: changeGroup()
        case 12:
            world.count(.hostForbidden)
            let host = world.random.below(world.hosts.count)
            operations.change { $0.forbidden.append(host) }
            world.schedule(after: world.random.time(10_000_000, 3_000_000_000)) {
                operations.change { $0.forbidden = [] }
            }
        default:
            guard world.random.chance(0.4) else { return }
            world.count(.subsystemRemoved)
            operations.change { $0.hasSubsystem = false }
            world.schedule(after: world.random.time(10_000_000, 3_000_000_000)) {
                operations.change { $0.hasSubsystem = true }
            }
        }
    }

    private func changeGroup() {
        guard world.plan.anaGroupCount > 0 else { return }
        world.count(.groupChanged)
        let group = world.random.below(world.plan.anaGroupCount)
        let state = world.random.pick([
            ANAState.optimized, .nonOptimized, .optimized, .inaccessible, .change,
        ])
        world.operations.change { $0.groupStates[group] = state }
    }
}
