// What can be done to the gateway itself: who it is, how it reaches ANA groups, how much it logs.

internal import GatewayCore
internal import Glibc

/// The control calls about the gateway.
public struct GatewayOperations: Sendable {
    public let plane: ControlPlane

    public init(_ plane: ControlPlane) { self.plane = plane }

    /// Who the gateway is, for a client of this release; nil if the client does not say.
    /// - Returns: what `gw info` tells, with the reason for which the two may not go together.
    public func info(
        for clientVersion: String?
    ) async -> (info: GatewayInfo, problem: ControlFailure?) {
        let info = GatewayInfo(
            identity: plane.identity, policy: plane.policy,
            loadBalancingGroup: await plane.group.index + 1, countsIO: await plane.target.countsIO)
        let version = plane.identity.version
        guard !version.isEmpty else { return (info, ControlFailure(ENOKEY, "Gateway's version not found")) }
        guard let ours = Self.numbers(of: version) else {
            return (info, ControlFailure(EINVAL, "Invalid gateway's version \(version)"))
        }
        if let clientVersion, let theirs = Self.numbers(of: clientVersion),
            theirs.lexicographicallyPrecedes(ours)
        {
            return (
                info,
                ControlFailure(
                    EINVAL, "CLI version \(clientVersion) is older than gateway's version \(version)")
            )
        }
        return (info, nil)
    }

    /// "1.5.1" as numbers.
    private static func numbers(of version: String) -> [Int]? {
        let parts = version.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        return parts.count == 3 && !parts.contains(nil) ? parts.compactMap(\.self) : nil
    }

    /// Puts ANA groups into other states, as the monitor says.
    public func setANAStates(_ changes: [ANAStateChange]) async throws(ControlFailure) {
        try await plane.target.setANAStates(changes)
    }

    public var levels: LogLevels.Setting { plane.logLevels.current }

    /// - Parameter level: nil stands for one that does not exist, `name`.
    public func setLevel(_ level: LogLevels.GatewayLevel?, name: String) throws(ControlFailure) {
        guard let level else { throw ControlFailure(ENOKEY, "Unknown log level \(name)") }
        plane.log.write(.notice, "the gateway's log level is \(level) now")
        plane.logLevels.setGateway(level)
    }

    public func setTargetLevels(_ level: LogLevels.TargetLevel?, print: LogLevels.TargetLevel?) {
        plane.logLevels.setTarget(level, print: print)
    }

    public func resetTargetLevels() { plane.logLevels.resetTarget() }

    public func shards() async -> [ShardStatistics] { await plane.target.shards() }

    public func setCountsIO(_ counts: Bool) async throws(ControlFailure) {
        try await plane.target.setCountsIO(counts)
    }
}

/// What `gw info` tells.
public struct GatewayInfo: Sendable {
    public var identity: GatewayIdentity
    public var policy: ControlPolicy
    public var loadBalancingGroup: UInt32
    public var countsIO: Bool
}
