// Where other threads leave things for a reactor's thread: backends' threads push completed requests here
// (librbd's callbacks run exactly this and nothing else), and message queues ring its bell. Only a sleeping
// owner is woken, by its eventfd, which the reactor keeps a read on. No lock, no allocation.

import CLiburing
package import GatewayCore
import Synchronization

/// The inbox of one thread. Anyone may push; the owner alone takes.
package final class Mailbox: Sendable {
    // The newest node's address, 0 for none; each links to the one pushed before it.
    private let newest = Atomic<UInt>(0)
    // Something other than nodes has arrived.
    private let bell = Atomic<Bool>(false)
    // The owner is about to wait, or waits, in the kernel.
    private let isSleeping = Atomic<Bool>(false)
    /// Becomes readable to wake the owner. Closed with the mailbox, which must outlive all who push.
    package let eventDescriptor: Int32

    package init() throws(RingError) {
        eventDescriptor = gw_eventfd()
        guard eventDescriptor >= 0 else { throw .noDescriptors(errno: gw_errno()) }
    }

    deinit { close(eventDescriptor) }

    // MARK: Any thread

    /// The mailbox, as nodes carry it; valid as long as the mailbox is.
    package var address: UnsafeRawPointer {
        unsafe UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
    }

    /// What nodes carry to be pushed by: `CompletionNode.deliver`.
    package static let deliver: @convention(c) (UnsafeMutableRawPointer) -> Void = { node in
        // The node is ours to use until it is pushed, and its mailbox outlives every backend.
        let address = unsafe node.assumingMemoryBound(to: CompletionNode.self).pointee.mailbox
        unsafe Unmanaged<Mailbox>.fromOpaque(address)._withUnsafeGuaranteedRef { unsafe $0.push(node) }
    }

    /// Hands over a completed request.
    package func push(_ node: UnsafeMutableRawPointer) {
        let link = unsafe node.assumingMemoryBound(to: CompletionNode.self)
        var head = newest.load(ordering: .relaxed)
        while true {
            unsafe link.pointee.next = UnsafeMutableRawPointer(bitPattern: head)
            // Sequentially consistent, as are the owner's `isSleeping` store and its look at `newest` after
            // it: either it sees the node, or we see that it sleeps.
            let (exchanged, original) = newest.weakCompareExchange(
                expected: head, desired: UInt(bitPattern: node), ordering: .sequentiallyConsistent)
            if exchanged { break }
            head = original
        }
        wakeIfSleeping()
    }

    /// Makes the owner look at its message queues.
    package func ring() {
        bell.store(true, ordering: .sequentiallyConsistent)
        wakeIfSleeping()
    }

    private func wakeIfSleeping() {
        // The exchange lets one of many producers pay for the system call.
        guard isSleeping.load(ordering: .sequentiallyConsistent),
            isSleeping.exchange(false, ordering: .sequentiallyConsistent)
        else { return }
        var one: UInt64 = 1
        // Fails only when 2^64 - 1 wake-ups are pending: the descriptor is readable then anyway.
        _ = unsafe write(eventDescriptor, &one, 8)
    }

    // MARK: The owner

    /// Whether something has arrived.
    package var hasMail: Bool { newest.load(ordering: .relaxed) != 0 || bell.load(ordering: .relaxed) }

    /// Declares that the owner is about to wait.
    /// - Returns: false if something has arrived: don't wait then.
    package func prepareToSleep() -> Bool {
        isSleeping.store(true, ordering: .sequentiallyConsistent)
        let isEmpty =
            newest.load(ordering: .sequentiallyConsistent) == 0
            && !bell.load(ordering: .sequentiallyConsistent)
        if !isEmpty { isSleeping.store(false, ordering: .relaxed) }
        return isEmpty
    }

    /// Declares that the wait is over.
    package func wakeUp() { isSleeping.store(false, ordering: .relaxed) }

    /// Whether the bell was rung since the last look.
    package func takeBell() -> Bool {
        bell.load(ordering: .relaxed) && bell.exchange(false, ordering: .acquiring)
    }

    /// All nodes pushed until now, in the order of their pushes, linked by `next`; nil if there are none.
    package func takeNodes() -> UnsafeMutablePointer<CompletionNode>? {
        guard newest.load(ordering: .relaxed) != 0 else { return nil }
        var rest = unsafe UnsafeMutableRawPointer(bitPattern: newest.exchange(0, ordering: .acquiring))
        var first: UnsafeMutableRawPointer? = nil
        while let node = unsafe rest {
            let link = unsafe node.assumingMemoryBound(to: CompletionNode.self)
            unsafe rest = link.pointee.next
            unsafe link.pointee.next = first
            unsafe first = node
        }
        return unsafe first?.assumingMemoryBound(to: CompletionNode.self)
    }
}
