// What other threads have of a shard: its inbox, and when it has drained and ended. Target keeps the handles
// of all shards, and each shard those of its peers.

import GatewayCore
import Synchronization

/// What a shard is told. The core's messages pass through.
enum ShardInstruction: Sendable {
    case core(ShardMessage)
    /// A connection that another shard accepted is this one's now.
    case adopt(socket: Int32, port: UInt16)
    /// Accept from this socket, too.
    case listen(Listener)
    /// Accept no more from the listener with this port identifier; its connections go on.
    case stopListening(port: UInt16)
    /// Accept no more; let connections end; at the deadline close what is left.
    case drain(deadline: Instant)
    /// End the thread. Follows `drain` of all shards.
    case finish
}

/// One shard, as seen from outside.
final class ShardHandle: Sendable {
    let id: Int
    let mailbox: Mailbox
    let instructions: MessageQueue<ShardInstruction>
    /// Opens when the shard has no connection left.
    let drained = Gate()
    /// Opens when the shard's thread has nothing more to do.
    let ended = Gate()
    /// Requests that never ended in their backends; written before `ended` opens.
    let orphanCount = Atomic<Int>(0)
    /// What the thread has done so far, for `Target.threads`; written by it alone.
    let turns = Atomic<UInt64>(0)
    let sleeps = Atomic<UInt64>(0)

    init(id: Int) throws(RingError) {
        self.id = id
        mailbox = try Mailbox()
        instructions = MessageQueue(ringing: mailbox)
    }

    func send(_ instruction: ShardInstruction) { instructions.send(instruction) }

    /// The shard's thread begins a turn.
    func countTurn(hasWaited: Bool) {
        // One writer: a plain load and store, no locked addition.
        turns.store(turns.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
        if hasWaited { sleeps.store(sleeps.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }
    }
}

/// Something that happens once, and tasks that wait for it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var isOpen: Bool { state.withLock { $0.isOpen } }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
