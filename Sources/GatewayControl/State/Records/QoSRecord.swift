// A namespace's limits: upstream's message namespace_set_qos_req, kept under `qos_NQN_NSID`. What is not set
// is not limited, and so is what is 0.

/// The limits of a namespace, for all its hosts together.
public struct QoSRecord: StateRecord {
    public var subsystemNQN: String
    /// Namespace Identifier (NSID).
    public var nsid: UInt32
    public var readWriteIOsPerSecond: UInt64?
    /// In MiB.
    public var readWriteMegabytesPerSecond: UInt64?
    /// In MiB.
    public var readMegabytesPerSecond: UInt64?
    /// In MiB.
    public var writeMegabytesPerSecond: UInt64?
    public var force: Bool?
    public var unknownFields = UnknownFields()

    public init(subsystemNQN: String, nsid: UInt32) {
        self.subsystemNQN = subsystemNQN
        self.nsid = nsid
    }

    public init(from decoder: any Decoder) throws {
        var reader = try RecordReader(decoder)
        subsystemNQN = try reader.text("subsystem_nqn") ?? ""
        nsid = try reader.number("nsid") ?? 0
        readWriteIOsPerSecond = try reader.number("rw_ios_per_second")
        readWriteMegabytesPerSecond = try reader.number("rw_mbytes_per_second")
        readMegabytesPerSecond = try reader.number("r_mbytes_per_second")
        writeMegabytesPerSecond = try reader.number("w_mbytes_per_second")
        force = try reader.flag("force")
        unknownFields = try reader.rest()
    }

    public var key: StateKey { .qos(subsystemNQN, nsid) }

    public var fields: RecordFields {
        var fields = RecordFields()
        fields.put("subsystem_nqn", subsystemNQN)
        fields.put("nsid", nsid)
        fields.put("rw_ios_per_second", readWriteIOsPerSecond)
        fields.put("rw_mbytes_per_second", readWriteMegabytesPerSecond)
        fields.put("r_mbytes_per_second", readMegabytesPerSecond)
        fields.put("w_mbytes_per_second", writeMegabytesPerSecond)
        fields.put("force", force)
        fields.put(unknownFields)
        return fields
    }
}
