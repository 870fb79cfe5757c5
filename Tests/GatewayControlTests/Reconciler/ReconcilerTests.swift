// From the group's state to what is served: what comes, goes, fails and comes later, and that nothing else is
// disturbed by it.

import GatewayCore
import NVMeTCP
import Testing

@testable import GatewayControl

@Suite("Reconciler", .timeLimit(.minutes(10)))
struct ReconcilerTests {
    static let nqn = "nqn.2016-06.io.spdk:cnode1"

    /// A gateway over fakes, and the state that it follows.
    struct Rig {
        let target = FakeServingTarget()
        let stores = FakeStores()
        let state: SharedState
        let reconciler: Reconciler
        let log = KeptLog()

        init(_ change: (inout ReconcilerSettings) -> Void = { _ in }) async throws {
            var settings = ReconcilerSettings(hostName: "me")
            settings.firstRetry = .milliseconds(1)
            settings.longestRetry = .milliseconds(4)
            // A loaded machine must not meet it.
            settings.settleDeadline = .seconds(3600)
            change(&settings)
            var limits = StateLimits()
            limits.pollInterval = nil
            state = try await SharedState.open(MemoryStateStore(), limits: limits)
            reconciler = Reconciler(settings, target: target, opener: stores, log: log)
        }

        /// Runs `body` while the reconciler follows the state.
        func run(_ body: () async throws -> Void) async throws {
            let following = Task { await reconciler.run(state) }
            try await body()
            following.cancel()
            await reconciler.close()
            await state.close()
            #expect(stores.now.open.isEmpty, "all stores are closed at the end")
        }

        func commit(_ changes: [StateChange]) async throws {
            await reconciler.settle(try await state.commit { _ throws(ControlFailure) in changes })
        }

        var served: Subsystem? { target.subsystem(ReconcilerTests.nqn) }
        var namespaces: [UInt32] { served?.namespaces.map(\.id) ?? [] }

        /// Waits for what comes by itself.
        func until(_ isSo: () -> Bool) async { while !isSo() { await Task.yield() } }
    }

    private func subsystem(_ nqn: String = Self.nqn, ha: Bool = false) -> StateChange {
        var record = SubsystemRecord(subsystemNQN: nqn, serialNumber: "Ceph1", enableHA: ha)
        record.maxNamespaces = 32
        return .put(record)
    }

    private func namespace(
        _ id: UInt32, _ image: String, of nqn: String = Self.nqn,
        _ change: (inout NamespaceRecord) -> Void = { _ in }
    ) -> StateChange {
        var record = NamespaceRecord(
            subsystemNQN: nqn, nsid: id, rbdPoolName: "rbd", rbdImageName: image)
        record.uuid = "9d8e7c66-1111-4222-8333-0000000000\(id < 10 ? "0" : "")\(id)"
        change(&record)
        return .put(record)
    }

    private func host(_ name: String) -> StateChange {
        .put(HostRecord(subsystemNQN: Self.nqn, hostNQN: name))
    }

    private func listener(_ address: String, _ port: UInt32, host: String = "me") -> StateChange {
        .put(ListenerRecord(nqn: Self.nqn, hostName: host, address: address, port: port))
    }

    @Test("All that is configured is served")
    func everything() async throws {
        let rig = try await Rig()
        try await rig.run {
            try await rig.commit([
                subsystem(), namespace(1, "a"), namespace(7, "b") { $0.blockSize = 4096 },
                host("nqn.2014-08.org.nvmexpress:uuid:1"), listener("192.0.2.1", 4420),
                listener("192.0.2.2", 4420, host: "other"),
            ])
            let served = try #require(rig.served)
            #expect(served.serialNumber == "Ceph1")
            #expect(served.namespaces.map(\.id) == [1, 7])
            #expect(served.namespaces.map(\.name) == ["rbd:rbd/a", "rbd:rbd/b"])
            #expect(served.namespaces[1].blockSize == .bytes4096)
            #expect(served.namespaceIDMax == 32)
            #expect(served.access == .only(["nqn.2014-08.org.nvmexpress:uuid:1"]))
            #expect(served.anaReporting == nil)
            #expect(rig.target.now.addresses.values.map(\.description) == ["192.0.2.1:4420"])
            #expect(served.ports == .only([1]))
            #expect(served.portsElsewhere.map(\.address) == ["192.0.2.2"])
            #expect(rig.log.lines == [])
        }
    }

