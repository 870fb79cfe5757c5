// Messages between shards, and from the program to a shard: rare, of any size, in order per sender. The
// mailbox beside it carries what happens per I/O.

import Synchronization

/// A queue that any thread appends to and one takes from, whose mailbox's bell is rung.
package final class MessageQueue<Message: Sendable>: Sendable {
    private let messages = Mutex<[Message]>([])
    private let mailbox: Mailbox

    package init(ringing mailbox: Mailbox) { self.mailbox = mailbox }

    package func send(_ message: Message) {
        messages.withLock { $0.append(message) }
        mailbox.ring()
    }

    /// All messages, oldest first. The owner calls it after the bell was rung.
    package func takeAll() -> [Message] {
        messages.withLock { queue in
            let all = queue
            queue = []
            return all
        }
    }
}
