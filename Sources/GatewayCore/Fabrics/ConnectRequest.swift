// Connect, as far as its entry, its data and the configuration tell: which controller it asks for, and every
// reason to refuse it. The shard parses and admits; an I/O queue's request then goes to its controller
// (Controller+Queues.swift).

internal import NVMeTCP

/// A Connect command, parsed and found well formed.
///
/// Source: NVM Express Base Specification, "Connect Command and Response".
public struct ConnectRequest: Sendable {
    let queueID: UInt16
    /// The queue's size, in entries.
    let queueEntries: Int
    let attributes: ConnectCommand.Attributes
    /// The keep-alive timeout that the host asks for, in milliseconds; 0 for none. Meaningful for the admin
    /// queue.
    let keepAliveMilliseconds: UInt32
    let hostID: HostID
    let controllerID: UInt16
    let subsystemNQN: NQN
    let hostNQN: NQN

    /// Whether the host disables SQ flow control: completions then carry no SQ head.
    var isFlowControlDisabled: Bool { attributes.contains(.disableFlowControl) }

    /// Whether an entry is a Connect command.
    static func isConnect(_ command: SubmissionEntry) -> Bool { CommandTable.isFabrics(command, .connect) }

    /// Reads a Connect command and its 1,024 bytes of data.
    ///
    /// - Throws: Connect Incompatible Format for a record format other than 0, else Connect Invalid
    ///   Parameters with the lowest wrong field in the result.
    static func parse(_ command: SubmissionEntry, data: RawSpan) throws(CommandFailure) -> ConnectRequest {
        typealias Entry = ConnectCommand.Offset
        typealias Data = ConnectData.Offset
        let fields = ConnectCommand(command)
        guard fields.recordFormat == 0 else {
            throw CommandFailure(
                .connectIncompatibleFormat.notRetryable,
                at: ParameterErrorLocation(byte: UInt8(Entry.recordFormat)))
        }
        guard fields.submissionQueueSize > 0 else {
            throw .connectInvalidParameter(inEntry: Entry.submissionQueueSize)
        }
        guard let values = ConnectData(data) else {
            throw CommandFailure(.dataSGLLengthInvalid.notRetryable, at: ParameterErrorLocation(byte: 32))
        }
        guard fields.queueID != 0 || values.controllerID == .anyController else {
            // The subsystems' controllers are dynamic: an admin queue's Connect can't choose one.
            throw .connectInvalidParameter(inData: Data.controllerID)
        }
        guard fields.queueID == 0 || values.controllerID <= .lastController else {
            throw .connectInvalidParameter(inData: Data.controllerID)
        }
        guard let subsystemNQN = values.subsystemNQN else {
            throw .connectInvalidParameter(inData: Data.subsystemNQN)
        }
        guard let hostNQN = values.hostNQN else { throw .connectInvalidParameter(inData: Data.hostNQN) }
        return ConnectRequest(
            queueID: fields.queueID, queueEntries: fields.queueEntries, attributes: fields.attributes,
            keepAliveMilliseconds: fields.keepAliveMilliseconds, hostID: values.hostID,
            controllerID: values.controllerID, subsystemNQN: subsystemNQN, hostNQN: hostNQN)
    }

    /// Says what kind of controller the host would get at this port.
    ///
    /// - Throws: Connect Invalid Parameters if the queue is too long or there is no such subsystem here,
    ///   Connect Invalid Host if it is not for this host.
    func admit(
        to model: TargetModel, port: UInt16, limits: Limits
    ) throws(CommandFailure) -> ControllerKind {
        guard queueEntries <= limits.adminQueueEntriesMax else {
            throw .connectInvalidParameter(inEntry: ConnectCommand.Offset.submissionQueueSize)
        }
        if model.discovery.answers(to: subsystemNQN.text) { return .discovery }
        guard let port = model.port(port), let subsystem = model.subsystem(subsystemNQN.text),
            subsystem.isServed(at: port)
        else {
            throw .connectInvalidParameter(inData: ConnectData.Offset.subsystemNQN)
        }
        guard subsystem.access.admits(hostNQN.text) else {
            throw CommandFailure(.connectInvalidHost.notRetryable)
        }
        return .io(subsystem)
    }
}

extension CommandFailure {
    /// Connect Invalid Parameters: the wrong field is in the entry, at `offset`.
    static func connectInvalidParameter(inEntry offset: UInt16) -> CommandFailure {
        CommandFailure(
            .connectInvalidParameters.notRetryable, at: ParameterErrorLocation(byte: UInt8(offset)),
            result: ConnectResponse.invalidParameters(offset: offset, inData: false))
    }

    /// The same failure as a Connect may have it: never Invalid Field in Command.
    ///
    /// Source: NVM Express Base Specification, "Connect Command and Response".
    var ofConnect: CommandFailure {
        guard status == .invalidField.notRetryable else { return self }
        return .connectInvalidParameter(inEntry: UInt16(location?.byte ?? 0))
    }

    /// Connect Invalid Parameters: the wrong field is in the data, at `offset`.
    static func connectInvalidParameter(inData offset: UInt16) -> CommandFailure {
        CommandFailure(
            .connectInvalidParameters.notRetryable,
            result: ConnectResponse.invalidParameters(offset: offset, inData: true))
    }
}
