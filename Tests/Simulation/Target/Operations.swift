// The operator's side: the model that the program gives to the shards, what it changes in it, and a record of
// which shard served by which model when. Changes are told as GatewayIO's Target tells them: to every shard,
// in order, and complete when all of them have settled.

import GatewayCore
import NVMeTCP

/// What a model says, as far as commands are judged by it.
struct ModelView {
    let generation: UInt64
    let namespaceIDs: [UInt32]
    /// Hosts, by number, that may not connect.
    let forbidden: [Int]
    let hasSubsystem: Bool

    func has(_ namespaceID: UInt32) -> Bool { hasSubsystem && namespaceIDs.contains(namespaceID) }
}

/// The model and its history.
final class Operations {
    private unowned let world: World
    private(set) var model: TargetModel
    private var namespaces: [Namespace]
    private var present: [Bool]
    private var forbidden: [Int] = []
    private var hasSubsystem = true
    private var views: [ModelView] = []
    /// What each shard has taken over, and when.
    private var taken: [[(step: UInt64, view: Int)]]
    /// When each shard last read each namespace's shape because it was told to.
    private var looks: [[[UInt64]]]
    private var settledCounts: [UInt64: Int] = [:]

    init(_ world: World) {
        self.world = world
        namespaces = world.stores.map { Self.namespace($0, world) }
        present = world.stores.map { _ in true }
        let shardCount = world.plan.shardCount
        taken = Array(repeating: [(0, 0)], count: shardCount)
        looks = Array(
            repeating: Array(repeating: [0], count: world.stores.count), count: shardCount)
        model = TargetModel(generation: 0, subsystems: [], ports: [])
        model = makeModel()
    }

    private static func namespace(_ store: FaultingBackend, _ world: World) -> Namespace {
        Namespace(
            id: UInt32(store.number + 1), name: "store \(store.number)",
            blockSize: world.plan.stores[store.number].blockSize, uuid: UInt128(store.number + 1),
            backend: store)
    }

    /// The store behind a namespace, whether or not the namespace is there.
    func store(of namespaceID: UInt32) -> FaultingBackend? {
        let number = Int(namespaceID) - 1
        return world.stores.indices.contains(number) ? world.stores[number] : nil
    }

    // MARK: What changes

    func remove(namespace number: Int) {
        present[number] = false
        update()
    }

    /// Adds it again: as it was, or as a new object that says the same.
    func add(namespace number: Int, anew: Bool) {
        present[number] = true
        if anew { namespaces[number] = Self.namespace(world.stores[number], world) }
        update()
    }

    var presentCount: Int { present.count { $0 } }
    func isPresent(_ number: Int) -> Bool { present[number] }

    func forbid(_ host: Int) {
        if !forbidden.contains(host) { forbidden.append(host) }
        update()
    }

    func permitAll() {
        guard !forbidden.isEmpty else { return }
        forbidden = []
        update()
    }

    func setSubsystem(isThere: Bool) {
        guard hasSubsystem != isThere else { return }
        hasSubsystem = isThere
        update()
    }

    /// Everything is there again and everybody may use it.
    func restore() {
        present = present.map { _ in true }
        forbidden = []
        hasSubsystem = true
        update()
    }

    func shapeChanged(of store: FaultingBackend) {
        world.broadcast(
            .geometryChanged(subsystem: Plan.subsystemNQN, namespace: UInt32(store.number + 1)))
    }

    private func update() {
        model = makeModel()
        world.broadcast(.model(model))
    }

    private func makeModel() -> TargetModel {
        let list = namespaces.indices.filter { present[$0] }.map { namespaces[$0] }
        let hosts = world.plan.hosts.indices.filter { !forbidden.contains($0) }.map(Plan.hostNQN)
        let subsystem = Subsystem(
            nqn: Plan.subsystemNQN, serialNumber: "1",
            access: forbidden.isEmpty ? .any : .only(Set(hosts)), namespaces: list)
        let generation = model.generation + 1
        views.append(
            ModelView(
                generation: generation, namespaceIDs: list.map(\.id), forbidden: forbidden,
                hasSubsystem: hasSubsystem))
        return TargetModel(
            generation: generation, subsystems: hasSubsystem ? [subsystem] : [],
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
        case .geometryChanged(_, let namespaceID):
            looks[shard][Int(namespaceID) - 1].append(world.nextStep())
        default: break
        }
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
            if before.has(namespaceID), !after.has(namespaceID) {
                world.fail("\(command.description) is in a backend after its namespace was removed")
            }
            let host = command.queue.host.number
            if !before.forbidden.contains(host), after.forbidden.contains(host) {
                world.fail("\(command.description) is in a backend after its host was forbidden")
            }
        }
    }

}
