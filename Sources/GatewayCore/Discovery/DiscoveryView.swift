// What one host may discover: built from the model for each read of the Discovery log, and compared on a
// change of the model to tell whether the host should hear of it.

internal import NVMeTCP

/// The Discovery log of one host.
///
/// Source: NVM Express Base Specification, "Discovery Log Page".
struct DiscoveryView {
    /// The ports at which one subsystem can be had, or the discovery service.
    private enum Target: Equatable {
        case discovery
        case subsystem(nqn: String)
    }

    private struct Record: Equatable {
        let target: Target
        let port: Port
    }

    private let generation: UInt64
    private let records: [Record]

    /// All that `model` has for this host, and nothing else: the discovery service at every port, then each
    /// subsystem that it may connect to at every port that is not for discovery alone.
    init(_ model: TargetModel, hostNQN: String) {
        generation = model.generation
        var records = model.ports.map { Record(target: .discovery, port: $0) }
        for subsystem in model.subsystems where subsystem.access.admits(hostNQN) {
            for port in model.ports where !port.isDiscoveryOnly {
                records.append(Record(target: .subsystem(nqn: subsystem.nqn), port: port))
            }
        }
        self.records = records
    }

    /// Whether the host sees another log than before.
    func differs(from other: DiscoveryView) -> Bool { records != other.records }

    /// The log page: a header and a record of 1,024 bytes for each way to a subsystem. A host that reads it
    /// in pieces reads the generation counter again at the end, and starts over if it has moved.
    func page(limits: Limits) -> LogPage {
        var page = LogPage(
            byteCount: DiscoveryLogHeader.byteCount + records.count * DiscoveryLogEntry.byteCount)
        var header = DiscoveryLogHeader()
        header.generation = generation
        header.recordCount = UInt64(records.count)
        page.write { header.encode(into: &$0) }
        for (index, record) in records.enumerated() {
            let entry = Self.entry(record, limits: limits)
            let offset = DiscoveryLogHeader.byteCount + index * DiscoveryLogEntry.byteCount
            page.write { entry.encode(into: &$0, at: offset) }
        }
        return page
    }

    private static func entry(_ record: Record, limits: Limits) -> DiscoveryLogEntry {
        var entry = DiscoveryLogEntry()
        entry.transportType = .tcp
        switch record.port.family {
        case .ipv4: entry.addressFamily = .ipv4
        case .ipv6: entry.addressFamily = .ipv6
        }
        entry.requirements = [.secureChannelNotRequired, .canDisableFlowControl]
        entry.portID = record.port.id
        entry.controllerID = .anyController
        entry.adminQueueSizeMax = UInt16(clamping: limits.adminQueueEntriesMax)
        entry.serviceID = String(record.port.service)
        entry.address = record.port.address
        entry.security = .none
        switch record.target {
        case .discovery:
            entry.subsystemType = .currentDiscovery
            entry.subsystemNQN = NQN.discovery.text
            // The same log is returned at each port, and hosts may stay connected to hear of changes.
            entry.flags = [.duplicateInformation, .explicitPersistentConnections]
        case .subsystem(let nqn):
            entry.subsystemType = .nvm
            entry.subsystemNQN = nqn
        }
        return entry
    }
}
