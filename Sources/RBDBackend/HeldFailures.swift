// Failures that hosts answer with the same command at once, over and over, for as long as they know of no
// other path: they are told only when the client's thread looks next, a second later at most. What they cost
// meanwhile is one command a second and not what two processors can do.

internal import GatewayCore
internal import Synchronization

/// Requests of one image that have failed and whose hosts have not heard of it yet. librbd's thread adds to
/// them; the client's thread ends them.
final class HeldFailures: Sendable {
    private struct Failure: Sendable {
        let ticket: CompletionTicket
        let result: BackendResult
    }

    private let failures = Mutex<[Failure]>([])
    private let capacity: Int

    /// - Parameter capacity: How many are held. One more is told at once.
    init(capacity: Int) { self.capacity = capacity }

    var isEmpty: Bool { failures.withLock { $0.isEmpty } }

    /// Holds a failure back; false if it is to be told now.
    func hold(_ ticket: CompletionTicket, _ result: BackendResult) -> Bool {
        failures.withLock { failures in
            guard failures.count < capacity else { return false }
            failures.append(Failure(ticket: ticket, result: result))
            return true
        }
    }

    /// Tells all that are held.
    func tell() {
        let all = failures.withLock { failures in
            defer { failures = [] }
            return failures
        }
        for failure in all { failure.ticket.complete(failure.result) }
    }
}
