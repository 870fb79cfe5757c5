// The methods about the gateway itself.

internal import GRPCCore
internal import GatewayControl
internal import SwiftProtobuf

extension GatewayService {
    /// The monitor's client takes an answer with status 0 for a failure and asks again, a thousand times a
    /// second: success is 1 here, and a failure is gRPC's.
    func setANAState(_ request: PB_ana_info) async throws -> PB_req_status {
        let changes = request.states.flatMap { subsystem in
            subsystem.states.map {
                ANAStateChange(nqn: subsystem.nqn, group: $0.grpID, state: GroupANAState($0.state))
            }
        }
        do throws(ControlFailure) {
            try await gateway.setANAStates(changes)
        } catch { throw RPCError(code: .internalError, message: error.message) }
        return .with { $0.status = 1 }
    }

    func gatewayInfo(_ request: PB_get_gateway_info_req) async -> PB_gateway_info {
        let clientVersion = request.hasCliVersion ? request.cliVersion : nil
        let (info, problem) = await gateway.info(for: clientVersion)
        var answer = PB_gateway_info(info)
        answer.cliVersion = request.cliVersion
        answer.boolStatus = problem == nil
        answer.status = problem?.errno ?? 0
        answer.errorMessage = problem?.message ?? PB_gateway_info.success
        return answer
    }

    func gatewayLogLevel(_ request: PB_get_gateway_log_level_req) async -> PB_gateway_log_level_info {
        await .answer { answer throws(ControlFailure) in
            answer.logLevel = PB_GwLogLevel(rawValue: gateway.levels.gateway.rawValue) ?? .notset
        }
    }

    func setGatewayLogLevel(_ request: PB_set_gateway_log_level_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            let number = request.logLevel.rawValue
            try gateway.setLevel(.init(rawValue: number), name: String(number))
        }
    }

    func targetLogLevels(
        _ request: PB_get_spdk_nvmf_log_flags_and_level_req
    ) async -> PB_spdk_nvmf_log_flags_and_level_info {
        await .answer { answer throws(ControlFailure) in
            let levels = gateway.levels
            answer.nvmfLogFlags = levels.flags.sorted { $0.key < $1.key }.map { name, isOn in
                .with {
                    $0.name = name
                    $0.enabled = isOn
                }
            }
            answer.logLevel = PB_LogLevel(rawValue: levels.target.rawValue) ?? .error
            answer.logPrintLevel = PB_LogLevel(rawValue: levels.targetPrint.rawValue) ?? .error
        }
    }

    func setTargetLogLevels(_ request: PB_set_spdk_nvmf_logs_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            let level = try Self.level(request.hasLogLevel ? request.logLevel : nil, "log")
            let print = try Self.level(request.hasPrintLevel ? request.printLevel : nil, "print")
            gateway.setTargetLevels(level, print: print)
        }
    }

    private static func level(
        _ level: PB_LogLevel?, _ kind: String
    ) throws(ControlFailure) -> LogLevels.TargetLevel? {
        guard let level else { return nil }
        if let known = LogLevels.TargetLevel(rawValue: level.rawValue) { return known }
        throw .unknownLevel(kind, level.rawValue)
    }

    func resetTargetLogLevels(_ request: PB_disable_spdk_nvmf_logs_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in gateway.resetTargetLevels() }
    }

    func shardStatistics(_ request: PB_get_gateway_stats_req) async -> PB_gateway_stats_info {
        await .answer { answer throws(ControlFailure) in
            answer.tickRate = NamespaceStatistics.ticksPerSecond
            answer.pollGroups = await gateway.shards().map { shard in
                .with {
                    $0.name = shard.name
                    $0.adminQpairs = shard.adminQueueCount
                    $0.ioQpairs = shard.ioQueueCount
                    $0.currentAdminQpairs = shard.openAdminQueueCount
                    $0.currentIoQpairs = shard.openIOQueueCount
                    $0.pendingBdevIo = shard.pendingRequestCount
                    $0.completedNvmeIo = shard.completedCommandCount
                    $0.transports = [.with { $0.trtype = "TCP" }]
                }
            }
        }
    }

    func threadStatistics(_ request: PB_get_thread_stats_req) async -> PB_thread_stats_info {
        await .answer { answer throws(ControlFailure) in
            answer.tickRate = NamespaceStatistics.ticksPerSecond
            answer.threads = await gateway.shards().map { shard in
                .with {
                    $0.name = shard.name
                    $0.busy = shard.busy
                    $0.idle = shard.idle
                }
            }
        }
    }

    func setStatisticsMode(_ request: PB_set_gateway_io_stats_mode_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in try await gateway.setCountsIO(request.enabled) }
    }
}

// MARK: Messages

extension GroupANAState {
    /// What is not a state that a group can be served in is none.
    init(_ state: PB_ana_state) {
        switch state {
        case .optimized: self = .optimized
        case .nonOptimized: self = .nonOptimized
        case .unset, .inaccessible, .UNRECOGNIZED: self = .inaccessible
        }
    }
}

extension PB_gateway_info {
    init(_ info: GatewayInfo) {
        let (identity, policy) = (info.identity, info.policy)
        self.init()
        version = identity.version
        name = identity.name
        group = identity.group
        addr = identity.address
        port = String(identity.port)
        // What stands where upstream has SPDK.
        spdkVersion = identity.product
        loadBalancingGroup = info.loadBalancingGroup
        hostname = identity.hostName
        maxSubsystems = policy.subsystemsMax
        maxNamespaces = policy.namespacesMax
        maxHostsPerSubsystem = policy.hostsPerSubsystemMax
        maxNamespacesPerSubsystem = policy.namespacesPerSubsystemMax
        maxHosts = policy.hostsMax
        gatewayInitializationOver = true
        ioStatsEnabled = info.countsIO
    }
}
