// A host that may connect to a subsystem: upstream's message add_host_req, kept under `host_NQN_HOSTNQN`.
// Changed keys rewrite this entry.

/// A host on a subsystem's allow list.
public struct HostRecord: StateRecord {
    public var subsystemNQN: String
    /// The host's NQN, or "*": any host.
    public var hostNQN: String
    /// The pre-shared key of TLS; if `pskEncrypted`, as upstream's key file encrypts it.
    public var psk: String?
    /// The host's key for DH-HMAC-CHAP; if `keyEncrypted`, likewise.
    public var dhchapKey: String?
    public var pskEncrypted: Bool?
    public var keyEncrypted: Bool?
    /// The key that the controller authenticates itself to this host with; likewise.
    public var dhchapControllerKey: String?
    public var controllerKeyEncrypted: Bool?
    public var unknownFields = UnknownFields()

    /// Stands for every host.
    public static let any = "*"

    public init(subsystemNQN: String, hostNQN: String) {
        self.subsystemNQN = subsystemNQN
        self.hostNQN = hostNQN
    }

    public init(from decoder: any Decoder) throws {
        var reader = try RecordReader(decoder)
        subsystemNQN = try reader.text("subsystem_nqn") ?? ""
        hostNQN = try reader.text("host_nqn") ?? ""
        psk = try reader.text("psk")
        dhchapKey = try reader.text("dhchap_key")
        pskEncrypted = try reader.flag("psk_encrypted")
        keyEncrypted = try reader.flag("key_encrypted")
        dhchapControllerKey = try reader.text("dhchap_ctrlr_key")
        controllerKeyEncrypted = try reader.flag("ctrlr_key_encrypted")
        unknownFields = try reader.rest()
    }

    public var key: StateKey { .host(subsystemNQN, hostNQN) }

    public var fields: RecordFields {
        var fields = RecordFields()
        fields.put("subsystem_nqn", subsystemNQN)
        fields.put("host_nqn", hostNQN)
        fields.put("psk", psk)
        fields.put("dhchap_key", dhchapKey)
        fields.put("psk_encrypted", pskEncrypted)
        fields.put("key_encrypted", keyEncrypted)
        fields.put("dhchap_ctrlr_key", dhchapControllerKey)
        fields.put("ctrlr_key_encrypted", controllerKeyEncrypted)
        fields.put(unknownFields)
        return fields
    }
}
