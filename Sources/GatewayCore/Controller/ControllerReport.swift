// What the program may know of a controller: who has it, and where it came in. Each shard tells of its own,
// on request.

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
}

extension TargetShard {
    /// The controllers of this shard, in the order of their identifiers.
    func controllerReports() -> [ControllerReport] {
        seats.map { seat in
            let controller = seat.controller
            return ControllerReport(
                subsystemNQN: controller.subsystemNQN, hostNQN: controller.hostNQN,
                controllerID: controller.id, portID: controller.port,
                isDiscovery: controller.subsystem == nil, ioQueueCount: controller.queues.count)
        }
    }
}
