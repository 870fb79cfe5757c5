// How a call's outcome becomes the fields `status` and `error_message`, which every answer but one has.

internal import GatewayControl
package import SwiftProtobuf

/// An answer with a status: 0 and "Success", or an errno and what was wrong.
package protocol StatusMessage: Message {
    var status: Int32 { get set }
    var errorMessage: String { get set }
}

extension PB_req_status: StatusMessage {}
extension PB_subsys_status: StatusMessage {}
extension PB_nsid_status: StatusMessage {}
extension PB_subsystems_info_cli: StatusMessage {}
extension PB_kmip_server_endpoints_info: StatusMessage {}
extension PB_namespaces_info: StatusMessage {}
extension PB_namespace_io_stats_info: StatusMessage {}
extension PB_list_namespaces_io_stats_info: StatusMessage {}
extension PB_hosts_info: StatusMessage {}
extension PB_connections_info: StatusMessage {}
extension PB_connection_io_statistics: StatusMessage {}
extension PB_listeners_info: StatusMessage {}
extension PB_gateway_listeners_info: StatusMessage {}
extension PB_gateway_info: StatusMessage {}
extension PB_gateway_log_level_info: StatusMessage {}
extension PB_spdk_nvmf_log_flags_and_level_info: StatusMessage {}
extension PB_gateway_stats_info: StatusMessage {}
extension PB_thread_stats_info: StatusMessage {}
extension PB_gateway_status: StatusMessage {}
extension PB_gateway_activity: StatusMessage {}

extension StatusMessage {
    /// What the C library calls error number 0.
    static var success: String { "Success" }

    /// The answer that `fill` completes, or that tells why it could not.
    /// - Parameter echo: what it has in both cases.
    static func answer(
        echo: (inout Self) -> Void = { _ in },
        _ fill: (inout Self) async throws(ControlFailure) -> Void
    ) async -> Self {
        var message = Self()
        echo(&message)
        do throws(ControlFailure) {
            try await fill(&message)
            message.status = 0
            message.errorMessage = success
        } catch {
            message = Self()
            echo(&message)
            message.status = error.errno
            message.errorMessage = error.message
        }
        return message
    }
}
