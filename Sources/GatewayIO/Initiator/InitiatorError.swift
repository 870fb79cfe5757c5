// Why the initiator gives up: a queue that broke, or a controller that refused. Errors of single I/O commands
// are no errors here: they arrive as their completions.

import CLiburing
package import NVMeTCP

/// What ended a queue or an attempt to make one. Its text is a clause that a caller can put behind an
/// object's name.
package enum InitiatorError: Error, CustomStringConvertible {
    /// The address means nothing, or nothing numeric.
    case address(String)
    /// A system call failed: its name and errno.
    case system(String, errno: Int32)
    /// The peer closed the connection.
    case closed
    /// Nothing came in time.
    case timedOut(String)
    /// The controller refused a command that is needed to get going.
    case refused(String, CompletionEntry)
    /// The target refused the Connect of a queue.
    case refusedConnect(QueueID, CompletionEntry)
    /// The controller broke the protocol.
    case brokenProtocol(FatalError)
    /// The controller says that we did (C2HTermReq).
    case terminated(FatalError)
    /// A completion for a command that is not outstanding.
    case unknownCommand(UInt16)
    /// The controller lacks what is needed.
    case unsuitable(String)

    package var description: String {
        switch self {
        case .address(let text): "'\(text)' is no address that can be connected to"
        case .system("connect", ECONNREFUSED): "nothing listens there; start the target, or name its port"
        case .system(let call, let errno): "\(call) failed: \(errorText(errno))"
        case .closed: "the target closed the connection"
        case .timedOut(let what): "no answer to \(what) in time"
        case .refused(let what, let completion): "\(what) was refused: \(completion.status.name)"
        case .refusedConnect(let queue, let completion):
            "Connect of queue \(queue) was refused: \(Self.words(completion))"
        case .brokenProtocol(let error): "the target broke the protocol (\(error))"
        case .terminated(let error): "the target ended the connection (\(error))"
        case .unknownCommand(let id): "the target completed command \(id), which is not outstanding"
        case .unsuitable(let reason): reason
        }
    }

    /// Why a Connect was refused, for the refusals that an operator meets.
    private static func words(_ completion: CompletionEntry) -> String {
        let name = completion.status.name(scope: .fabrics)
        let wrongName = ConnectResponse.invalidParameters(
            offset: ConnectData.Offset.subsystemNQN, inData: true)
        return switch completion.status {
        case .connectInvalidHost: "the subsystem does not admit this host's NQN (\(name))"
        case .connectInvalidParameters where completion.result == wrongName:
            "the target has no subsystem of this name (\(name))"
        default: name
        }
    }
}
