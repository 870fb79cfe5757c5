// What the program may know of a controller: who has it, where it came in, and what it has done. Each shard
// tells of its own, on request.

/// A controller that a host has.
public struct ControllerReport: Sendable, Equatable {
    public let subsystemNQN: String
    public let hostNQN: String
    /// Controller Identifier (CNTLID).
    public let controllerID: UInt16
    /// Port Identifier (PORTID) of its admin queue's connection.
    public let portID: UInt16
    public let isDiscovery: Bool
    /// I/O queues that are connected.
    public let ioQueueCount: Int
    public var traffic: ControllerTraffic

    public init(
        subsystemNQN: String, hostNQN: String, controllerID: UInt16, portID: UInt16 = 0,
        isDiscovery: Bool = false, ioQueueCount: Int = 0, traffic: ControllerTraffic = ControllerTraffic()
    ) {
        self.subsystemNQN = subsystemNQN
        self.hostNQN = hostNQN
        self.controllerID = controllerID
        self.portID = portID
        self.isDiscovery = isDiscovery
        self.ioQueueCount = ioQueueCount
        self.traffic = traffic
    }
}

/// What a controller's queues have done since it was made: each number is true for itself.
public struct ControllerTraffic: Sendable, Equatable, BitwiseCopyable {
    /// Reads that succeeded, and the data that was read; Compare and Verify are among them as in the health
    /// log.
    public var readCount: UInt64 = 0
    public var readBytes: UInt64 = 0
    public var writeCount: UInt64 = 0
    public var writtenBytes: UInt64 = 0
    /// I/O commands that have ended, failed ones included, and how long they took together: from the
    /// capsule's arrival to its answer, in nanoseconds.
    public var endedCount: UInt64 = 0
    public var endedNanoseconds: UInt64 = 0
    /// Commands under way on the I/O queues.
    public var inFlightCount = 0

    public init() {}

    init(_ queues: QueueSet) {
        let totals = queues.totals
        readCount = totals.readCount
        readBytes = totals.readBytes
        writeCount = totals.writeCount
        writtenBytes = totals.writtenBytes
        endedCount = totals.endedCount
        endedNanoseconds = totals.endedNanoseconds
        inFlightCount = queues.underWay
    }
}

extension TargetShard {
    /// The controllers of this shard, in the order of their identifiers.
    func controllerReports() -> [ControllerReport] {
        seats.map { seat in
            let controller = seat.controller
            return ControllerReport(
                subsystemNQN: controller.subsystemNQN, hostNQN: controller.hostNQN,
                controllerID: controller.id, portID: controller.port,
                isDiscovery: controller.subsystem == nil, ioQueueCount: controller.queues.count,
                traffic: ControllerTraffic(controller.queues))
        }
    }
}
