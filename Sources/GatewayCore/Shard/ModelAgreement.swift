// Which models every shard serves: hosts are told of a change when all do, for a host that hears of a new
// namespace on its admin queue's shard may use it by an I/O queue of another at once. Each shard tells all
// others what it serves, and its controllers follow as far as all are.

internal import NVMeTCP

/// The models that a shard serves and its controllers have not taken over yet.
struct ModelAgreement {
    /// The newest generation that each shard serves, by its number.
    private var generations: [UInt64]
    /// In ascending order of generations.
    private var untold: [TargetModel] = []

    init(shardCount: Int, generation: UInt64) {
        generations = Array(repeating: generation, count: shardCount)
    }

    /// The newest generation that all shards serve.
    var agreed: UInt64 { generations.min() ?? 0 }

    /// A shard says what it serves.
    mutating func serves(_ generation: UInt64, shard: Int) {
        precondition(generation >= generations[shard], "a shard's messages come in order")
        generations[shard] = generation
    }

    /// Controllers are to follow, in place of an earlier version of the same generation.
    mutating func append(_ model: TargetModel) {
        if let last = untold.last, last.generation == model.generation { untold.removeLast() }
        untold.append(model)
    }

    /// The next model that controllers can take over, or nil.
    mutating func takeNext() -> TargetModel? {
        guard let next = untold.first, next.generation <= agreed else { return nil }
        return untold.removeFirst()
    }
}

extension TargetShard {
    /// Has the controllers follow a model that this shard serves now, as soon as all shards do.
    func tell(_ model: TargetModel) {
        modelAgreement.append(model)
        tellAgreed()
    }

    /// A shard serves by the model of this generation.
    func served(_ generation: UInt64, by shard: Int) {
        modelAgreement.serves(generation, shard: shard)
        tellAgreed()
    }

    private func tellAgreed() {
        while let agreed = modelAgreement.takeNext() {
            for seat in seats where Self.isToFollow(seat.controller, agreed) {
                seat.controller.apply(agreed)
                serveController(seat.controller.id)
            }
        }
        tellSettled()
    }

    /// Who connected since began with a newer model, and a subsystem that is gone took its controllers along.
    private static func isToFollow(_ controller: Controller, _ model: TargetModel) -> Bool {
        guard controller.model.generation <= model.generation else { return false }
        return controller.subsystem.map { model.subsystem($0.nqn) != nil } ?? true
    }
}
