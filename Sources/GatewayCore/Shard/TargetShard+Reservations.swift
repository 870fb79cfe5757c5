// The reservation commands on their way through shards: checked here, sent to the namespace's home shard,
// answered when that has an answer. And the home shard's changes: in force at once, complete when what was
// submitted before has ended.

internal import NVMeTCP

extension TargetShard {
    // MARK: Commands of this shard's queues

    /// Says what data a reservation command moves; refuses what can be refused already.
    ///
    /// - Throws: Invalid Command Opcode for a namespace without reservations; Host Identifier Not Initialized
    ///   for a host without an identifier.
    func arrangeReservation(
        _ operation: UnsafeMutablePointer<Operation>, _ action: IOAction, on namespace: Namespace,
        of queue: IOQueue
    ) throws(CommandFailure) {
        guard model.offersReservations(namespace) else {
            throw CommandFailure(.invalidOpcode.notRetryable, at: ParameterErrorLocation(byte: 0))
        }
        // Reservations and Host Identifier Interaction (CTRATT.RHII).
        guard queue.host.id != .none else { throw CommandFailure(.hostIDNotInitialized.notRetryable) }
        let command = unsafe operation.pointee.command
        unsafe operation.pointee.direction = .hostToController
        switch action {
        case .reservationRegister: unsafe operation.pointee.byteCount = ReservationRegisterData.byteCount
        case .reservationAcquire: unsafe operation.pointee.byteCount = ReservationAcquireData.byteCount
        case .reservationRelease:
            // Linux sends 16 bytes with it, as with the two others (`nvme_pr_command`): the second key means
            // nothing.
            let isLonger = Int(command.sgl.length) == ReservationAcquireData.byteCount
            unsafe operation.pointee.byteCount =
                isLonger ? ReservationAcquireData.byteCount : ReservationReleaseData.byteCount
        default:
            unsafe operation.pointee.direction = .controllerToHost
            unsafe operation.pointee.byteCount = try ReservationReportRequest(command).byteCount(
                limits: limits)
        }
        unsafe operation.pointee.bufferByteCount = operation.pointee.byteCount
    }

    /// Sends a reservation command whose data is complete to the namespace's home shard.
    func reserve(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        do throws(CommandFailure) { try unsafe admitReservation(operation, of: queue) } catch {
            return unsafe fail(operation, error, on: connection)
        }
        guard let namespace = unsafe operation.pointee.namespace?.takeUnretainedValue().namespace.uuid,
            let buffer = unsafe operation.pointee.buffer
        else { preconditionFailure("a reservation command has a namespace and data") }
        // Valid: the operation's buffer is at least so long and nobody else touches it now.
        let data = unsafe UnsafeRawBufferPointer(start: buffer.base, count: operation.pointee.byteCount)
        do throws(CommandFailure) {
            let command = try unsafe ReservationCommand.parse(
                operation.pointee.command, operation.pointee.action, data: data.bytes,
                canPersist: model.persistsReservations)
            unsafe ask(
                command, of: NamespaceUUID(rawValue: namespace), host: queue.host.id, operation,
                on: connection)
        } catch {
            unsafe fail(operation, error, on: connection)
        }
    }

    /// Judges the command again: its data may have been long in coming, and its namespace hidden from the
    /// host or out of its reach since.
    private func admitReservation(
        _ operation: UnsafeMutablePointer<Operation>, of queue: IOQueue
    ) throws(CommandFailure) {
        _ = try unsafe hasMoved(operation, of: queue)
        try unsafe operation.pointee.namespace?.takeUnretainedValue().admit(.none, from: queue)
    }

    /// Sets Persist Through Power Loss of namespaces, for an admin queue's Set Features.
    func setPersistence(
        _ persists: Bool, of namespaces: [NamespaceUUID], host: HostID,
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        guard !namespaces.isEmpty else { return unsafe succeed(operation, on: connection) }
        unsafe operation.pointee.step = namespaces.count
        for namespace in namespaces {
            unsafe ask(.setPersistence(persists), of: namespace, host: host, operation, on: connection)
        }
    }

    private func ask(
        _ command: ReservationCommand, of namespace: NamespaceUUID, host: HostID,
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe operation.pointee.state = .parked
        let request = unsafe ReservationRequest(
            from: QueueAddress(shard: id, connection: connection.pointee.id),
            slot: operation.pointee.slot, namespace: namespace, host: host, command: command,
            known: reservationViews[namespace])
        enqueue(.post(.reserve(request), to: ReservationHome.shard(of: namespace, among: shardCount)))
    }

    /// The home shard's answer.
    func reserved(_ answer: ReservationAnswer) {
        // A closed connection may be kept by what backends have of it; its parked operations are gone.
        guard let connection = unsafe connections[answer.to.connection],
            unsafe connection.pointee.phase != .closed
        else { return }
        let operation = unsafe slab[answer.slot]
        if case .admin = unsafe connection.pointee.role {
            unsafe persistenceSet(operation, answer.outcome, on: connection)
            return
        }
        switch answer.outcome {
        case .failure(let failure): unsafe fail(operation, failure, on: connection)
        case .success(let state):
            if unsafe operation.pointee.action == .reservationReport { unsafe report(state, to: operation) }
            unsafe succeed(operation, on: connection)
        }
    }

