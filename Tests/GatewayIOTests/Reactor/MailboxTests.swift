// The mailbox between threads: order, wake-ups, and a stress with real threads in which a lost wake-up would
// hang.

import CLiburing
import GatewayCore
import Synchronization
import Testing

@testable import GatewayIO

/// Runs `body` on `count` threads of their own, and waits for them.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> [pthread_t] {
    (0..<count).map { index in
        let work = Unmanaged.passRetained(ThreadBody { body(index) })
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<ThreadBody>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        precondition(status == 0, "pthread_create failed")
        return thread
    }
}

private final class ThreadBody {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
}

/// Nodes as a shard's slab has them.
final class Nodes: @unchecked Sendable {
    // Each node belongs to the thread that pushes it, until it is taken.
    let base: UnsafeMutablePointer<CompletionNode>
    let count: Int

    init(_ count: Int, for mailbox: Mailbox) {
        self.count = count
        base = .allocate(capacity: count)
        for slot in 0..<count {
            (base + slot).initialize(
                to: CompletionNode(mailbox: mailbox.address, deliver: Mailbox.deliver, slot: UInt32(slot)))
        }
    }

    deinit { base.deallocate() }

    func ticket(_ slot: Int) -> CompletionTicket { CompletionTicket(node: base + slot) }
}

extension Mailbox {
    /// The slots of all nodes that are there, in order.
    func takeSlots() -> [UInt32] {
        var slots: [UInt32] = []
        var next = takeNodes()
        while let node = next {
            slots.append(node.pointee.slot)
            next = node.pointee.next?.assumingMemoryBound(to: CompletionNode.self)
        }
        return slots
    }
}

@Suite struct MailboxTests {
    @Test("Nodes come out in the order in which they were pushed, with their results")
    func order() throws {
        let mailbox = try Mailbox()
        let nodes = Nodes(4, for: mailbox)
        #expect(mailbox.takeNodes() == nil)
        nodes.ticket(2).complete(.miscompare)
        nodes.ticket(0).complete(.success)
        nodes.ticket(3).complete(.noSpace)
        #expect(nodes.base[2].result == .miscompare)
        #expect(mailbox.takeSlots() == [2, 0, 3])
        #expect(mailbox.takeNodes() == nil)
    }

    @Test("Only a sleeping owner's descriptor is written to")
    func wakesSleepersOnly() throws {
        let mailbox = try Mailbox()
        let nodes = Nodes(3, for: mailbox)
        var count: UInt64 = 0
        nodes.ticket(0).complete(.success)
        #expect(read(mailbox.eventDescriptor, &count, 8) == -1)
        #expect(!mailbox.prepareToSleep())
        _ = mailbox.takeSlots()
        #expect(mailbox.prepareToSleep())
        nodes.ticket(1).complete(.success)
        nodes.ticket(2).complete(.success)
        #expect(read(mailbox.eventDescriptor, &count, 8) == 8)
        #expect(count == 1)
    }

    @Test("The bell keeps its owner awake until it is taken")
    func bell() throws {
        let mailbox = try Mailbox()
        mailbox.ring()
        #expect(!mailbox.prepareToSleep())
        #expect(mailbox.takeBell())
        #expect(!mailbox.takeBell())
        #expect(mailbox.prepareToSleep())
    }

    @Test("No push of four threads is lost, whether the owner sleeps or not", .timeLimit(.minutes(10)))
    func stress() throws {
        let mailbox = try Mailbox()
        let perThread = 20_000
        let nodes = Nodes(4 * perThread, for: mailbox)
        let reactor = try Reactor(mailbox: mailbox)
        // Producers wait for one another now and then, so that the owner falls asleep often: a lost wake-up
        // hangs.
        let box = Shared(Atomic<Int>(0))
        let threads = onThreads(4) { thread in
            for index in 0..<perThread {
                nodes.ticket(thread * perThread + index).complete(.success)
                if index % 8 == 7 {
                    while box.value.load(ordering: .acquiring) < index { sched_yield() }
                }
            }
        }
        var last = [Int](repeating: -1, count: 4)
        var count = 0
        while count < nodes.count {
            reactor.wait(until: nil)
            #expect(reactor.next() == nil)
            for slot in mailbox.takeSlots() {
                let (thread, index) = Int(slot).quotientAndRemainder(dividingBy: perThread)
                #expect(index == last[thread] + 1)
                last[thread] = index
                count += 1
            }
            box.value.store(last.min()!, ordering: .releasing)
            // A thread that waits for the slowest must see it move on, also at the end.
            if count == nodes.count { box.value.store(Int.max, ordering: .releasing) }
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    @Test("Messages of several threads arrive, each sender's in order", .timeLimit(.minutes(10)))
    func messages() throws {
        let mailbox = try Mailbox()
        let queue = MessageQueue<(Int, Int)>(ringing: mailbox)
        let reactor = try Reactor(mailbox: mailbox)
        let threads = onThreads(3) { thread in
            for index in 0..<5_000 { queue.send((thread, index)) }
        }
        var last = [-1, -1, -1]
        while last != [4_999, 4_999, 4_999] {
            reactor.wait(until: nil)
            #expect(reactor.next() == nil)
            guard mailbox.takeBell() else { continue }
            for (thread, index) in queue.takeAll() {
                #expect(index == last[thread] + 1)
                last[thread] = index
            }
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    @Test("A wait ends at its deadline")
    func deadline() throws {
        let reactor = try Reactor(mailbox: Mailbox())
        let deadline = MonotonicClock.now().advanced(byMilliseconds: 2)
        while MonotonicClock.now() < deadline { reactor.wait(until: deadline) }
        #expect(reactor.next() == nil)
    }
}

/// Lets threads share what is not copyable.
final class Shared<Value: ~Copyable & Sendable>: Sendable {
    let value: Value
    init(_ value: consuming Value) { self.value = value }
}