    @Test("Limits come, change without another object, and go; commands go on through all of it")
    func limits() async throws {
        let rig = try await Rig()
        try await rig.run {
            try await rig.commit([subsystem(), namespace(1, "a")])
            #expect(rig.served?.namespaces[0].rateLimiter == nil)
            var record = QoSRecord(subsystemNQN: Self.nqn, nsid: 1)
            record.readWriteIOsPerSecond = 2_000
            record.readMegabytesPerSecond = 3
            try await rig.commit([.put(record)])
            let limited = try #require(rig.served?.namespaces[0])
            let limiter = try #require(limited.rateLimiter)
            #expect(limiter.limits == RateLimits(commands: 2_000, readBytes: 3 << 20))
            record.readWriteIOsPerSecond = 0
            record.writeMegabytesPerSecond = 5
            try await rig.commit([.put(record)])
            #expect(rig.served?.namespaces[0] === limited)
            #expect(limiter.limits == RateLimits(readBytes: 3 << 20, writtenBytes: 5 << 20))
            try await rig.commit([.remove(record.key)])
            #expect(rig.served?.namespaces[0].rateLimiter == nil)
        }
    }

    @Test("What is not changed stays the same object; a change that changes nothing serves nothing anew")
    func identity() async throws {
        let rig = try await Rig()
        try await rig.run {
            let other = "nqn.2016-06.io.spdk:other"
            try await rig.commit([
                subsystem(), namespace(1, "a"), namespace(2, "b"), subsystem(other),
                namespace(1, "c", of: other),
            ])
            let (first, untouched) = (try #require(rig.served), rig.target.subsystem(other))
            let count = rig.target.now.serveCount
            try await rig.commit([])
            #expect(rig.target.now.serveCount == count)
            try await rig.commit([.remove(StateKey.namespace(Self.nqn, 2))])
            #expect(rig.served !== first)
            #expect(rig.served?.namespaces.first === first.namespaces.first)
            #expect(rig.target.subsystem(other) === untouched)
            await rig.until { rig.stores.now.open == ["image rbd/a", "image rbd/c"] }
        }
    }

    @Test("A store that is not there delays nothing, and its namespace comes by itself when it is")
    func missing() async throws {
        let rig = try await Rig()
        rig.stores.change { $0.problems = ["b": "image rbd/b: there is no such image"] }
        try await rig.run {
            try await rig.commit([subsystem(), namespace(1, "a"), namespace(2, "b"), namespace(3, "c")])
            #expect(rig.namespaces == [1, 3])
            await rig.until { (rig.stores.now.openCounts["b"] ?? 0) > 3 }
            #expect(rig.log.lines == ["namespace 2 of \(Self.nqn): image rbd/b: there is no such image"])
            rig.stores.change { $0.problems = [:] }
            await rig.until { rig.namespaces == [1, 2, 3] }
            await rig.until { rig.log.lines.count == 2 }
            #expect(rig.log.lines.last == "namespace 2 of \(Self.nqn): no problem any more")
        }
    }

    @Test("A store that hangs holds up its own namespace only, and a call no longer than its deadline")
    func hanging() async throws {
        let rig = try await Rig { $0.settleDeadline = .milliseconds(20) }
        rig.stores.change { $0.held = ["b"] }
        try await rig.run {
            try await rig.commit([subsystem(), namespace(1, "a"), namespace(2, "b")])
            #expect(rig.log.lines.last?.contains("not waited for") == true)
            #expect(rig.log.lines.last?.hasSuffix("image rbd/b") == true)
            try await rig.commit([namespace(3, "c")])
            await rig.until { rig.namespaces == [1, 3] }
            rig.stores.release("b")
            await rig.until { rig.namespaces == [1, 2, 3] }
        }
    }

    @Test("What is opened while a change is being served is served before a call that waits for it returns")
    func openedMeanwhile() async throws {
        let rig = try await Rig()
        rig.stores.change { $0.held = ["a"] }
        try await rig.run {
            let call = Task { try await rig.commit([subsystem(), namespace(1, "a")]) }
            await rig.until { rig.served != nil && rig.stores.now.waiting["a"] != nil }
            // Another change is on its way to the target when the store has been opened.
            let (hold, end) = AsyncStream<Void>.makeStream()
            rig.target.change { $0.hold = hold }
            let other = Task { try await rig.commit([host("*")]) }
            await rig.until { rig.state.current.subsystems[Self.nqn]?.hosts.isEmpty == false }
            while await rig.reconciler.isPassing == false { await Task.yield() }
            rig.stores.release("a")
            while await rig.reconciler.progress.open == 0 { await Task.yield() }
            rig.target.change { $0.hold = nil }
            end.finish()
            try await call.value
            #expect(rig.namespaces == [1])
            try await other.value
        }
    }

    @Test("A gateway that starts waits until all stores are served, but not for one that does not come")
    func comesUp() async throws {
        let rig = try await Rig { $0.opensMax = 2 }
        let changes = [subsystem()] + (1...20).map { namespace($0, "i\($0)") }
        let state = try await rig.state.commit { (_) throws(ControlFailure) in changes }
        try await rig.run {
            await rig.reconciler.comeUp(state, patience: .seconds(3600))
            #expect(rig.namespaces.count == 20)
            rig.stores.change { $0.held = ["late"] }
            let more = [namespace(21, "late"), namespace(22, "i22")]
            let state = try await rig.state.commit { (_) throws(ControlFailure) in more }
            await rig.until { rig.namespaces.last == 22 }
            await rig.reconciler.comeUp(state, patience: .milliseconds(1))
            #expect(rig.log.lines == ["not waited for any longer, but gone on with: image rbd/late"])
            rig.stores.release("late")
            await rig.until { rig.namespaces.count == 22 }
        }
    }

    @Test("So many stores are opened at a time and no more, and those that failed wait behind new ones")
    func bounded() async throws {
        let rig = try await Rig { $0.opensMax = 3 }
        rig.stores.change { $0.problems = ["i1": "broken", "i2": "broken", "i3": "broken", "i4": "broken"] }
        try await rig.run {
            try await rig.commit([subsystem()] + (1...30).map { namespace($0, "i\($0)") })
            await rig.until { rig.namespaces.count == 26 }
            #expect(rig.stores.now.mostAtOnce <= 3)
        }
    }

    @Test("Two namespaces of one image share its store, which is closed after the last of them")
    func shared() async throws {
        let rig = try await Rig()
        try await rig.run {
            try await rig.commit([subsystem(), namespace(1, "a"), namespace(2, "a")])
            let namespaces = try #require(rig.served?.namespaces)
            #expect(namespaces[0].backend === namespaces[1].backend)
            try await rig.commit([.remove(StateKey.namespace(Self.nqn, 1))])
            #expect(rig.stores.now.open == ["image rbd/a"])
            try await rig.commit([.remove(StateKey.namespace(Self.nqn, 2))])
            await rig.until { rig.stores.now.open.isEmpty }
            try await rig.commit([namespace(3, "a")])
            await rig.until { rig.namespaces == [3] }
        }
    }

    @Test("An address is tried again, and left when its last listener is gone")
    func addresses() async throws {
        let rig = try await Rig()
        let address = ServedAddress(host: "192.0.2.1", port: 4420)
        rig.target.change { $0.unusable = [address: "cannot listen on 192.0.2.1:4420: in use"] }
        try await rig.run {
            try await rig.commit([subsystem(), listener("192.0.2.1", 4420)])
            #expect(rig.served?.ports == .only([]))
            #expect(
                rig.log.lines == [
                    "listener 192.0.2.1:4420 of \(Self.nqn): cannot listen on 192.0.2.1:4420: in use"
                ])
            rig.target.change { $0.unusable = [:] }
            await rig.until { rig.served?.ports == .only([1]) }
            try await rig.commit(
                [.remove(StateKey.listener(Self.nqn, hostName: "me", address: "192.0.2.1", port: 4420))])
            #expect(rig.served?.ports == .only([]))
            await rig.until { rig.target.now.addresses.isEmpty }
        }
    }

