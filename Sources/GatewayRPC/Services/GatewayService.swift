// The service `Gateway`: all its methods in one table, each with the function that answers it. Those are in
// the files beside this one, a noun each; they turn a message into a call of GatewayControl's operations
// and what that returns, or throws, into a message.

internal import GRPCCore
package import GatewayControl

/// The methods of `Gateway`, over the operations.
package struct GatewayService: Sendable {
    let subsystems: SubsystemOperations
    let namespaces: NamespaceOperations
    let hosts: HostOperations
    let listeners: ListenerOperations
    let gateway: GatewayOperations

    package init(_ plane: ControlPlane) {
        subsystems = SubsystemOperations(plane)
        namespaces = NamespaceOperations(plane)
        hosts = HostOperations(plane)
        listeners = ListenerOperations(plane)
        gateway = GatewayOperations(plane)
    }

    /// The table, to be registered with a server.
    package func table(reporting report: @escaping CallReport = { _, _, _ in }) -> MethodTable {
        MethodTable(
            namespaceMethods + subsystemMethods + hostMethods + listenerMethods + gatewayMethods,
            reporting: report)
    }

    typealias Method = PB_Gateway.Method

    private var namespaceMethods: [any ServedMethod] {
        [
            UnaryMethod(Method.namespace_add.descriptor, addNamespace),
            UnaryMethod(Method.list_namespaces.descriptor, listNamespaces),
            UnaryMethod(Method.namespace_resize.descriptor, resizeNamespace),
            UnaryMethod(Method.namespace_get_io_stats.descriptor, namespaceStatistics),
            UnaryMethod(Method.list_namespaces_io_stats.descriptor, allNamespaceStatistics),
            UnaryMethod(Method.namespace_set_qos_limits.descriptor, setNamespaceLimits),
            UnaryMethod(Method.namespace_change_load_balancing_group.descriptor, changeNamespaceGroup),
            UnaryMethod(Method.namespace_change_location.descriptor, changeNamespaceLocation),
            UnaryMethod(Method.namespace_change_visibility.descriptor, changeNamespaceVisibility),
            UnaryMethod(Method.namespace_set_rbd_trash_image.descriptor, setNamespaceTrashesImage),
            UnaryMethod(Method.namespace_set_auto_resize.descriptor, setNamespaceResizesItself),
            UnaryMethod(Method.namespace_delete.descriptor, deleteNamespace),
            UnaryMethod(Method.namespace_add_host.descriptor, addNamespaceHost),
            UnaryMethod(Method.namespace_delete_host.descriptor, deleteNamespaceHost),
        ]
    }

    private var subsystemMethods: [any ServedMethod] {
        [
            UnaryMethod(Method.create_subsystem.descriptor, createSubsystem),
            UnaryMethod(Method.delete_subsystem.descriptor, deleteSubsystem),
            UnaryMethod(Method.change_subsystem_key.descriptor, changeSubsystemKey),
            UnaryMethod(Method.list_subsystems.descriptor, listSubsystems),
            UnaryMethod(Method.get_subsystems.descriptor, servedSubsystems),
            UnaryMethod(Method.add_subsystem_network.descriptor, addSubsystemNetwork),
            UnaryMethod(Method.del_subsystem_network.descriptor, deleteSubsystemNetwork),
            UnaryMethod(Method.add_kmip_server_endpoints.descriptor, addKMIPEndpoints),
            UnaryMethod(Method.del_kmip_server_endpoints.descriptor, deleteKMIPEndpoints),
            UnaryMethod(Method.list_kmip_server_endpoints.descriptor, listKMIPEndpoints),
        ]
    }

    private var hostMethods: [any ServedMethod] {
        [
            UnaryMethod(Method.add_host.descriptor, addHost),
            UnaryMethod(Method.remove_host.descriptor, removeHost),
            UnaryMethod(Method.change_host_key.descriptor, changeHostKey),
            UnaryMethod(Method.list_hosts.descriptor, listHosts),
            UnaryMethod(Method.list_connections.descriptor, listConnections),
            UnaryMethod(Method.set_keep_host_connected.descriptor, keepHostConnected),
            UnaryMethod(Method.get_connection_io_statistics.descriptor, connectionStatistics),
        ]
    }

    private var listenerMethods: [any ServedMethod] {
        [
            UnaryMethod(Method.create_listener.descriptor, createListener),
            UnaryMethod(Method.delete_listener.descriptor, deleteListener),
            UnaryMethod(Method.list_listeners.descriptor, listListeners),
            UnaryMethod(Method.show_gateway_listeners_info.descriptor, showOwnListeners),
        ]
    }

    private var gatewayMethods: [any ServedMethod] {
        [
            UnaryMethod(Method.set_ana_state.descriptor, setANAState),
            UnaryMethod(Method.get_gateway_info.descriptor, gatewayInfo),
            UnaryMethod(Method.get_gateway_log_level.descriptor, gatewayLogLevel),
            UnaryMethod(Method.set_gateway_log_level.descriptor, setGatewayLogLevel),
            UnaryMethod(Method.get_spdk_nvmf_log_flags_and_level.descriptor, targetLogLevels),
            UnaryMethod(Method.set_spdk_nvmf_logs.descriptor, setTargetLogLevels),
            UnaryMethod(Method.disable_spdk_nvmf_logs.descriptor, resetTargetLogLevels),
            UnaryMethod(Method.get_gateway_stats.descriptor, shardStatistics),
            UnaryMethod(Method.get_thread_stats.descriptor, threadStatistics),
            UnaryMethod(Method.set_gateway_io_stats_mode.descriptor, setStatisticsMode),
        ]
    }
}
