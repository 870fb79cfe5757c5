// One entry of the state, read: a row of a table says for each kind of key how. What can't be read is an
// entry, too: it is kept, named and passed over.

internal import Foundation

/// What an entry says.
enum StateEntry: Sendable {
    case subsystem(SubsystemRecord)
    case namespace(NamespaceRecord)
    case host(HostRecord)
    case listener(ListenerRecord)
    case qos(QoSRecord)
    case namespaceHost(NamespaceHostRecord)
    /// The text is the time of the request; that it changes is what matters.
    case refreshSize(String, UInt32, mark: String)
    /// A key of a kind that this version does not know.
    case foreign
    /// Why it can't be read.
    case corrupt(String)

    init(key: String, text: String, _ decoder: JSONDecoder) {
        guard let kind = Self.kinds.first(where: { key.hasPrefix($0.prefix) }) else {
            self = .foreign
            return
        }
        do {
            self = try kind.read(key, text, decoder)
        } catch let problem as EntryProblem {
            self = .corrupt(problem.description)
        } catch {
            self = .corrupt(Self.explain(error))
        }
    }

    private struct Kind: Sendable {
        let prefix: String
        let read: @Sendable (_ key: String, _ text: String, JSONDecoder) throws -> StateEntry

        init(
            _ prefix: String,
            _ read: @escaping @Sendable (_ key: String, _ text: String, JSONDecoder) throws -> StateEntry
        ) {
            self.prefix = prefix
            self.read = read
        }

        /// A kind whose entry is one message, which names its own key.
        static func message<Record: StateRecord>(
            _ prefix: String, _ entry: @escaping @Sendable (Record) -> StateEntry
        ) -> Kind {
            Kind(prefix) { key, text, decoder in
                let record = try decoder.decode(Record.self, from: Data(text.utf8))
                guard record.key.text == key else { throw EntryProblem.otherKey(record.key.text) }
                return entry(record)
            }
        }
    }

    private static let kinds: [Kind] = [
        .message("subsystem_", Self.subsystem),
        Kind("namespace_") { key, text, decoder in
            var record = try decoder.decode(NamespaceRecord.self, from: Data(text.utf8))
            // An entry without an NSID has that of its key.
            if record.nsid == 0, let nsid = UInt32(key.split(separator: StateKey.delimiter).last ?? "") {
                record.nsid = nsid
            }
            guard record.key.text == key, record.nsid != 0 else {
                throw EntryProblem.otherKey(record.key.text)
            }
            return .namespace(record)
        },
        .message("host_", Self.host),
        Kind("listener_") { key, text, decoder in
            let record = try decoder.decode(ListenerRecord.self, from: Data(text.utf8))
            // How releases wrote the transport, an IPv6 address and a default port into the key differs: the
            // message counts.
            guard key.hasPrefix("listener_\(record.nqn)_"), !record.nqn.isEmpty else {
                throw EntryProblem.otherKey(record.key.text)
            }
            return .listener(record)
        },
        .message("qos_", Self.qos),
        .message("ns-host_", Self.namespaceHost),
        Kind("ns-refresh-size_") { key, text, _ in
            let parts = key.split(separator: StateKey.delimiter)
            guard parts.count == 3, let nsid = UInt32(parts[2]) else { throw EntryProblem.key }
            return .refreshSize(String(parts[1]), nsid, mark: text)
        },
    ]

    /// Foundation's errors in one line, without the text that they are about: it may hold keys.
    private static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it can't be read" }
        switch error {
        case .typeMismatch(_, let context): return "its field \(field(context)) has another type"
        case .valueNotFound(_, let context): return "its field \(field(context)) has no value"
        case .keyNotFound(let key, _): return "it has no field \(key.stringValue)"
        case .dataCorrupted(let context) where context.codingPath.isEmpty: return "it is not JSON"
        case .dataCorrupted(let context): return "the value of its field \(field(context)) is not valid"
        @unknown default: return "it can't be read"
        }
    }

    private static func field(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "(the whole)" : path
    }
}

private enum EntryProblem: Error, CustomStringConvertible {
    case otherKey(String)
    case key

    var description: String {
        switch self {
        case .otherKey(let key): "what it says belongs under the key \(key)"
        case .key: "its key names no namespace"
        }
    }
}
