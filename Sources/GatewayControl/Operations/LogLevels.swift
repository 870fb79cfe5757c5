// How much is logged, as clients set it: the level of the gateway's own log, and those of the target's, which
// upstream's clients know as SPDK's. The daemon's log handler asks here for each line.

public import GatewayCore
internal import Synchronization

/// The levels in force. Any thread may ask and set.
public final class LogLevels: Sendable {
    /// Of the gateway's log: upstream's enumeration GwLogLevel, with its values.
    public enum GatewayLevel: Int, Sendable, CaseIterable {
        case notSet = 0
        case debug = 10
        case info = 20
        case warning = 30
        case error = 40
        case critical = 50
    }

    /// Of the target's log: upstream's enumeration LogLevel, with its values.
    public enum TargetLevel: Int, Sendable, CaseIterable {
        case error = 0
        case warning = 1
        case notice = 2
        case info = 3
        case debug = 4
    }

    /// All levels at one time.
    public struct Setting: Hashable, Sendable {
        public var gateway: GatewayLevel
        /// What is kept, and what of it is printed; here they are one log, and both must let a line pass.
        public var target: TargetLevel
        public var targetPrint: TargetLevel
        /// Parts of the target whose debug lines are wanted.
        public var flags: [String: Bool]
    }

    /// The parts of the target that have a flag, by the names of SPDK's.
    public static let flagNames = ["nvmf", "nvmf_tcp"]

    private let setting: Mutex<Setting>

    public init(gateway: GatewayLevel = .info) {
        setting = Mutex(
            Setting(
                gateway: gateway, target: .notice, targetPrint: .info,
                flags: Dictionary(uniqueKeysWithValues: Self.flagNames.map { ($0, false) })))
    }

    public var current: Setting { setting.withLock { $0 } }

    public func setGateway(_ level: GatewayLevel) { setting.withLock { $0.gateway = level } }

    /// Sets the levels that are given, and every flag.
    public func setTarget(_ level: TargetLevel?, print: TargetLevel?) {
        setting.withLock { setting in
            if let level { setting.target = level }
            if let print { setting.targetPrint = print }
            setting.flags = setting.flags.mapValues { _ in true }
        }
    }

    /// The target's levels as they were at the start, and no flag.
    public func resetTarget() {
        setting.withLock { setting in
            setting.target = .notice
            setting.targetPrint = .info
            setting.flags = setting.flags.mapValues { _ in false }
        }
    }

    /// Whether a line of the gateway is wanted.
    public func admitsGateway(_ level: LogLevel) -> Bool {
        let floor: LogLevel? =
            switch current.gateway {
            case .notSet, .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            case .critical: nil
            }
        return floor.map { level >= $0 } ?? false
    }

    /// Whether a line of the target is wanted.
    public func admitsTarget(_ level: LogLevel) -> Bool {
        let setting = current
        return [setting.target, setting.targetPrint].allSatisfy { level >= $0.floor }
    }
}

extension LogLevels.TargetLevel {
    /// The least that passes.
    fileprivate var floor: LogLevel {
        switch self {
        case .error: .error
        case .warning: .warning
        case .notice: .notice
        case .info: .info
        case .debug: .debug
        }
    }
}
