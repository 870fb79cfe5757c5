// The log lines of the target, written with swift-log to standard error, where systemd and containers look
// for them.

import GatewayCore
import Logging

/// GatewayCore's log behind a swift-log Logger. Shards call it for connects and disconnects, never per I/O.
final class ServiceLog: TargetLog {
    private let logger: Logger
    private let admits: @Sendable (LogLevel) -> Bool

    init(isVerbose: Bool) {
        logger = Self.logger("export")
        admits = { isVerbose || $0 != .debug }
    }

    /// - Parameter admits: whether lines of a level are wanted now.
    init(label: String, admits: @escaping @Sendable (LogLevel) -> Bool) {
        logger = Self.logger(label)
        self.admits = admits
    }

    private static func logger(_ label: String) -> Logger {
        var logger = Logger(label: label, factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .debug
        return logger
    }

    func write(_ level: LogLevel, _ message: String) {
        guard admits(level) else { return }
        switch level {
        case .debug: logger.debug("\(message)")
        case .info: logger.info("\(message)")
        case .notice: logger.notice("\(message)")
        case .warning: logger.warning("\(message)")
        case .error: logger.error("\(message)")
        }
    }
}
