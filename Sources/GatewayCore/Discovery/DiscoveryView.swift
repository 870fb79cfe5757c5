// What one host may discover: built from the model for each read of the Discovery log, and compared on a
// change of the model to tell whether the host should hear of it.

internal import NVMeTCP

/// The Discovery log of one host.
///
/// Source: NVM Express Base Specification, "Discovery Log Page".
struct DiscoveryView {
    /// What a record tells of.
    private enum Record: Equatable {
        case discovery(name: String, at: Port)
        case subsystem(nqn: String, at: Port)
        case referral(Referral)
    }

    private let generation: UInt64
    private let records: [Record]

    /// All that `model` has for this host, and nothing else: the discovery service at every port that hosts
    /// are told of, each subsystem that it may connect to at every port where that is served, here and by
    /// other gateways, and the referrals.
    /// - Parameter localPort: The port to leave it at, for a host that knows no way to the others: Port
    ///   Local Entries Only. Referrals are about other subsystems' ports, and stay.
    init(_ model: TargetModel, hostNQN: String, localPort: UInt16? = nil) {
        generation = model.discoveryGeneration
        let ports = localPort.map { local in model.ports.filter { $0.id == local } } ?? model.ports
        var records = ports.filter(\.isAdvertised).map {
            Record.discovery(name: model.discovery.name, at: $0)
        }
        for subsystem in model.subsystems where subsystem.access.admits(hostNQN) {
            for port in ports where subsystem.isServed(at: port) {
                records.append(.subsystem(nqn: subsystem.nqn, at: port))
            }
            guard localPort == nil else { continue }
            records += subsystem.portsElsewhere.map { .subsystem(nqn: subsystem.nqn, at: $0) }
        }
        self.records = records + model.discovery.referrals.map { .referral($0) }
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
        entry.controllerID = .anyController
        entry.security = .none
        switch record {
        case .discovery(let name, let port):
            describe(port, in: &entry, limits)
            entry.subsystemType = .currentDiscovery
            entry.subsystemNQN = name
            // The same log is returned at each port, and hosts may stay connected to hear of changes.
            entry.flags = [.duplicateInformation, .explicitPersistentConnections]
        case .subsystem(let nqn, let port):
            describe(port, in: &entry, limits)
            entry.subsystemType = .nvm
            entry.subsystemNQN = nqn
        case .referral(let other):
            entry.subsystemType = .referral
            entry.subsystemNQN = other.nqn
            entry.addressFamily = other.family.wireValue
            entry.address = other.address
            entry.serviceID = String(other.service)
            entry.portID = other.portID
            // What the other service needs and takes is not known here: no requirement is specified, and the
            // queue is one that every controller takes.
            entry.adminQueueSizeMax = 32
            if other.isPersistent { entry.flags = .explicitPersistentConnections }
        }
        return entry
    }

    private static func describe(_ port: Port, in entry: inout DiscoveryLogEntry, _ limits: Limits) {
        entry.addressFamily = port.family.wireValue
        entry.address = port.address
        entry.serviceID = String(port.service)
        entry.portID = port.id
        entry.requirements = [.secureChannelNotRequired, .canDisableFlowControl]
        entry.adminQueueSizeMax = UInt16(clamping: limits.adminQueueEntriesMax)
    }
}

extension AddressFamily {
    /// As the Discovery log has it.
    fileprivate var wireValue: NVMeTCP.AddressFamily {
        switch self {
        case .ipv4: .ipv4
        case .ipv6: .ipv6
        }
    }
}
