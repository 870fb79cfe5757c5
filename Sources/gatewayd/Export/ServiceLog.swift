// The log lines of the target, written with swift-log to standard error, where systemd and containers look
// for them.

import GatewayCore
import Logging

/// GatewayCore's log behind a swift-log Logger. Shards call it for connects and disconnects, never per I/O.
final class ServiceLog: TargetLog {
    private let logger: Logger

    init(isVerbose: Bool) {
        var logger = Logger(label: "export", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = isVerbose ? .debug : .info
        self.logger = logger
    }

    func write(_ level: LogLevel, _ message: String) {
        switch level {
        case .debug: logger.debug("\(message)")
        case .info: logger.info("\(message)")
        case .notice: logger.notice("\(message)")
        case .warning: logger.warning("\(message)")
        case .error: logger.error("\(message)")
        }
    }
}
