// The data buffers of one shard, taken by operations and given back by their end. Sizes are powers of two
// from 4 KiB; free buffers are kept for the next taker, and given back to the system when the shard has been
// quiet or another size is short. Each use has its budget of Limits: beyond it commands wait.

/// A shard's buffers. Not thread safe: the shard's thread owns it.
@safe
struct BufferPool: ~Copyable {
    /// A buffer: its memory and which size class it is of.
    @safe
    struct Buffer: BitwiseCopyable {
        let base: UnsafeMutableRawPointer
        let sizeClass: UInt8
        /// The budget that it is counted against.
        let use: BufferUse

        var byteCount: Int { BufferPool.smallestByteCount << Int(sizeClass) }
    }

    static let smallestByteCount = 4096
    private static let classCount = 11
    /// The data of both halves of a fused operation: two blocks.
    private static let pairByteCountMax = 2 * 4096

    /// What operations hold now, in bytes.
    private(set) var heldByteCount = 0
    private var cachedByteCount = 0
    /// What is left for each use, in bytes.
    private var adminBytesLeft: Int
    private var commonBytesLeft: Int
    private var capsuleBytesLeft: Int
    private let byteCountMax: Int
    private var free: [[UnsafeMutableRawPointer]]

    init(_ limits: Limits) {
        precondition(
            limits.capsuleBufferBytesMax >= Self.pairByteCountMax,
            "a fused pair's data has room when all is free")
        adminBytesLeft = limits.adminBufferBytesMax
        commonBytesLeft = limits.bufferBytesMax
        capsuleBytesLeft = limits.capsuleBufferBytesMax
        byteCountMax = adminBytesLeft + commonBytesLeft + capsuleBytesLeft
        unsafe free = Array(repeating: [], count: Self.classCount)
    }

    deinit {
        precondition(heldByteCount == 0, "a buffer outlives its pool")
        unsafe free.forEach { unsafe $0.forEach { unsafe $0.deallocate() } }
    }

    /// What is left of a use's budget, in bytes.
    func bytesLeft(for use: BufferUse) -> Int {
        switch use {
        case .admin: adminBytesLeft
        case .common: commonBytesLeft
        case .capsule: capsuleBytesLeft
        }
    }

    /// A buffer of at least `byteCount` bytes with what happens to be in it, or nil while there is no memory
    /// for it.
    /// - Parameter use: The budget that it is counted against.
    mutating func take(_ byteCount: Int, for use: BufferUse) -> Buffer? {
        let sizeClass = Self.sizeClass(byteCount)
        let size = Self.smallestByteCount << sizeClass
        switch use {
        case .admin:
            guard size <= adminBytesLeft else { return nil }
            adminBytesLeft -= size
        case .common:
            guard size <= commonBytesLeft else { return nil }
            commonBytesLeft -= size
        case .capsule:
            guard size <= capsuleBytesLeft else { return nil }
            capsuleBytesLeft -= size
        }
        heldByteCount += size
        return unsafe Buffer(base: memory(sizeClass), sizeClass: UInt8(sizeClass), use: use)
    }

    mutating func give(_ buffer: Buffer) {
        switch buffer.use {
        case .admin: adminBytesLeft += buffer.byteCount
        case .common: commonBytesLeft += buffer.byteCount
        case .capsule: capsuleBytesLeft += buffer.byteCount
        }
        heldByteCount -= buffer.byteCount
        unsafe free[Int(buffer.sizeClass)].append(buffer.base)
        cachedByteCount += buffer.byteCount
    }

    /// Gives free buffers back to the system until at most `byteCount` bytes of them are kept, the largest
    /// first.
    mutating func trim(to byteCount: Int) {
        for sizeClass in (0..<Self.classCount).reversed() {
            while cachedByteCount > byteCount, let base = unsafe free[sizeClass].popLast() {
                unsafe base.deallocate()
                cachedByteCount -= Self.smallestByteCount << sizeClass
            }
        }
    }

    private mutating func memory(_ sizeClass: Int) -> UnsafeMutableRawPointer {
        let size = Self.smallestByteCount << sizeClass
        if let base = unsafe free[sizeClass].popLast() {
            cachedByteCount -= size
            return unsafe base
        }
        // Free buffers of other sizes must not add up to a second budget.
        let cachedMax = byteCountMax - heldByteCount
        if cachedByteCount > cachedMax { trim(to: max(0, cachedMax)) }
        return UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.smallestByteCount)
    }

    /// The size of the buffer that `take` gives for so many bytes.
    static func byteCount(holding byteCount: Int) -> Int { smallestByteCount << sizeClass(byteCount) }

    private static func sizeClass(_ byteCount: Int) -> Int {
        precondition(byteCount > 0, "an operation without data needs no buffer")
        let pages = (byteCount + smallestByteCount - 1) / smallestByteCount
        let sizeClass = pages <= 1 ? 0 : Int.bitWidth - (pages - 1).leadingZeroBitCount
        precondition(sizeClass < classCount, "MDTS bounds an operation's data")
        return sizeClass
    }
}
