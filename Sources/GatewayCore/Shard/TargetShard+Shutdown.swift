// The end of a controller reset or shutdown: both are complete once no I/O queue is left, a shutdown not
// before what volatile write caches hold is durable. That flush is an operation of our own on the admin
// queue: nothing answers it.

internal import NVMeTCP

extension TargetShard {
    /// Completes what waits for the I/O queues to be gone, if they are.
    func queuesMayBeGone(of seat: ControllerSeat) {
        guard seat.queues.isEmpty else { return }
        if seat.isResetting {
            seat.isResetting = false
            seat.controller.resetCompleted()
        }
        guard seat.isShuttingDown, seat.flushQueue == nil else { return }
        guard let subsystem = seat.controller.subsystem,
            subsystem.namespaces.contains(where: { $0.backend.geometry.hasVolatileWriteCache })
        else {
            completeShutdown(of: seat)
            return
        }
        // Without an operation to spare the next sweep tries again.
        if let admin = seat.adminConnection, let connection = unsafe connections[admin], !slab.isFull {
            unsafe flush(subsystem.subsystem, for: seat, on: connection)
        }
    }

    /// Flushes every namespace that the host can reach, for a shutdown. Who took the others away from this
    /// target has seen to their caches.
    private func flush(
        _ subsystem: Subsystem, for seat: ControllerSeat,
        on connection: UnsafeMutablePointer<QueueConnection>
    ) {
        let queue = IOQueue(
            controllerID: seat.controller.id, queueID: 0, host: seat.controller.host,
            choices: seat.controller.choices,
            subsystem: attachment(of: subsystem).namespaces(for: seat.controller.hostNQN))
        seat.flushQueue = queue
        let operation = unsafe slab.take()
        unsafe operation.pointee.command = SubmissionEntry(opcode: IOOpcode.flush.rawValue)
        unsafe operation.pointee.command.dword1 = .broadcastNamespace
        unsafe operation.pointee.action = .flush
        unsafe operation.pointee.isInternal = true
        unsafe operation.pointee.state = .executing
        unsafe link(operation, to: connection)
        unsafe executeIO(operation, of: queue, on: connection)
    }

    /// The flush has ended. After a failed one the shutdown is not complete: the next sweep flushes again.
    func flushEnded(_ operation: UnsafeMutablePointer<Operation>, of controller: Controller) {
        guard let seat = controllers[controller.id] else { return }
        seat.flushQueue = nil
        if unsafe operation.pointee.status.isSuccess {
            completeShutdown(of: seat)
        } else {
            unsafe log.write(
                .error, "\(seat.name): flush before shutdown failed: \(operation.pointee.status.name)")
        }
    }

    private func completeShutdown(of seat: ControllerSeat) {
        seat.isShuttingDown = false
        seat.controller.shutdownCompleted()
    }
}
