// A subsystem as one shard sees it: its namespaces, and for each host that has I/O queues here those that it
// may find. A model's change is taken over here, and what it takes away from whom is found out.

internal import NVMeTCP

/// What a changed subsystem means for a shard.
struct SubsystemChange {
    /// Namespaces that are not there any more: to be kept until they are unused.
    var left: [NamespaceAttachment] = []
    /// Namespaces that some host may not use any more: those that left, those that were hidden from a host,
    /// those whose ANA state refuses commands, be it since an earlier change: whoever asks again for what is
    /// being done waits for it as well.
    var restricted: [NamespaceAttachment] = []
}

/// A shard's side of one subsystem.
final class SubsystemAttachment {
    private(set) var subsystem: Subsystem
    private var attachments: [UInt32: NamespaceAttachment] = [:]
    /// One for each host that has queues here; a host's last queue takes it along.
    private var hosts: [WeakReference] = []
    /// Tables of hosts that are kept, those included whose host has just gone.
    var hostCount: Int { hosts.count }

    private struct WeakReference { weak var namespaces: HostNamespaces? }

    private unowned let services: any ShardServices
    private let reservations: ReservationViews

    init(_ subsystem: Subsystem, services: any ShardServices, reservations: ReservationViews) {
        self.subsystem = subsystem
        self.services = services
        self.reservations = reservations
        _ = take(subsystem)
    }

    /// Takes over a changed subsystem: namespaces that are the same to hosts keep their attachment.
    func apply(_ subsystem: Subsystem) -> SubsystemChange {
        subsystem === self.subsystem ? SubsystemChange() : take(subsystem)
    }

    private func take(_ subsystem: Subsystem) -> SubsystemChange {
        var change = SubsystemChange()
        var next: [UInt32: NamespaceAttachment] = [:]
        for namespace in subsystem.namespaces {
            let known = attachments[namespace.id].flatMap { $0.namespace.isSame(as: namespace) ? $0 : nil }
            let attachment = known ?? attach(namespace)
            attachment.apply(namespace, anaState: subsystem.anaState(of: namespace))
            if attachment.anaRefusal != nil { change.restricted.append(attachment) }
            next[namespace.id] = attachment
        }
        change.left = all.filter { next[$0.namespace.id] !== $0 }
        change.restricted += change.left
        for attachment in change.left { attachment.isCurrent = false }
        self.subsystem = subsystem
        attachments = next
        hosts.removeAll { $0.namespaces == nil }
        let shared = NamespaceIndex(subsystem.namespaces, of: next)
        for host in hosts {
            guard let host = host.namespaces else { continue }
            let hidden = host.apply(subsystem, shared, of: next)
            change.restricted += hidden.filter { next[$0.namespace.id] === $0 }
        }
        return change
    }

    private func attach(_ namespace: Namespace) -> NamespaceAttachment {
        NamespaceAttachment(
            namespace, services: services,
            reservations: reservations[NamespaceUUID(rawValue: namespace.uuid)])
    }

    /// The subsystem is gone.
    /// - Returns: All its namespaces, as `SubsystemChange.left`.
    func removeAll() -> [NamespaceAttachment] {
        let left = all
        for attachment in left { attachment.isCurrent = false }
        attachments = [:]
        for host in hosts { host.namespaces?.removeAll() }
        return left
    }

    /// In ascending order of NSID.
    var all: [NamespaceAttachment] { attachments.values.sorted { $0.namespace.id < $1.namespace.id } }

    subscript(namespaceID: UInt32) -> NamespaceAttachment? { attachments[namespaceID] }

    /// What the queues of this host find.
    func namespaces(for hostNQN: String) -> HostNamespaces {
        for known in hosts {
            if let known = known.namespaces, known.hostNQN.utf8.elementsEqual(hostNQN.utf8) { return known }
        }
        // Hosts come and go without a change of the model.
        hosts.removeAll { $0.namespaces == nil }
        let made = HostNamespaces(of: self, for: hostNQN)
        _ = made.apply(subsystem, NamespaceIndex(subsystem.namespaces, of: attachments), of: attachments)
        hosts.append(WeakReference(namespaces: made))
        return made
    }
}
