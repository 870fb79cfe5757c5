// The namespaces that one host's I/O queues on a shard find: every I/O command is looked up here, and what is
// hidden from the host is not here.

internal import NVMeTCP

/// A host's side of a subsystem on one shard.
@safe final class HostNamespaces {
    let hostNQN: String
    private let attachment: SubsystemAttachment
    private var index = NamespaceIndex([], of: [:])
    /// `index.byIndex`, for the look-up of every I/O; `index` keeps what is in it.
    private var byIndex: [Unmanaged<NamespaceAttachment>?] = unsafe []
    /// Whether the host sees all namespaces.
    private var isWhole = false
    /// Why a command for all namespaces can't be served; nil if it can.
    private(set) var refusal: Status?

    init(of attachment: SubsystemAttachment, for hostNQN: String) {
        self.attachment = attachment
        self.hostNQN = hostNQN
    }

    var subsystem: Subsystem { attachment.subsystem }

    /// The namespace of an NSID, kept by this table until the model changes.
    func find(_ namespaceID: UInt32) -> Unmanaged<NamespaceAttachment>? {
        let place = Int(namespaceID) - 1
        if place >= 0, unsafe place < byIndex.count { return unsafe byIndex[place] }
        return unsafe index[namespaceID].map { unsafe .passUnretained($0) }
    }

    /// In ascending order of NSID: the next namespace after `namespaceID`, for commands that go through all.
    func next(after namespaceID: UInt32) -> NamespaceAttachment? { index.next(after: namespaceID) }

    /// Takes over a changed subsystem.
    /// - Parameter whole: All its namespaces, for hosts that see all: they share its memory.
    /// - Returns: Those that the host saw and does not see any more; where they have left, maybe none.
    func apply(
        _ subsystem: Subsystem, _ whole: NamespaceIndex, of attachments: [UInt32: NamespaceAttachment]
    ) -> [NamespaceAttachment] {
        let view = SubsystemView(of: subsystem, for: hostNQN)
        let (old, wasWhole) = (index, isWhole)
        isWhole = view.namespaces.count == subsystem.namespaces.count
        index = isWhole ? whole : NamespaceIndex(view.namespaces, of: attachments)
        unsafe byIndex = index.byIndex
        let hasLost = subsystem.lostNamespaces.contains { $0.visibility.admits(hostNQN) }
        // It can't promise for what it has lost.
        refusal = view.refusal ?? (hasLost ? .internalPathError : nil)
        return isWhole && wasWhole ? [] : old.all.filter { index[$0.namespace.id] !== $0 }
    }

    func removeAll() {
        unsafe byIndex = []
        index = NamespaceIndex([], of: [:])
    }
}

/// Namespaces by NSID.
@safe struct NamespaceIndex {
    /// In ascending order of NSID.
    private let namespaces: [Namespace]
    /// What keeps all that is in `byIndex`.
    private let kept: [NamespaceAttachment]
    /// Index NSID - 1, up to a bound that covers all but odd configurations; no reference is counted.
    let byIndex: [Unmanaged<NamespaceAttachment>?]
    private let beyond: [UInt32: NamespaceAttachment]
    private static let indexedMax: UInt32 = 32_768

    init(_ namespaces: [Namespace], of attachments: [UInt32: NamespaceAttachment]) {
        self.namespaces = namespaces
        let indexed = namespaces[..<namespaces.firstIndex(after: Self.indexedMax)]
        kept = indexed.compactMap { attachments[$0.id] }
        var byIndex = unsafe [Unmanaged<NamespaceAttachment>?](
            repeating: nil, count: Int(indexed.last?.id ?? 0))
        for attachment in kept {
            unsafe byIndex[Int(attachment.namespace.id) - 1] = .passUnretained(attachment)
        }
        unsafe self.byIndex = byIndex
        beyond = Dictionary(
            uniqueKeysWithValues: namespaces[indexed.count...].compactMap { namespace in
                attachments[namespace.id].map { (namespace.id, $0) }
            })
    }

    subscript(namespaceID: UInt32) -> NamespaceAttachment? {
        let index = Int(namespaceID) - 1
        // Valid: kept here.
        if index >= 0, unsafe index < byIndex.count { return unsafe byIndex[index]?.takeUnretainedValue() }
        return beyond.isEmpty ? nil : beyond[namespaceID]
    }

    func next(after namespaceID: UInt32) -> NamespaceAttachment? {
        let index = namespaces.firstIndex(after: namespaceID)
        return index < namespaces.count ? self[namespaces[index].id] : nil
    }

    var all: [NamespaceAttachment] { namespaces.compactMap { self[$0.id] } }
}
