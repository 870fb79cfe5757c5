// The methods about namespaces.

internal import GatewayControl
internal import SwiftProtobuf

extension GatewayService {
    func addNamespace(_ request: PB_namespace_add_req) async -> PB_nsid_status {
        await .answer { answer throws(ControlFailure) in
            answer.nsid = try await namespaces.add(NamespaceRecord(request))
        }
    }

    func deleteNamespace(_ request: PB_namespace_delete_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.delete(request.nsid, of: request.subsystemNqn, isSure: request.iAmSure)
        }
    }

    func resizeNamespace(_ request: PB_namespace_resize_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.resize(
                request.nsid, of: request.subsystemNqn, toMebibytes: request.newSize)
        }
    }

    func setNamespaceLimits(_ request: PB_namespace_set_qos_req) async -> PB_req_status {
        var limits = QoSRecord(subsystemNQN: request.subsystemNqn, nsid: request.nsid)
        if request.hasRwIosPerSecond { limits.readWriteIOsPerSecond = request.rwIosPerSecond }
        if request.hasRwMbytesPerSecond { limits.readWriteMegabytesPerSecond = request.rwMbytesPerSecond }
        if request.hasRMbytesPerSecond { limits.readMegabytesPerSecond = request.rMbytesPerSecond }
        if request.hasWMbytesPerSecond { limits.writeMegabytesPerSecond = request.wMbytesPerSecond }
        if request.hasForce { limits.force = request.force }
        let record = limits
        return await .answer { _ throws(ControlFailure) in try await namespaces.setLimits(record) }
    }

    func changeNamespaceGroup(
        _ request: PB_namespace_change_load_balancing_group_req
    ) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.changeGroup(
                of: request.nsid, in: request.subsystemNqn, to: request.anagrpid,
                byBalancing: request.autoLbLogic)
        }
    }

    func changeNamespaceLocation(_ request: PB_namespace_change_location_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.setLocation(
                request.hasLocation && !request.location.isEmpty ? request.location : nil, request.nsid,
                of: request.subsystemNqn)
        }
    }

    func changeNamespaceVisibility(_ request: PB_namespace_change_visibility_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.changeVisibility(
                of: request.nsid, in: request.subsystemNqn, toAll: request.autoVisible, force: request.force)
        }
    }

    func setNamespaceTrashesImage(_ request: PB_namespace_set_rbd_trash_image_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.setTrashesImage(request.trashImage, request.nsid, of: request.subsystemNqn)
        }
    }

    func setNamespaceResizesItself(_ request: PB_namespace_set_auto_resize_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.setResizesItself(request.autoResize, request.nsid, of: request.subsystemNqn)
        }
    }

    func addNamespaceHost(_ request: PB_namespace_add_host_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.addHost(
                request.hostNqn, to: request.nsid, of: request.subsystemNqn, force: request.force)
        }
    }

    func deleteNamespaceHost(_ request: PB_namespace_delete_host_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await namespaces.removeHost(request.hostNqn, from: request.nsid, of: request.subsystemNqn)
        }
    }

    func listNamespaces(_ request: PB_list_namespaces_req) async -> PB_namespaces_info {
        let nqn = request.subsystem.isEmpty ? NamespaceOperations.allSubsystems : request.subsystem
        return await .answer(echo: { $0.subsystemNqn = nqn }) { answer throws(ControlFailure) in
            answer.namespaces = try await namespaces.list(
                of: nqn, nsid: request.hasNsid ? request.nsid : nil,
                uuid: request.hasUuid ? request.uuid : nil
            ).map(PB_namespace_cli.init)
        }
    }

    func namespaceStatistics(
        _ request: PB_namespace_get_io_stats_req
    ) async -> PB_namespace_io_stats_info {
        await .answer { answer throws(ControlFailure) in
            let (record, counted) = try await namespaces.statistics(
                of: request.nsid, in: request.subsystemNqn)
            answer.subsystemNqn = request.subsystemNqn
            answer.nsid = request.nsid
            answer.uuid = record.uuid ?? ""
            answer.bdevName = record.deviceName
            answer.tickRate = NamespaceStatistics.ticksPerSecond
            answer.ticks = counted.now
            answer.fill(with: counted)
        }
    }

    func allNamespaceStatistics(
        _ request: PB_list_namespaces_io_stats_req
    ) async -> PB_list_namespaces_io_stats_info {
        await .answer { answer throws(ControlFailure) in
            let all = try await namespaces.allStatistics(
                of: request.hasSubsystemNqn ? request.subsystemNqn : nil,
                nsid: request.hasNsid ? request.nsid : nil)
            answer.tickRate = NamespaceStatistics.ticksPerSecond
            answer.ticks = all.map(\.statistics.now).max() ?? 0
            answer.namespaces = all.map { record, counted in
                .with {
                    $0.bdevName = record.deviceName
                    $0.bytesCopied = counted.copies.byteCount
                    $0.numCopyOps = counted.copies.count
                    $0.fill(with: counted)
                }
            }
        }
    }
}

// MARK: Messages

