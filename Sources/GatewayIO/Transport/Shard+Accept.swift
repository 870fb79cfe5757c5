// The first step of a connection's life: accepted by the shard that has the listener, handed to the shards in
// turn.

import CLiburing
import GatewayCore

/// A listener that a shard accepts from. Its place in the shard's list is known to the kernel while an
/// accept is armed: then the place stays.
struct AcceptState {
    let listener: Listener
    var isArmed = false
    /// Nobody is accepted any more. The place is free for another listener once nothing is armed.
    var isStopped = false
    /// Descriptors or memory ran out: when to try again.
    var retryAt: Instant?
    /// Not before then is the next failure worth a line.
    var quietUntil = Instant(nanoseconds: 0)
    /// The shard that the next connection goes to.
    var nextShard = 0
}

extension Shard {
    /// Begins to accept from listener `index`.
    func accept(_ index: Int) {
        guard !isDraining, !accepting[index].isArmed, !accepting[index].isStopped else { return }
        accepting[index].isArmed = true
        accepting[index].retryAt = nil
        reactor.ring.accept(
            Operation(.accept, index: UInt32(index)), listener: accepting[index].listener.descriptor)
    }

    func accepted(_ completion: Completion) {
        let index = Int(completion.operation.index)
        if !completion.isArmed { accepting[index].isArmed = false }
        guard completion.result >= 0 else { return acceptFailed(index, errno: -completion.result) }
        if accepting[index].isStopped {
            // It came before the end was asked for; its port is not served any more.
            CLiburing.close(completion.result)
            return
        }
        let port = accepting[index].listener.portID
        let shard = accepting[index].nextShard
        accepting[index].nextShard = (shard + 1) % peers.count
        if shard == handle.id {
            adopt(completion.result, port: port)
        } else {
            peers[shard].send(.adopt(socket: completion.result, port: port))
        }
        accept(index)
    }

    private func acceptFailed(_ index: Int, errno: Int32) {
        guard !isDraining, !accepting[index].isStopped else { return }
        switch errno {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            // Those who wait stay in the listener's backlog.
            logShortage(index, errno)
            accepting[index].retryAt = now.advanced(byMilliseconds: Bounds.acceptRetryMilliseconds)
        default:
            // The connection that was to be accepted is gone already (ECONNABORTED and its like).
            accept(index)
        }
    }

    /// One line now and then, however often it comes to this.
    private func logShortage(_ index: Int, _ errno: Int32) {
        guard accepting[index].quietUntil <= now else { return }
        accepting[index].quietUntil = now.advanced(byMilliseconds: Bounds.acceptLogMilliseconds)
        log.write(
            .error,
            "\(accepting[index].listener.address): new connections wait: \(errorText(errno))"
                + (errno == EMFILE ? "; raise the limit (ulimit -n, LimitNOFILE=)" : ""))
    }

    /// When a failed accept is to be tried again.
    var acceptDeadline: Instant? { accepting.lazy.compactMap(\.retryAt).min() }

    /// Tries again what has waited long enough.
    func retryAccepts() {
        for index in accepting.indices {
            guard let time = accepting[index].retryAt, time <= now else { continue }
            accept(index)
        }
    }

    /// Ends all accepts; the listeners close with their last owner.
    func stopAccepting() {
        for index in accepting.indices { stopAccepting(index) }
    }

    private func stopAccepting(_ index: Int) {
        guard !accepting[index].isStopped else { return }
        accepting[index].isStopped = true
        accepting[index].retryAt = nil
        if accepting[index].isArmed { reactor.ring.cancel(Operation(.accept, index: UInt32(index))) }
        // Who connects from now on is refused, while other owners still hold the socket.
        shutdown(accepting[index].listener.descriptor, Int32(SHUT_RDWR))
    }

    /// Accepts from one more listener.
    func listen(_ listener: Listener) {
        guard !isDraining else { return }
        let free = accepting.firstIndex { $0.isStopped && !$0.isArmed }
        let index = free ?? accepting.count
        if free == nil {
            accepting.append(AcceptState(listener: listener))
        } else {
            accepting[index] = AcceptState(listener: listener)
        }
        accept(index)
    }

    /// Accepts no more from the listener of this port.
    func stopListening(_ port: UInt16) {
        for index in accepting.indices where accepting[index].listener.portID == port {
            stopAccepting(index)
        }
    }

    /// Takes a connection over: it is this shard's until its end.
    func adopt(_ socket: Int32, port: UInt16) {
        configureConnection(socket)
        // The peer may be gone already: then the first receive says so.
        let peer = SocketAddress.peer(of: socket).map(\.description) ?? "a peer that is gone"
        guard let id = core.open(port: port, peer: peer, at: now) else {
            CLiburing.close(socket)
            return
        }
        let slot = unsafe slots[id.index]
        precondition(unsafe slot.pointee.state == .free, "the core reuses an index only after `closed`")
        unsafe slot.pointee = ConnectionSlot()
        unsafe slot.pointee.socket = socket
        unsafe slot.pointee.generation = id.generation
        unsafe slot.pointee.state = .open
        openCount += 1
        receive(id.index)
    }
}
