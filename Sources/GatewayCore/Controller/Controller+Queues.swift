// The I/O queues of a controller: which may join, which are open, what they have counted.

internal import NVMeTCP

/// The open queues of a controller and what all its queues have done.
struct QueueSet {
    /// I/O queues that Set Features 07h granted, or the most there can be.
    var granted: Int
    private var open: Set<UInt16> = []
    private var counters: [UInt16: QueueCounters] = [:]
    /// What queues that are closed had counted.
    private var past = QueueTotals()

    init(grantedMax: Int) { granted = grantedMax }

    var isEmpty: Bool { open.isEmpty }
    var count: Int { open.count }

    func isOpen(_ id: UInt16) -> Bool { open.contains(id) }

    /// Commands that arrived on all queues.
    var commandCount: UInt64 { totals.commandCount }

    /// What all queues have done since Connect.
    var totals: QueueTotals {
        var sum = past
        for queue in counters.values { sum += queue.totals }
        return sum
    }

    /// Commands under way on the I/O queues.
    var underWay: Int { counters.reduce(0) { $0 + ($1.key == 0 ? 0 : $1.value.underWay) } }

    mutating func insert(_ id: UInt16) { open.insert(id) }

    mutating func attach(_ queue: QueueCounters, to id: UInt16) { counters[id] = queue }

    mutating func remove(_ id: UInt16) {
        open.remove(id)
        if let queue = counters.removeValue(forKey: id) { past += queue.totals }
    }
}

extension Controller {
    /// An I/O queue's Connect: may it join?
    ///
    /// - Returns: The subsystem that it serves.
    /// - Throws: Connect Invalid Parameters with the lowest wrong field, which is QID if the controller has
    ///   no I/O queues or is not enabled; Command Sequence Error if it has that queue already.
    ///
    /// Source: NVM Express Base Specification, "Connect Command and Response".
    @discardableResult
    func admitQueue(_ request: ConnectRequest) throws(CommandFailure) -> Subsystem {
        typealias Entry = ConnectCommand.Offset
        typealias Data = ConnectData.Offset
        // A discovery controller has no I/O queues.
        guard let subsystem, state.servesCommands, request.queueID > 0,
            Int(request.queueID) <= queues.granted
        else {
            throw .connectInvalidParameter(inEntry: Entry.queueID)
        }
        guard request.queueEntries <= limits.queueEntriesMax else {
            throw .connectInvalidParameter(inEntry: Entry.submissionQueueSize)
        }
        guard request.hostID.rawValue == 0 || request.hostID == hostID else {
            throw .connectInvalidParameter(inData: Data.hostID)
        }
        guard request.subsystemNQN.text.utf8.elementsEqual(subsystemNQN.utf8) else {
            throw .connectInvalidParameter(inData: Data.subsystemNQN)
        }
        guard request.hostNQN.text.utf8.elementsEqual(hostNQN.utf8) else {
            throw .connectInvalidParameter(inData: Data.hostNQN)
        }
        guard !queues.isOpen(request.queueID) else { throw .outOfSequence }
        queues.insert(request.queueID)
        return subsystem.subsystem
    }

    /// Counts what a queue does from now on: 0 is the admin queue.
    func attach(_ counters: QueueCounters, queue: UInt16) { queues.attach(counters, to: queue) }

    /// An I/O queue is gone.
    func queueClosed(_ id: UInt16) { queues.remove(id) }
}
