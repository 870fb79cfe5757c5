// A listener of a subsystem: upstream's message create_listener_req, kept under
// `listener_NQN_HOSTNAME_TCP_ADDRESS_PORT`. It belongs to the gateway whose host name it has.

/// An address at which one gateway of the group offers a subsystem.
public struct ListenerRecord: StateRecord {
    /// The subsystem's.
    public var nqn: String
    /// The gateway's host name: who listens.
    public var hostName: String
    /// Transport Address (TRADDR).
    public var address: String
    /// Address Family (ADRFAM).
    public var addressFamily: AddressFamily?
    /// Transport Service Identifier (TRSVCID): the port.
    public var port: UInt32?
    /// Takes TLS connections only.
    public var secure: Bool?
    public var verifyHostName: Bool?
    public var force: Bool?
    public var unknownFields = UnknownFields()

    /// Upstream's enumeration AddressFamily.
    public enum AddressFamily: Int32, CaseIterable, Hashable, Sendable, CustomStringConvertible {
        case ipv4 = 0
        case ipv6 = 1

        public var description: String { self == .ipv4 ? "ipv4" : "ipv6" }
    }

    /// The port of a listener that names none.
    public static let defaultPort: UInt32 = 4420

    public init(nqn: String, hostName: String, address: String, port: UInt32 = defaultPort) {
        self.nqn = nqn
        self.hostName = hostName
        self.address = address
        self.port = port
    }

    public init(from decoder: any Decoder) throws {
        var reader = try RecordReader(decoder)
        nqn = try reader.text("nqn") ?? ""
        hostName = try reader.text("host_name") ?? ""
        address = try reader.text("traddr") ?? ""
        addressFamily = try reader.name("adrfam", AddressFamily.self)
        port = try reader.number("trsvcid")
        secure = try reader.flag("secure")
        verifyHostName = try reader.flag("verify_host_name")
        force = try reader.flag("force")
        unknownFields = try reader.rest()
    }

    public var key: StateKey { .listener(nqn, hostName: hostName, address: address, port: portOrDefault) }

    /// The port that is listened at.
    public var portOrDefault: UInt32 { port ?? Self.defaultPort }

    public var fields: RecordFields {
        var fields = RecordFields()
        fields.put("nqn", nqn)
        fields.put("host_name", hostName)
        fields.put("traddr", address)
        fields.put("adrfam", addressFamily?.description)
        fields.put("trsvcid", port)
        fields.put("secure", secure)
        fields.put("verify_host_name", verifyHostName)
        fields.put("force", force)
        fields.put(unknownFields)
        return fields
    }
}
