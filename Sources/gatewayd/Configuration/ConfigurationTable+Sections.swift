// The rows of all sections but [gateway].

extension ConfigurationTable {
    static let logs: [ConfigurationKey] =
        [
            .text(
                "gateway-logs", "log_level", .choice(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]),
                \.logLevel, reloads: true, "What the log has at least. CRITICAL: nothing.")
        ]
        + [
            ("log_files_enabled", ValueForm.flag, "True", "Whether the log is written to files, too."),
            ("log_files_rotation_enabled", .flag, "True", "Whether those are rotated."),
            ("verbose_log_messages", .flag, "True", "Whether each line names its place in the program."),
            ("max_log_file_size_in_mb", .whole(0...1_048_576), "10", "How long a file may become."),
            ("max_log_files_count", .whole(0...1_048_576), "20", "How many files are kept."),
            ("max_log_directory_backups", .whole(0...1_048_576), "10", "How many folders are kept."),
            ("log_directory", .path, "/var/log/ceph/", "Where they are."),
        ].map { name, form, standard, meaning in
            .idle(
                "gateway-logs", name, form, standard, meaning,
                because: "the log goes to standard error, where journald or the container keeps it")
        }

    static let discovery: [ConfigurationKey] = [
        .text(
            "discovery", "addr", .address, \.discoveryAddress,
            "Where the Discovery service listens. It answers at every listener as well."),
        .whole(
            "discovery", "port", 0...65_535, \.discoveryPort, "Its port; 0 for none beside the listeners."),
        .idle(
            "discovery", "abort_on_errors", .flag, "True", "Whether discovery ends over errors.",
            because: "discovery is part of the gateway, which does not end over a mistake"),
        .idle(
            "discovery", "bind_retries_limit", .whole(0...10_000), "10",
            "How often an address is tried that is in use.",
            because: "an address that is in use is tried again until it is free"),
        .idle(
            "discovery", "bind_sleep_interval", .number(0...3600), "0.5", "How long between two tries.",
            because: "the pause grows by itself"),
    ]

    static let ceph: [ConfigurationKey] = [
        .text("ceph", "pool", \.pool, "The pool that holds the group's state."),
        .text(
            "ceph", "config_file", .path, \.cephConfigurationFile,
            "Ceph's configuration file. Empty: where librados looks for it."),
        .text("ceph", "id", \.cephUser, "The Ceph user, without `client.`. Empty: `admin`."),
    ]

    static let mtls: [ConfigurationKey] = [
        .text("mtls", "server_key", .path, \.serverKeyFile, "The gateway's key."),
        .text("mtls", "server_cert", .path, \.serverCertificateFile, "The gateway's certificate."),
        .text(
            "mtls", "client_cert", .path, \.clientCertificateFile,
            "The certificate that clients show, or the one that theirs are signed with."),
        .idle(
            "mtls", "client_key", .path, "./client.key", "A client's key.",
            because: "a gateway needs no client's key"),
        .idle(
            "mtls", "root_ca_cert", .path, "", "The certificate that the others are signed with.",
            because: "clients are known by `client_cert`"),
    ]

    static let kmip: [ConfigurationKey] = [
        .idle(
            "kmip", "cert_dir", .path, "./certs/kmip/{server_name}", "Certificates for key servers.",
            because: "this version asks no key servers")
    ]

    static let monitor: [ConfigurationKey] = [
        .idle(
            "monitor", "timeout", .number(0...3600), "1.0", "How long the process waits for the gateway.",
            because: "there is no process for the monitors beside the gateway"),
        .idle(
            "monitor", "log_file_dir", .path, "", "Where its log is.",
            because: "there is no process for the monitors beside the gateway"),
    ]

    static let own: [ConfigurationKey] = [
        .text(
            "gatewayd", "state", \.stateStore,
            "Where the group's state is: `omap` (in `[ceph] pool`), `file:FOLDER` for a gateway that is "
                + "alone and has no cluster, or `memory`, empty at first and gone when it ends."),
        .text(
            "gatewayd", "folder_pools", \.folderPools,
            "Pools that are folders of files, as `NAME=FOLDER`, several with blanks between them: an image "
                + "of such a pool is the file of its name."),
        .whole(
            "gatewayd", "shards", 0...64, \.shardCount,
            "Threads that serve hosts. 0: one for each processor, at most 4."),
        .text(
            "gatewayd", "spin", .choice(["auto", "off"]), \.spin,
            "Whether those threads look on for a while before they sleep. auto: where waits are short, few "
                + "connections are busy at a time and nobody waits for a processor."),
        .size(
            "gatewayd", "mdts", 8192...1_048_576, \.transferMax,
            "The longest transfer of one command (MDTS): 4KiB times a power of two."),
        .whole(
            "gatewayd", "open_seconds", 1...3600, \.openSeconds,
            "How long opening an image may take before it is tried again later."),
        .whole(
            "gatewayd", "images_opened_at_once", 1...1024, \.imagesOpenedAtOnce,
            "How many images are opened at the same time."),
        .whole(
            "gatewayd", "retry_seconds", 1...3600, \.retrySecondsMax,
            "How long it waits at most before what could not be opened is tried again. It begins with one "
                + "second."),
        .whole(
            "gatewayd", "drain_seconds", 0...600, \.drainSeconds, reloads: true,
            "How long commands under way may take to end after SIGTERM."),
        .text(
            "gatewayd", "ana_groups_at_start", .choice(["optimized", "inaccessible"]), \.groupsAtStart,
            "How load-balancing groups are reached here until the monitor's client speaks of them. With the "
                + "monitor's failover: `inaccessible`, as with Ceph's gateway."),
        .text(
            "gatewayd", "reservations", .path, \.reservationFolder,
            "The folder that keeps reservations of a gateway that is alone. Empty: they end with it."),
    ]
}
