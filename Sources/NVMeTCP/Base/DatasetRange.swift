// The ranges of a Dataset Management command. GatewayCore's handler reads up to 256 of them from the
// command's data.

/// One range of a Dataset Management command: 16 bytes.
///
/// Source: NVM Command Set Specification, "Dataset Management command", Range Definition.
public struct DatasetRange: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 16

    /// The most ranges of one command: Number of Ranges (NR) is a byte and 0's based.
    public static let countMax = 256

    /// Bytes 3:0. Context Attributes (CATTR): hints.
    public var contextAttributes: UInt32
    /// Bytes 7:4. Length in logical blocks (LLB), not 0's based: 0 is an empty range.
    public var blockCount: UInt32
    /// Bytes 15:8. Starting LBA (SLBA).
    public var startingLBA: UInt64

    public init(startingLBA: UInt64, blockCount: UInt32, contextAttributes: UInt32 = 0) {
        self.contextAttributes = contextAttributes
        self.blockCount = blockCount
        self.startingLBA = startingLBA
    }

    /// Reads the range that starts at `offset`; `bytes` must hold 16 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at offset: Int) {
        contextAttributes = bytes.uint32(at: offset)
        blockCount = bytes.uint32(at: offset + 4)
        startingLBA = bytes.uint64(at: offset + 8)
    }

    /// Writes the 16 bytes at `offset`.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(contextAttributes, at: offset)
        bytes.store(blockCount, at: offset + 4)
        bytes.store(startingLBA, at: offset + 8)
    }
}
