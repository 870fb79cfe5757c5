// What is known of a child process: the lines that it printed, and its end. Spawn's threads write it, tests
// wait for changes of it. Nothing here blocks a thread of Swift's pool: other tests run meanwhile.

import Dispatch
import Foundation
import Synchronization

final class ChildRecord: Sendable {
    struct State {
        fileprivate(set) var lines: [String] = []
        fileprivate var partialLine = Data()
        fileprivate var outputEnded = false
        /// The exit code; 128 and the signal's number if a signal ended it.
        fileprivate(set) var code: Int32?

        /// Its process is gone, and all that it printed was read.
        var hasEnded: Bool { outputEnded && code != nil }
    }

    private struct Waiter {
        let isDone: @Sendable (State) -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct Contents {
        var state = State()
        var waiters: [Int: Waiter] = [:]
        var waitersMade = 0
    }

    private let contents = Mutex(Contents())

    var state: State { contents.withLock { $0.state } }

    /// Takes in what was read; nothing means the end.
    func receive(_ data: Data) {
        change { state in
            state.partialLine.append(data)
            while let end = state.partialLine.firstIndex(of: 0x0A) {
                state.lines.append(String(decoding: state.partialLine[..<end], as: UTF8.self))
                state.partialLine = Data(state.partialLine[state.partialLine.index(after: end)...])
            }
            guard data.isEmpty else { return }
            state.outputEnded = true
            if !state.partialLine.isEmpty {
                state.lines.append(String(decoding: state.partialLine, as: UTF8.self))
            }
        }
    }

    func end(code: Int32) {
        change { $0.code = code }
    }

    /// False when the time was over first.
    func wait(seconds: Int, until isDone: @escaping @Sendable (State) -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let number: Int? = contents.withLock { contents in
                if isDone(contents.state) { return nil }
                contents.waitersMade += 1
                contents.waiters[contents.waitersMade] = Waiter(isDone: isDone, continuation: continuation)
                return contents.waitersMade
            }
            guard let number else { return continuation.resume(returning: true) }
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [self] in
                let waiter = contents.withLock { $0.waiters.removeValue(forKey: number) }
                waiter?.continuation.resume(returning: false)
            }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let done = contents.withLock { contents in
            body(&contents.state)
            let done = contents.waiters.filter { $0.value.isDone(contents.state) }
            for number in done.keys { contents.waiters[number] = nil }
            return Array(done.values)
        }
        for waiter in done { waiter.continuation.resume(returning: true) }
    }
}
