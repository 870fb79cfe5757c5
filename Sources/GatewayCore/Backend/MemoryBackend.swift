// A store in ordinary memory: for tests, for trying the gateway out, and as the example of a backend that
// ends each request at once. What is in it is gone with the process.

internal import Synchronization

/// Blocks in memory, zero-filled, taking real memory only where something was written; zeroing or
/// deallocating a whole chunk gives its memory back.
///
/// The store is cut in chunks, each behind one of a few locks, so that a request inside one chunk is atomic
/// against all others. The gateway's speed is not measured with it.
@safe
public final class MemoryBackend: BlockBackend, @unchecked Sendable {
    // Sendable: a chunk is only touched under its stripe's lock.
    public let geometry: BlockGeometry
    private let chunks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    private let chunkCount: Int
    private let locks: [Stripe]

    private static let chunkByteCount = 1 << 20

    /// Chunks that take memory now.
    var chunksInMemory: Int {
        (0..<chunkCount).count { index in
            locks[index % locks.count].mutex.withLock { _ in unsafe chunks[index] != nil }
        }
    }

    private final class Stripe: Sendable { let mutex = Mutex(()) }

    /// - Parameter byteCount: The size, in bytes.
    public init(byteCount: UInt64) {
        geometry = BlockGeometry(
            byteCount: byteCount, deallocateGranularityByteCount: UInt32(Self.chunkByteCount),
            deallocatedReads: .zeroes, compareAndWriteByteCountMax: UInt32(Self.chunkByteCount))
        chunkCount = (Int(byteCount) + Self.chunkByteCount - 1) / Self.chunkByteCount
        // Freed in deinit; a nil chunk reads as zeroes.
        unsafe chunks = .allocate(capacity: chunkCount)
        unsafe chunks.initialize(repeating: nil, count: chunkCount)
        locks = (0..<min(64, max(1, chunkCount))).map { _ in Stripe() }
    }

    deinit {
        for index in 0..<chunkCount { unsafe chunks[index]?.deallocate() }
        unsafe chunks.deallocate()
    }

    public func submit(_ request: BackendRequest) -> BackendSubmission {
        let end = request.offset + UInt64(request.byteCount)
        precondition(request.operation == .flush || end <= geometry.byteCount, "the core checks bounds")
        if request.operation == .flush { return .completed(.success) }
        if request.operation == .compareAndWrite { return .completed(compareAndWrite(request)) }
        var done = 0
        while done < request.byteCount {
            let position = Int(request.offset) + done
            let piece = Piece(
                chunk: position / Self.chunkByteCount, offset: position % Self.chunkByteCount,
                count: min(request.byteCount - done, Self.chunkByteCount - position % Self.chunkByteCount))
            // Valid: the core gives what needs one a buffer of `byteCount` bytes.
            let theirs = unsafe request.buffer.map { unsafe $0 + done }
            let operation = request.operation
            let isEqual = locks[piece.chunk % locks.count].mutex.withLock { _ in
                unsafe apply(operation, piece, theirs)
            }
            if !isEqual { return .completed(.miscompare) }
            done += piece.count
        }
        return .completed(.success)
    }

    /// Both steps under the one lock of the one chunk that the range is in.
    private func compareAndWrite(_ request: BackendRequest) -> BackendResult {
        let (position, count) = (Int(request.offset), request.byteCount)
        let piece = Piece(
            chunk: position / Self.chunkByteCount, offset: position % Self.chunkByteCount, count: count)
        precondition(piece.offset + count <= Self.chunkByteCount, "the geometry says how much at once")
        // Valid: the core gives it two buffers of `byteCount` bytes.
        let (theirs, new) = unsafe (request.buffer, request.writeBuffer)
        let isEqual = locks[piece.chunk % locks.count].mutex.withLock { _ in
            unsafe apply(.compare, piece, theirs) && apply(.write, piece, new)
        }
        return isEqual ? .success : .miscompare
    }

    /// What a request covers of one chunk, in bytes.
    private struct Piece {
        let chunk: Int
        let offset: Int
        let count: Int
    }

    /// Does one piece, under its lock; false on a miscompare.
    private func apply(
        _ operation: BackendOperation, _ piece: Piece, _ theirs: UnsafeMutableRawPointer?
    ) -> Bool {
        // Valid throughout: a piece lies inside its chunk, and `theirs` is there for what needs it.
        let ours = unsafe chunks[piece.chunk].map { unsafe $0 + piece.offset }
        switch operation {
        case .read:
            if let ours = unsafe ours {
                unsafe theirs.unsafelyUnwrapped.copyMemory(from: ours, byteCount: piece.count)
            } else {
                unsafe theirs.unsafelyUnwrapped.initializeMemory(
                    as: UInt8.self, repeating: 0, count: piece.count)
            }
        case .write:
            unsafe (chunk(piece.chunk) + piece.offset).copyMemory(
                from: theirs.unsafelyUnwrapped, byteCount: piece.count)
        case .writeZeroes, .deallocate:
            if piece.count == Self.chunkByteCount {
                unsafe ours?.deallocate()
                unsafe chunks[piece.chunk] = nil
            } else {
                unsafe ours?.initializeMemory(as: UInt8.self, repeating: 0, count: piece.count)
            }
        case .compare:
            let host = unsafe UnsafeRawBufferPointer(start: theirs, count: piece.count)
            guard let ours = unsafe ours else { return unsafe host.allSatisfy { $0 == 0 } }
            return unsafe UnsafeRawBufferPointer(start: ours, count: piece.count).elementsEqual(host)
        case .flush, .compareAndWrite:
            break
        }
        return true
    }

    /// The chunk's memory, made and zeroed when it is first written.
    private func chunk(_ index: Int) -> UnsafeMutableRawPointer {
        if let chunk = unsafe chunks[index] { return unsafe chunk }
        let chunk = UnsafeMutableRawPointer.allocate(byteCount: Self.chunkByteCount, alignment: 4096)
        unsafe chunk.initializeMemory(as: UInt8.self, repeating: 0, count: Self.chunkByteCount)
        unsafe chunks[index] = unsafe chunk
        return unsafe chunk
    }
}
