// How a connection computes the digest of payloads. NVMeTCP is pure, so a faster implementation (ISA-L) is
// injected by who drives it; headers are too short to gain from it and use CRC32C directly.

/// A function that continues a CRC32C over payload bytes: a trivial value, called once per piece of payload.
@safe public struct PayloadChecksum: Sendable, BitwiseCopyable {
    /// Continues `register` (not inverted; FFFFFFFFh at the start) over `count` bytes.
    public typealias Function =
        @convention(c) @Sendable (
            _ register: UInt32, _ bytes: UnsafeRawPointer?, _ count: Int
        ) -> UInt32

    private let function: Function

    /// - Parameter function: must read no more than `count` bytes, and keep no pointer.
    public init(_ function: @escaping Function) { unsafe self.function = function }

    /// The processor's instruction where there is one, else the Swift tables.
    public static let standard = unsafe PayloadChecksum { register, bytes, count in
        unsafe CRC32C.update(register, UnsafeRawBufferPointer(start: bytes, count: count))
    }

    @inline(__always)
    func update(_ register: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        // The function reads within the buffer, which the caller keeps alive during the call.
        unsafe function(register, bytes.baseAddress, bytes.count)
    }
}
