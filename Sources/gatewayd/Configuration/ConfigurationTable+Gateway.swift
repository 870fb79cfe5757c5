// The rows of [gateway] that mean something here; those that don't are in ConfigurationTable+Idle.

extension ConfigurationTable {
    static let gateway: [ConfigurationKey] = [
        .text(
            "gateway", "name", \.gatewayName,
            "What the gateway is called in its group. Empty: the machine's host name."),
        .text(
            "gateway", "group", \.group,
            "The group of gateways that serve the same subsystems. It tells their state from other groups'."),
        .text(
            "gateway", "override_hostname", \.hostName,
            "The host name by which the gateway knows its own listeners. Empty: the machine's."),
        .text(
            "gateway", "addr", .address, \.controlAddress,
            "Where the control interface (gRPC) listens. Without `enable_auth` whoever reaches it may "
                + "change everything."),
        .whole("gateway", "port", 1...65_535, \.controlPort, "The control interface's port."),
        .flag(
            "gateway", "enable_auth", \.requiresClientCertificates,
            "Whether the control interface takes only clients with a certificate, over TLS: see `[mtls]`."),
        .whole(
            "gateway", "max_message_length_in_mb", 1...64, \.messageMegabytesMax,
            "The longest message of the control interface, in MiB."),
        .whole(
            "gateway", "max_gws_in_grp", 1...128, \.gatewaysInGroupMax,
            "How many gateways the group may have: so many ANA groups the subsystems report."),
        .whole(
            "gateway", "min_controller_id", 0...65_455, \.firstControllerID,
            "The first controller identifier (CNTLID) that hosts get here. Gateways of a group need ranges "
                + "apart. 0: 2040 of them by the gateway's index in its group, as the monitor tells it."),
        .whole(
            "gateway", "max_controller_id", 0...65_519, \.lastControllerID,
            "The last controller identifier that hosts get here. 0: likewise."),
    ]

    static let gatewayState: [ConfigurationKey] = [
        .whole(
            "gateway", "state_update_interval_sec", 1...3600, \.pollSeconds,
            "How often the gateway looks for changes of the state, in seconds, whether it was told or not."),
        .text(
            "gateway", "encryption_key", .path, \.encryptionKeyFile,
            "The key that hosts' keys are encrypted with in the group's state. The same on all gateways."),
        .flag(
            "gateway", "enable_key_encryption", \.encryptsKeys,
            "Whether hosts' keys are encrypted in the group's state. If not, who may read the state reads "
                + "them. The same on all gateways."),
    ]

    static let gatewayLimits: [ConfigurationKey] = [
        .flag(
            "gateway", "verify_nqns", \.verifiesNQNs, reloads: true,
            "Whether names of subsystems and hosts must have the form of an NQN."),
        .flag(
            "gateway", "verify_keys", \.verifiesKeys, reloads: true,
            "Whether keys of hosts must have the form that NVMe gives them."),
        .flag(
            "gateway", "verify_listener_ip", \.verifiesListenerAddresses, reloads: true,
            "Whether a listener's address must be one of the machine's."),
        .whole(
            "gateway", "max_subsystems", 1...1024, \.subsystemsMax, reloads: true,
            "How many subsystems there may be."),
        .whole(
            "gateway", "max_hosts", 1...65_536, \.hostsMax, reloads: true,
            "How many hosts all subsystems may list together."),
        .whole(
            "gateway", "max_hosts_per_subsystem", 1...65_536, \.hostsPerSubsystemMax, reloads: true,
            "How many hosts a subsystem may list."),
        .whole(
            "gateway", "max_hosts_per_namespace", 1...1024, \.hostsPerNamespaceMax, reloads: true,
            "How many hosts a namespace may be visible to, if it is not visible to all."),
        .whole(
            "gateway", "max_namespaces", 1...65_536, \.namespacesMax, reloads: true,
            "How many namespaces there may be."),
        .whole(
            "gateway", "max_namespaces_per_subsystem", 1...4096, \.namespacesPerSubsystemMax, reloads: true,
            "How many namespaces a subsystem may have that is created without another bound."),
        .whole(
            "gateway", "max_namespaces_with_netmask", 0...65_536, \.maskedNamespacesMax, reloads: true,
            "How many namespaces may be visible to some hosts only."),
    ]
}
