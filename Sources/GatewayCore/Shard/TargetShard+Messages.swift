// Messages from other shards and from the program, and the passing of time.

internal import NVMeTCP

extension TargetShard {
    /// A message arrived. It may be late: what it names may be gone.
    public func receive(_ message: ShardMessage, at now: Instant) {
        self.now = now
        switch message {
        case .model(let model): take(model)
        case .modelServed(let generation, let shard): served(generation, by: shard)
        case .reportTraffic(let report): enqueue(.traffic(traffic(), report: report))
        case .reportControllers(let report): enqueue(.controllers(controllerReports(), report: report))
        case .geometryChanged(let nqn, let namespace): geometryChanged(subsystem: nqn, namespace: namespace)
        case .drain: drain()
        case .join(let request): join(request)
        case .joined(let answer): joined(answer)
        case .queueClosed(let controller, let queue, let connection, let wasDeleted):
            queueClosed(
                controller: controller, queue: queue, connection: connection, wasDeleted: wasDeleted, at: now)
        case .queueOverflowed(let controller, let queue, let connection, let reason):
            queueOverflowed(
                controller: controller, queue: queue, connection: connection, because: reason)
        case .closeQueue(let address, let reason):
            guard let connection = unsafe connections[address.connection] else { return }
            unsafe log.write(
                .debug, "\(connection.pointee.peer): queue \(connection.pointee.queueID) closes: \(reason)")
            unsafe beginClose(connection)
        case .abort(let request):
            var wasFound = false
            if let connection = unsafe connections[request.target.connection] {
                wasFound = unsafe abortWaiting(request.commandID, on: connection)
            }
            enqueue(.post(.aborted(request, wasFound: wasFound), to: request.from.shard))
        case .aborted(let request, let wasFound): aborted(request, wasFound: wasFound)
        case .failed(let failure):
            _ = controllers[failure.controller]?.controller.record(
                failure.failure, of: failure.command, queue: failure.queue)
        case .reserve(let request):
            reservationHome.receive(request)
            serveReservations()
        case .reserved(let answer): reserved(answer)
        case .reservationChanged(let change): reservationChanged(change)
        case .reservationSettled(let namespace, let version):
            reservationHome.settled(namespace, version: version)
            serveReservations()
        case .reservationsSaved(let namespace, let version, let result):
            reservationHome.saved(namespace, version: version, result)
            serveReservations()
        }
    }

    /// The program's new model: it is served from now on, and told to hosts when all shards do.
    private func take(_ model: TargetModel) {
        givenModel = model
        let restricted = serve(modelToServe())
        modelAgreement.serves(model.generation, shard: id)
        for shard in 0..<shardCount where shard != id {
            enqueue(.post(.modelServed(generation: model.generation, by: id), to: shard))
        }
        tell(self.model)
        settle(restricted, for: .model(generation: model.generation))
        releaseRetired()
    }

    /// What the program gave, but for what this target can't do.
    private func modelToServe() -> TargetModel {
        anaTransitions.model(givenModel, at: now, leeway: limits.sweepMilliseconds).withoutLostStores()
    }

    /// Swaps the model in. Requests that a backend has go on; all else is judged by the new model.
    /// Controllers follow later, but for those whose subsystem is gone.
    /// - Returns: The namespaces that some host may not use any more.
    private func serve(_ model: TargetModel) -> [NamespaceAttachment] {
        let old = self.model
        self.model = model
        reservationViews.learn(model.savedReservations)
        let revoked = closeRevoked()
        var restricted: [NamespaceAttachment] = []
        for (nqn, attachment) in subsystems.sorted(by: { $0.key < $1.key }) {
            if let subsystem = model.subsystem(nqn) {
                let change = attachment.apply(subsystem)
                retired += change.left
                restricted += change.restricted
                if revoked.contains(nqn) { restricted += attachment.all }
            } else {
                let left = attachment.removeAll()
                retired += left
                restricted += left
                subsystems[nqn] = nil
            }
        }
        restricted += earlierRestricted(restricted, isRevoking: !revoked.isEmpty, since: old)
        for seat in seats {
            guard let subsystem = seat.controller.subsystem else { continue }
            if model.subsystem(subsystem.nqn) == nil {
                end(seat, because: "its subsystem was removed")
            } else if !ownControllerIDs.contains(seat.controller.id) {
                end(seat, because: "its identifier is another gateway's to give now")
            }
        }
        return restricted
    }

    /// What left the model before, and may have requests that the newest change takes away: of a namespace
    /// that was removed and added again, by hosts whose queues may all be gone, or of a host that may not
    /// connect any more.
    private func earlierRestricted(
        _ restricted: [NamespaceAttachment], isRevoking: Bool, since old: TargetModel
    ) -> [NamespaceAttachment] {
        retired.filter { left in
            if restricted.contains(where: { $0 === left }) { return false }
            if isRevoking { return true }
            let before = old.exports(of: left.namespace.backend)
            let now = model.exports(of: left.namespace.backend)
            // Not everything else is a restriction; it is rare enough to wait for all the same.
            return (!before.isEmpty && before != now) || now.contains { $0.anaState.refusal != nil }
        }
    }