extension NamespaceRecord {
    /// What a client asks for. Flags that it does not send are not set.
    init(_ request: PB_namespace_add_req) {
        self.init(
            subsystemNQN: request.subsystemNqn, nsid: request.nsid, rbdPoolName: request.rbdPoolName,
            rbdImageName: request.rbdImageName, blockSize: request.blockSize)
        uuid = request.hasUuid ? request.uuid : nil
        anaGroupID = request.anagrpid
        createImage = request.createImage
        size = request.size
        force = request.force
        noAutoVisible = request.noAutoVisible
        trashImage = request.trashImage
        // What release 1.5.1 does not know is kept only where a client asks for it.
        disableAutoResize = request.hasDisableAutoResize ? request.disableAutoResize : nil
        readOnly = request.hasReadOnly ? request.readOnly : nil
        rbdDataPoolName = request.hasRbdDataPoolName ? request.rbdDataPoolName : nil
        location = request.hasLocation && !request.location.isEmpty ? request.location : nil
        radosNamespaceName = request.hasRadosNamespaceName ? request.radosNamespaceName : nil
        encryptionEntries = request.encryptionEntries.map { _ in .flag(true) }
        encryptionAlgorithm = .init(rawValue: Int32(request.encryptionAlgorithm.rawValue))
    }
}

extension PB_namespace_cli {
    init(_ entry: NamespaceEntry) {
        let record = entry.state.record
        let limits = NamespaceLimits(entry.state.qos)
        self.init()
        nsid = record.nsid
        bdevName = record.deviceName
        rbdImageName = record.rbdImageName
        rbdPoolName = record.rbdPoolName
        loadBalancingGroup = entry.state.anaGroup
        blockSize = record.blockSize
        rbdImageSize = entry.standing?.sizeBytes ?? 0
        uuid = record.uuid ?? ""
        rwIosPerSecond = limits.readWriteIOs
        rwMbytesPerSecond = limits.readWriteMebibytes
        rMbytesPerSecond = limits.readMebibytes
        wMbytesPerSecond = limits.writeMebibytes
        autoVisible = entry.state.isAutoVisible
        hosts = entry.state.hosts.keys.sorted()
        nsSubsystemNqn = record.subsystemNQN
        trashImage = record.trashImage == true
        disableAutoResize = record.disableAutoResize == true
        readOnly = record.readOnly == true
        clusterName = entry.standing?.clientName ?? ""
        configuredLoadBalancingGroup = entry.state.anaGroup
        if let pool = record.rbdDataPoolName { rbdDataPoolName = pool }
        if let place = record.location { location = place }
        if let namespace = record.radosNamespaceName { radosNamespaceName = namespace }
    }
}

/// The counters that both messages of statistics have.
protocol StatisticsMessage {
    var bytesRead: UInt64 { get set }
    var numReadOps: UInt64 { get set }
    var bytesWritten: UInt64 { get set }
    var numWriteOps: UInt64 { get set }
    var bytesUnmapped: UInt64 { get set }
    var numUnmapOps: UInt64 { get set }
    var readLatencyTicks: UInt64 { get set }
    var maxReadLatencyTicks: UInt64 { get set }
    var minReadLatencyTicks: UInt64 { get set }
    var writeLatencyTicks: UInt64 { get set }
    var maxWriteLatencyTicks: UInt64 { get set }
    var minWriteLatencyTicks: UInt64 { get set }
    var unmapLatencyTicks: UInt64 { get set }
    var maxUnmapLatencyTicks: UInt64 { get set }
    var minUnmapLatencyTicks: UInt64 { get set }
    var copyLatencyTicks: UInt64 { get set }
    var maxCopyLatencyTicks: UInt64 { get set }
    var minCopyLatencyTicks: UInt64 { get set }
    var ioError: [PB_namespace_io_error] { get set }
}

extension PB_namespace_io_stats_info: StatisticsMessage {}
extension PB_bdev_io_stats_info: StatisticsMessage {}

extension StatisticsMessage {
    mutating func fill(with counted: NamespaceStatistics) {
        bytesRead = counted.reads.byteCount
        numReadOps = counted.reads.count
        bytesWritten = counted.writes.byteCount
        numWriteOps = counted.writes.count
        bytesUnmapped = counted.unmaps.byteCount
        numUnmapOps = counted.unmaps.count
        readLatencyTicks = counted.reads.duration
        maxReadLatencyTicks = counted.reads.longest
        minReadLatencyTicks = counted.reads.shortest
        writeLatencyTicks = counted.writes.duration
        maxWriteLatencyTicks = counted.writes.longest
        minWriteLatencyTicks = counted.writes.shortest
        unmapLatencyTicks = counted.unmaps.duration
        maxUnmapLatencyTicks = counted.unmaps.longest
        minUnmapLatencyTicks = counted.unmaps.shortest
        copyLatencyTicks = counted.copies.duration
        maxCopyLatencyTicks = counted.copies.longest
        minCopyLatencyTicks = counted.copies.shortest
        ioError = counted.errors.sorted { $0.key < $1.key }.map { name, count in
            .with {
                $0.name = name
                $0.value = count
            }
        }
    }
}
