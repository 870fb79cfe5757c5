// One exported block store, as configured: part of the immutable model that shards swap between commands.

/// How long a logical block is, in bytes. These two are what hosts and librbd agree on.
public enum BlockSize: UInt32, Sendable, CaseIterable {
    case bytes512 = 512
    case bytes4096 = 4096

    /// The LBA data size (LBADS) as a power of two.
    @inlinable
    public var shift: UInt8 { self == .bytes512 ? 9 : 12 }
}

/// A namespace of a subsystem.
public final class Namespace: Sendable {
    /// Namespace Identifier (NSID): 1 and up.
    public let id: UInt32
    /// What it is called in log lines: `rbd:rbd/demo`, `memory:1GiB`.
    public let name: String
    public let blockSize: BlockSize
    /// The namespace's UUID, big-endian as text reads (RFC 9562); stable across restarts.
    public let uuid: UInt128
    /// Namespace Globally Unique Identifier (NGUID), big-endian; the UUID's bits unless it was configured.
    public let nguid: UInt128
    public let backend: any BlockBackend

    public init(
        id: UInt32, name: String, blockSize: BlockSize = .bytes512, uuid: UInt128, nguid: UInt128? = nil,
        backend: any BlockBackend
    ) {
        precondition(id > 0 && id < 0xFFFF_FFFE, "a namespace identifier is 1 to FFFFFFFDh")
        self.id = id
        self.name = name
        self.blockSize = blockSize
        self.uuid = uuid
        self.nguid = nguid ?? uuid
        self.backend = backend
    }

    /// The size, in logical blocks: what is left of a last, partial block is not exported.
    public var blockCount: UInt64 { backend.geometry.byteCount >> UInt64(blockSize.shift) }
}
