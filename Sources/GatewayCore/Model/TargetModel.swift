// All that is configured, as one immutable value: a change is a new model, which every shard swaps in between
// two commands.

internal import NVMeTCP

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

    /// Under what conditions hosts reach a store.
    func exports(of backend: any BlockBackend) -> [StoreExport] {
        subsystems.flatMap { subsystem in
            subsystem.namespaces.filter { $0.backend === backend }.map {
                StoreExport(
                    subsystemNQN: subsystem.nqn, access: subsystem.access, visibility: $0.visibility,
                    anaState: subsystem.anaState(of: $0))
            }
        }
    }
}

/// One namespace of a store, as far as it says who may use it.
struct StoreExport: Equatable {
    let subsystemNQN: String
    let access: HostAccess
    let visibility: HostAccess
    let anaState: ANAState
}
