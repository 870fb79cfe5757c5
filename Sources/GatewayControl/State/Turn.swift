// Lets one change at a time go to the store, in the order in which they came. SharedState's own; an actor
// alone would let others in wherever one waits for the store.

internal import Synchronization

/// A line of tasks, of which the first has its turn.
final class Turn: Sendable {
    enum Outcome: Sendable {
        /// The caller's turn: it ends it with `pass` or `fail`.
        case mine
        /// Too many wait already.
        case full
        /// Whoever had the turn before could not do anything with the store.
        case failed(StoreFailure)
    }

    private struct Line {
        var isTaken = false
        var waiting: [CheckedContinuation<Outcome, Never>] = []
    }
    private let line = Mutex(Line())
    private let waitingMax: Int

    init(waitingMax: Int) { self.waitingMax = waitingMax }

    func take() async -> Outcome {
        await withCheckedContinuation { continuation in
            let outcome = line.withLock { line -> Outcome? in
                guard line.isTaken else {
                    line.isTaken = true
                    return .mine
                }
                guard line.waiting.count < waitingMax else { return .full }
                line.waiting.append(continuation)
                return nil
            }
            if let outcome { continuation.resume(returning: outcome) }
        }
    }

    /// The next one's turn.
    func pass() {
        let next = line.withLock { line in
            line.isTaken = !line.waiting.isEmpty
            return line.isTaken ? line.waiting.removeFirst() : nil
        }
        next?.resume(returning: .mine)
    }

    /// Sends all who wait away with the failure.
    func fail(_ failure: StoreFailure) {
        let waiting = line.withLock { line in
            line.isTaken = false
            defer { line.waiting = [] }
            return line.waiting
        }
        for continuation in waiting { continuation.resume(returning: .failed(failure)) }
    }
}
