// A shard's connections: accepted, received from, sent to and closed as GatewayIO's Shard does it, one
// receive and one send in flight at a time.

import GatewayCore
import NVMeTCP

/// A receive or a send that has ended.
struct SimulatedCompletion {
    enum Kind {
        case receive
        case send
    }

    let kind: Kind
    let index: UInt32
    /// Whether the kernel has done its part: a receive takes what is there when the thread comes by.
    var isFilled = true
    /// Staged bytes, or how many went straight to their buffer; empty or 0 if the connection is lost.
    var staged: [UInt8] = []
    var count = 0
    var isCancelled = false
}

/// What the driver keeps of a connection.
final class SimulatedSlot {
    enum State {
        case free
        case open
        case closing
    }

    enum Receiving {
        case nothing
        case staged
        case direct(UnsafeMutableRawPointer, Int)
        /// It has completed; the completion waits to be served.
        case completed
    }

    var state = State.free
    var generation: UInt32 = 0
    /// The entries of its queue, and one.
    var entries = 0
    var wire: Wire?
    var receiving = Receiving.nothing
    var isLost = false
    /// There is something to receive, and the receive's completion is on its way.
    var isReady = false
    var wantsTransmit = false
    /// Bytes that the core, paused, did not take.
    var held: [UInt8] = []
    var sending: SendInFlight?
}

/// A batch that is being sent.
final class SendInFlight {
    var batch: TransmitBatch
    var segment = 0
    var offset = 0
    var isEnded = false

    init(pduCountMax: Int) { batch = TransmitBatch(pduCountMax: pduCountMax) }
}

extension SimulatedShard {
    func id(_ index: UInt32) -> ConnectionID {
        ConnectionID(index: index, generation: slots[Int(index)].generation)
    }

    func openSlot(_ id: ConnectionID) -> SimulatedSlot? {
        let slot = slots[Int(id.index)]
        return slot.state == .open && slot.generation == id.generation ? slot : nil
    }

    func open(_ wire: Wire) {
        guard !wire.isClosedByHost, !wire.isCut else {
            if !wire.isClosedByTarget { wire.refuse() }
            return
        }
        guard let id = core.open(port: world.plan.portID, peer: "connection \(wire.id)", at: now) else {
            world.count(.connectionRefused)
            wire.refuse()
            return
        }
        while slots.count <= Int(id.index) { slots.append(SimulatedSlot()) }
        let slot = SimulatedSlot()
        slots[Int(id.index)] = slot
        slot.state = .open
        slot.generation = id.generation
        slot.wire = wire
        wire.index = id.index
        slot.entries = (wire.queue?.entries ?? 0) + 1
        load.entries += slot.entries
        load.entriesEver += slot.entries
        wire.toTarget.onReadable = { [unowned self] in becameReadable(id.index) }
        wire.toHost.onWritable = { [unowned self] in becameWritable(id.index) }
        receive(id.index)
    }

    /// The network has ended the connection.
    func reset(_ index: UInt32, of wire: Wire) {
        let slot = slots[Int(index)]
        guard slot.wire === wire, slot.state != .free else { return }
        slot.isLost = true
        becameReadable(index)
        becameWritable(index)
    }

    // MARK: Receive

    private func receive(_ index: UInt32) {
        let slot = slots[Int(index)]
        guard slot.state == .open, case .nothing = slot.receiving else { return }
        switch core.receiveStep(id(index)) {
        case .staged: slot.receiving = .staged
        case .direct(let base, let count): slot.receiving = .direct(base, count)
        case .paused, .ended: return
        }
        becameReadable(index)
    }

    /// Completes the receive in flight if there is something to receive, or the connection has ended.
    private func becameReadable(_ index: UInt32) {
        let slot = slots[Int(index)]
        guard let wire = slot.wire, slot.state == .open else { return }
        let pipe = wire.toTarget
        wire.queue?.noteArrival(pipe.arrivedCount, load)
        guard slot.isLost || pipe.received.count > 0 || pipe.hasEnded, !slot.isReady else { return }
        switch slot.receiving {
        case .nothing, .completed: return
        case .staged, .direct: break
        }
        slot.isReady = true
        complete(SimulatedCompletion(kind: .receive, index: index, isFilled: false))
    }

    /// Moves bytes for a receive that has something to receive.
    func fill(_ completion: inout SimulatedCompletion) {
        guard !completion.isFilled else { return }
        completion.isFilled = true
        let slot = slots[Int(completion.index)]
        slot.isReady = false
        let pipe = slot.isLost ? nil : slot.wire?.toTarget
        switch slot.receiving {
        case .nothing, .completed: return
        case .staged:
            completion.staged = pipe?.read(habits.stagingByteCount) ?? []
            completion.count = completion.staged.count
        case .direct(let base, let count):
            completion.count = pipe?.read(count, to: base) ?? 0
        }
        slot.receiving = .completed
    }

