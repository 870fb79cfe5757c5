// Entries as upstream's gateway writes them: printed by the message classes of PyPI's ceph-nvmeof 1.5.1
// (protobuf 4.25.9), as control/grpc.py prints them, under the keys that control/state.py builds.

enum UpstreamState {
    static let nqn = "nqn.2016-06.io.spdk:cnode1.group1"
    static let host = "nqn.2014-08.org.nvmexpress:uuid:893a6752-fe9b-ca48-aa93-e4565f3288ff"
    /// Of the entry omap_version.
    static let version: UInt64 = 17

    static let entries: [String: String] = [
        "subsystem_\(nqn)": """
        {
          "subsystem_nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "serial_number": "Ceph31548293710546",
          "max_namespaces": 512,
          "enable_ha": true,
          "no_group_append": false,
          "dhchap_key": "",
          "key_encrypted": false
        }
        """,
        "namespace_\(nqn)_1": """
        {
          "rbd_pool_name": "rbd",
          "rbd_image_name": "demo_image1",
          "subsystem_nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "nsid": 1,
          "block_size": 512,
          "uuid": "9b8a1d36-9e1d-4a5c-a67f-8a9e0a1b7c55",
          "anagrpid": 1,
          "create_image": true,
          "size": "10737418240",
          "force": false,
          "no_auto_visible": false,
          "trash_image": false
        }
        """,
        "namespace_\(nqn)_10": """
        {
          "rbd_pool_name": "rbd",
          "rbd_image_name": "demo_image2",
          "subsystem_nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "nsid": 10,
          "block_size": 4096,
          "uuid": "1d0d1d36-9e1d-4a5c-a67f-8a9e0a1b7c56",
          "anagrpid": 2,
          "create_image": false,
          "size": "0",
          "force": true,
          "no_auto_visible": true,
          "trash_image": true
        }
        """,
        "qos_\(nqn)_1": """
        {
          "subsystem_nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "nsid": 1,
          "rw_ios_per_second": "20000",
          "rw_mbytes_per_second": "18446744073709551615"
        }
        """,
        "ns-host_\(nqn)_10_\(host)": """
        {
          "subsystem_nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "nsid": 10,
          "host_nqn": "nqn.2014-08.org.nvmexpress:uuid:893a6752-fe9b-ca48-aa93-e4565f3288ff"
        }
        """,
        "host_\(nqn)_\(host)": """
        {
          "subsystem_nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "host_nqn": "nqn.2014-08.org.nvmexpress:uuid:893a6752-fe9b-ca48-aa93-e4565f3288ff",
          "psk": "",
          "dhchap_key": "gAAAAABl",
          "psk_encrypted": false,
          "key_encrypted": true
        }
        """,
        "host_\(nqn)_*": """
        {
          "subsystem_nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "host_nqn": "*"
        }
        """,
        "listener_\(nqn)_gw-host-1_TCP_192.168.13.3_4420": """
        {
          "nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "host_name": "gw-host-1",
          "traddr": "192.168.13.3",
          "adrfam": "ipv4",
          "trsvcid": 4420,
          "secure": false,
          "verify_host_name": false
        }
        """,
        "listener_\(nqn)_gw-host-2_TCP_fd00::2_4421": """
        {
          "nqn": "nqn.2016-06.io.spdk:cnode1.group1",
          "host_name": "gw-host-2",
          "traddr": "fd00::2",
          "adrfam": "ipv6",
          "trsvcid": 4421,
          "secure": true
        }
        """,
    ]
}
