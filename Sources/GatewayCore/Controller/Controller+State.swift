// What happens to a controller as a whole: enabled, reset, shut down, its time over.

internal import NVMeTCP

extension Controller {
    /// Carries out what a write to CC changed.
    func configure(_ change: ControllerState.Change, at now: Instant) {
        let activity = queues.commandCount
        switch change {
        case .none:
            break
        case .enabled:
            keepAlive.enabled(activity: activity, at: now)
        case .disabling(let shutsDown):
            // A reset: what the host had set and asked for is forgotten, the association and its timer stay.
            keepAlive.disabled(activity: activity, at: now)
            events.reset()
            features = defaultFeatures
            changedNamespaces.clear()
            anaChanges = ANAChanges()
            reservationNotifications = ReservationNotifications(
                entriesMax: limits.reservationNotificationsMax)
            queues.granted = limits.ioQueuesMax
            want(.resetStarted)
            if shutsDown { want(.shutdownStarted) }
        case .shutdown:
            keepAlive.shutdown(activity: activity, at: now)
            want(.shutdownStarted)
        }
    }

    /// The I/O queues are closed that a reset asked to close: CSTS.RDY becomes 0.
    func resetCompleted() { state.queuesClosed() }

    /// What was acknowledged is durable: CSTS.SHST says that the shutdown is complete.
    func shutdownCompleted() { state.shutdownCompleted() }

    /// When `timerFired` should be called next; nil if nothing is timed.
    var deadline: Instant? { keepAlive.deadline }

    /// Time has passed: maybe nothing was heard from the host for too long.
    ///
    /// Source: NVM Express Base Specification, "Keep Alive Timeout cleanup".
    func timerFired(at now: Instant) {
        guard keepAlive.expired(activity: queues.commandCount, at: now) else { return }
        switch state.phase {
        case .ready: want(.ended(reason: "no command came within its keep-alive timeout"))
        case .disabled, .disabling, .failed: want(.ended(reason: "it was not enabled in time"))
        }
    }
}
