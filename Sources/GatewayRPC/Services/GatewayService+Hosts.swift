// The methods about hosts and their connections.

internal import GatewayControl
internal import SwiftProtobuf

extension GatewayService {
    func addHost(_ request: PB_add_host_req) async -> PB_req_status {
        var host = HostRecord(subsystemNQN: request.subsystemNqn, hostNQN: request.hostNqn)
        host.psk = request.hasPsk ? request.psk : nil
        host.dhchapKey = request.hasDhchapKey ? request.dhchapKey : nil
        host.dhchapControllerKey = request.hasDhchapCtrlrKey ? request.dhchapCtrlrKey : nil
        let record = host
        return await .answer { _ throws(ControlFailure) in try await hosts.add(record) }
    }

    func removeHost(_ request: PB_remove_host_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await hosts.remove(
                request.hostNqn, from: request.subsystemNqn, keepsConnections: request.keepConnections)
        }
    }

    /// A key that is absent is deleted. Clients of later releases name the key that they leave alone, too.
    func changeHostKey(_ request: PB_change_host_key_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await hosts.changeKeys(
                of: request.hostNqn, in: request.subsystemNqn,
                to: Self.change(request.hasDhchapKey, request.dhchapKey),
                controllerKey: request.hasDhchapCtrlrKey
                    ? Self.change(true, request.dhchapCtrlrKey)
                    : request.dhchapKey == Self.existingKey ? .delete : .keep)
        }
    }

    /// What later clients send for a key that is to stay.
    private static let existingKey = "-"

    private static func change(_ isThere: Bool, _ key: String) -> HostOperations.KeyChange {
        if key == existingKey { return .keep }
        return isThere && !key.isEmpty ? .set(key) : .delete
    }

    func listHosts(_ request: PB_list_hosts_req) async -> PB_hosts_info {
        await .answer { answer throws(ControlFailure) in
            let subsystem = try hosts.list(of: request.subsystem)
            answer.allowAnyHost = subsystem.allowsAnyHost
            answer.subsystemNqn = request.subsystem
            answer.hosts = subsystem.sortedHosts.filter { $0.hostNQN != HostRecord.any }.map { host in
                .with {
                    $0.nqn = host.hostNQN
                    $0.usePsk = host.hasPSK
                    $0.useDhchap = host.hasDHCHAPKey
                    $0.dhchapControllerOrigin = .init(host, in: subsystem)
                }
            }
        }
    }

    func listConnections(_ request: PB_list_connections_req) async -> PB_connections_info {
        await .answer { answer throws(ControlFailure) in
            answer.connections = try await hosts.connections(of: request.subsystem).map(PB_connection.init)
            answer.subsystemNqn = request.subsystem
        }
    }

    func keepHostConnected(_ request: PB_set_keep_host_connected_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await hosts.keepConnected(request.hostNqn, request.subsystemNqn)
        }
    }

    func connectionStatistics(
        _ request: PB_get_connection_io_statistics_req
    ) async -> PB_connection_io_statistics {
        await .answer { answer throws(ControlFailure) in
            let counted = try await hosts.statistics(
                of: request.hostNqn, request.subsystemNqn, reset: request.reset)
            answer.subsystemNqn = request.subsystemNqn
            answer.hostNqn = request.hostNqn
            answer.totalNumIos = counted.requestCount
            answer.buckets = counted.buckets.map { bucket in
                .with {
                    $0.size = bucket.kilobytesMax
                    $0.read = PB_latency_group(bucket.reads)
                    $0.write = PB_latency_group(bucket.writes)
                }
            }
        }
    }
}

// MARK: Messages

extension PB_DHCHAPControllerKeyOrigin {
    init(_ host: HostRecord, in subsystem: SubsystemState) {
        if host.dhchapControllerKey?.isEmpty == false {
            self = .hostSpecific
        } else {
            self = host.hasDHCHAPKey && subsystem.record.hasDHCHAPKey ? .subsystemImplicit : .noKey
        }
    }
}

extension PB_connection {
    init(_ entry: ConnectionEntry) {
        self.init()
        nqn = entry.hostNQN
        subsystem = entry.nqn
        usePsk = entry.host?.hasPSK == true
        useDhchap = entry.host?.hasDHCHAPKey == true
        guard let controller = entry.connection else {
            connected = false
            traddr = "<n/a>"
            qpairsCount = -1
            controllerID = -1
            return
        }
        connected = true
        traddr = controller.address
        trsvcid = controller.port
        trtype = "TCP"
        adrfam = controller.addressFamily == .ipv6 ? .ipv6 : .ipv4
        qpairsCount = controller.ioQueueCount
        controllerID = Int32(controller.controllerID)
        secure = controller.isSecure
    }
}

extension PB_latency_group {
    init(_ direction: ConnectionStatistics.Direction) {
        self.init()
        ioCount = direction.count
        total = PB_latency_stats(direction.total)
        bdev = PB_latency_stats(direction.store)
        net = PB_latency_stats(direction.network)
        qos = PB_latency_stats(direction.limits)
    }
}

extension PB_latency_stats {
    init(_ latency: ConnectionStatistics.Latency) {
        self.init()
        min = latency.shortest
        max = latency.longest
        mean = latency.mean
    }
}