    @Test("A subsystem that the target refuses stays as it was, and the others change")
    func refused() async throws {
        let rig = try await Rig()
        let other = "nqn.2016-06.io.spdk:other"
        try await rig.run {
            try await rig.commit([subsystem(), namespace(1, "a"), subsystem(other)])
            let before = rig.served
            rig.target.change { $0.refusals = [Self.nqn: "it can't be"] }
            try await rig.commit([namespace(2, "b"), namespace(1, "c", of: other)])
            #expect(rig.served === before)
            #expect(rig.target.subsystem(other)?.namespaces.count == 1)
            #expect(rig.log.lines == ["subsystem \(Self.nqn): it can't be"])
            rig.target.change { $0.refusals = [:] }
            try await rig.commit([host("*")])
            #expect(rig.namespaces == [1, 2])
        }
    }

    @Test("Some hosts see a namespace, all others do not")
    func masking() async throws {
        let rig = try await Rig()
        try await rig.run {
            try await rig.commit([
                subsystem(), host("*"), namespace(1, "a") { $0.noAutoVisible = true }, namespace(2, "b"),
                .put(NamespaceHostRecord(subsystemNQN: Self.nqn, nsid: 1, hostNQN: "nqn.2014-08.org:h1")),
            ])
            #expect(rig.served?.namespaces.map(\.visibility) == [.only(["nqn.2014-08.org:h1"]), .any])
            #expect(rig.served?.access == .any)
        }
    }

