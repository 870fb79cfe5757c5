// The service as clients other than the command line use it: the monitor's client, Ceph-CSI, later releases.

import Foundation
import GRPCCore
import GatewayControl
import GatewayRPC
import RBDBackend
import SwiftProtobuf
import Synchronization
import Testing

@Suite("Gateway service")
struct GatewayServiceTests {
    let nqn = "nqn.2016-06.io.spdk:cnode1"

    @Test("Every method of the interface is in the table, and none is in it twice")
    func methods() async throws {
        let gateway = try await ControlledGateway()
        let served = GatewayService(gateway.plane).table().methods.map(\.descriptor)
        #expect(Set(served) == Set(PB_Gateway.Method.descriptors))
        #expect(served.count == 45)
    }

    @Test("Every method is in the page about the interface")
    func page() throws {
        let page = try String(
            contentsOf: UpstreamCLI.root.appendingPathComponent("Docs/ControlInterface.md"), encoding: .utf8)
        for method in PB_Gateway.Method.descriptors {
            #expect(page.contains("`\(method.method)`"), "\(method.method)")
        }
    }

    @Test("set_ana_state tells success with status 1, and failure with INTERNAL")
    func anaState() async throws {
        let gateway = try await ControlledGateway()
        let request = PB_ana_info.with {
            $0.states = [
                .with {
                    $0.nqn = "nqn.2016-06.io.spdk:cnode1"
                    $0.states = [
                        .with {
                            $0.grpID = 2
                            $0.state = .optimized
                        }
                    ]
                }
            ]
        }
        try await gateway.call { client in
            let answer = try await client.set_ana_state(request)
            #expect(answer.status == 1)
            #expect(gateway.target.contents.withLock { $0.anaStates[2] } == .optimized)
            gateway.target.contents.withLock { $0.anaFailure = ControlFailure(5, "no newest OSD map") }
            let error = await #expect(throws: RPCError.self) { _ = try await client.set_ana_state(request) }
            #expect(error?.code == .internalError)
            #expect(error?.message == "no newest OSD map")
        }
    }

    @Test("get_subsystems tells the monitor what it needs: listeners, ANA groups, clients' addresses")
    func servedSubsystems() async throws {
        let gateway = try await ControlledGateway(["img": 1 << 20])
        let nqn = nqn
        try await gateway.call { client in
            try await client.setUp(nqn)
            let subsystem = try #require(try await client.get_subsystems(.init()).subsystems.first)
            #expect(subsystem.nqn == nqn)
            #expect(subsystem.subtype == "NVMe")
            let address = try #require(subsystem.listenAddresses.first)
            #expect(address.adrfam == "IPv4")
            #expect(address.traddr == "10.0.0.1")
            #expect(address.trsvcid == "4420")
            let namespace = try #require(subsystem.namespaces.first)
            #expect(namespace.anagrpid == 1)
            #expect(namespace.nonce == "127.0.0.1:0/3735928559")
        }
    }

    @Test("A listener of another gateway is kept, and answered with EREMOTE")
    func remoteListener() async throws {
        let gateway = try await ControlledGateway()
        let nqn = nqn
        try await gateway.call { client in
            _ = try await client.create_subsystem(.subsystem(nqn))
            let answer = try await client.create_listener(
                .with {
                    $0.nqn = nqn
                    $0.hostName = "gw2"
                    $0.traddr = "[2001:db8::2]"
                    $0.adrfam = .ipv6
                })
            #expect(answer.status == 66)
            let listener = try await client.list_listeners(.with { $0.subsystem = nqn }).listeners.first
            #expect(listener?.traddr == "2001:db8::2")
            #expect(listener?.trsvcid == 4420)
        }
    }

    @Test("An address family that does not exist is ENOKEY")
    func unknownFamily() async throws {
        let gateway = try await ControlledGateway()
        let answer = try await gateway.call { client in
            try await client.create_listener(.with { $0.adrfam = .UNRECOGNIZED(7) })
        }
        #expect(answer.status == 126)
        #expect(answer.errorMessage.hasSuffix("Unknown address family 7"))
    }

