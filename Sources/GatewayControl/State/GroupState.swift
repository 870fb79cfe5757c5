// The group's state as one immutable value: what the operations decide on and the reconciler applies. It is
// made from a store's entries, whatever they hold: what can't be used is listed, and never stops the rest.

internal import Foundation

/// What a group of gateways serves, at one version.
public struct GroupState: Sendable {
    public let version: UInt64
    /// All entries as the store has them, by key.
    public let entries: [String: String]
    /// By NVMe Qualified Name (NQN).
    public let subsystems: [String: SubsystemState]
    /// What could not be read, or belongs to nothing, sorted by key. It stays in the store as it is.
    public let corruptEntries: [CorruptEntry]
    /// Keys of kinds that this version does not know, sorted. They stay in the store as they are.
    public let foreignKeys: [String]
    /// The entries, read: an entry whose text stays the same is read once.
    private let read: [String: StateEntry]

    /// Nothing, of version 0: no store has it. It stands before the first state of a gateway.
    public static let none = GroupState(StateSnapshot(version: 0, entries: [:]))

    /// - Parameter previous: a state of the same store, to save the reading of entries that it has, too.
    public init(_ snapshot: StateSnapshot, after previous: GroupState? = nil) {
        let decoder = JSONDecoder()
        var read: [String: StateEntry] = [:]
        read.reserveCapacity(snapshot.entries.count)
        for (key, text) in snapshot.entries {
            if let previous, previous.entries[key] == text, let entry = previous.read[key] {
                read[key] = entry
            } else {
                read[key] = StateEntry(key: key, text: text, decoder)
            }
        }
        var assembly = StateAssembly()
        for (key, entry) in read { assembly.addFirst(entry, key) }
        for (key, entry) in read { assembly.addSecond(entry, key) }
        for (key, entry) in read { assembly.addThird(entry, key) }
        version = snapshot.version
        entries = snapshot.entries
        subsystems = assembly.subsystems
        corruptEntries = assembly.corrupt.sorted { $0.key < $1.key }
        foreignKeys = assembly.foreign.sorted()
        self.read = read
    }
}

/// An entry that is passed over.
public struct CorruptEntry: Hashable, Sendable, CustomStringConvertible {
    public let key: String
    /// In a clause, without the entry's content.
    public let reason: String

    public var description: String { "\(key): \(reason)" }
}

/// A subsystem and all that is in it.
public struct SubsystemState: Hashable, Sendable {
    public var record: SubsystemRecord
    /// By Namespace Identifier (NSID).
    public var namespaces: [UInt32: NamespaceState] = [:]
    /// By NQN, or "*".
    public var hosts: [String: HostRecord] = [:]
    /// By the listener's key in the store.
    public var listeners: [String: ListenerRecord] = [:]

    /// Whether every host may connect.
    public var allowsAnyHost: Bool { hosts[HostRecord.any] != nil }
    /// In the order of their NSIDs.
    public var sortedNamespaces: [NamespaceState] {
        namespaces.values.sorted { $0.record.nsid < $1.record.nsid }
    }
    /// In the order of their NQNs.
    public var sortedHosts: [HostRecord] { hosts.values.sorted { $0.hostNQN < $1.hostNQN } }
    /// In the order of their keys.
    public var sortedListeners: [ListenerRecord] { listeners.sorted { $0.key < $1.key }.map(\.value) }
}

/// A namespace and what was set for it since it was added.
public struct NamespaceState: Hashable, Sendable {
    public var record: NamespaceRecord
    public var qos: QoSRecord?
    /// The hosts that see it if it is not visible to all, by NQN.
    public var hosts: [String: NamespaceHostRecord] = [:]
    /// A change of it asks the gateways to look at the image's size again.
    public var refreshSizeMark: String?

    /// Whether every host of the subsystem sees it.
    public var isAutoVisible: Bool { record.noAutoVisible != true }
}

// MARK: Asking, and removing

extension GroupState {
    /// In the order of their NQNs.
    public var sortedSubsystems: [SubsystemState] {
        subsystems.values.sorted { $0.record.subsystemNQN < $1.record.subsystemNQN }
    }

    public func namespace(_ nsid: UInt32, of nqn: String) -> NamespaceState? {
        subsystems[nqn]?.namespaces[nsid]
    }

    /// Whether there is an entry with this key, were it a corrupt one.
    public func holds(_ key: StateKey) -> Bool { entries[key.text] != nil }

    /// The lowest NSID that no entry of the subsystem has; nil if there is none up to `max`.
    public func unusedNSID(in nqn: String, max: UInt32) -> UInt32? {
        guard max > 0 else { return nil }
        return (1...max).first { !holds(.namespace(nqn, $0)) }
    }

    /// Takes the subsystem away with all that is in it, unreadable entries too.
    public func removal(ofSubsystem nqn: String) -> [StateChange] {
        StateKey.all(ofSubsystem: nqn, in: entries.keys).map { .remove(key: $0) }
    }

    /// Takes the namespace away with its limits and hosts.
    public func removal(ofNamespace nsid: UInt32, _ nqn: String) -> [StateChange] {
        StateKey.all(ofNamespace: nsid, nqn, in: entries.keys).map { .remove(key: $0) }
    }

    /// Takes the host from the subsystem's allow list.
    public func removal(ofHost host: String, _ nqn: String) -> [StateChange] {
        StateKey.all(ofHost: host, nqn, in: entries.keys).map { .remove(key: $0) }
    }
}
