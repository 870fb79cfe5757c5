// One command of an initiator's queue between its submission and its end. Plain values in a table by command
// identifier.

package import NVMeTCP

/// How a command ended.
package struct CommandOutcome: Sendable, BitwiseCopyable {
    package var completion: CompletionEntry
    /// Whether all data arrived with the digest that belongs to it.
    package var isDataIntact: Bool

    /// Whether the command did what it was asked for.
    @inlinable
    package var isSuccess: Bool { completion.status.isSuccess && isDataIntact }
}

/// Hears of the ends of commands. One call a command, on the loop's thread, from inside `InitiatorLoop.step`;
/// it may submit the next command at once.
package protocol InitiatorDelegate: AnyObject {
    func commandEnded(_ commandID: UInt16, of queue: InitiatorQueue, _ outcome: CommandOutcome)
}

/// A command identifier's row in its queue's table.
struct InitiatorCommand: BitwiseCopyable {
    enum State: BitwiseCopyable {
        /// Nobody uses the identifier.
        case free
        /// The caller has it and fills its buffer.
        case taken
        /// The controller has it; its end goes to the delegate, or nowhere.
        case submitted(isReported: Bool)
        /// The controller has it; `execute` waits for its end.
        case awaited
        /// It has ended, and `execute` has not looked yet.
        case ended(CommandOutcome)
    }

    var state = State.free
    var entry = SubmissionEntry(opcode: 0)
    /// The data's length in bytes, in the buffer that belongs to the identifier.
    var byteCount = 0
    var isDataIntact = true
    /// The R2T that is being answered: its tag, and which bytes are still to be sent.
    var transferTag: UInt16 = 0
    var transferOffset = 0
    var transferEnd = 0
}

/// What waits for room in a batch, in order: one command or one R2T's data, named by the command identifier.
struct OutboxItem: BitwiseCopyable {
    var commandID: UInt16
    /// Whether data is to be sent, else the command itself.
    var isData: Bool
}

/// A bounded first-in first-out queue that never allocates after it was made.
struct Outbox: ~Copyable {
    private var items: [OutboxItem]
    private var head = 0
    private(set) var count = 0

    init(capacity: Int) { items = Array(repeating: OutboxItem(commandID: 0, isData: false), count: capacity) }

    var first: OutboxItem? { count == 0 ? nil : items[head] }

    mutating func append(_ item: OutboxItem) {
        precondition(count < items.count, "more waits than a queue has commands and transfers")
        items[(head + count) % items.count] = item
        count += 1
    }

    mutating func removeFirst() {
        precondition(count > 0)
        head = (head + 1) % items.count
        count -= 1
    }
}
