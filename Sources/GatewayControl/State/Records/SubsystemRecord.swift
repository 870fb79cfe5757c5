// A subsystem in the group's state: upstream's message create_subsystem_req, kept under `subsystem_NQN`.

/// A subsystem that the group serves.
public struct SubsystemRecord: StateRecord {
    public var subsystemNQN: String
    public var serialNumber: String
    public var maxNamespaces: UInt32?
    /// High availability: each namespace belongs to a load-balancing group, hence to one gateway.
    public var enableHA: Bool
    /// The NQN is the operator's as it is; otherwise the group's name was appended to it before.
    public var noGroupAppend: Bool?
    /// The subsystem's own key for DH-HMAC-CHAP; if `keyEncrypted`, as upstream's key file encrypts it.
    public var dhchapKey: String?
    public var keyEncrypted: Bool?
    /// Networks ("10.0.0.0/16") on whose addresses each gateway listens by itself.
    public var networkMasks: [String] = []
    /// These listeners take TLS connections only.
    public var secureListeners: Bool?
    /// The port of these listeners.
    public var port: UInt32?
    public var unknownFields = UnknownFields()

    public init(subsystemNQN: String, serialNumber: String, enableHA: Bool = true) {
        self.subsystemNQN = subsystemNQN
        self.serialNumber = serialNumber
        self.enableHA = enableHA
    }

    public init(from decoder: any Decoder) throws {
        var reader = try RecordReader(decoder)
        subsystemNQN = try reader.text("subsystem_nqn") ?? ""
        serialNumber = try reader.text("serial_number") ?? ""
        maxNamespaces = try reader.number("max_namespaces")
        enableHA = try reader.flag("enable_ha") ?? false
        noGroupAppend = try reader.flag("no_group_append")
        dhchapKey = try reader.text("dhchap_key")
        keyEncrypted = try reader.flag("key_encrypted")
        networkMasks = try reader.texts("network_mask")
        secureListeners = try reader.flag("secure_listeners")
        port = try reader.number("port")
        unknownFields = try reader.rest()
    }

    public var key: StateKey { .subsystem(subsystemNQN) }

    public var fields: RecordFields {
        var fields = RecordFields()
        fields.put("subsystem_nqn", subsystemNQN)
        fields.put("serial_number", serialNumber)
        fields.put("max_namespaces", maxNamespaces)
        fields.put("enable_ha", enableHA)
        fields.put("no_group_append", noGroupAppend)
        fields.put("dhchap_key", dhchapKey)
        fields.put("key_encrypted", keyEncrypted)
        fields.put("network_mask", networkMasks)
        fields.put("secure_listeners", secureListeners)
        fields.put("port", port)
        fields.put(unknownFields)
        return fields
    }
}
