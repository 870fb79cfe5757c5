// The share of the target that one thread owns: its connections, operations, buffers, and the controllers
// whose admin queue is here. Sans-IO: the driver (GatewayIO's Shard, or a simulator) says what happened, then
// takes actions until there are none. The files beside this one follow a command: Receive, Commands, Execute,
// Transmit; Connect and Messages are the rare paths.

public import NVMeTCP

/// One shard of the target. Not thread safe: the shard's thread owns it.
///
/// What each command touches is `@exclusivity(unchecked)`: the checks at run time were a tenth of our own
/// time per command. What they would catch is a method that calls back into the shard, and none of these
/// does: no table takes a closure, and those that lists take ask an entry about itself.
@safe
public final class TargetShard {
    let id: Int
    let shardCount: Int
    let limits: Limits
    let log: any TargetLog
    let wireParameters: ControllerConnection.Parameters
    /// What backends are attached to; the driver owns both this object and the shard.
    unowned let services: any ShardServices

    /// What is served.
    var model: TargetModel
    /// What the program said is to be served: the same, but for ANA transitions that took too long and stores
    /// that are lost.
    var givenModel: TargetModel
    var anaTransitions = ANATransitions()
    /// What controllers have not been told, as some shard does not serve it yet.
    var modelAgreement: ModelAgreement
    @safe @exclusivity(unchecked) var connections: ConnectionTable
    @safe @exclusivity(unchecked) var slab: OperationSlab
    /// Operations that connections may have: a command must never wait for one, for the data that would end
    /// the others may be behind it in its stream.
    var promisedOperations = 0
    @safe @exclusivity(unchecked) var buffers: BufferPool
    /// Controllers whose admin queue is on this shard, by CNTLID.
    var controllers: [UInt16: ControllerSeat] = [:]
    var nextControllerNumber = 0
    /// Subsystems that an I/O queue here belongs to, by NQN.
    var subsystems: [String: SubsystemAttachment] = [:]
    /// Namespaces that left the model while commands were under way.
    @safe @exclusivity(unchecked) var retired: [NamespaceAttachment] = []
    /// Reservations: what this shard knows of all, and those that it is the home of.
    let reservationViews = ReservationViews()
    var reservationHome: ReservationHome
    /// Restrictions that wait for what was submitted before them.
    var unsettled: [UnsettledRestriction] = []

    /// Namespaces whose operations wait for a buffer, and the admin and Fabrics commands that do.
    @safe @exclusivity(unchecked) var awaitingBuffer: [NamespaceAttachment] = []
    var awaitingAdminBuffer = SlotList()
    /// Namespaces whose operations wait for their turn, and when that is looked at next.
    var paced: [NamespaceAttachment] = []
    var nextPacing: Instant?
    /// Connections that are not read from until others have freed something.
    var starvedCount = 0
    /// Whether somebody waits for a buffer or an operation, and whether one was freed since they were last
    /// looked at.
    var isStarved = false
    var hasFreed = false
    /// The moment of what is being served: as the driver said with it.
    var now = Instant(nanoseconds: 0)
    /// When time-outs are looked at next.
    var nextSweep = Instant(nanoseconds: 0)
    var isDraining = false
    var isDrained = false

    @safe @exclusivity(unchecked) private var actions = ActionQueue()
    private var refusals = RefusalLog()

    /// - Parameters:
    ///   - id: The shard's number, below `shardCount`.
    ///   - checksum: The CRC32C that payloads are digested with.
    ///   - services: What backends get in `attached(to:)`; kept unowned.
    ///   - mailbox: Handed to every CompletionNode, for `deliver`.
    ///   - deliver: Called on any thread when a backend's request ends; it brings the node to `completed`.
    public init(
        id: Int, shardCount: Int, limits: Limits, model: TargetModel, log: any TargetLog,
        checksum: PayloadChecksum, services: any ShardServices, mailbox: UnsafeRawPointer,
        deliver: @escaping @convention(c) (UnsafeMutableRawPointer) -> Void
    ) {
        precondition(id < shardCount, "shards are numbered from 0")
        limits.check(shardCount: shardCount)
        self.id = id
        self.shardCount = shardCount
        self.limits = limits
        self.model = model
        givenModel = model
        modelAgreement = ModelAgreement(shardCount: shardCount, generation: model.generation)
        self.log = log
        self.services = services
        var parameters = ControllerConnection.Parameters()
        parameters.maximumDataLength = limits.hostDataBytesMax
        parameters.inCapsuleDataLengthMax = max(limits.inCapsuleBytesMax, Limits.adminCapsuleBytes)
        parameters.dataAlignment = limits.dataAlignment
        parameters.checksum = checksum
        wireParameters = parameters
        connections = ConnectionTable(countMax: limits.connectionsMax)
        slab = unsafe OperationSlab(capacity: limits.operationsMax, mailbox: mailbox, deliver: deliver)
        buffers = BufferPool(limits)
        reservationHome = ReservationHome(
            shardID: id, shardCount: shardCount, registrantsMax: limits.reservationRegistrantsMax)
        reservationViews.learn(model.savedReservations)
    }

