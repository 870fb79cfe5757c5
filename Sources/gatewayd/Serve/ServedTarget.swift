// GatewayIO's target as the reconciler wants it.

import GatewayControl
import GatewayCore
import GatewayIO

/// The running target, for a reconciler.
struct ServedTarget: ServingTarget {
    let target: Target

    func serve(_ subsystems: [Subsystem]) async throws(ServingFailure) -> ServingChange {
        do throws(TargetError) {
            let change = try await target.beginUpdate(subsystems: subsystems)
            return ServingChange { await change.complete() }
        } catch { throw ServingFailure(error.description, subsystem: error.subsystem) }
    }

    func listen(on address: ServedAddress) async throws(ServingFailure) -> UInt16 {
        do throws(TargetError) {
            return try await target.listen(on: ListenAddress(host: address.host, port: address.port)).portID
        } catch { throw ServingFailure(error.description) }
    }

    func stopListening(on portID: UInt16) async {
        // It throws only when the target has ended, and its listeners with it.
        do { try await target.stopListening(on: portID) } catch { return }
    }

    func controllers() async -> [ControllerReport] { await target.controllers() }
    func traffic() async -> [NamespaceTraffic] { await target.traffic() }
    func geometryChanged(of store: any BlockBackend) { target.geometryChanged(of: store) }
}

extension TargetError {
    /// The subsystem that is to blame, if one is.
    fileprivate var subsystem: String? {
        guard case .model(let error) = self else { return nil }
        switch error {
        case .noSubsystem(let nqn), .discoveryNameTaken(let nqn), .noANAGroup(_, let nqn),
            .anaGroupTooHigh(_, let nqn, _), .tooManyNamespaces(let nqn, _, _),
            .namespaceMaximumChanged(let nqn, _, _), .persistentLossIsFinal(_, let nqn):
            return nqn
        }
    }
}
