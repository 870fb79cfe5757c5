// A store that keeps nothing: writes are forgotten, reads give zeroes. It is what the path from socket to
// backend and back is measured with.

/// A store of any size that answers at once and stores nothing.
public final class NullBackend: BlockBackend {
    public let geometry: BlockGeometry

    /// - Parameter byteCount: The size that hosts see, in bytes.
    public init(byteCount: UInt64) {
        geometry = BlockGeometry(
            byteCount: byteCount, deallocatedReads: .zeroes, compareAndWriteByteCountMax: 4096)
    }

    public func submit(_ request: BackendRequest) -> BackendSubmission {
        switch request.operation {
        case .read:
            // Valid: the core gives every read a buffer of `byteCount` bytes. Without this a host would read
            // what another host's command left in the buffer.
            unsafe request.buffer.unsafelyUnwrapped.initializeMemory(
                as: UInt8.self, repeating: 0, count: request.byteCount)
            return .completed(.success)
        case .compare, .compareAndWrite:
            let theirs = unsafe UnsafeRawBufferPointer(start: request.buffer, count: request.byteCount)
            return .completed(unsafe theirs.allSatisfy { $0 == 0 } ? .success : .miscompare)
        case .write, .flush, .writeZeroes, .deallocate:
            return .completed(.success)
        }
    }
}