    /// Closes I/O queues of hosts that may not have them any more.
    /// - Returns: The subsystems, by NQN, that such a host may have requests under way in.
    private func closeRevoked() -> Set<String> {
        var revoked: Set<String> = []
        unsafe forEachConnection { connection in
            if let nqn = unsafe closeIfRevoked(connection) { revoked.insert(nqn) }
        }
        return revoked
    }

    /// Closes an I/O queue if its host may not have it any more, and then gives its subsystem's NQN.
    @discardableResult
    func closeIfRevoked(_ connection: UnsafeMutablePointer<QueueConnection>) -> String? {
        guard case .io(let queue) = unsafe connection.pointee.role else { return nil }
        let nqn = queue.subsystem.subsystem.nqn
        if let subsystem = model.subsystem(nqn), subsystem.access.admits(queue.host.nqn),
            let port = unsafe model.port(connection.pointee.port), subsystem.isServed(at: port)
        {
            return nil
        }
        unsafe beginClose(connection)
        return nqn
    }

    private func geometryChanged(subsystem nqn: String, namespace: UInt32) {
        if let lost = givenModel.subsystem(nqn)?.namespace(namespace), lost.backend.isLost {
            // A client is fenced for all of its stores at once: the first message takes them all away.
            guard model.subsystem(nqn)?.serves(lost) == true else { return }
            // Nobody waits for what is under way: the fence lets nothing more through.
            _ = serve(modelToServe())
            tell(model)
            return releaseRetired()
        }
        subsystems[nqn]?[namespace]?.refresh()
        for seat in seats where seat.controller.subsystemNQN == nqn {
            seat.controller.geometryChanged(namespace: namespace)
            serveController(seat.controller.id)
        }
    }

    /// When `tick` is due, or nil if nothing is timed. Coarse: time-outs are seconds, and a shard that serves
    /// should not be woken for each.
    public var deadline: Instant? {
        guard connections.count > 0 else { return nil }
        return min(nextPacing ?? nextSweep, nextSweep)
    }

    /// Time has passed.
    public func tick(at now: Instant) {
        self.now = now
        servePaced(at: now)
        guard now >= nextSweep else { return }
        nextSweep = now.advanced(byMilliseconds: limits.sweepMilliseconds)
        if anaTransitions.isDue(at: now) {
            // Only what was refused before is refused now: nobody waits for it.
            _ = serve(modelToServe())
            tell(model)
        }
        unsafe forEachConnection { unsafe sweep($0, at: now) }
        for seat in seats {
            // Without its admin queue it has ended already, and only waits for its backends.
            if seat.adminConnection != nil { seat.controller.timerFired(at: now) }
            serveController(seat.controller.id)
            if let deadline = seat.associationDeadline, now >= deadline {
                end(seat, because: "an I/O queue was lost")
            }
        }
        buffers.trim(to: max(limits.cachedBufferBytesMax, buffers.heldByteCount))
    }

    /// Whether a host has owed data for long and sends hardly any of it.
    private func isTrickling(_ connection: UnsafeMutablePointer<QueueConnection>, at now: Instant) -> Bool {
        let isEnough = unsafe connection.pointee.arrivedByteCount >= limits.trickleBytesMin
        if unsafe connection.pointee.isPaused || !connection.pointee.wire.isOwedData || isEnough {
            unsafe connection.pointee.owesSince = now
            unsafe connection.pointee.arrivedByteCount = 0
        }
        return unsafe now
            >= connection.pointee.owesSince.advanced(byMilliseconds: limits.trickleMilliseconds)
    }

    private func sweep(_ connection: UnsafeMutablePointer<QueueConnection>, at now: Instant) {
        guard unsafe [.open, .terminating].contains(connection.pointee.phase) else { return }
        // Who waits for us owes nothing meanwhile.
        if unsafe connection.pointee.isPaused { unsafe connection.pointee.lastReceived = now }
        let isTrickling = unsafe isTrickling(connection, at: now)
        let owedUntil = unsafe connection.pointee.lastReceived.advanced(
            byMilliseconds: limits.receiveMilliseconds)
        if let deadline = unsafe connection.pointee.handshakeDeadline, now >= deadline {
            unsafe log.write(.info, "\(connection.pointee.peer): closed, no Connect in time")
            unsafe beginClose(connection)
        } else if let since = unsafe connection.pointee.sendingSince,
            now >= since.advanced(byMilliseconds: limits.sendMilliseconds)
        {
            unsafe log.write(.warning, "\(connection.pointee.peer): closed, the host does not read")
            unsafe beginClose(connection)
        } else if unsafe connection.pointee.wire.isOwedData, now >= owedUntil || isTrickling {
            unsafe log.write(
                .warning, "\(connection.pointee.peer): closed, the host does not send data that it owes")
            unsafe beginClose(connection)
        }
    }
}
