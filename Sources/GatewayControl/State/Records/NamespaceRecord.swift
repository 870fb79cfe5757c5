// A namespace in the group's state: upstream's message namespace_add_req, kept under `namespace_NQN_NSID`.
// Later changes of its load-balancing group, visibility and flags rewrite this entry; its QoS limits and its
// hosts have entries of their own.

/// A namespace, and the RBD image that it stands for.
public struct NamespaceRecord: StateRecord {
    public var rbdPoolName: String
    public var rbdImageName: String
    public var subsystemNQN: String
    /// Namespace Identifier (NSID).
    public var nsid: UInt32
    public var blockSize: UInt32
    public var uuid: String?
    /// ANA Group Identifier (ANAGRPID), which is the load-balancing group, from 1.
    public var anaGroupID: Int32?
    /// The image was created for the namespace, if it was not there.
    public var createImage: Bool?
    /// In bytes: of the image, if it was to be created.
    public var size: UInt64?
    /// The image may be another namespace's, too.
    public var force: Bool?
    /// Only the hosts that are added to the namespace see it.
    public var noAutoVisible: Bool?
    /// The image goes to RBD's trash when the namespace is deleted.
    public var trashImage: Bool?
    /// A resized image does not resize the namespace by itself.
    public var disableAutoResize: Bool?
    public var readOnly: Bool?
    public var rbdDataPoolName: String?
    public var location: String?
    public var radosNamespaceName: String?
    /// Formats and key identifiers of an encrypted image; this version keeps them and does not use them.
    public var encryptionEntries: [JSONValue] = []
    public var encryptionAlgorithm: EncryptionAlgorithm?
    public var unknownFields = UnknownFields()

    /// Upstream's enumeration EncryptionAlgorithm.
    public enum EncryptionAlgorithm: Int32, CaseIterable, Hashable, Sendable, CustomStringConvertible {
        case none = 0
        case aes128 = 1
        case aes256 = 2

        public var description: String {
            switch self {
            case .none: "no_algorithm"
            case .aes128: "aes128"
            case .aes256: "aes256"
            }
        }
    }

    public init(
        subsystemNQN: String, nsid: UInt32, rbdPoolName: String, rbdImageName: String, blockSize: UInt32 = 512
    ) {
        self.subsystemNQN = subsystemNQN
        self.nsid = nsid
        self.rbdPoolName = rbdPoolName
        self.rbdImageName = rbdImageName
        self.blockSize = blockSize
    }

    public init(from decoder: any Decoder) throws {
        var reader = try RecordReader(decoder)
        rbdPoolName = try reader.text("rbd_pool_name") ?? ""
        rbdImageName = try reader.text("rbd_image_name") ?? ""
        subsystemNQN = try reader.text("subsystem_nqn") ?? ""
        nsid = try reader.number("nsid") ?? 0
        blockSize = try reader.number("block_size") ?? 0
        uuid = try reader.text("uuid")
        anaGroupID = try reader.number("anagrpid")
        createImage = try reader.flag("create_image")
        size = try reader.number("size")
        force = try reader.flag("force")
        noAutoVisible = try reader.flag("no_auto_visible")
        trashImage = try reader.flag("trash_image")
        disableAutoResize = try reader.flag("disable_auto_resize")
        readOnly = try reader.flag("read_only")
        rbdDataPoolName = try reader.text("rbd_data_pool_name")
        location = try reader.text("location")
        radosNamespaceName = try reader.text("rados_namespace_name")
        encryptionEntries = try reader.values("encryption_entries")
        encryptionAlgorithm = try reader.name("encryption_algorithm", EncryptionAlgorithm.self)
        unknownFields = try reader.rest()
    }

    public var key: StateKey { .namespace(subsystemNQN, nsid) }

    public var fields: RecordFields {
        var fields = RecordFields()
        fields.put("rbd_pool_name", rbdPoolName)
        fields.put("rbd_image_name", rbdImageName)
        fields.put("subsystem_nqn", subsystemNQN)
        fields.put("nsid", nsid)
        fields.put("block_size", blockSize)
        fields.put("uuid", uuid)
        fields.put("anagrpid", anaGroupID)
        fields.put("create_image", createImage)
        fields.put("size", size)
        fields.put("force", force)
        fields.put("no_auto_visible", noAutoVisible)
        fields.put("trash_image", trashImage)
        fields.put("disable_auto_resize", disableAutoResize)
        fields.put("read_only", readOnly)
        fields.put("rbd_data_pool_name", rbdDataPoolName)
        fields.put("location", location)
        fields.put("rados_namespace_name", radosNamespaceName)
        fields.put("encryption_entries", encryptionEntries)
        fields.put("encryption_algorithm", encryptionAlgorithm?.description)
        fields.put(unknownFields)
        return fields
    }
}
