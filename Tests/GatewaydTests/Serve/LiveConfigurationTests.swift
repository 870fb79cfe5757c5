// A configuration that is read again: what takes effect, what needs a restart, and what the parts of a
// gateway are told of it.

import GatewayControl
import GatewayCore
import GatewayIO
import RBDBackend
import Testing

@testable import gatewayd

@Suite("Reload and settings")
struct LiveConfigurationTests {
    private func load(_ text: String) throws -> LoadedConfiguration {
        try ConfigurationReader.load(file: text, path: "f")
    }

    @Test("A reload takes over the log's level and names what needs a restart")
    func reload() throws {
        let live = LiveConfiguration(try load("[gateway]\nname = a"))
        #expect(live.values.gatewayLevel == .info)
        let lines = live.replace(
            with: try load(
                "[gateway]\nname = b\n[gateway-logs]\nlog_level = error\n[gatewayd]\ndrain_seconds = 3"))
        #expect(
            lines == [
                "gateway.name stays 'a': 'b' needs a restart",
                "gateway-logs.log_level is 'ERROR' now, after 'INFO'",
                "gatewayd.drain_seconds is '3' now, after '10'",
            ])
        #expect(live.values.gatewayLevel == .error)
        #expect(live.values.gatewayName == "a")
        #expect(live.values.drainSeconds == 3)
        #expect(
            live.replace(
                with: try load(
                    "[gateway]\nname = a\n[gateway-logs]\nlog_level = error\n"
                        + "[gatewayd]\ndrain_seconds = 3")) == [])
    }

    @Test("What calls are held to follows a reload, but for how many ANA groups hosts were told of")
    func policy() throws {
        let live = LiveConfiguration(try load("[gateway]\nmax_subsystems = 3"))
        #expect(live.values.policy.subsystemsMax == 3)
        let lines = live.replace(
            with: try load(
                """
                [gateway]
                max_subsystems = 2
                max_namespaces = 9
                max_namespaces_per_subsystem = 8
                max_namespaces_with_netmask = 7
                max_hosts = 6
                max_hosts_per_subsystem = 5
                max_hosts_per_namespace = 4
                max_gws_in_grp = 3
                verify_nqns = no
                verify_keys = no
                verify_listener_ip = no
                """))
        #expect(lines.count == 11)
        #expect(
            lines.filter { $0.contains("restart") } == [
                "gateway.max_gws_in_grp stays '16': '3' needs a restart"
            ])
        var expected = ControlPolicy()
        expected.subsystemsMax = 2
        expected.namespacesMax = 9
        expected.namespacesPerSubsystemMax = 8
        expected.maskedNamespacesMax = 7
        expected.hostsMax = 6
        expected.hostsPerSubsystemMax = 5
        expected.hostsPerNamespaceMax = 4
        expected.verifiesNQNs = false
        expected.verifiesKeys = false
        expected.verifiesListenerAddresses = false
        #expect(live.values.policy == expected)
    }

    @Test("Controllers' identifiers go by the gateway's index in its group, unless they are configured")
    func controllerIDs() async throws {
        func check(_ text: String, _ expected: [ClosedRange<UInt16>]) async throws {
            let values = try load(text + "\n[gatewayd]\nshards = 1\n[discovery]\nport = 0").values
            let target = try await Target.start(values.targetConfiguration(nil, SilentLog()))
            let group = MonitoredGroup(
                name: "a", target: target, controllerIDs: values.configuredControllerIDs, log: SilentLog())
            for (index, ids) in zip([0, 2, 31, 32], expected) {
                await group.set(index: UInt32(index))
                #expect(group.controllerIDs == ids)
                #expect(target.controllerIDs == ids)
            }
            await target.shutdown()
        }
        try await check("", [1...2040, 4081...6120, 63_241...65_280, 63_241...65_280])
        try await check("[gateway]\nmin_controller_id = 7", [7...65_519, 7...65_519, 7...65_519])
        try await check("[gateway]\nmax_controller_id = 7", [1...7, 1...7])
        #expect(throws: ConfigurationFailure.self) {
            try load("[gateway]\nmax_controller_id = 2\n[gatewayd]\nshards = 3")
        }
    }

    @Test(
        "Images are spread over RADOS clients as Ceph's gateway would, or by the machine's size",
        arguments: [
            ("", ClusterSharing.automatic(processorCount: Machine.processorCount)),
            ("bdevs_per_cluster = 8", ClusterSharing(imagesPerClient: 8, clientsMax: 256, isByGroup: true)),
            ("flat_bdevs_per_cluster = 8", ClusterSharing(imagesPerClient: 8, clientsMax: 256)),
            ("cluster_connections = 4", ClusterSharing(imagesPerClient: 1, clientsMax: 4)),
            (
                "cluster_connections = 4\nbdevs_per_cluster = 8",
                ClusterSharing(imagesPerClient: 1, clientsMax: 4)
            ),
        ])
    func sharing(text: String, sharing: ClusterSharing) throws {
        #expect(try load("[spdk]\n\(text)").values.clusterSharing == sharing)
    }

    @Test("Pools that are folders are named with their paths")
    func folders() throws {
        let folders = try load("[gatewayd]\nfolder_pools = a=/srv/a\n    b=/srv/b=c").values.folders
        #expect(folders == ["a": "/srv/a", "b": "/srv/b=c"])
        #expect(throws: ConfigurationFailure.self) { try load("[gatewayd]\nfolder_pools = a") }
        #expect(throws: ConfigurationFailure.self) { try load("[gatewayd]\nfolder_pools = a=srv") }
    }

    @Test("The target is told its bounds, and a discovery address that stands for many is not advertised")
    func target() throws {
        let values = try load(
            "[gateway]\nmin_controller_id = 5\nmax_controller_id = 99\n[gatewayd]\nmdts = 1MiB\nshards = 3"
        ).values
        let configuration = values.targetConfiguration(nil, SilentLog())
        #expect(configuration.limits.transferShift == 8)
        #expect(configuration.limits.controllerIDs == 5...99)
        #expect(configuration.shardCount == 3)
        #expect(configuration.listeners.map(\.isAdvertised) == [false])
        let named = try load("[discovery]\naddr = 192.0.2.1").values.targetConfiguration(nil, SilentLog())
        #expect(named.listeners.map(\.isAdvertised) == [true])
        let none = try load("[discovery]\nport = 0").values.targetConfiguration(nil, SilentLog())
        #expect(none.listeners.isEmpty)
    }

    @Test("A gateway's names are the machine's unless they are configured")
    func names() throws {
        #expect(try load("").values.ownHostName == Machine.hostName)
        let values = try load("[gateway]\nname = gw1\noverride_hostname = host1").values
        #expect(values.ownName == "gw1")
        #expect(values.ownHostName == "host1")
    }
}
