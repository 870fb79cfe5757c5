// The capsules: a command on its way to the controller, and its completion on the way back. The framer and
// the encoders add what is around them: digests, padding, in-capsule data.

/// CapsuleCmd: the header of a command capsule, 72 bytes, host to controller.
///
/// Source: NVMe over TCP Transport Specification, "Command Capsule PDU (CapsuleCmd)".
public struct CommandCapsule: Sendable, Equatable, BitwiseCopyable {
    /// The size of the header on the wire, in bytes: its HLEN.
    public static let byteCount = 72

    /// Bytes 7:0.
    public var header: CommonHeader
    /// Bytes 71:8. The submission queue entry.
    public var entry: SubmissionEntry

    @inlinable
    public init(header: CommonHeader, entry: SubmissionEntry) {
        self.header = header
        self.entry = entry
    }

    /// Reads the header that starts at `offset`; `bytes` must hold 72 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at offset: Int) {
        header = CommonHeader(bytes, at: offset)
        entry = SubmissionEntry(bytes, at: offset + 8)
    }

    /// Writes the 72 bytes at `offset`.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        header.encode(into: &bytes, at: offset)
        entry.encode(into: &bytes, at: offset + 8)
    }
}

/// CapsuleResp: a response capsule, 24 bytes, controller to host.
///
/// Source: NVMe over TCP Transport Specification, "Response Capsule PDU (CapsuleResp)".
public struct ResponseCapsule: Sendable, Equatable, BitwiseCopyable {
    /// The size of the header on the wire, in bytes: its HLEN.
    public static let byteCount = 24

    /// Bytes 7:0.
    public var header: CommonHeader
    /// Bytes 23:8. The completion queue entry.
    public var entry: CompletionEntry

    @inlinable
    public init(header: CommonHeader, entry: CompletionEntry) {
        self.header = header
        self.entry = entry
    }

    /// Reads the header that starts at `offset`; `bytes` must hold 24 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at offset: Int) {
        header = CommonHeader(bytes, at: offset)
        entry = CompletionEntry(bytes, at: offset + 8)
    }

    /// Writes the 24 bytes at `offset`.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        header.encode(into: &bytes, at: offset)
        entry.encode(into: &bytes, at: offset + 8)
    }
}

extension SubmissionEntry {
    /// The same as `init(_:at:)` in one copy: on a little-endian machine its fields lie in memory as they do
    /// on the wire. `bytes` must hold 64 bytes from `offset`.
    @inline(__always)
    init(copying bytes: RawSpan, at offset: Int) {
        #if _endian(little)
            // Checked: `unsafeLoadUnaligned` traps outside the span; every bit pattern is a valid entry.
            self = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: SubmissionEntry.self)
        #else
            self.init(bytes, at: offset)
        #endif
    }
}
