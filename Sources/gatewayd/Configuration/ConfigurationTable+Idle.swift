// The rows of [gateway] that mean nothing here, with the reason that the log gives.

extension ConfigurationTable {
    private static let noAbort = "this gateway does not end over a mistake or a lost connection"
    private static let noProcess = "there is no SPDK process: the gateway serves by itself"
    private static let noMonitorProcess = "there is no process for the monitors beside the gateway"
    private static let noLockOnRead = "reading the state takes no lock"
    private static let noLock =
        "a change takes the lock within one operation, and waits 25 seconds for another's"
    private static let noExporter = "this version has no Prometheus exporter"
    private static let noRebalancing = "namespaces stay in the load-balancing group that they are put into"

    static let gatewayIdle: [ConfigurationKey] =
        [
            .idle(
                "gateway", "state_update_timeout_in_msec", .whole(0...600_000), "2000",
                "How long telling the others of a change may take.",
                because: "telling the others does not hold a change up"),
            .idle(
                "gateway", "break_update_interval_sec", .whole(0...3600), "25",
                "How long an update may hold calls up.", because: "an update holds no call up"),
            .idle(
                "gateway", "enable_spdk_discovery_controller", .flag, "False",
                "Whether SPDK answers discovery.", because: "discovery is part of the gateway"),
            .idle(
                "gateway", "rebalance_period_sec", .whole(0...86_400), "7",
                "How often namespaces are spread over the gateways.", because: noRebalancing),
            .idle(
                "gateway", "max_ns_to_change_lb_grp", .whole(0...65_536), "8",
                "How many namespaces move at a time.", because: noRebalancing),
            .idle(
                "gateway", "abort_on_errors", .flag, "True", "Whether the gateway ends over errors.",
                because: noAbort),
            .idle(
                "gateway", "abort_on_update_error", .flag, "True",
                "Whether it ends if it can't follow an update.", because: noAbort),
            .idle(
                "gateway", "state_update_notify", .flag, "True",
                "Whether gateways tell each other of changes.", because: "they always do"),
            .idle(
                "gateway", "omap_file_lock_duration", .whole(1...3600), "20",
                "How long a gateway may hold the lock that writers of the state take, in seconds.",
                because: noLock),
            .idle(
                "gateway", "omap_file_lock_retries", .whole(1...10_000), "30",
                "How often a gateway tries to get that lock before a change fails.", because: noLock),
            .idle(
                "gateway", "omap_file_lock_retry_sleep_interval", .number(0.01...60), "1.0",
                "How long it waits between two tries, in seconds.", because: noLock),
            .idle(
                "gateway", "omap_file_ignore_unlock_errors", .flag, "False",
                "Whether a lock that was lost is passed over.",
                because: "each change is compared with the state's version as well"),
            .idle(
                "gateway", "omap_file_disable_unlock", .flag, "False", "A switch for tests.",
                because: "it is for tests of another program"),
            .idle(
                "gateway", "omap_file_lock_on_read", .flag, "True",
                "Whether reading the state takes the lock.",
                because: noLockOnRead),
            .idle(
                "gateway", "omap_file_update_reloads", .whole(0...10_000), "10",
                "How often a change is tried anew after another gateway's.",
                because: "the bound is fixed, at 100"),
            .idle(
                "gateway", "omap_file_update_attempts", .whole(0...100_000), "500",
                "How often an update is tried.", because: "the bound is fixed, at 100"),
            .idle(
                "gateway", "allowed_consecutive_spdk_ping_failures", .whole(0...10_000), "1",
                "How often SPDK may fail to answer.", because: noProcess),
            .idle(
                "gateway", "spdk_ping_interval_in_seconds", .number(0...3600), "2.0",
                "How often SPDK is asked whether it lives.", because: noProcess),
            .idle(
                "gateway", "ping_spdk_under_lock", .flag, "False", "Whether that takes a lock.",
                because: noProcess),
            .idle(
                "gateway", "enable_monitor_client", .flag, "True",
                "Whether the process for the monitors runs.", because: noMonitorProcess),
            .idle(
                "gateway", "monitor_stop_grace", .number(0...3600), "0.001",
                "How long the monitors' service takes to end.", because: noMonitorProcess),
            .idle(
                "gateway", "subsystem_cache_expiration", .whole(0...86_400), "30",
                "How long what is known of subsystems may be old.",
                because: "calls are answered from what is served"),
            .idle(
                "gateway", "io_stats_enabled", .flag, "True", "Whether I/O is counted.",
                because: "it is always counted"),
            .idle(
                "gateway", "force_tls",
                .onlyFalse(because: "this version has no TLS for hosts, and would let none connect"),
                "False", "Whether hosts may connect over TLS only.", because: "it is the default"),
            .idle(
                "gateway", "degrade_namespace_on_kmip_error", .flag, "True",
                "Whether a namespace goes on whose key server does not answer.",
                because: "this version asks no key servers"),
        ] + exporter
        + (logs + spdk.filter { ["bdevs_per_cluster", "librbd_core_mask"].contains($0.name) })
        .map(ConfigurationKey.moved)

    private static let exporter: [ConfigurationKey] = [
        ("enable_prometheus_exporter", ValueForm.flag, "True", "Whether there are metrics for Prometheus."),
        ("prometheus_exporter_ssl", .flag, "True", "Whether they are served over TLS."),
        ("prometheus_exporter_cert", .path, "", "The certificate for that."),
        ("prometheus_exporter_key", .path, "", "The key for that."),
        ("prometheus_port", .whole(1...65_535), "10008", "Their port."),
        ("prometheus_stats_interval", .number(0...86_400), "10", "How often they are collected, in seconds."),
        ("prometheus_bdev_pools", .text, "", "The pools whose images have metrics."),
        ("prometheus_frequency_slow_down_factor", .number(0...1000), "3.0", "How collecting slows down."),
        ("prometheus_cycles_to_adjust_speed", .whole(0...10_000), "3", "When it does."),
        ("prometheus_startup_delay", .number(0...86_400), "240", "When it begins, in seconds."),
        (
            "prometheus_connection_list_cache_expiration", .number(0...86_400), "60",
            "How long the list of connections may be old, in seconds."
        ),
    ].map { name, form, standard, meaning in
        .idle("gateway", name, form, standard, meaning, because: noExporter)
    }
}