    func received(_ completion: SimulatedCompletion) {
        let index = completion.index
        let slot = slots[Int(index)]
        slot.receiving = .nothing
        if slot.state == .closing { return finishClose(index) }
        guard completion.count > 0 else { return beginClose(index) }
        slot.wire?.heardAt = world.now
        if completion.staged.isEmpty {
            core.receivedDirect(id(index), count: completion.count, at: now)
            receive(index)
        } else {
            deliver(index, completion.staged)
        }
    }

    private func deliver(_ index: UInt32, _ bytes: [UInt8]) {
        let taken = bytes.withUnsafeBytes { core.received(id(index), $0.bytes, at: now) }
        if taken < bytes.count, case .paused = core.receiveStep(id(index)) {
            slots[Int(index)].held = Array(bytes[taken...])
            return
        }
        receive(index)
    }

    func resumeReceive(_ id: ConnectionID) {
        guard let slot = openSlot(id) else { return }
        guard !slot.held.isEmpty else { return receive(id.index) }
        let bytes = slot.held
        slot.held = []
        deliver(id.index, bytes)
    }

    // MARK: Send

    func transmit(_ id: ConnectionID) {
        guard let slot = openSlot(id) else { return }
        if slot.sending != nil { slot.wantsTransmit = true } else { send(id.index) }
    }

    func sendMore(_ index: UInt32) {
        let slot = slots[Int(index)]
        guard slot.state == .open, slot.sending == nil else { return }
        send(index)
    }

    private func send(_ index: UInt32) {
        let slot = slots[Int(index)]
        slot.wantsTransmit = false
        let sending = SendInFlight(pduCountMax: habits.batchPDUs)
        core.fill(&sending.batch, for: id(index), at: now)
        if sending.batch.isEmpty { return }
        if world.flaw == .losesAnswers, world.random.chance(0.01) {
            return core.sent(sending.batch, for: id(index))
        }
        slot.sending = sending
        // As late as the next system call: the memory must stay as it is until then, and after.
        world.schedule(after: world.random.time(200, 2_000)) { [self] in
            if slots[Int(index)].sending === sending { becameWritable(index) }
        }
    }

    /// Copies what fits to the socket; completes the send when all of it is there.
    private func becameWritable(_ index: UInt32) {
        let slot = slots[Int(index)]
        guard let sending = slot.sending, !sending.isEnded, let wire = slot.wire else { return }
        if slot.isLost { return endSend(index, sending, isCancelled: true) }
        let segments = sending.batch.segments
        while sending.segment < segments.count {
            let segment = segments[sending.segment]
            let count = min(segment.count - sending.offset, wire.toHost.roomToWrite)
            if count == 0 { return }
            let piece = UnsafeRawBufferPointer(start: segment.base! + sending.offset, count: count)
            wire.toHost.write(piece)
            sending.offset += count
            if sending.offset == segment.count {
                sending.segment += 1
                sending.offset = 0
            }
        }
        endSend(index, sending, isCancelled: false)
    }

    private func endSend(_ index: UInt32, _ sending: SendInFlight, isCancelled: Bool) {
        sending.isEnded = true
        complete(SimulatedCompletion(kind: .send, index: index, isCancelled: isCancelled))
    }

    func sent(_ completion: SimulatedCompletion) {
        let index = completion.index
        let slot = slots[Int(index)]
        guard let sending = slot.sending else { preconditionFailure("a send in flight has a batch") }
        slot.sending = nil
        core.sent(sending.batch, for: id(index))
        if slot.state == .closing {
            finishClose(index)
        } else if completion.isCancelled {
            beginClose(index)
        } else if slot.wantsTransmit {
            unsent.append(index)
        }
    }

    // MARK: Close

    func beginClose(_ index: UInt32) {
        let slot = slots[Int(index)]
        guard slot.state == .open else { return }
        slot.state = .closing
        slot.held = []
        switch slot.receiving {
        case .nothing, .completed: break
        case .staged, .direct:
            // One that is on its way comes by itself.
            if slot.isReady { break }
            slot.receiving = .completed
            complete(SimulatedCompletion(kind: .receive, index: index, isCancelled: true))
        }
        if let sending = slot.sending, !sending.isEnded { endSend(index, sending, isCancelled: true) }
        finishClose(index)
    }

    private func finishClose(_ index: UInt32) {
        let slot = slots[Int(index)]
        guard slot.state == .closing, slot.sending == nil, case .nothing = slot.receiving else { return }
        let id = id(index)
        slot.state = .free
        load.entries -= slot.entries
        let wire = slot.wire
        slot.wire = nil
        core.closed(id, at: now)
        wire?.closeByTarget()
    }
}
