// The rows of [spdk]: of Ceph's data path, only how images are spread over RADOS clients means something
// here.

extension ConfigurationTable {
    private static let noProcess = "there is no SPDK process: the gateway serves by itself"
    private static let noCopyService = "Copy is a command of NVMe here, with bounds of its own"

    static let spdk: [ConfigurationKey] =
        [
            .whole(
                "spdk", "bdevs_per_cluster", 0...100_000, \.imagesPerClient,
                "How many images of a load-balancing group share a RADOS client. 0: chosen by their number."),
            .whole(
                "spdk", "flat_bdevs_per_cluster", 0...100_000, \.flatImagesPerClient,
                "How many images share a RADOS client, whatever their group. 0: chosen by their number."),
            .whole(
                "spdk", "cluster_connections", 0...256, \.clientCount,
                "How many RADOS clients there are at most; images go to the one that has the fewest. 0: "
                    + "chosen by the number of images."),
            .idle(
                "spdk", "transports", .choice(["tcp"]), "tcp", "The transports that hosts may use.",
                because: "TCP is the only one"),
            .idle(
                "spdk", "librbd_core_mask", .text, "", "The processors that librbd's threads run on.",
                because: "threads run where the system puts them; a unit's CPUAffinity= says where"),
        ] + daemon + copyService

    private static let daemon: [ConfigurationKey] = [
        ("tgt_path", ValueForm.path, "/usr/local/bin/nvmf_tgt", "The program."),
        ("spdk_path", .path, "", "Where it was built."),
        ("tgt_cmd_extra_args", .text, "", "Arguments of the program."),
        ("rpc_socket", .path, "/var/tmp/spdk.sock", "Its socket."),
        ("rpc_socket_dir", .path, "/var/tmp/", "Where its socket is."),
        ("rpc_socket_name", .text, "spdk.sock", "What its socket is called."),
        ("timeout", .number(0...86_400), "60.0", "How long it may take to answer."),
        ("conn_retries", .whole(0...100_000), "10", "How often it is connected to."),
        ("mem_size", .text, "", "Its memory."),
        ("iobuf_options", .text, "", "Its buffers."),
        ("transport_tcp_options", .text, "", "Options of its transport, as JSON."),
        ("log_level", .text, "", "What it logs."),
        ("protocol_log_level", .text, "WARNING", "What its protocol's code logs."),
        ("log_file_dir", .path, "", "Where its log is."),
        ("qos_timeslice_in_usecs", .whole(0...100_000_000), "0", "How often limits are looked at."),
        ("notifications_interval", .whole(0...86_400), "60", "How often it is asked for news."),
        ("enable_dsa_acceleration", .flag, "True", "Whether it uses Intel's DSA."),
        ("rbd_with_crc32c", .flag, "False", "Whether digests go on to the OSDs."),
    ].map { name, form, standard, meaning in
        .idle("spdk", name, form, standard, meaning, because: noProcess)
    }

    private static let copyService: [ConfigurationKey] = [
        ("cnc_enable", ValueForm.flag, "False", "Whether images are copied between namespaces."),
        ("cnc_rate_limiter_bytes", .whole(0...Int.max), "100000000", "How fast."),
        ("cnc_chunk_blocks", .whole(0...Int.max), "512", "In which pieces."),
        ("cnc_parallel_chunks", .whole(0...Int.max), "8", "How many at a time."),
    ].map { name, form, standard, meaning in
        .idle("spdk", name, form, standard, meaning, because: noCopyService)
    }
}
