// All that is configured, as one immutable value: a change is a new model, which every shard swaps in between
// two commands.

/// The configured target.
public final class TargetModel: Sendable {
    /// Counts changes: what discovery reports as its Generation Counter (GENCTR).
    public let generation: UInt64
    public let subsystems: [Subsystem]
    public let ports: [Port]
    private let byNQN: [String: Subsystem]

    public init(generation: UInt64, subsystems: [Subsystem], ports: [Port]) {
        self.generation = generation
        self.subsystems = subsystems
        self.ports = ports
        byNQN = Dictionary(uniqueKeysWithValues: subsystems.map { ($0.nqn, $0) })
    }

    /// The subsystem of exactly this name, byte by byte.
    public func subsystem(_ nqn: String) -> Subsystem? {
        guard let subsystem = byNQN[nqn], subsystem.nqn.utf8.elementsEqual(nqn.utf8) else { return nil }
        return subsystem
    }

    public func port(_ id: UInt16) -> Port? { ports.first { $0.id == id } }

    /// Whether some namespace is of this store.
    func exports(_ backend: any BlockBackend) -> Bool {
        subsystems.contains { $0.namespaces.contains { $0.backend === backend } }
    }
}
