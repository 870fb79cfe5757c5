// A host that sees a namespace which not every host sees: upstream's message namespace_add_host_req, kept
// under `ns-host_NQN_NSID_HOSTNQN`.

/// A host that a namespace is visible to.
public struct NamespaceHostRecord: StateRecord {
    public var subsystemNQN: String
    /// Namespace Identifier (NSID).
    public var nsid: UInt32
    public var hostNQN: String
    public var force: Bool?
    public var unknownFields = UnknownFields()

    public init(subsystemNQN: String, nsid: UInt32, hostNQN: String) {
        self.subsystemNQN = subsystemNQN
        self.nsid = nsid
        self.hostNQN = hostNQN
    }

    public init(from decoder: any Decoder) throws {
        var reader = try RecordReader(decoder)
        subsystemNQN = try reader.text("subsystem_nqn") ?? ""
        nsid = try reader.number("nsid") ?? 0
        hostNQN = try reader.text("host_nqn") ?? ""
        force = try reader.flag("force")
        unknownFields = try reader.rest()
    }

    public var key: StateKey { .namespaceHost(subsystemNQN, nsid, hostNQN) }

    public var fields: RecordFields {
        var fields = RecordFields()
        fields.put("subsystem_nqn", subsystemNQN)
        fields.put("nsid", nsid)
        fields.put("host_nqn", hostNQN)
        fields.put("force", force)
        fields.put(unknownFields)
        return fields
    }
}
