// A namespace as one shard sees it: the backend object to submit to, the size that commands are checked
// against, and what is under way. It is replaced when the model changes its namespace, and let go when the
// last command has ended.

/// A shard's side of one namespace.
final class NamespaceAttachment {
    let namespace: Namespace
    let backend: any BlockBackend
    let blockShift: UInt8
    /// What commands are checked against; read from the backend at attach and when it says that it changed.
    private(set) var blockCount: UInt64
    private(set) var isReadOnly: Bool
    /// Whether it is in its subsystem's table: commands that began with another one find the current one.
    fileprivate(set) var isCurrent = true
    /// Commands between arrival and end.
    var inFlightCount = 0
    /// Requests that the backend has.
    var submissions = SubmissionEpochs()

    init(_ namespace: Namespace, services: any ShardServices) {
        self.namespace = namespace
        backend = namespace.backend.attached(to: services)
        blockShift = namespace.blockSize.shift
        let geometry = namespace.backend.geometry
        blockCount = geometry.byteCount >> UInt64(blockShift)
        isReadOnly = geometry.isReadOnly
    }

    /// Whether nothing of it is under way.
    var isUnused: Bool { inFlightCount == 0 && submissions.isEmpty }

    func refresh() {
        let geometry = namespace.backend.geometry
        blockCount = geometry.byteCount >> UInt64(blockShift)
        isReadOnly = geometry.isReadOnly
    }
}

/// A shard's side of one subsystem: what an I/O queue looks its namespaces up in.
final class SubsystemAttachment {
    private(set) var subsystem: Subsystem
    private var attachments: [UInt32: NamespaceAttachment] = [:]
    /// The same, for the look-up of every I/O: index NSID - 1, up to a bound that covers ordinary
    /// configurations.
    private var byIndex: [NamespaceAttachment?] = []
    private static let indexedCountMax = 4096

    init(_ subsystem: Subsystem, services: any ShardServices) {
        self.subsystem = subsystem
        apply(subsystem, services: services)
    }

    /// Takes over a changed subsystem: namespaces that are still the same object keep their attachment.
    /// - Returns: Those that left: they are to be kept until they are unused.
    @discardableResult
    func apply(_ subsystem: Subsystem, services: any ShardServices) -> [NamespaceAttachment] {
        var next: [UInt32: NamespaceAttachment] = [:]
        for namespace in subsystem.namespaces {
            if let known = attachments[namespace.id], known.namespace === namespace {
                next[namespace.id] = known
            } else {
                next[namespace.id] = NamespaceAttachment(namespace, services: services)
            }
        }
        let left = attachments.values.filter { next[$0.namespace.id] !== $0 }
        for attachment in left { attachment.isCurrent = false }
        self.subsystem = subsystem
        attachments = next
        let highest = min(Int(subsystem.namespaces.last?.id ?? 0), Self.indexedCountMax)
        byIndex = (0..<highest).map { next[UInt32($0 + 1)] }
        return left
    }

    /// The subsystem is gone.
    /// - Returns: All its namespaces, as `apply`.
    func removeAll() -> [NamespaceAttachment] {
        let left = all
        for attachment in left { attachment.isCurrent = false }
        attachments = [:]
        byIndex = []
        return left
    }

    var all: [NamespaceAttachment] { Array(attachments.values) }

    subscript(namespaceID: UInt32) -> NamespaceAttachment? {
        let index = Int(namespaceID) - 1
        if index >= 0, index < byIndex.count { return byIndex[index] }
        return attachments[namespaceID]
    }

    /// In ascending order of NSID: the next namespace after `namespaceID`, for commands that go through all.
    func next(after namespaceID: UInt32) -> NamespaceAttachment? {
        guard let namespace = subsystem.namespaces.first(where: { $0.id > namespaceID }) else { return nil }
        return attachments[namespace.id]
    }
}
