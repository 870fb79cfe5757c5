// What a host does at the Discovery service: it connects, reads the log, compares it with what it may see,
// and leaves, or stays connected for a while and reads again when it is told of a change.

import GatewayCore
import NVMeTCP

extension SimulatedHost {
    /// Discovers now and then while the host works.
    func discoverSometimes() {
        later(world.random.time(500_000_000, 20_000_000_000)) { [self] in
            guard phase == .working else { return }
            discoverSometimes()
            if discovery == nil, !isMute { discover() }
        }
    }

    private func discover() {
        world.count(.discovery)
        let stays = world.random.chance(0.5)
        let queue = HostQueue(
            self, queueID: 0, entries: 32,
            whenReady: { [self] queue in connectDiscovery(queue, stays: stays) },
            whenLost: { [self] queue in
                if discovery === queue { discovery = nil }
            })
        discovery = queue
        // Whatever becomes of it, it does not stay for ever.
        later(30_000_000_000) { [self] in leaveDiscovery(queue) }
    }

    func leaveDiscovery(_ queue: HostQueue) {
        guard discovery === queue else { return }
        discovery = nil
        queue.close(abruptly: false)
    }

    private func connectDiscovery(_ queue: HostQueue, stays: Bool) {
        let command = ConnectCommand(
            queueID: 0, submissionQueueSize: UInt16(queue.entries - 1),
            attributes: plan.isFlowControlDisabled ? .disableFlowControl : [],
            keepAliveMilliseconds: stays ? 60_000 : 0)
        let data = ConnectData(
            hostID: HostID(rawValue: UInt128(number + 1)), subsystemNQN: .discovery, hostNQN: try! NQN(nqn))
        var bytes = [UInt8](repeating: 0, count: ConnectData.byteCount)
        bytes.withUnsafeMutableBytes { raw in
            var span = raw.mutableBytes
            data.encode(into: &span)
        }
        queue.send(command.entry(commandID: 0), data: bytes, inCapsule: true) { [self] completion, _ in
            guard completion.status.isSuccess else {
                // There may be no room for one more controller.
                if completion.status.kind != .connectControllerBusy {
                    world.fail("host \(number): discovery was refused: \(completion.status.name)")
                }
                return leaveDiscovery(queue)
            }
            let enable = PropertySetCommand(.configuration, size: .fourBytes, value: 0x460001)
            must(enable.entry(commandID: 0), on: queue) { [self] _ in
                if stays { awaitChange(queue) }
                readLog(queue, leaves: !stays)
            }
        }
    }

    private func must(
        _ entry: SubmissionEntry, on queue: HostQueue, reading: Int = 0, then: @escaping ([UInt8]) -> Void
    ) {
        queue.send(entry, reading: reading) { [self] completion, data in
            guard discovery === queue else { return }
            if completion.status.isSuccess { return then(data) }
            world.fail(
                "host \(number): a discovery controller's \(entry.opcode) failed: \(completion.status.name)")
        }
    }

    /// A change is told without being asked for: there is a keep-alive timer.
    private func awaitChange(_ queue: HostQueue) {
        must(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue), on: queue) { [self] _ in
            awaitChange(queue)
            readLog(queue, leaves: world.random.chance(0.3))
        }
    }

    /// Reads the log: the service itself, and the subsystem if the host may connect to it.
    private func readLog(_ queue: HostQueue, leaves: Bool) {
        let start = world.step
        let byteCount = DiscoveryLogHeader.byteCount + 2 * DiscoveryLogEntry.byteCount
        var entry = SubmissionEntry(opcode: AdminOpcode.getLogPage.rawValue)
        entry.dword10 = UInt32(LogPageID.discovery.rawValue) | UInt32(byteCount / 4 - 1) << 16
        must(entry, on: queue, reading: byteCount) { [self] data in
            let names = Self.subsystems(in: data)
            let own = NQN.discovery.text
            let views = world.operations.viewsTold(by: queue.wire.shard.shardID, since: start)
            let isPossible = views.contains { view in
                let isSeen = view.hasSubsystem && !view.isForbidden(number)
                return names == (isSeen ? [own, Plan.subsystemNQN] : [own])
            }
            if !isPossible { world.fail("host \(number): the Discovery log has \(names)") }
            if leaves { leaveDiscovery(queue) }
        }
    }

    private static func subsystems(in data: [UInt8]) -> [String] {
        data.withUnsafeBytes { raw in
            let count = DiscoveryLogHeader(raw.bytes).map { Int($0.recordCount) } ?? 0
            return (0..<min(count, 2)).map { index in
                let offset = DiscoveryLogHeader.byteCount + index * DiscoveryLogEntry.byteCount
                return DiscoveryLogEntry(raw.bytes, at: offset).subsystemNQN
            }
        }
    }
}