    @Test("What is not supported says so with EOPNOTSUPP and changes nothing")
    func notSupported() async throws {
        let gateway = try await ControlledGateway(["img": 1 << 20])
        let nqn = nqn
        try await gateway.call { client in
            _ = try await client.create_subsystem(.subsystem(nqn))
            let encrypted = try await client.namespace_add(
                .namespace(nqn, "img") { $0.encryptionAlgorithm = .aes256 })
            #expect(encrypted.status == 95)
            #expect(try await client.add_kmip_server_endpoints(.init()).status == 95)
            #expect(try await client.del_kmip_server_endpoints(.init()).status == 95)
            #expect(try await client.list_kmip_server_endpoints(.init()).endpoints.isEmpty)
            #expect(try await client.set_keep_host_connected(.init()).status == 95)
            #expect(try await client.set_gateway_io_stats_mode(.init()).status == 95)
            #expect(try await client.list_namespaces(.init()).namespaces.isEmpty)
        }
    }

    @Test("The newer calls do what they say")
    func newerCalls() async throws {
        let gateway = try await ControlledGateway(["img": 1 << 20])
        let nqn = nqn
        try await gateway.call { client in
            try await client.setUp(nqn)
            #expect(try await client.namespace_resize(.name(nqn, 1)).status == 0)
            #expect(gateway.target.contents.withLock { $0.refreshed } == [NamespaceName(nqn, 1)])
            #expect(
                try await client.namespace_change_location(
                    .with {
                        $0.subsystemNqn = nqn
                        $0.nsid = 1
                        $0.location = "rack 4"
                    }
                ).status == 0)
            #expect(
                try await client.namespace_set_auto_resize(
                    .with {
                        $0.subsystemNqn = nqn
                        $0.nsid = 1
                    }
                ).status == 0)
            let listed = try await client.list_namespaces(.init()).namespaces.first
            #expect(listed?.location == "rack 4")
            #expect(listed?.disableAutoResize == true)
            let network = PB_add_subsystem_network_req.with {
                $0.subsystemNqn = nqn
                $0.networkMask = "10.0.0.0/8"
            }
            #expect(try await client.add_subsystem_network(network).status == 0)
            #expect(try await client.add_subsystem_network(network).status == 17)
            #expect(try await client.list_subsystems(.init()).subsystems[0].networkMask == ["10.0.0.0/8"])
            #expect(try await client.list_namespaces_io_stats(.init()).namespaces.count == 1)
            #expect(try await client.get_gateway_stats(.init()).pollGroups[0].currentIoQpairs == 4)
            #expect(try await client.get_thread_stats(.init()).threads[0].busy == 1_000_000)
            #expect(try await client.set_gateway_io_stats_mode(.with { $0.enabled = true }).status == 0)
        }
    }
}

extension PB_create_subsystem_req {
    static func subsystem(_ nqn: String) -> Self {
        .with {
            $0.subsystemNqn = nqn
            $0.enableHa = true
        }
    }
}

extension PB_namespace_add_req {
    static func namespace(_ nqn: String, _ image: String, _ change: (inout Self) -> Void = { _ in }) -> Self {
        .with {
            $0.subsystemNqn = nqn
            $0.rbdPoolName = "rbd"
            $0.rbdImageName = image
            $0.blockSize = 512
            change(&$0)
        }
    }
}

extension PB_namespace_resize_req {
    /// Asks for the image's size to be read again.
    static func name(_ nqn: String, _ nsid: UInt32) -> Self {
        .with {
            $0.subsystemNqn = nqn
            $0.nsid = nsid
        }
    }
}

extension PB_Gateway.Client {
    /// A subsystem with a namespace and a listener.
    func setUp(_ nqn: String) async throws {
        _ = try await create_subsystem(.subsystem(nqn))
        #expect(try await namespace_add(.namespace(nqn, "img")).nsid == 1)
        let listener = PB_create_listener_req.with {
            $0.nqn = nqn
            $0.hostName = ControlledGateway.hostName
            $0.traddr = "10.0.0.1"
        }
        #expect(try await create_listener(listener).status == 0)
    }
}
