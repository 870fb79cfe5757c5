// What a controller is, and what it tells its shard: how a command went, which queued things can leave, what
// the shard has to do for it.

internal import NVMeTCP

/// What a controller serves.
enum ControllerKind: Sendable {
    /// The discovery subsystem: an admin queue only.
    case discovery
    /// The namespaces of a subsystem.
    case io(Subsystem)

    /// The rows of the tables that apply.
    var type: ControllerTypes {
        switch self {
        case .discovery: .discovery
        case .io(let subsystem): subsystem.anaReporting == nil ? .symmetricIO : .asymmetricIO
        }
    }
}

/// How an admin queue's command went.
enum AdminOutcome: Equatable {
    /// It succeeded: the completion's dwords 1:0. The reply holds its data; what the page is shorter than it
    /// stays zero.
    case completed(result: UInt64)
    /// An Asynchronous Event Request waits: `takeEvent` answers it some time.
    case eventAwaited
    /// The shard is to find this command and to complete the Abort: 0 if it ended it, 1 if not. Then
    /// `abortEnded`.
    case abort(queueID: UInt16, commandID: UInt16)
    /// The shard is to have Persist Through Power Loss of these namespaces set, and to answer then.
    case setPersistence(Bool, of: [NamespaceUUID])

    static let completed = AdminOutcome.completed(result: 0)
}

/// The answer to an Asynchronous Event Request that waited.
struct EventCompletion: Equatable {
    let commandID: UInt16
    let result: UInt64
    let status: Status
    /// Whether the host gets no answer at all: the request ended with a reset.
    var isSilent = false
}

/// What a controller asks of its shard.
enum ControllerEffect: Equatable {
    /// The controller was disabled: close its I/O queues, then call `resetCompleted`.
    case resetStarted
    /// The host asked for a shutdown: close the I/O queues, make what was acknowledged durable, then call
    /// `shutdownCompleted`.
    case shutdownStarted
    /// The association ends: close all its connections, this one too.
    case ended(reason: String)
}
