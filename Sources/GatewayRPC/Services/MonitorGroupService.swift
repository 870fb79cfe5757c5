// The service `MonitorGroup`, which the Ceph monitor's client calls on the port below the gateway's own.

internal import GRPCCore
internal import SwiftProtobuf

/// The methods of `MonitorGroup`.
package enum MonitorGroupService {
    private typealias Method = PB_MonitorGroup.Method

    /// - Parameter setGroupIndex: takes the index of this gateway in its group, from 0. The monitor's client
    ///   calls again until it is answered, so that it may be told twice.
    package static func table(
        reporting report: @escaping CallReport = { _, _, _ in },
        setGroupIndex: @escaping @Sendable (_ index: UInt32) async -> Void
    ) -> MethodTable {
        MethodTable(
            [
                UnaryMethod(Method.group_id.descriptor) { (request: PB_group_id_req) in
                    await setGroupIndex(request.id)
                    return Google_Protobuf_Empty()
                },
                UnaryMethod(Method.apply_config.descriptor) { rejectAll($0) },
            ], reporting: report)
    }

    /// No option is taken from the cluster's configuration: the gateway's own file has them.
    @Sendable private static func rejectAll(_ request: PB_config_snapshot) -> PB_config_apply_reply {
        PB_config_apply_reply.with { reply in
            reply.rejects = (request.daemon + request.group).filter(\.present).map { entry in
                .with {
                    $0.section = entry.section
                    $0.key = entry.key
                    $0.error = "the gateway reads its options from its configuration file only"
                }
            }
        }
    }
}
