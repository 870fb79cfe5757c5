// The operator's side: the model that the program gives to the shards, what it changes in it, and a record of
// which shard served by which model when. Changes are told as GatewayIO's Target tells them: to every shard,
// in order, and complete when all of them have settled.

import GatewayCore
import NVMeTCP

/// The model and its history.
final class Operations {
    private unowned let world: World
    private(set) var model: TargetModel
    private var settings: ModelSettings
    /// The newest object of each namespace, and what it says.
    private var namespaces: [(hidden: [Int], namespace: Namespace)] = []
    private var views: [ModelView] = []
    /// What each shard has taken over, and when.
    private var taken: [[(step: UInt64, view: Int)]]
    /// What each shard knows that each shard serves, by generation, and the views that it so has told hosts.
    private var served: [[UInt64]]
    private var told: [[(step: UInt64, view: Int)]]
    /// When each shard last read each namespace's shape because it was told to.
    private var looks: [[[UInt64]]]
    private var settledCounts: [UInt64: Int] = [:]

    init(_ world: World) {
        self.world = world
        settings = ModelSettings(storeCount: world.stores.count, groupCount: world.plan.anaGroupCount)
        let shardCount = world.plan.shardCount
        taken = Array(repeating: [(0, 0)], count: shardCount)
        told = taken
        served = Array(repeating: Array(repeating: 1, count: shardCount), count: shardCount)
        looks = Array(
            repeating: Array(repeating: [0], count: world.stores.count), count: shardCount)
        model = TargetModel(generation: 0, subsystems: [], ports: [])
        namespaces = world.stores.indices.map { ([], makeNamespace($0)) }
        model = makeModel()
    }

    private func makeNamespace(_ number: Int) -> Namespace {
        let hidden = settings.hidden[number]
        let seeing = world.plan.hosts.indices.filter { !hidden.contains($0) }.map(Plan.hostNQN)
        return Namespace(
            id: UInt32(number + 1), name: "store \(number)", blockSize: world.plan.stores[number].blockSize,
            uuid: UInt128(number + 1), visibility: hidden.isEmpty ? .any : .only(Set(seeing)),
            anaGroupID: UInt32(settings.group(of: number) + 1), offersReservations: true,
            backend: world.stores[number])
    }

    /// The store behind a namespace, whether or not the namespace is there.
    func store(of namespaceID: UInt32) -> FaultingBackend? {
        let number = Int(namespaceID) - 1
        return world.stores.indices.contains(number) ? world.stores[number] : nil
    }

    // MARK: What changes

    var current: ModelSettings { settings }

    /// Changes what is configured, and tells the shards.
    func change(_ body: (inout ModelSettings) -> Void) {
        body(&settings)
        for number in namespaces.indices where namespaces[number].hidden != settings.hidden[number] {
            renew(number)
        }
        model = makeModel()
        world.broadcast(.model(model))
    }

    /// A new object that says the same.
    func renew(_ number: Int) { namespaces[number] = (settings.hidden[number], makeNamespace(number)) }

    /// Everything is there again and everybody may use it.
    func restore() {
        change {
            $0 = ModelSettings(storeCount: world.stores.count, groupCount: world.plan.anaGroupCount)
        }
    }

    func shapeChanged(of store: FaultingBackend) {
        world.broadcast(
            .geometryChanged(subsystem: Plan.subsystemNQN, namespace: UInt32(store.number + 1)))
    }

    private func makeModel() -> TargetModel {
        let list = namespaces.indices.filter { settings.isPresent[$0] }.map { namespaces[$0].namespace }
        let hosts = world.plan.hosts.indices.filter { !settings.forbidden.contains($0) }.map(Plan.hostNQN)
        let groups = settings.groupStates.enumerated().map { ANAGroup(id: UInt32($0 + 1), state: $1) }
        let subsystem = Subsystem(
            nqn: Plan.subsystemNQN, serialNumber: "1",
            access: settings.forbidden.isEmpty ? .any : .only(Set(hosts)), namespaces: list,
            anaReporting: groups.isEmpty ? nil : ANAReporting(groups: groups, transitionSeconds: 3),
            namespaceIDMax: 16)
        let generation = model.generation + 1
        views.append(ModelView(generation: generation, settings: settings))
        return TargetModel(
            generation: generation, subsystems: settings.hasSubsystem ? [subsystem] : [],
            ports: [
                Port(id: world.plan.portID, family: .ipv4, address: "192.0.2.1", service: 4420)
            ])
    }

    // MARK: What shards serve by

    /// A shard is about to take a message over.
    func delivered(_ message: ShardMessage, to shard: Int) {
        switch message {
        case .model(let model):
            let view = views.firstIndex { $0.generation == model.generation }!
            taken[shard].append((world.nextStep(), view))
            serves(model.generation, shard: shard, knownTo: shard)
        case .modelServed(let generation, let other): serves(generation, shard: other, knownTo: shard)
        case .geometryChanged(_, let namespaceID):
            looks[shard][Int(namespaceID) - 1].append(world.nextStep())
        default: break
        }
    }

    private func serves(_ generation: UInt64, shard other: Int, knownTo shard: Int) {
        served[shard][other] = generation
        let view = views.lastIndex { $0.generation <= served[shard].min()! }!
        if view != told[shard].last!.view { told[shard].append((world.nextStep(), view)) }
    }

    /// What controllers of a shard may have said since a step: what all shards were known to serve, or, to
    /// hosts that connected meanwhile, what this one does.
    func viewsTold(by shard: Int, since step: UInt64) -> ArraySlice<ModelView> {
        let first = told[shard].last { $0.step <= step }?.view ?? 0
        return views[first...taken[shard].last!.view]
    }

    func generation(of shard: Int) -> UInt64 { views[taken[shard].last!.view].generation }

    /// The models that a shard has served by since a step.
    func views(of shard: Int, since step: UInt64) -> [ModelView] {
        let list = taken[shard]
        let first = list.lastIndex { $0.step <= step } ?? 0
        return list[first...].map { views[$0.view] }
    }

    /// All models that any shard has served by since a step.
    func views(since step: UInt64) -> [ModelView] {
        (0..<world.plan.shardCount).flatMap { views(of: $0, since: step) }
    }

    /// When a shard had last read a namespace's shape, at a step.
    func lastLook(of shard: Int, at namespaceID: UInt32, before step: UInt64) -> UInt64 {
        let index = Int(namespaceID) - 1
        guard looks[shard].indices.contains(index) else { return 0 }
        return looks[shard][index].last { $0 <= step } ?? 0
    }

    /// A shard says that a model is in force and nothing from before it is left that it forbids. When all
    /// have said so, that is held to what is really in the backends.
    func settled(_ generation: UInt64, by shard: Int) {
        settledCounts[generation, default: 0] += 1
        guard settledCounts[generation] == world.plan.shardCount else { return }
        guard let index = views.firstIndex(where: { $0.generation == generation }), index > 0 else { return }
        // Each change waits for what it takes away itself.
        let (before, after) = (views[index - 1], views[index])
        for request in world.judge.openRequests where request.generation < generation {
            guard let command = request.command else { continue }
            let namespaceID = UInt32(request.store.number + 1)
            let host = command.queue.host.number
            if before.permits(host, namespaceID), !after.permits(host, namespaceID) {
                let since = views.filter {
                    $0.generation >= request.generation && $0.generation <= generation
                }
                world.fail(
                    "\(command.description), begun by model \(request.generation), is in a store after model "
                        + "\(generation) took that away and was settled: "
                        + since.map { "\($0.settings)" }.joined(separator: "; "))
            }
        }
    }
}
