// The methods about listeners.

internal import GatewayControl
internal import Glibc
internal import SwiftProtobuf

extension GatewayService {
    func createListener(_ request: PB_create_listener_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            var listener = ListenerRecord(
                nqn: request.nqn, hostName: request.hostName, address: request.traddr)
            let port = request.hasTrsvcid ? request.trsvcid : ListenerRecord.defaultPort
            listener.port = port
            listener.addressFamily = try Self.family(
                request.adrfam, "Failure adding \(request.nqn) listener at \(request.traddr):\(port)")
            listener.secure = request.secure
            listener.verifyHostName = request.verifyHostName
            listener.force = request.hasForce ? request.force : nil
            try await listeners.create(listener)
        }
    }

    func deleteListener(_ request: PB_delete_listener_req) async -> PB_req_status {
        await .answer { _ throws(ControlFailure) in
            var listener = ListenerRecord(
                nqn: request.nqn, hostName: request.hostName, address: request.traddr)
            let port = request.hasTrsvcid ? request.trsvcid : ListenerRecord.defaultPort
            listener.port = port
            listener.addressFamily = try Self.family(
                request.adrfam,
                "Failed to delete listener \(listener.bracketedAddress):\(port) from \(request.nqn)")
            try await listeners.delete(listener, force: request.force)
        }
    }

    private static func family(
        _ family: PB_AddressFamily, _ prefix: String
    ) throws(ControlFailure) -> ListenerRecord.AddressFamily {
        switch family {
        case .ipv4: return .ipv4
        case .ipv6: return .ipv6
        case .UNRECOGNIZED(let number):
            throw ControlFailure(ENOKEY, "\(prefix): Unknown address family \(number)")
        }
    }

    func listListeners(_ request: PB_list_listeners_req) async -> PB_listeners_info {
        await .answer { answer throws(ControlFailure) in
            answer.listeners = await listeners.list(of: request.subsystem).map { listed in
                var info = PB_listener_info(listed.record)
                info.active = listed.isActive
                info.manual = !listed.isAutomatic
                return info
            }
        }
    }

    func showOwnListeners(
        _ request: PB_show_gateway_listeners_info_req
    ) async -> PB_gateway_listeners_info {
        await .answer { answer throws(ControlFailure) in
            let (ours, groups) = try await listeners.ours(of: request.subsystemNqn)
            let states = groups.map { group, state in
                PB_ana_group_state.with {
                    $0.grpID = group
                    $0.state = PB_ana_state(state)
                }
            }
            answer.gwListeners = ours.map { standing in
                .with {
                    $0.listener = PB_listener_info(standing.record)
                    $0.listener.active = true
                    $0.listener.manual = !standing.isAutomatic
                    $0.lbStates = states
                }
            }
        }
    }
}

// MARK: Messages

extension PB_listener_info {
    init(_ listener: ListenerRecord) {
        self.init()
        hostName = listener.hostName
        trtype = "TCP"
        adrfam = listener.addressFamily == .ipv6 ? .ipv6 : .ipv4
        traddr = listener.bareAddress
        trsvcid = listener.portOrDefault
        secure = listener.secure == true
    }
}

extension PB_ana_state {
    init(_ state: GroupANAState) {
        switch state {
        case .optimized: self = .optimized
        case .nonOptimized: self = .nonOptimized
        case .inaccessible: self = .inaccessible
        }
    }
}
