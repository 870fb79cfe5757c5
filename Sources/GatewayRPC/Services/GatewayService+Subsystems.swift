// The methods about subsystems.

internal import GatewayControl
internal import SwiftProtobuf

extension GatewayService {
    func createSubsystem(_ request: PB_create_subsystem_req) async -> PB_subsys_status {
        await .answer(echo: { $0.nqn = request.subsystemNqn }) { answer throws(ControlFailure) in
            answer.nqn = try await subsystems.create(SubsystemRecord(request))
        }
    }

    func deleteSubsystem(_ request: PB_delete_subsystem_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await subsystems.delete(
                request.subsystemNqn, force: request.force, trashes: request.iAmSure)
        }
    }

    func changeSubsystemKey(_ request: PB_change_subsystem_key_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await subsystems.changeKey(
                of: request.subsystemNqn, to: request.hasDhchapKey ? request.dhchapKey : nil)
        }
    }

    func addSubsystemNetwork(_ request: PB_add_subsystem_network_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await subsystems.addNetwork(request.networkMask, to: request.subsystemNqn)
        }
    }

    func deleteSubsystemNetwork(_ request: PB_del_subsystem_network_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            try await subsystems.removeNetwork(request.networkMask, from: request.subsystemNqn)
        }
    }

    func listSubsystems(_ request: PB_list_subsystems_req) async -> PB_subsystems_info_cli {
        let ids = await subsystems.controllerIDs
        return await .answer { answer throws(ControlFailure) in
            answer.subsystems = try subsystems.list(
                nqn: request.hasSubsystemNqn ? request.subsystemNqn : nil,
                serialNumber: request.hasSerialNumber ? request.serialNumber : nil
            ).map { PB_subsystem_cli($0, ids) }
        }
    }

    func servedSubsystems(_ request: PB_get_subsystems_req) async -> PB_subsystems_info {
        let ids = await subsystems.controllerIDs
        let served = await subsystems.served()
        return .with { $0.subsystems = served.map { PB_subsystem($0, ids) } }
    }

    // Keys of encrypted images come from a KMIP server; images are not decrypted here.

    func addKMIPEndpoints(_ request: PB_add_kmip_server_endpoints_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in throw Self.noKMIP }
    }

    func deleteKMIPEndpoints(_ request: PB_del_kmip_server_endpoints_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in throw Self.noKMIP }
    }

    func listKMIPEndpoints(
        _ request: PB_list_kmip_server_endpoints_req
    ) async -> PB_kmip_server_endpoints_info {
        await .answer { _ throws(ControlFailure) in }
    }

    private static var noKMIP: ControlFailure { .notSupported("Keys of a KMIP server are") }
}

// MARK: Messages

extension SubsystemRecord {
    init(_ request: PB_create_subsystem_req) {
        self.init(
            subsystemNQN: request.subsystemNqn, serialNumber: request.serialNumber,
            enableHA: request.enableHa)
        maxNamespaces = request.hasMaxNamespaces ? request.maxNamespaces : nil
        noGroupAppend = request.noGroupAppend
        dhchapKey = request.hasDhchapKey ? request.dhchapKey : nil
        networkMasks = request.networkMask
        secureListeners = request.hasSecureListeners ? request.secureListeners : nil
        port = request.hasPort ? request.port : nil
    }
}

extension PB_subsystem_cli {
    init(_ subsystem: SubsystemState, _ controllerIDs: ClosedRange<UInt16>) {
        let record = subsystem.record
        self.init()
        nqn = record.subsystemNQN
        enableHa = record.enableHA
        serialNumber = record.serialNumber
        modelNumber = SubsystemOperations.modelNumber
        minCntlid = UInt32(controllerIDs.lowerBound)
        maxCntlid = UInt32(controllerIDs.upperBound)
        namespaceCount = UInt32(subsystem.namespaces.count)
        subtype = "NVMe"
        maxNamespaces = record.maxNamespaces ?? 0
        hasDhchapKey_p = record.hasDHCHAPKey
        allowAnyHost = subsystem.allowsAnyHost
        createdWithoutKey = record.lacksItsKey
        networkMask = record.networkMasks
    }
}

extension PB_subsystem {
    init(_ served: ServedSubsystem, _ controllerIDs: ClosedRange<UInt16>) {
        let record = served.state.record
        self.init()
        nqn = record.subsystemNQN
        subtype = "NVMe"
        listenAddresses = served.listeners.map(PB_listen_address.init)
        hosts = served.state.sortedHosts.filter { $0.hostNQN != HostRecord.any }.map { host in
            .with { $0.nqn = host.hostNQN }
        }
        allowAnyHost = served.state.allowsAnyHost
        serialNumber = record.serialNumber
        modelNumber = SubsystemOperations.modelNumber
        maxNamespaces = record.maxNamespaces ?? 0
        minCntlid = UInt32(controllerIDs.lowerBound)
        maxCntlid = UInt32(controllerIDs.upperBound)
        namespaces = served.namespaces.map(PB_namespace.init)
        hasDhchapKey_p = record.hasDHCHAPKey
        networkMask = record.networkMasks
    }
}

extension PB_listen_address {
    init(_ listener: ListenerRecord) {
        self.init()
        trtype = "TCP"
        adrfam = listener.addressFamily == .ipv6 ? "IPv6" : "IPv4"
        traddr = listener.bareAddress
        trsvcid = String(listener.portOrDefault)
        transport = "TCP"
        secure = listener.secure == true
    }
}

extension PB_namespace {
    init(_ state: NamespaceState, _ standing: NamespaceStanding) {
        let record = state.record
        self.init()
        nsid = record.nsid
        name = record.deviceName
        bdevName = record.deviceName
        nguid = (record.uuid ?? "").replacing("-", with: "").uppercased()
        uuid = record.uuid ?? ""
        anagrpid = state.anaGroup
        nonce = standing.clientAddresses
        autoVisible = state.isAutoVisible
        hosts = state.hosts.keys.sorted()
    }
}