    @Test("With high availability the groups are reported, and the NSIDs' bound stays")
    func asymmetric() async throws {
        let rig = try await Rig { $0.anaGroupsMax = 4 }
        try await rig.run {
            try await rig.commit([
                subsystem(ha: true), namespace(1, "a") { $0.anaGroupID = 2 },
                namespace(2, "b") { $0.anaGroupID = 5 },
            ])
            #expect(rig.served?.anaReporting?.groups.map(\.id) == [1, 2, 3, 4])
            #expect(rig.namespaces == [1])
            #expect(rig.log.lines == ["namespace 2 of \(Self.nqn): its load-balancing group 5 is above 4"])
            var larger = SubsystemRecord(subsystemNQN: Self.nqn, serialNumber: "Ceph1", enableHA: true)
            larger.maxNamespaces = 64
            try await rig.commit([.put(larger)])
            #expect(rig.served?.namespaceIDMax == 32)
        }
    }

    @Test("Groups that the monitor has not spoken of are reached here, or not, as the gateway is told")
    func groupsAtStart() async throws {
        for isOptimized in [true, false] {
            let rig = try await Rig {
                $0.anaGroupsMax = 2
                $0.groupsStartOptimized = isOptimized
            }
            try await rig.run {
                try await rig.commit([subsystem(ha: true)])
                let state: ANAState = isOptimized ? .optimized : .inaccessible
                #expect(rig.served?.anaReporting?.groups.map(\.state) == [state, state])
                let told: GroupANAState = isOptimized ? .optimized : .inaccessible
                #expect(await rig.reconciler.anaState(ofGroup: 2, of: Self.nqn) == told)
                try await rig.reconciler.setANAStates(
                    [ANAStateChange(nqn: Self.nqn, group: 2, state: .optimized)])
                #expect(rig.served?.anaReporting?.groups.map(\.state) == [state, .optimized])
            }
        }
    }
}
