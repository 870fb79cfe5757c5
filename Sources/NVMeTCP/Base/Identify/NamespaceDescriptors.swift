// The Namespace Identification Descriptor list (CNS 03h): the names by which a host recognizes a namespace on
// every path. GatewayCore fills one from the namespace's model; the host side reads it.

/// The Namespace Identification Descriptor list: 4,096 bytes, descriptors of varying length, then zeroes.
///
/// Source: NVM Express Base Specification, "Namespace Identification Descriptor list".
public struct NamespaceDescriptors: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// IEEE Extended Unique Identifier (NIDT 1h, 8 bytes).
    public var eui64: EUI64?
    /// Namespace Globally Unique Identifier (NIDT 2h, 16 bytes).
    public var nguid: NGUID?
    /// Namespace UUID (NIDT 3h, 16 bytes).
    public var uuid: NamespaceUUID?
    /// Command Set Identifier (NIDT 4h, 1 byte): mandatory where several command sets are supported.
    public var commandSet: CommandSetID?

    public init(
        eui64: EUI64? = nil, nguid: NGUID? = nil, uuid: NamespaceUUID? = nil, commandSet: CommandSetID? = nil
    ) {
        self.eui64 = eui64
        self.nguid = nguid
        self.uuid = uuid
        self.commandSet = commandSet
    }

    /// Namespace Identifier Type (NIDT): byte 0 of a descriptor. Its length (NIDL) is byte 1, the identifier
    /// starts at byte 4.
    private enum Kind {
        static let eui64: UInt8 = 1
        static let nguid: UInt8 = 2
        static let uuid: UInt8 = 3
        static let commandSet: UInt8 = 4
    }

    /// Reads the list up to its end, passing over types that it doesn't know; nil where `bytes` is shorter
    /// than 4,096 bytes, a descriptor runs over the end, or one has the wrong length for its type.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= NamespaceDescriptors.byteCount else { return nil }
        self.init()
        var offset = 0
        while offset + 4 <= NamespaceDescriptors.byteCount {
            let kind = bytes.uint8(at: offset)
            let length = Int(bytes.uint8(at: offset + 1))
            if length == 0 { return }
            guard offset + 4 + length <= NamespaceDescriptors.byteCount else { return nil }
            guard take(kind, length, bytes, at: offset + 4) else { return nil }
            offset += 4 + length
        }
    }

    private mutating func take(_ kind: UInt8, _ length: Int, _ bytes: RawSpan, at offset: Int) -> Bool {
        switch kind {
        case Kind.eui64:
            guard length == 8 else { return false }
            eui64 = EUI64(rawValue: bytes.uint64(at: offset).byteSwapped)
        case Kind.nguid:
            guard length == 16 else { return false }
            nguid = NGUID(rawValue: bytes.uint128(at: offset).byteSwapped)
        case Kind.uuid:
            guard length == 16 else { return false }
            uuid = NamespaceUUID(rawValue: bytes.uint128(at: offset).byteSwapped)
        case Kind.commandSet:
            guard length == 1 else { return false }
            commandSet = CommandSetID(rawValue: bytes.uint8(at: offset))
        default: break
        }
        return true
    }

    /// Writes the 4,096 bytes at the start of `bytes`, types in ascending order.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: NamespaceDescriptors.byteCount)
        var offset = 0
        func header(_ kind: UInt8, _ length: Int, _ bytes: inout MutableRawSpan) {
            bytes.store(kind, at: offset)
            bytes.store(UInt8(length), at: offset + 1)
            offset += 4 + length
        }
        if let eui64 {
            header(Kind.eui64, 8, &bytes)
            bytes.store(eui64.rawValue.byteSwapped, at: offset - 8)
        }
        if let nguid {
            header(Kind.nguid, 16, &bytes)
            bytes.store(nguid.rawValue.byteSwapped, at: offset - 16)
        }
        if let uuid {
            header(Kind.uuid, 16, &bytes)
            bytes.store(uuid.rawValue.byteSwapped, at: offset - 16)
        }
        if let commandSet {
            header(Kind.commandSet, 1, &bytes)
            bytes.store(commandSet.rawValue, at: offset - 1)
        }
    }
}
