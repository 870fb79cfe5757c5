// A log that tests read: what an operator is told, and how often.

import GatewayCore
import Synchronization

final class RecordingLog: TargetLog {
    private struct State {
        var lines: [String] = []
        var waiters: [(text: String, continuation: CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    func write(_ level: LogLevel, _ message: String) {
        let heard = state.withLock { state in
            state.lines.append(message)
            defer { state.waiters.removeAll { message.contains($0.text) } }
            return state.waiters.filter { message.contains($0.text) }
        }
        for waiter in heard { waiter.continuation.resume() }
    }

    var lines: [String] { state.withLock { $0.lines } }

    func count(of text: String) -> Int { lines.filter { $0.contains(text) }.count }

    /// Waits until a line contains the text.
    func wait(for text: String) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.lines.contains(where: { $0.contains(text) }) { return true }
                state.waiters.append((text, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
