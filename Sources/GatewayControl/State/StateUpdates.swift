// How the newest state gets to who applies it: each follower gets pairs of (old, new) in order, the first
// from nothing, and never a gap between them. One that is slow misses versions in between, never the last;
// so nothing piles up.

internal import Synchronization

/// From one state of the group to a later one.
public struct StateUpdate: Sendable {
    /// What the follower was given before; `GroupState.none` at first.
    public let old: GroupState
    public let new: GroupState
}

/// The updates for one follower. Ask for the next one when this one is applied.
public struct StateUpdates: AsyncSequence, Sendable {
    let publisher: StatePublisher

    public struct AsyncIterator: AsyncIteratorProtocol {
        let publisher: StatePublisher
        var old = GroupState.none
        /// Of the state that was given last.
        var serial: UInt64 = 0

        /// Nil when the state is closed, or the calling task cancelled.
        public mutating func next() async -> StateUpdate? {
            guard let (state, serial) = await publisher.next(after: serial) else { return nil }
            let update = StateUpdate(old: old, new: state)
            old = state
            self.serial = serial
            return update
        }
    }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(publisher: publisher) }
}

/// Holds the newest state, and wakes those who wait for a newer one.
final class StatePublisher: Sendable {
    typealias Published = (state: GroupState, serial: UInt64)

    private struct Holding {
        var state = GroupState.none
        /// Counts what was published. (Versions may go back, when somebody puts an old state back.)
        var serial: UInt64 = 0
        var isEnded = false
        var waiting: [UInt64: CheckedContinuation<Published?, Never>] = [:]
        var lastTicket: UInt64 = 0
        var cancelled: Set<UInt64> = []
    }
    private let holding = Mutex(Holding())

    var state: GroupState { holding.withLock { $0.state } }

    func publish(_ state: GroupState) {
        let (waiting, published) = holding.withLock { holding in
            holding.state = state
            holding.serial += 1
            defer { holding.waiting = [:] }
            return (holding.waiting, (state, holding.serial))
        }
        for continuation in waiting.values { continuation.resume(returning: published) }
    }

    func end() {
        let waiting = holding.withLock { holding in
            holding.isEnded = true
            defer { holding.waiting = [:] }
            return holding.waiting
        }
        for continuation in waiting.values { continuation.resume(returning: nil) }
    }

    /// The newest state, as soon as one was published after `serial`.
    func next(after serial: UInt64) async -> Published? {
        let ticket = holding.withLock { holding in
            holding.lastTicket += 1
            return holding.lastTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: Published?? = holding.withLock { holding in
                    if holding.cancelled.remove(ticket) != nil || holding.isEnded { return .some(nil) }
                    if holding.serial > serial { return .some((holding.state, holding.serial)) }
                    holding.waiting[ticket] = continuation
                    return .none
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            let continuation = holding.withLock { holding in
                let waiting = holding.waiting.removeValue(forKey: ticket)
                if waiting == nil { holding.cancelled.insert(ticket) }
                return waiting
            }
            continuation?.resume(returning: nil)
        }
    }
}
