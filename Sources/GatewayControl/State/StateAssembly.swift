// Puts entries that were read into their places: subsystems first, then what is in a subsystem, then what
// belongs to a namespace. An entry whose place is not there is named, as one that can't be read is.

struct StateAssembly {
    private(set) var subsystems: [String: SubsystemState] = [:]
    private(set) var corrupt: [CorruptEntry] = []
    private(set) var foreign: [String] = []

    mutating func addFirst(_ entry: StateEntry, _ key: String) {
        switch entry {
        case .subsystem(let record): subsystems[record.subsystemNQN] = SubsystemState(record: record)
        case .corrupt(let reason): corrupt.append(CorruptEntry(key: key, reason: reason))
        case .foreign: foreign.append(key)
        case .namespace, .host, .listener, .qos, .namespaceHost, .refreshSize: break
        }
    }

    mutating func addSecond(_ entry: StateEntry, _ key: String) {
        switch entry {
        case .namespace(let record):
            place(key, in: record.subsystemNQN) {
                $0.namespaces[record.nsid] = NamespaceState(record: record)
            }
        case .host(let record):
            place(key, in: record.subsystemNQN) { $0.hosts[record.hostNQN] = record }
        case .listener(let record):
            place(key, in: record.nqn) { $0.listeners[key] = record }
        case .subsystem, .qos, .namespaceHost, .refreshSize, .foreign, .corrupt: break
        }
    }

    mutating func addThird(_ entry: StateEntry, _ key: String) {
        switch entry {
        case .qos(let record):
            place(key, in: record.subsystemNQN, record.nsid) { $0.qos = record }
        case .namespaceHost(let record):
            place(key, in: record.subsystemNQN, record.nsid) { $0.hosts[record.hostNQN] = record }
        case .refreshSize(let nqn, let nsid, let mark):
            place(key, in: nqn, nsid) { $0.refreshSizeMark = mark }
        case .subsystem, .namespace, .host, .listener, .foreign, .corrupt: break
        }
    }

    private mutating func place(_ key: String, in nqn: String, _ change: (inout SubsystemState) -> Void) {
        guard let index = subsystems.index(forKey: nqn) else {
            corrupt.append(CorruptEntry(key: key, reason: "its subsystem is not there, or can't be read"))
            return
        }
        change(&subsystems.values[index])
    }

    private mutating func place(
        _ key: String, in nqn: String, _ nsid: UInt32, _ change: (inout NamespaceState) -> Void
    ) {
        guard let index = subsystems.index(forKey: nqn),
            let inner = subsystems.values[index].namespaces.index(forKey: nsid)
        else {
            corrupt.append(CorruptEntry(key: key, reason: "its namespace is not there, or can't be read"))
            return
        }
        change(&subsystems.values[index].namespaces.values[inner])
    }
}
