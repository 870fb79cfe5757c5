// The gateway that command lines are tried on: some images, a host that is connected, a port in use.

import GatewayControl
import GatewayCore
import Synchronization

enum TestGateway {
    /// What the tables of both command lines expect to find.
    static func make() async throws -> ControlledGateway {
        let mebibyte: UInt64 = 1 << 20
        let gateway = try await ControlledGateway(
            ["img1": 64 * mebibyte, "img2": 64 * mebibyte, "img3": 64 * mebibyte, "used": 64 * mebibyte],
            group: "g1")
        var bucket = ConnectionStatistics.Bucket(kilobytesMax: 4)
        bucket.reads.count = 7
        bucket.reads.total.mean = 85
        let sizes = [bucket]
        gateway.target.contents.withLock { contents in
            contents.connectionStatistics = ConnectionStatistics()
            contents.connectionStatistics?.buckets = sizes
            contents.connections["nqn.2016-06.io.spdk:busy"] = [
                HostConnection(
                    hostNQN: "nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb",
                    controllerID: 1, address: "10.0.0.1", port: 4420, ioQueueCount: 4)
            ]
            var traffic = NamespaceTraffic(
                subsystemNQN: "nqn.2016-06.io.spdk:cnode1.g1", namespaceID: 1, totals: TrafficTotals())
            traffic.inFlightCount = 3
            contents.activity.namespaces = [traffic]
            contents.activity.controllers = [1, 2].map { id in
                ControllerReport(
                    subsystemNQN: "nqn.2016-06.io.spdk:busy", hostNQN: "nqn.2016-06.io.spdk:host2",
                    controllerID: id, ioQueueCount: 2)
            }
            contents.anaStates = [1: .optimized]
            contents.problems = [4499: "port is in use"]
            contents.statistics.reads = .init(count: 7, byteCount: 28672, duration: 700_000)
            contents.statistics.errors = ["Internal Error": 1]
        }
        return gateway
    }
}
