// The 16 bytes of a completion queue entry, as they leave in a response capsule. GatewayCore makes one for
// each command that ends.

/// A completion queue entry (CQE): 16 bytes.
///
/// Source: NVM Express Base Specification, "Completion Queue Entry". The phase tag has no meaning over
/// Fabrics and is 0.
public struct CompletionEntry: Sendable, Equatable, BitwiseCopyable {
    /// The size on the wire, in bytes.
    public static let byteCount = 16

    /// Dwords 1:0: what the command returns; 0 where it returns nothing.
    public var result: UInt64
    /// Submission Queue Head Pointer (SQHD): reserved (0) where SQ flow control is disabled.
    public var submissionQueueHead: UInt16
    /// Submission Queue Identifier (SQID); reserved over Fabrics, so 0.
    public var submissionQueueID: UInt16
    /// Command Identifier (CID) of the command that ends.
    public var commandID: UInt16
    /// How it ended.
    public var status: Status

    public init(
        result: UInt64 = 0, submissionQueueHead: UInt16 = 0, submissionQueueID: UInt16 = 0,
        commandID: UInt16, status: Status
    ) {
        self.result = result
        self.submissionQueueHead = submissionQueueHead
        self.submissionQueueID = submissionQueueID
        self.commandID = commandID
        self.status = status
    }

    /// Reads the entry that starts at `offset`; `bytes` must hold 16 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at offset: Int) {
        result = bytes.uint64(at: offset)
        submissionQueueHead = bytes.uint16(at: offset + 8)
        submissionQueueID = bytes.uint16(at: offset + 10)
        commandID = bytes.uint16(at: offset + 12)
        status = Status(rawValue: bytes.uint16(at: offset + 14) >> 1)
    }

    /// Writes the 16 bytes at `offset`.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(result, at: offset)
        bytes.store(submissionQueueHead, at: offset + 8)
        bytes.store(submissionQueueID, at: offset + 10)
        bytes.store(commandID, at: offset + 12)
        bytes.store(status.rawValue << 1, at: offset + 14)
    }
}
