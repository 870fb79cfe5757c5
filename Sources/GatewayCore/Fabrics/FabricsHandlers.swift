// Fabrics commands other than Connect, which makes queues and is the shard's: Property Get, Property Set and
// Disconnect. Controller calls them for its admin queue, the shard for its I/O queues.

internal import NVMeTCP

extension Controller {
    /// Serves a Fabrics command of the admin queue. They are allowed in every state of the controller.
    func executeFabrics(_ command: SubmissionEntry, at now: Instant) throws(CommandFailure) -> AdminOutcome {
        switch try fabricsAction(of: command) {
        case .get: return .completed(result: try propertyGet(PropertyGetCommand(command)))
        case .set:
            try propertySet(PropertySetCommand(command), at: now)
            return .completed
        }
    }

    /// The Fabrics commands that a connected admin queue may have.
    enum PropertyAction { case get, set }

    /// What a Fabrics command of the admin queue asks for.
    ///
    /// - Throws: Invalid Field in Command for one that this target does not have, Command Sequence Error for
    ///   a second Connect, Invalid Queue Type for Disconnect.
    func fabricsAction(of command: SubmissionEntry) throws(CommandFailure) -> PropertyAction {
        switch CommandTable.fabrics(command.fabricsType)?.action {
        case .propertyGet: return .get
        case .propertySet: return .set
        case .connect: throw .outOfSequence
        case .disconnect:
            throw CommandFailure(
                .disconnectInvalidQueueType.notRetryable, at: ParameterErrorLocation(byte: 4))
        case nil: throw .invalidField(byte: 4)
        }
    }

    /// Checks a Fabrics command of an I/O queue: only Disconnect is allowed there. If it returns, answer
    /// with success and close the connection.
    static func disconnectQueue(_ command: SubmissionEntry) throws(CommandFailure) {
        guard let action = CommandTable.fabrics(command.fabricsType)?.action else {
            throw .invalidField(byte: 4)
        }
        switch action {
        case .connect: throw .outOfSequence
        case .propertyGet, .propertySet: throw .invalidField(byte: 4)
        case .disconnect:
            guard DisconnectCommand(command).recordFormat == 0 else {
                throw CommandFailure(
                    .connectIncompatibleFormat.notRetryable,
                    at: ParameterErrorLocation(byte: UInt8(DisconnectCommand.recordFormatOffset)))
            }
        }
    }

    private func propertyGet(_ command: PropertyGetCommand) throws(CommandFailure) -> UInt64 {
        let row = try PropertyTable.row(command.offset, size: command.size)
        switch row.offset {
        case .capabilities: return ControllerCapabilities(type: type, limits: limits).rawValue
        case .version: return UInt64(Spec.baseVersion.rawValue)
        case .configuration: return UInt64(state.configuration.rawValue)
        case .status: return UInt64(state.status.rawValue)
        case .readyTimeouts:
            let halfSeconds = UInt16(limits.readyTimeoutHalfSeconds)
            return UInt64(
                ControllerReadyTimeouts(withMediaHalfSeconds: halfSeconds, independentHalfSeconds: 0).rawValue
            )
        case .subsystemReset: return 0
        default: preconditionFailure("every property of the table has a value")
        }
    }

    private func propertySet(_ command: PropertySetCommand, at now: Instant) throws(CommandFailure) {
        let row = try PropertyTable.row(command.offset, size: command.size)
        guard row.isWritable else { throw .invalidField(byte: UInt8(PropertyCommandOffset.offset)) }
        switch row.offset {
        case .configuration:
            let value = UInt32(truncatingIfNeeded: command.value)
            configure(try state.write(ControllerConfiguration(rawValue: value)), at: now)
        case .subsystemReset:
            break
        default: preconditionFailure("every writable property of the table can be written")
        }
    }
}
