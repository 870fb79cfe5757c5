// One step of a change of the group's state. A decision answers with all steps that belong together, and the
// store does them together or not at all.

/// What is done to one entry.
public enum StateChange: Hashable, Sendable {
    /// The entry has this text from now on, whether it was there or not.
    case put(key: String, text: String)
    /// The entry is not there any more, whether it was or not.
    case remove(key: String)

    public static func put(_ record: some StateRecord) -> StateChange {
        .put(key: record.key.text, text: record.text)
    }
    public static func put(_ key: StateKey, text: String) -> StateChange { .put(key: key.text, text: text) }
    public static func remove(_ key: StateKey) -> StateChange { .remove(key: key.text) }

    public var key: String {
        switch self {
        case .put(let key, _), .remove(let key): key
        }
    }
}

/// Steps that are done together, one for each key at most.
public struct StateChanges: Hashable, Sendable {
    /// The new texts by key.
    public private(set) var puts: [String: String] = [:]
    public private(set) var removals: Set<String> = []

    /// Of two steps with one key the last counts. A step for the version's key traps: the store alone
    /// writes it.
    public init(_ steps: some Sequence<StateChange>) {
        for step in steps {
            precondition(step.key != StateKey.version, "a change may not write the state's version")
            switch step {
            case .put(let key, let text):
                removals.remove(key)
                puts[key] = text
            case .remove(let key):
                puts[key] = nil
                removals.insert(key)
            }
        }
    }

    public var isEmpty: Bool { puts.isEmpty && removals.isEmpty }

    public func apply(to entries: inout [String: String]) {
        for (key, text) in puts { entries[key] = text }
        for key in removals { entries[key] = nil }
    }
}
