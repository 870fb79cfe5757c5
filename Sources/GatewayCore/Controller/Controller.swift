// One controller: what a host's admin queue talks to. It lives on the shard of that queue, which calls it on
// its one thread and, after each call, takes the events and effects that wait. It does no I/O and knows no
// connection.

internal import NVMeTCP

/// A controller, from the Connect of its admin queue until the association ends.
final class Controller {
    let id: UInt16
    /// The subsystem as its host sees it, a changed one in place of the older; nil for a discovery
    /// controller.
    private(set) var subsystem: SubsystemView?
    /// The rows of the tables that apply to it.
    let type: ControllerTypes
    let hostNQN: String
    let hostID: HostID
    /// What its subsystem is called; a discovery controller's may have been connected to by another name.
    let subsystemNQN: String
    /// The port of its admin queue (PORTID).
    let port: UInt16
    let limits: Limits
    let log: any TargetLog
    let created: Instant
    /// The features at Connect and after each reset.
    let defaultFeatures: FeatureValues
    /// Whether the host deletes I/O queues one by one (INDIVIOQDELS): then one that is lost is lost alone.
    let deletesQueuesAlone: Bool

    var model: TargetModel
    var state: ControllerState
    var keepAlive: KeepAlive
    var events: AsyncEvents
    var errorLog: ErrorLog
    var features: FeatureValues {
        didSet { choices.apply(features.hostBehavior) }
    }
    /// The part of `features` that its I/O queues go by, on whatever shard.
    let choices = HostChoices()
    var changedNamespaces = ChangedNamespaces()
    var anaChanges = ANAChanges()
    var reservationNotifications: ReservationNotifications
    /// What its shard knows of the namespaces' reservations.
    let reservations: ReservationViews
    var queues: QueueSet
    /// Abort commands that the shard has not ended yet.
    private(set) var abortCount = 0
    private var effects: [ControllerEffect] = []
    private var hasEnded = false

    /// - Parameters:
    ///   - id: Controller Identifier (CNTLID), free in the target.
    ///   - kind: What `connect.admit` said.
    ///   - connect: The Connect of the admin queue.
    init(
        id: UInt16, kind: ControllerKind, connect: ConnectRequest, port: UInt16, model: TargetModel,
        limits: Limits, log: any TargetLog, reservations: ReservationViews = ReservationViews(),
        at now: Instant
    ) {
        self.id = id
        type = kind.type
        hostNQN = connect.hostNQN.text
        switch kind {
        case .discovery:
            subsystem = nil
            subsystemNQN = model.discovery.name
        case .io(let served):
            subsystem = SubsystemView(of: served, for: connect.hostNQN.text)
            subsystemNQN = served.nqn
        }
        self.port = port
        hostID = connect.hostID
        self.limits = limits
        self.log = log
        self.model = model
        created = now
        deletesQueuesAlone = connect.attributes.contains(.individualQueueDeletion)
        state = ControllerState(type: kind.type)
        keepAlive = KeepAlive(
            timeoutMilliseconds: connect.keepAliveMilliseconds, isDiscovery: kind.type == .discovery,
            limits: limits, at: now)
        events = AsyncEvents(requestsMax: limits.asyncEventRequestsMax)
        errorLog = ErrorLog(entriesMax: limits.errorLogEntriesMax)
        var features = FeatureValues()
        // A host that connects to the Discovery service with a keep-alive timer wants to hear of changes
        // (Base Specification, "Discovery Controller Asynchronous Event Configuration").
        if kind.type == .discovery, connect.keepAliveMilliseconds > 0 { features.asyncEvents = .discoveryLog }
        defaultFeatures = features
        self.features = features
        self.reservations = reservations
        reservationNotifications = ReservationNotifications(entriesMax: limits.reservationNotificationsMax)
        queues = QueueSet(grantedMax: limits.ioQueuesMax)
    }

    var host: HostIdentity { HostIdentity(nqn: hostNQN, id: hostID) }

    /// Whether it serves commands other than Fabrics.
    var isEnabled: Bool { state.servesCommands }

    // MARK: Commands

