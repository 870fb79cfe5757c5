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
        /// Whoever had the turn before could not do anything with the store, or nobody may any more.
        case failed(StoreFailure)
    }

    private struct Line {
        var isTaken = false
        /// Set when nobody may any more.
        var end: StoreFailure?
        var ending: CheckedContinuation<Void, Never>?
        var waiting: [CheckedContinuation<Outcome, Never>] = []
    }
    private let line = Mutex(Line())
    private let waitingMax: Int

    init(waitingMax: Int) { self.waitingMax = waitingMax }

    func take() async -> Outcome {
        await withCheckedContinuation { continuation in
            let outcome = line.withLock { line -> Outcome? in
                if let end = line.end { return .failed(end) }
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
        let (next, ending) = line.withLock { line in
            line.isTaken = !line.waiting.isEmpty
            return line.isTaken ? (line.waiting.removeFirst(), nil) : (nil, line.ending.take())
        }
        next?.resume(returning: .mine)
        ending?.resume()
    }

    /// Sends all who wait away with the failure.
    func fail(_ failure: StoreFailure) {
        let (waiting, ending) = line.withLock { line in
            line.isTaken = false
            defer { line.waiting = [] }
            return (line.waiting, line.ending.take())
        }
        for continuation in waiting { continuation.resume(returning: .failed(failure)) }
        ending?.resume()
    }

    /// Lets nobody have a turn any more, and returns when whoever has it now is done.
    func end(_ failure: StoreFailure) async {
        await withCheckedContinuation { continuation in
            let (waiting, isFree) = line.withLock { line in
                line.end = failure
                defer { line.waiting = [] }
                if line.isTaken { line.ending = continuation }
                return (line.waiting, !line.isTaken)
            }
            for one in waiting { one.resume(returning: .failed(failure)) }
            if isFree { continuation.resume() }
        }
    }
}