    /// One of the namespaces of a Set Features has its state; the command ends with the last, and fails if
    /// one did.
    private func persistenceSet(
        _ operation: UnsafeMutablePointer<Operation>, _ outcome: Result<ReservationState, CommandFailure>,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        unsafe operation.pointee.step -= 1
        if case .failure(let failure) = outcome { unsafe operation.pointee.status = failure.status }
        guard unsafe operation.pointee.step == 0 else { return }
        let status = unsafe operation.pointee.status
        if status.isSuccess {
            unsafe succeed(operation, on: connection)
        } else {
            unsafe fail(operation, CommandFailure(status), on: connection)
        }
    }

    /// Writes as much of the report as was asked for.
    private func report(_ state: ReservationState, to operation: UnsafeMutablePointer<Operation>) {
        guard let buffer = unsafe operation.pointee.buffer else {
            preconditionFailure("a report has its buffer")
        }
        let status = state.status
        var page = LogPage(byteCount: status.byteCount(.extended))
        page.write { status.encode(into: &$0, layout: .extended) }
        // Valid: the operation's buffer is at least so long and nobody else touches it now.
        let data = unsafe UnsafeMutableRawBufferPointer(
            start: buffer.base, count: operation.pointee.byteCount)
        unsafe data.initializeMemory(as: UInt8.self, repeating: 0)
        var reply = unsafe data.mutableBytes
        page.copy(from: 0, into: &reply)
    }

    // MARK: The home shard

    /// Carries out what this shard, as the home of some reservations, has to do.
    func serveReservations() {
        while let output = reservationHome.takeOutput() {
            switch output {
            case .answer(let answer): enqueue(.post(.reserved(answer), to: answer.to.shard))
            case .save(let save): enqueue(.saveReservations(save))
            case .publish(let change):
                for shard in 0..<shardCount { enqueue(.post(.reservationChanged(change), to: shard)) }
            case .warn(let line): log.write(.error, line)
            }
        }
    }

    // MARK: Changes

    /// A namespace's reservation is another one now.
    func reservationChanged(_ change: ReservationChange) {
        reservationViews.install(change.record, of: change.namespace)
        var attachments = retired.filter { $0.namespace.uuid == change.namespace.rawValue }
        for (_, subsystem) in subsystems.sorted(by: { $0.key < $1.key }) {
            attachments += subsystem.all.filter { $0.namespace.uuid == change.namespace.rawValue }
        }
        for attachment in attachments { attachment.reservation = NamespaceReservation(change.record.state) }
        if !change.abortedHosts.isEmpty { abort(change) }
        if !change.notices.isEmpty { notify(change) }
        settle(
            change.isRestriction ? attachments : [],
            for: .reservation(change.namespace, version: change.record.version, home: change.home))
    }

    private func notify(_ change: ReservationChange) {
        for seat in seats {
            for notice in change.notices where notice.host == seat.controller.hostID {
                seat.controller.reservationChanged(notice.type, of: change.namespace)
            }
            serveController(seat.controller.id)
        }
    }

    /// Preempt and Abort: commands of the hosts that lost their registration end, but for those that a
    /// backend has, which are waited for.
    private func abort(_ change: ReservationChange) {
        unsafe forEachConnection { connection in
            guard case .io(let queue) = unsafe connection.pointee.role,
                change.abortedHosts.contains(queue.host.id)
            else { return }
            var slot = unsafe connection.pointee.firstOperation
            while slot != SlotList.none {
                let operation = unsafe slab[slot]
                slot = unsafe operation.pointee.next
                let namespace = unsafe operation.pointee.namespace?.takeUnretainedValue().namespace
                if namespace?.uuid == change.namespace.rawValue {
                    unsafe preempt(operation, on: connection)
                }
            }
        }
    }

    private func preempt(
        _ operation: UnsafeMutablePointer<Operation>, on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        let isHalf = unsafe operation.pointee.half != .none
        switch unsafe operation.pointee.state {
        case .paired:
            unsafe halfFailed(operation, CommandFailure(.abortedPreempt), on: connection)
        case .paced:
            unsafe stopPacing(operation)
            unsafe fail(operation, CommandFailure(.abortedPreempt), on: connection)
        case .awaitingBuffer where unsafe isHalf && !operation.pointee.isInCapsule:
            unsafe halfFailed(operation, CommandFailure(.abortedPreempt), on: connection)
        case .awaitingBuffer where unsafe !operation.pointee.isInCapsule:
            unsafe stopAwaitingBuffer(operation)
            unsafe fail(operation, CommandFailure(.abortedPreempt), on: connection)
        case .awaitingBuffer, .receivingCapsule, .requestingData, .receivingData, .executing:
            // Its data is under way, or a request of it: it ends before the next request.
            unsafe operation.pointee.isPreempted = true
        case .free, .parked, .answering, .sending:
            break
        }
    }
}
