// The methods of `Gateway` as clients call them, each with its messages: what the verbs of our command line
// are, on the wire.

/// The methods of the service `Gateway` that we call.
package enum GatewayMethods {
    private typealias Method = PB_Gateway.Method

    package static let namespaceAdd = ControlMethod<PB_namespace_add_req, PB_nsid_status>(
        Method.namespace_add.descriptor)
    package static let listNamespaces = ControlMethod<PB_list_namespaces_req, PB_namespaces_info>(
        Method.list_namespaces.descriptor)
    package static let namespaceResize = ControlMethod<PB_namespace_resize_req, PB_req_status>(
        Method.namespace_resize.descriptor)
    package static let namespaceGetIOStats = ControlMethod<
        PB_namespace_get_io_stats_req, PB_namespace_io_stats_info
    >(
        Method.namespace_get_io_stats.descriptor)
    package static let namespaceSetQoSLimits = ControlMethod<PB_namespace_set_qos_req, PB_req_status>(
        Method.namespace_set_qos_limits.descriptor)
    package static let namespaceChangeLoadBalancingGroup = ControlMethod<
        PB_namespace_change_load_balancing_group_req, PB_req_status
    >(
        Method.namespace_change_load_balancing_group.descriptor)
    package static let namespaceChangeLocation = ControlMethod<
        PB_namespace_change_location_req, PB_req_status
    >(
        Method.namespace_change_location.descriptor)
    package static let namespaceChangeVisibility = ControlMethod<
        PB_namespace_change_visibility_req, PB_req_status
    >(
        Method.namespace_change_visibility.descriptor)
    package static let namespaceSetRBDTrashImage = ControlMethod<
        PB_namespace_set_rbd_trash_image_req, PB_req_status
    >(
        Method.namespace_set_rbd_trash_image.descriptor)
    package static let namespaceSetAutoResize = ControlMethod<
        PB_namespace_set_auto_resize_req, PB_req_status
    >(
        Method.namespace_set_auto_resize.descriptor)
    package static let namespaceDelete = ControlMethod<PB_namespace_delete_req, PB_req_status>(
        Method.namespace_delete.descriptor)
    package static let namespaceAddHost = ControlMethod<PB_namespace_add_host_req, PB_req_status>(
        Method.namespace_add_host.descriptor)
    package static let namespaceDeleteHost = ControlMethod<PB_namespace_delete_host_req, PB_req_status>(
        Method.namespace_delete_host.descriptor)
    package static let createSubsystem = ControlMethod<PB_create_subsystem_req, PB_subsys_status>(
        Method.create_subsystem.descriptor)
    package static let deleteSubsystem = ControlMethod<PB_delete_subsystem_req, PB_req_status>(
        Method.delete_subsystem.descriptor)
    package static let changeSubsystemKey = ControlMethod<PB_change_subsystem_key_req, PB_req_status>(
        Method.change_subsystem_key.descriptor)
    package static let listSubsystems = ControlMethod<PB_list_subsystems_req, PB_subsystems_info_cli>(
        Method.list_subsystems.descriptor)
    package static let addSubsystemNetwork = ControlMethod<PB_add_subsystem_network_req, PB_req_status>(
        Method.add_subsystem_network.descriptor)
    package static let delSubsystemNetwork = ControlMethod<PB_del_subsystem_network_req, PB_req_status>(
        Method.del_subsystem_network.descriptor)
    package static let addHost = ControlMethod<PB_add_host_req, PB_req_status>(
        Method.add_host.descriptor)
    package static let removeHost = ControlMethod<PB_remove_host_req, PB_req_status>(
        Method.remove_host.descriptor)
    package static let changeHostKey = ControlMethod<PB_change_host_key_req, PB_req_status>(
        Method.change_host_key.descriptor)
    package static let listHosts = ControlMethod<PB_list_hosts_req, PB_hosts_info>(
        Method.list_hosts.descriptor)
    package static let listConnections = ControlMethod<PB_list_connections_req, PB_connections_info>(
        Method.list_connections.descriptor)
    package static let getConnectionIOStatistics = ControlMethod<
        PB_get_connection_io_statistics_req, PB_connection_io_statistics
    >(
        Method.get_connection_io_statistics.descriptor)
    package static let createListener = ControlMethod<PB_create_listener_req, PB_req_status>(
        Method.create_listener.descriptor)
    package static let deleteListener = ControlMethod<PB_delete_listener_req, PB_req_status>(
        Method.delete_listener.descriptor)
    package static let listListeners = ControlMethod<PB_list_listeners_req, PB_listeners_info>(
        Method.list_listeners.descriptor)
    package static let showGatewayListenersInfo = ControlMethod<
        PB_show_gateway_listeners_info_req, PB_gateway_listeners_info
    >(
        Method.show_gateway_listeners_info.descriptor)
    package static let getGatewayInfo = ControlMethod<PB_get_gateway_info_req, PB_gateway_info>(
        Method.get_gateway_info.descriptor)
    package static let getGatewayLogLevel = ControlMethod<
        PB_get_gateway_log_level_req, PB_gateway_log_level_info
    >(
        Method.get_gateway_log_level.descriptor)
    package static let setGatewayLogLevel = ControlMethod<PB_set_gateway_log_level_req, PB_req_status>(
        Method.set_gateway_log_level.descriptor)
    package static let getSPDKNVMfLogFlagsAndLevel = ControlMethod<
        PB_get_spdk_nvmf_log_flags_and_level_req, PB_spdk_nvmf_log_flags_and_level_info
    >(
        Method.get_spdk_nvmf_log_flags_and_level.descriptor)
    package static let setSPDKNVMfLogs = ControlMethod<PB_set_spdk_nvmf_logs_req, PB_req_status>(
        Method.set_spdk_nvmf_logs.descriptor)
    package static let disableSPDKNVMfLogs = ControlMethod<PB_disable_spdk_nvmf_logs_req, PB_req_status>(
        Method.disable_spdk_nvmf_logs.descriptor)
    package static let getThreadStats = ControlMethod<PB_get_thread_stats_req, PB_thread_stats_info>(
        Method.get_thread_stats.descriptor)
    package static let setGatewayIOStatsMode = ControlMethod<PB_set_gateway_io_stats_mode_req, PB_req_status>(
        Method.set_gateway_io_stats_mode.descriptor)
}
