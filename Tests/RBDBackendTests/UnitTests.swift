// What needs no cluster: names, the errno table, budgets, the slab under real threads, calls that miss
// their deadline.

import Foundation
import GatewayCore
import Synchronization
import Testing

@testable import RBDBackend

@Suite("Names, errors and budgets")
struct UnitTests {
    @Test(
        "An image's name is parsed and written back",
        arguments: ["rbd/demo", "rbd/demo@snap", "pool/space/demo", "pool/space/demo@s.1"])
    func specs(text: String) { #expect(ImageSpec(text).map(String.init(describing:)) == text) }

    @Test(
        "What is not the name of an image is refused",
        arguments: [
            "", "demo", "/demo", "rbd/", "a/b/c/d", "rbd/demo@", "rbd//demo", "rbd/demo@a@b", "rbd@s/x",
        ])
    func badSpecs(text: String) { #expect(ImageSpec(text) == nil) }

    @Test(
        "A client is on the blocklist by one of its addresses, or with its machine",
        arguments: [
            ("127.0.0.1:0/99", true), ("127.0.0.1:0/9", false), ("127.0.0.1:0/999", false),
            ("[v2:127.0.0.1:0/99,v1:127.0.0.1:0/99]", true), ("v1:127.0.0.1:0/99", true),
            ("[v2:[2001:db8::1]:0/7,v1:[2001:db8::1]:0/7]", true), ("[2001:db8::1]:0/7", true),
            ("[2001:db8::1]:0/8", false), ("10.0.0.7:0/1", true), ("10.0.0.8:0/1", false), ("", false),
        ])
    func blocklist(client: String, isHeld: Bool) {
        let list = Blocklist(
            """

            [{"addr":"127.0.0.1:0/99","until":"2026-11-25T21:30:16.203258+0000"},\
            {"addr":"[2001:db8::1]:0/7","until":"x"},{"addr":"10.0.0.7:0/0","until":"y"}]
            """)
        #expect(list.holds(client) == isHeld)
        #expect(!Blocklist("[]").holds(client))
    }

    @Test("Each errno has one row, with a reason and a next step")
    func errnoRows() {
        #expect(Set(ErrnoTable.rows.map(\.code)).count == ErrnoTable.rows.count)
        for row in ErrnoTable.rows {
            #expect(row.code > 0)
            #expect(!row.reason.isEmpty)
            #expect(row.nextStep.hasSuffix("."))
            #expect(row.result != .success)
        }
    }

    @Test(
        "The errnos that hosts depend on end as they must",
        arguments: [
            (ESHUTDOWN, BackendResult.unreachable), (ENOENT, .gone), (EROFS, .unreachable),
            (ENOSPC, .noSpace),
            (EDQUOT, .noSpace), (EILSEQ, .miscompare), (EIO, .mediaError), (ETIMEDOUT, .unreachable),
            (EOPNOTSUPP, .unsupported), (EXDEV, .internalError),
        ])
    func errnoResults(code: Int32, result: BackendResult) { #expect(ErrnoTable.result(code) == result) }

    @Test(
        "The gateway's options turn the cache off, keep the copy that fenced writes need, and overrides win")
    func options() {
        var configuration = ClusterConfiguration(user: "client.gateway", overrides: ["rbd_op_threads": "2"])
        #expect(configuration.userID == "gateway")
        #expect(configuration.options.contains { $0 == ("rbd_cache", "false") })
        #expect(configuration.options.contains { $0 == ("rbd_disable_zero_copy_writes", "true") })
        #expect(configuration.options.last! == ("rbd_op_threads", "2"))
        #expect(!configuration.options.contains { $0.name == "rados_osd_op_timeout" })
        configuration.usesCache = true
        #expect(configuration.options.contains { $0 == ("rbd_cache", "true") })
    }

    @Test(
        "What is best written and what can be freed follow from objects and stripes",
        arguments: [
            // In KiB: object, stripe unit, (stripe count,) discard granularity; optimal write, freed.
            [4096, 4096, 1, 64, 4096, 64],
            [4, 4, 1, 64, 4, 4],
            [32_768, 32_768, 1, 64, 32_768, 64],
            [4096, 4096, 4, 64, 4096, 64],
            [1024, 64, 4, 64, 256, 64],
            [1024, 16, 4, 64, 64, 256],
            [32, 16, 4, 64, 64, 128],
            [4096, 4096, 1, 0, 4096, 0],
        ] as [[UInt64]])
    func layout(row: [UInt64]) {
        let layout = ImageLayout(
            objectByteCount: row[0] << 10, stripeUnitByteCount: row[1] << 10, stripeCount: row[2],
            discardGranularityByteCount: row[3] << 10)
        #expect(layout.optimalWriteByteCount == row[4] << 10)
        #expect(layout.deallocateGranularityByteCount == row[5] << 10)
    }

    @Test("An image that takes all of its client's credit leaves the other its reserve")
    func reserve() {
        var limits = RBDLimits()
        limits.imageRequestsMax = 100
        limits.imageRequestsReserved = 3
        limits.clientRequestsMax = 5
        let credit = SharedCredit(requestsMax: 5, bytesMax: limits.clientBytesMax)
        let greedy = ImageBudget(limits, credit)
        let other = ImageBudget(limits, credit)
        #expect(
            (0..<10).map { _ in greedy.take(0) } == [false, false, false] + .init(repeating: true, count: 5)
                + [nil, nil])
        #expect((0..<4).map { _ in other.take(0) } == [false, false, false, nil])
        // Nobody asked to be woken yet.
        #expect(!greedy.give(RequestCost(byteCount: 0, isShared: true)))
        #expect(other.take(0) == true)
        credit.want()
        #expect(!greedy.give(RequestCost(byteCount: 0, isShared: false)))
        #expect(greedy.give(RequestCost(byteCount: 0, isShared: true)))
    }

    @Test("Bytes are bounded too, and a request beyond the bound goes alone")
    func bytes() {
        var limits = RBDLimits()
        limits.imageBytesMax = 8192
        limits.imageBytesReserved = 8192
        let budget = ImageBudget(limits, SharedCredit(requestsMax: 10, bytesMax: 1 << 20))
        #expect(budget.take(4096) == false)
        #expect(budget.take(4096) == false)
        #expect(budget.take(1) == nil)
        #expect(!budget.give(RequestCost(byteCount: 4096, isShared: false)))
        #expect(!budget.give(RequestCost(byteCount: 4096, isShared: false)))
        #expect(budget.take(1 << 20) != nil)
        #expect(budget.take(1) == nil)
    }

    @Test("Threads that take and give records at once never hold the same one")
    func slab() {
        let slab = InFlightSlab(capacity: 3)
        // A byte for each record: how many threads hold it.
        let holders = Atomic<UInt32>(0)
        let clashes = Atomic<Int>(0)
        let taken = Atomic<Int>(0)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<50_000 {
                guard let index = slab.take() else { continue }
                taken.add(1, ordering: .relaxed)
                let one = UInt32(1) << (index * 8)
                let before = holders.add(one, ordering: .relaxed).oldValue
                if before / one % 256 != 0 { clashes.add(1, ordering: .relaxed) }
                holders.subtract(one, ordering: .relaxed)
                slab.give(index)
            }
        }
        #expect(clashes.load(ordering: .relaxed) == 0)
        #expect(taken.load(ordering: .relaxed) > 50_000)
        #expect(Set((0..<3).compactMap { _ in slab.take() }) == [0, 1, 2])
        #expect(slab.take() == nil)
    }

    @Test("Failures that are held back are told once; for one more than there is room for nothing is held")
    func heldFailures() {
        let ends = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        let nodes = UnsafeMutablePointer<CompletionNode>.allocate(capacity: 3)
        defer {
            nodes.deallocate()
            ends.deallocate()
        }
        ends.initialize(to: 0)
        for number in 0..<3 {
            (nodes + number).initialize(
                to: CompletionNode(
                    mailbox: UnsafeRawPointer(ends),
                    deliver: { raw in
                        let node = raw.assumingMemoryBound(to: CompletionNode.self)
                        UnsafeMutableRawPointer(mutating: node.pointee.mailbox)
                            .assumingMemoryBound(to: Int.self).pointee += 1
                    }, slot: 0))
        }
        let held = HeldFailures(capacity: 2)
        let isHeld = (0..<3).map { held.hold(CompletionTicket(node: nodes + $0), .unreachable) }
        #expect(isHeld == [true, true, false])
        #expect(ends.pointee == 0 && !held.isEmpty)
        held.tell()
        held.tell()
        #expect(ends.pointee == 2 && held.isEmpty)
        #expect(nodes[1].result == .unreachable)
    }

    @Test("Requests that are given up end once, whatever librbd says of them later")
    func abandoned() {
        let slab = InFlightSlab(capacity: 4)
        let nodes = UnsafeMutablePointer<CompletionNode>.allocate(capacity: 4)
        defer { nodes.deallocate() }
        let indexes = (0..<4).compactMap { _ in slab.take() }
        for (number, index) in indexes.enumerated() {
            slab.hold(
                index, CompletionTicket(node: nodes + number), since: UInt32(number),
                mayBeAbandoned: number != 1)
        }
        #expect(!slab.holds(before: 0))
        #expect(slab.holds(before: 1))
        // The first ends by itself.
        #expect(slab.claim(indexes[0]))
        slab.give(indexes[0])
        #expect(!slab.holds(before: 1))
        #expect(slab.holds(before: 2))
        var ended: [UnsafeMutableRawPointer] = []
        slab.abandonChanges { ended.append($0.context) }
        slab.abandonChanges { ended.append($0.context) }
        #expect(ended == [2, 3].map { UnsafeMutableRawPointer(nodes + $0) })
        // librbd has memory of the second; of the others it tells too late.
        #expect(indexes[1...].map { slab.claim($0) } == [true, false, false])
        // A tick goes round.
        let index = slab.take()!
        slab.hold(index, CompletionTicket(node: nodes), since: .max, mayBeAbandoned: true)
        #expect(!slab.holds(before: .max))
        #expect(slab.holds(before: 3))
    }

    @Test("A call that misses its deadline is left behind, counted, and cleans up when it returns")
    func deadline() async {
        let stranded = StrandedCalls()
        let gate = DispatchSemaphore(value: 0)
        let (late, continuation) = AsyncStream.makeStream(of: Int.self)
        let outcome = await callOnThread(
            within: .milliseconds(1), stranded: stranded, orphaned: { continuation.yield($0) }
        ) {
            gate.wait()
            return 42
        }
        guard case .failure(.deadlinePassed) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(stranded.count == 1)
        gate.signal()
        for await value in late {
            #expect(value == 42)
            break
        }
        while stranded.count != 0 { await Task.yield() }
    }

    @Test("A call whose task is cancelled is left behind at once")
    func cancelled() async {
        let stranded = StrandedCalls()
        let gate = DispatchSemaphore(value: 0)
        let task = Task {
            await callOnThread(within: .seconds(600), stranded: stranded, orphaned: { (_: Void) in }) {
                gate.wait()
            }
        }
        task.cancel()
        guard case .failure(.cancelled) = await task.value else {
            Issue.record("the call was not cancelled")
            return
        }
        gate.signal()
        while stranded.count != 0 { await Task.yield() }
    }
}
