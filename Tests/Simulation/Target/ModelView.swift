// What a model says, as far as commands are judged by it: the operator changes it, and the rules look it up.

import GatewayCore
import NVMeTCP

/// What is configured.
struct ModelSettings {
    var isPresent: [Bool]
    /// Hosts, by number, that don't see a namespace.
    var hidden: [[Int]]
    /// Hosts that may not connect.
    var forbidden: [Int] = []
    var hasSubsystem = true
    /// The ANA groups' states; none without ANA.
    var groupStates: [ANAState]

    init(storeCount: Int, groupCount: Int) {
        isPresent = Array(repeating: true, count: storeCount)
        hidden = Array(repeating: [], count: storeCount)
        groupStates = Array(repeating: .optimized, count: groupCount)
    }

    func group(of number: Int) -> Int { groupStates.isEmpty ? 0 : number % groupStates.count }
}

/// One model.
struct ModelView {
    let generation: UInt64
    let settings: ModelSettings

    var hasSubsystem: Bool { settings.hasSubsystem }

    /// All there may be, whether or not they are there.
    var allNamespaces: [UInt32] { settings.isPresent.indices.map { UInt32($0 + 1) } }

    /// What a host finds, ascending.
    func namespaces(of host: Int) -> [UInt32] {
        settings.isPresent.indices.map { UInt32($0 + 1) }.filter { has($0, for: host) }
    }

    func has(_ namespaceID: UInt32, for host: Int) -> Bool {
        let number = Int(namespaceID) - 1
        guard settings.hasSubsystem, settings.isPresent.indices.contains(number) else { return false }
        return settings.isPresent[number] && !settings.hidden[number].contains(host)
    }

    func isForbidden(_ host: Int) -> Bool { settings.forbidden.contains(host) }

    /// The statuses with which a namespace's ANA state refuses commands; none if it does not.
    func refusals(of namespaceID: UInt32) -> [Status] {
        let number = Int(namespaceID) - 1
        guard settings.groupStates.indices.contains(settings.group(of: number)) else { return [] }
        switch settings.groupStates[settings.group(of: number)] {
        case .inaccessible: return [.anaInaccessible]
        case .persistentLoss: return [.anaPersistentLoss]
        // After the transition time it is served as inaccessible.
        case .change: return [.anaTransition, .anaInaccessible]
        default: return []
        }
    }

    /// Whether a host's commands for a namespace are served.
    func permits(_ host: Int, _ namespaceID: UInt32) -> Bool {
        has(namespaceID, for: host) && !isForbidden(host) && refusals(of: namespaceID).isEmpty
    }
}
