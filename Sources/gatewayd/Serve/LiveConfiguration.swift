// The configuration in force, which a reload changes in part: the log and the end of the service ask here.

import GatewayControl
import Synchronization

/// A configuration that can be replaced while it is used.
final class LiveConfiguration: Sendable {
    private let loaded: Mutex<LoadedConfiguration>

    init(_ loaded: LoadedConfiguration) { self.loaded = Mutex(loaded) }

    var values: ServeConfiguration { loaded.withLock { $0.values } }

    /// Takes over the keys that can be reloaded.
    /// - Returns: a line for each key that is another one now, or would be after a restart.
    func replace(with new: LoadedConfiguration) -> [String] {
        loaded.withLock { loaded in
            ConfigurationTable.rows.compactMap { row in
                guard case .used(let isReloadable, let set, let text) = row.role else { return nil }
                let (old, wanted) = (text(loaded.values), text(new.values))
                guard old != wanted else { return nil }
                guard isReloadable else {
                    return "\(row.path) stays '\(old)': '\(wanted)' needs a restart"
                }
                set(&loaded.values, wanted)
                return "\(row.path) is '\(wanted)' now, after '\(old)'"
            }
        }
    }
}

extension ServeConfiguration {
    var gatewayLevel: LogLevels.GatewayLevel {
        switch logLevel {
        case "DEBUG": .debug
        case "INFO": .info
        case "WARNING": .warning
        case "ERROR": .error
        case _: .critical
        }
    }
}
