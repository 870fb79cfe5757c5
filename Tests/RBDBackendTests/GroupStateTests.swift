// A group's state in RADOS: what upstream's gateway wrote comes up, gateways see each other's changes, a
// change is there as a whole, and upstream's lock is respected.

import GatewayControl
import GatewayCore
import RBDBackend
import Synchronization
import Testing

@Suite("A group's state in RADOS", .enabled(if: Live.isAvailable, Live.why))
struct GroupStateTests {
    private static let subsystem = SubsystemRecord(subsystemNQN: "nqn.s", serialNumber: "1")

    @Test("Entries of others come up, changes are written in their schema, and corrupt ones are passed over")
    func schema() async throws {
        let cluster = try await Live.shared()
        let group = LiveCluster.newName()
        let object = OMAPStateStore.objectName(group: group)
        #expect(object == "nvmeof.\(group).state" && OMAPStateStore.objectName(group: "") == "nvmeof.state")
        let log = RecordingLog()
        try await cluster.rados("create", object)
        try await cluster.rados("setomapval", object, "omap_version", "41")
        try await cluster.rados(
            "setomapval", object, "subsystem_nqn.s",
            #"{"subsystem_nqn": "nqn.s", "serial_number": "1", "enable_ha": true}"#)
        try await cluster.rados("setomapval", object, "namespace_nqn.s_3", "{")
        try await withGateways(1, of: group, log: log) { gateways in
            let gateway = gateways[0]
            #expect(gateway.current.version == 41)
            #expect(gateway.current.subsystems["nqn.s"]?.record.serialNumber == "1")
            #expect(gateway.current.corruptEntries.map(\.key) == ["namespace_nqn.s_3"])
            #expect(log.count(of: "namespace_nqn.s_3") == 1)
            try await gateway.commit { state in
                [.put(Self.namespace(state.unusedNSID(in: "nqn.s", max: 8) ?? 0)), .remove(key: "none")]
            }
            try await gateway.commit { $0.removal(ofNamespace: 3, "nqn.s") }
        }
        let keys = try await cluster.rados("listomapkeys", object).split(separator: "\n").map(String.init)
        #expect(keys == ["namespace_nqn.s_1", "omap_version", "subsystem_nqn.s"])
        #expect(try await cluster.rados("getomapval", object, "omap_version").contains("43"))
    }

    @Test("A change of one gateway is seen by the other, by notification alone")
    func twoGateways() async throws {
        var limits = StateLimits()
        limits.pollInterval = nil
        try await withGateways(2, of: LiveCluster.newName(), limits: limits) { gateways in
            try await gateways[0].commit { _ in [.put(Self.subsystem)] }
            var updates = gateways[1].updates.makeAsyncIterator()
            var update = await updates.next()
            while update?.new.subsystems["nqn.s"] == nil { update = await updates.next() }
            let clock = ContinuousClock()
            var times: [Duration] = []
            for index in 1...200 {
                let start = clock.now
                let version = try await gateways[0].commit { _ in [.put(Self.namespace(UInt32(index)))] }
                    .version
                while let update = await updates.next(), update.new.version < version {}
                times.append(clock.now - start)
                #expect(gateways[1].current.namespace(UInt32(index), of: "nqn.s") != nil)
            }
            times.sort()
            print("From the call to the other gateway's state: p50 \(times[100]), p99 \(times[198])")
        }
    }

    @Test("Gateways that change the state at once lose nothing, with thousands of entries")
    func concurrent() async throws {
        try await withGateways(3, of: LiveCluster.newName()) { gateways in
            try await gateways[0].commit { _ in
                [.put(Self.subsystem)] + (1000..<4000).map { .put(Self.namespace($0)) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, gateway) in gateways.enumerated() {
                    group.addTask {
                        for step in 0..<30 {
                            // A namespace comes and an old one goes: never one of them alone.
                            try await gateway.commit { state in
                                let old = UInt32(1000 + index * 100 + step)
                                let new = state.unusedNSID(in: "nqn.s", max: 999) ?? 0
                                return [.put(Self.namespace(new))] + state.removal(ofNamespace: old, "nqn.s")
                            }
                        }
                    }
                }
                for await update in gateways[0].updates {
                    let count = update.new.subsystems["nqn.s"]?.namespaces.count
                    #expect(count == 3000 || count == nil)
                    if update.new.subsystems["nqn.s"]?.namespaces[90] != nil { break }
                }
                try await group.waitForAll()
            }
            for gateway in gateways {
                await gateway.refresh()
                let nsids = gateway.current.subsystems["nqn.s"]?.namespaces.keys.sorted() ?? []
                #expect(Array(nsids.prefix(90)) == Array(1...90) && nsids.count == 3000)
            }
        }
    }

    @Test("A change waits while upstream's lock is held, and is made when it is free")
    func upstreamLock() async throws {
        let cluster = try await Live.shared()
        let group = LiveCluster.newName()
        let object = OMAPStateStore.objectName(group: group)
        try await withGateways(1, of: group) { gateways in
            let cookie = "omap_file_cookie_0x1_1_1_exclusive"
            try await cluster.rados("lock", "get", object, "omap_file_lock", "--lock-cookie", cookie)
            let isFreed = Flag()
            let change = Task {
                try await gateways[0].commit { _ in [.put(Self.subsystem)] }
                return isFreed.value.load(ordering: .sequentiallyConsistent)
            }
            let info = try await cluster.rados("lock", "info", object, "omap_file_lock")
            let locker = try #require(info.firstMatch(of: #/client\.\d+/#)).output
            isFreed.value.store(true, ordering: .sequentiallyConsistent)
            try await cluster.rados(
                "lock", "break", object, "omap_file_lock", String(locker), "--lock-cookie", cookie)
            #expect(try await change.value)
        }
    }

    @Test("A gateway that was away catches up, and an object that is gone or without a version is named")
    func away() async throws {
        let cluster = try await Live.shared()
        let group = LiveCluster.newName()
        let object = OMAPStateStore.objectName(group: group)
        try await withGateways(1, of: group) { gateways in
            try await gateways[0].commit { _ in [.put(Self.subsystem)] }
        }
        let log = RecordingLog()
        var limits = StateLimits()
        limits.pollInterval = .milliseconds(50)
        try await withGateways(1, of: group, limits: limits, log: log) { gateways in
            #expect(gateways[0].current.version == 2)
            try await cluster.rados("rmomapkey", object, "omap_version")
            await log.wait(for: "it has no entry omap_version")
            try await cluster.rados("setomapval", object, "omap_version", "07")
            await #expect(throws: ControlFailure.self) {
                try await gateways[0].commit { $0.removal(ofSubsystem: "nqn.s") }
            }
            try await cluster.rados("setomapval", object, "omap_version", "7")
            await log.wait(for: "it answers again")
            #expect(gateways[0].current.version == 7)
            try await cluster.rados("rm", object)
            await log.wait(for: "there is no such object")
            #expect(gateways[0].current.subsystems["nqn.s"] != nil)
        }
    }

    private static func namespace(_ nsid: UInt32) -> NamespaceRecord {
        NamespaceRecord(subsystemNQN: "nqn.s", nsid: nsid, rbdPoolName: "rbd", rbdImageName: "image\(nsid)")
    }

    /// Runs `body` with gateways of a group, each with a client of its own.
    private func withGateways(
        _ count: Int, of group: String, limits: StateLimits = StateLimits(),
        log: any TargetLog = SilentLog(), _ body: ([SharedState]) async throws -> Void
    ) async throws {
        var (clients, gateways): ([Cluster], [SharedState]) = ([], [])
        for _ in 0..<count {
            clients.append(try await Cluster.connect(try await Live.shared().configuration()))
            let store = try await OMAPStateStore.open(
                group: group, pool: "rbd", on: clients[clients.count - 1])
            gateways.append(try await SharedState.open(store, limits: limits, log: log))
        }
        let result: Result<Void, any Error>
        do {
            try await body(gateways)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for gateway in gateways { await gateway.close() }
        for client in clients { await client.close() }
        try result.get()
    }
}

private final class Flag: Sendable {
    let value = Atomic(false)
}