    /// Says how much data an admin queue's command moves, and which way.
    ///
    /// - Throws: What is wrong with the command if its data can't be told, or must not be asked for.
    func dataTransfer(_ command: SubmissionEntry) throws(CommandFailure) -> CommandTransfer {
        if command.opcode == AdminOpcode.fabrics.rawValue {
            // Those that a connected queue may have move no data.
            _ = try fabricsAction(of: command)
            return .none
        }
        let row = try row(of: command)
        switch row.length {
        case .none:
            return .none
        case .fixed(let byteCount):
            return CommandTransfer(direction: row.direction, byteCount: byteCount)
        case .numberOfDwords:
            return CommandTransfer(
                direction: row.direction, byteCount: try LogPageRequest(command).byteCount(limits: limits))
        case .feature:
            let byteCount = try FeatureTable.dataByteCount(of: command, on: type)
            return CommandTransfer(direction: byteCount > 0 ? row.direction : .none, byteCount: byteCount)
        case .blocks, .ranges:
            preconditionFailure("an I/O command is no admin command")
        }
    }

    /// Serves a command of the admin queue, other than Connect.
    ///
    /// - Parameters:
    ///   - hostData: The command's data from the host, as long as `dataTransfer` said; empty if there is
    ///   none. - reply: Zeroed, and as long as `dataTransfer` said; empty if the command has no data to the
    ///   host.
    /// - Throws: How the command fails; tell `record` of it.
    func execute(
        _ command: SubmissionEntry, hostData: RawSpan, reply: inout MutableRawSpan, at now: Instant
    ) throws(CommandFailure) -> AdminOutcome {
        if command.opcode == AdminOpcode.fabrics.rawValue { return try executeFabrics(command, at: now) }
        switch try row(of: command).action {
        case .identify: return try identify(IdentifyRequest(command), reply: &reply)
        case .getLogPage: return try getLogPage(LogPageRequest(command), reply: &reply, at: now)
        case .setFeatures: return try setFeatures(SetFeaturesRequest(command), hostData: hostData, at: now)
        case .getFeatures: return try getFeatures(GetFeaturesRequest(command), reply: &reply)
        case .asyncEventRequest:
            try events.request(command.commandID)
            return .eventAwaited
        case .keepAlive:
            keepAlive.refresh(activity: queues.commandCount, at: now)
            return .completed
        case .abort: return try abort(command)
        case nil: preconditionFailure("only rows with an action are found")
        }
    }

    /// The row of an admin command that this controller serves, in the state that it is in.
    private func row(of command: SubmissionEntry) throws(CommandFailure) -> CommandRow<AdminAction> {
        guard let row = CommandTable.admin(command.opcode), row.isImplemented, row.controllers.contains(type)
        else {
            throw CommandFailure(.invalidOpcode.notRetryable, at: ParameterErrorLocation(byte: 0))
        }
        guard state.servesCommands else { throw .outOfSequence }
        return row
    }

    /// Abort: an event request that waits ends here, anything else is the shard's to find.
    ///
    /// Source: NVM Express Base Specification, "Abort command".
    private func abort(_ command: SubmissionEntry) throws(CommandFailure) -> AdminOutcome {
        let queueID = UInt16(truncatingIfNeeded: command.dword10)
        let commandID = UInt16(truncatingIfNeeded: command.dword10 >> 16)
        // A queue that is not there holds no such command: nothing was aborted.
        guard queueID == 0 || queues.isOpen(queueID) else { return .completed(result: 1) }
        guard abortCount < limits.abortsMax else {
            throw CommandFailure(.abortLimitExceeded.notRetryable)
        }
        if queueID == 0, events.abort(commandID) { return .completed }
        abortCount += 1
        return .abort(queueID: queueID, commandID: commandID)
    }

    /// The shard has completed an Abort that `execute` handed to it.
    func abortEnded() {
        precondition(abortCount > 0, "an Abort ends once")
        abortCount -= 1
    }

    // MARK: What it has to say

    /// An Asynchronous Event Request that can be completed.
    func takeEvent() -> EventCompletion? { events.take() }

    /// What the shard is to do for the controller.
    func takeEffect() -> ControllerEffect? { effects.isEmpty ? nil : effects.removeFirst() }

    func want(_ effect: ControllerEffect) {
        if case .ended = effect {
            // The first reason counts; the shard may need some time to close what is open.
            guard !hasEnded else { return }
            hasEnded = true
        }
        effects.append(effect)
    }

    /// Takes a failed command of any of its queues into the Error Information log.
    ///
    /// - Returns: The status to answer with: More is set, as the log tells more.
    func record(_ failure: CommandFailure, of command: SubmissionEntry, queue: UInt16) -> Status {
        errorLog.record(failure, of: command, queue: queue)
    }

    /// The subsystem has changed.
    func replace(_ subsystem: SubsystemView) { self.subsystem = subsystem }
}