    /// A connection was accepted.
    /// - Returns: What to call it, or nil if it must be closed at once: the table is full, or the shard
    ///   drains.
    public func open(port: UInt16, peer: String, at now: Instant) -> ConnectionID? {
        let hasOperations = promisedOperations + Self.operations(forEntries: 1) <= limits.operationsMax
        guard !isDraining, !connections.isFull, hasOperations else {
            refusals.tell(log, peer: peer, isDraining ? "shutting down" : "too many connections", at: now)
            return nil
        }
        let id = connections.reserve()
        connections.insert(
            QueueConnection(
                id: id, port: port, peer: peer, wire: ControllerConnection(wireParameters), at: now,
                handshakeDeadline: now.advanced(byMilliseconds: limits.handshakeMilliseconds)))
        if let connection = unsafe connections[id] { _ = unsafe promise(entries: 1, to: connection) }
        return id
    }

    /// The operations that a queue can have: its entries, one more that a host sends too early, and a
    /// shutdown's flush.
    private static func operations(forEntries entries: Int) -> Int { entries + 2 }

    /// Sets operations aside for a queue of so many entries instead of what the connection had; false, with
    /// nothing changed, if there are not enough.
    func promise(entries: Int, to connection: UnsafeMutablePointer<QueueConnection>) -> Bool {
        let total = unsafe promisedOperations - connection.pointee.promisedOperations
        let wanted = Self.operations(forEntries: entries)
        guard total + wanted <= limits.operationsMax else { return false }
        promisedOperations = total + wanted
        unsafe connection.pointee.promisedOperations = wanted
        return true
    }

    /// What the driver should do next, or nil. To be drained after each batch of events.
    public func nextAction(at now: Instant) -> ShardAction? {
        self.now = now
        if hasFreed { serveWaiting(at: now) }
        return actions.pop()
    }

    /// Operations that have not ended, those of hosts that are gone included. The driver must keep the shard
    /// while there are any: a backend still writes to their memory.
    public var operationsInFlight: Int { slab.count }

    /// Visits the connections there are, for what concerns all: time-outs, a drain. Not for the I/O path.
    /// - Parameter body: May end connections.
    func forEachConnection(_ body: (UnsafeMutablePointer<QueueConnection>) -> Void) {
        for index in 0..<connections.indexCount {
            if let connection = unsafe connections.connection(at: index) { unsafe body(connection) }
        }
    }

    func enqueue(_ action: ShardAction) { actions.push(action) }
}

/// Tells of refused connections, once a second at most: a flood must not become a flood of lines.
private struct RefusalLog {
    private var quietUntil = Instant(nanoseconds: 0)
    private var untoldCount = 0

    mutating func tell(_ log: any TargetLog, peer: String, _ reason: String, at now: Instant) {
        guard now >= quietUntil else {
            untoldCount += 1
            return
        }
        let others = untoldCount > 0 ? "; \(untoldCount) others before it" : ""
        log.write(.warning, "\(peer): closed at once, \(reason)\(others)")
        quietUntil = now.advanced(byMilliseconds: 1_000)
        untoldCount = 0
    }
}

/// Actions in their order; the array's memory is kept.
private struct ActionQueue {
    private var items: [ShardAction] = []
    private var taken = 0

    mutating func push(_ action: ShardAction) { items.append(action) }

    mutating func pop() -> ShardAction? {
        guard taken < items.count else {
            if taken > 0 {
                items.removeAll(keepingCapacity: true)
                taken = 0
            }
            return nil
        }
        defer { taken += 1 }
        return items[taken]
    }
}
