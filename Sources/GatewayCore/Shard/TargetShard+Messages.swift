// Messages from other shards and from the program, and the passing of time.

internal import NVMeTCP

extension TargetShard {
    /// A message arrived. It may be late: what it names may be gone.
    public func receive(_ message: ShardMessage, at now: Instant) {
        switch message {
        case .model(let model): apply(model)
        case .geometryChanged(let nqn, let namespace): geometryChanged(subsystem: nqn, namespace: namespace)
        case .drain: drain()
        case .join(let request): join(request)
        case .joined(let answer): joined(answer)
        case .queueClosed(let controller, let queue, let connection, let wasDeleted):
            queueClosed(
                controller: controller, queue: queue, connection: connection, wasDeleted: wasDeleted, at: now)
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
        }
    }

    /// Swaps the model in. Commands under way keep the namespace they began with.
    private func apply(_ model: TargetModel) {
        self.model = model
        for (nqn, attachment) in subsystems {
            if let subsystem = model.subsystem(nqn) {
                retired += attachment.apply(subsystem, services: services)
            } else {
                retired += attachment.removeAll()
                subsystems[nqn] = nil
            }
        }
        for (id, seat) in controllers {
            if let subsystem = seat.controller.subsystem, model.subsystem(subsystem.nqn) == nil {
                end(seat, because: "its subsystem was removed")
            } else {
                seat.controller.apply(model)
                serveController(id)
            }
        }
    }

    private func geometryChanged(subsystem nqn: String, namespace: UInt32) {
        subsystems[nqn]?[namespace]?.refresh()
        for (id, seat) in controllers where seat.controller.subsystemNQN == nqn {
            seat.controller.geometryChanged(namespace: namespace)
            serveController(id)
        }
    }

    /// When `tick` is due, or nil if nothing is timed. Coarse: time-outs are seconds, and a shard that serves
    /// should not be woken for each.
    public var deadline: Instant? { connections.count > 0 ? nextSweep : nil }

    /// Time has passed.
    public func tick(at now: Instant) {
        guard now >= nextSweep else { return }
        nextSweep = now.advanced(byMilliseconds: limits.sweepMilliseconds)
        unsafe connections.forEach { unsafe sweep($0, at: now) }
        for (id, seat) in controllers {
            seat.controller.timerFired(at: now)
            serveController(id)
            if let deadline = seat.associationDeadline, now >= deadline {
                end(seat, because: "an I/O queue was lost")
            }
        }
        buffers.trim(to: max(limits.cachedBufferBytesMax, buffers.heldByteCount))
    }

    private func sweep(_ connection: UnsafeMutablePointer<QueueConnection>, at now: Instant) {
        if let deadline = unsafe connection.pointee.handshakeDeadline, now >= deadline {
            unsafe log.write(.info, "\(connection.pointee.peer): closed, no Connect in time")
            unsafe beginClose(connection)
        } else if let since = unsafe connection.pointee.sendingSince,
            now >= since.advanced(byMilliseconds: limits.sendMilliseconds)
        {
            unsafe log.write(.warning, "\(connection.pointee.peer): closed, the host does not read")
            unsafe beginClose(connection)
        }
    }
}
