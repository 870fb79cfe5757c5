// A state in a folder of this machine: for one gateway, without a cluster. The file is a journal of changes
// that people can read; Docs/State.md shows it.

internal import Dispatch
public import GatewayCore
internal import Synchronization

/// Keeps a state in a folder that no other process uses meanwhile.
public final class FileStateStore: StateStore {
    public let name: String
    private let journal: Mutex<StateJournal?>
    private let log: any TargetLog
    /// Where calls wait for the disk, one after the other: not a thread of the cooperative pool.
    private let queue = DispatchQueue(label: "gatewayd.state")

    /// Opens the folder, and makes it if it is not there. Blocks while the state is read.
    /// - Parameter log: is told if a change was found that a crash had cut short.
    public convenience init(path: String, log: any TargetLog = SilentLog()) throws(StoreFailure) {
        try self.init(path: path, slack: StateJournal.usualSlack, log: log)
    }

    /// - Parameter slack: how much longer than its state the journal may be, in bytes; for tests.
    package init(path: String, slack: Int, log: any TargetLog) throws(StoreFailure) {
        name = "\(path)/\(StateJournal.name)"
        self.log = log
        journal = Mutex(
            try StateJournal(try StateFolderHandle(path), slack: slack) { log.write(.warning, $0) })
    }

    public func version() async throws(StoreFailure) -> UInt64 { try await load().version }

    public func load() async throws(StoreFailure) -> StateSnapshot {
        try await perform { journal, _ throws(StoreFailure) in journal.snapshot }
    }

    public func commit(
        _ changes: StateChanges, onto version: UInt64
    ) async throws(StoreFailure) -> CommitOutcome {
        try await perform { journal, report throws(StoreFailure) in
            try journal.commit(changes, onto: version, report)
        }
    }

    /// Nobody else changes the state.
    public func follow(_ changed: @escaping @Sendable () -> Void) async {}

    /// Closes the file; another process may open the folder then.
    public func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.journal.withLock { $0 = nil }
                continuation.resume()
            }
        }
    }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (inout StateJournal, (String) -> Void) throws(StoreFailure) -> Value
    ) async throws(StoreFailure) -> Value {
        let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: self.journal.withLock { journal in
                        guard journal != nil else {
                            return .failure(StoreFailure(.refused, "\(self.name): it is closed."))
                        }
                        do throws(StoreFailure) {
                            return .success(try body(&journal!) { self.log.write(.warning, $0) })
                        } catch { return .failure(error) }
                    })
            }
        }
        return try result.get()
    }
}
