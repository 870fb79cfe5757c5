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
    /// Which of the hosts that may connect see it. For the others it is not there (an inactive namespace).
    public let visibility: HostAccess
    /// ANA Group Identifier (ANAGRPID), where the subsystem reports ANA.
    public let anaGroupID: UInt32
    /// Whether hosts may reserve it: only where no other gateway serves the same blocks. Nil: unless its
    /// subsystem reports ANA, for then others do.
    public let offersReservations: Bool?
    /// How fast hosts may use it; nil for as fast as it goes. A namespace that is the same to hosts in a new
    /// model may have another.
    public let rateLimiter: RateLimiter?
    public let backend: any BlockBackend

    public init(
        id: UInt32, name: String, blockSize: BlockSize = .bytes512, uuid: UInt128, nguid: UInt128? = nil,
        visibility: HostAccess = .any, anaGroupID: UInt32 = 1, offersReservations: Bool? = nil,
        rateLimiter: RateLimiter? = nil, backend: any BlockBackend
    ) {
        precondition(id > 0 && id < 0xFFFF_FFFE, "a namespace identifier is 1 to FFFFFFFDh")
        self.id = id
        self.name = name
        self.blockSize = blockSize
        self.uuid = uuid
        self.nguid = nguid ?? uuid
        self.visibility = visibility
        self.anaGroupID = anaGroupID
        self.offersReservations = offersReservations
        self.rateLimiter = rateLimiter
        self.backend = backend
    }

    /// The size, in logical blocks: what is left of a last, partial block is not exported.
    public var blockCount: UInt64 { backend.geometry.byteCount >> UInt64(blockSize.shift) }

    /// Whether fused Compare and Write is offered: only where the store itself compares and writes a block in
    /// one step. A lock of ours would not stop whoever uses the store by another way.
    var offersCompareAndWrite: Bool { backend.geometry.compareAndWriteByteCountMax >= blockSize.rawValue }

    /// Whether it is the same one to hosts, and its commands may go on: only who sees it, its ANA group,
    /// whether it may be reserved, and its limits may differ.
    func isSame(as other: Namespace) -> Bool {
        self === other
            || (id == other.id && backend === other.backend && blockSize == other.blockSize
                && uuid == other.uuid && nguid == other.nguid)
    }
}

extension [Namespace] {
    /// The namespace with this NSID, in an array that is in ascending order of NSID.
    func namespace(_ id: UInt32) -> Namespace? {
        guard id > 0 else { return nil }
        let index = firstIndex(after: id - 1)
        return index < count && self[index].id == id ? self[index] : nil
    }

    /// Where namespaces with higher NSIDs begin.
    func firstIndex(after id: UInt32) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
