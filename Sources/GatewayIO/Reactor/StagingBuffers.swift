// Where bytes land that are not yet known to belong anywhere: headers and small payloads. One pool a ring;
// the kernel picks a buffer when data arrives, so that an idle connection holds none. Where it can't (before
// Linux 5.19) the reactor takes one here and receives itself. The pool's owner calls it on the ring's thread
// only.

import CLiburing

/// A pool of equal buffers in one mapping, of which up to `offeredMax` are offered to the kernel at a time.
@safe package struct StagingBuffers: ~Copyable {
    /// The length of each buffer, in bytes.
    package let byteCount: Int
    package let bufferCount: Int
    private let offeredMax: Int
    private let group: UInt16
    private let memory: UnsafeMutableRawPointer
    // The ring of buffers that the kernel shares; nil where it has none.
    private let shared: UnsafeMutablePointer<io_uring_buf_ring>?
    private var free: [UInt16]
    /// How many the kernel may pick from now.
    package private(set) var offeredCount = 0

    /// - Parameters:
    ///   - offered: how many the kernel may pick from, a power of two.
    ///   - spare: how many more there are, for connections that hold theirs.
    package init(on ring: borrowing Ring, group: UInt16 = 0, byteCount: Int, offered: Int, spare: Int)
        throws(RingError)
    {
        precondition(
            offered > 0 && offered & (offered - 1) == 0 && offered <= 32768, "offered is a power of two")
        precondition(offered + spare <= Int(UInt16.max), "a buffer's number has 16 bits")
        guard let memory = unsafe anonymousMemory(byteCount * (offered + spare)) else {
            throw .other(call: "mmap", errno: gw_errno())
        }
        let shared = unsafe try Self.register(on: ring, group: group, count: offered)
        self.byteCount = byteCount
        self.group = group
        bufferCount = offered + spare
        offeredMax = offered
        unsafe self.memory = memory
        unsafe self.shared = shared
        free = Array((0..<UInt16(offered + spare)).reversed())
        refill()
    }

    /// Shares an empty ring of `count` buffers with the kernel; nil where it has none.
    private static func register(
        on ring: borrowing Ring, group: UInt16, count: Int
    ) throws(RingError) -> UnsafeMutablePointer<io_uring_buf_ring>? {
        guard ring.features.contains(.bufferRings) else { return nil }
        guard let pages = unsafe anonymousMemory(count * MemoryLayout<io_uring_buf>.stride) else {
            throw .other(call: "mmap", errno: gw_errno())
        }
        let shared = unsafe pages.assumingMemoryBound(to: io_uring_buf_ring.self)
        var registration = io_uring_buf_reg()
        registration.ring_addr = UInt64(UInt(bitPattern: pages))
        registration.ring_entries = UInt32(count)
        registration.bgid = group
        let status = unsafe io_uring_register_buf_ring(ring.ring, &registration, 0)
        guard status == 0 else { throw .other(call: "io_uring_register", errno: -status) }
        unsafe io_uring_buf_ring_init(shared)
        return unsafe shared
    }

    // The ring must have been closed, or no receive from the group be in flight: the owner declares the ring
    // first.
    deinit {
        unsafe munmap(memory, byteCount * bufferCount)
        if let shared = unsafe shared {
            unsafe munmap(shared, offeredMax * MemoryLayout<io_uring_buf>.stride)
        }
    }

    /// The memory of buffer `index`.
    package func buffer(_ index: UInt16) -> UnsafeMutableRawBufferPointer {
        precondition(Int(index) < bufferCount, "the pool has no such buffer")
        return unsafe UnsafeMutableRawBufferPointer(start: memory + Int(index) * byteCount, count: byteCount)
    }

    /// Notes that the kernel picked a buffer, and offers another in its place if there is one.
    package mutating func picked() {
        offeredCount -= 1
        if !free.isEmpty { refill() }
    }

    /// Takes a buffer for a receive of our own; nil if all are held.
    package mutating func take() -> UInt16? { free.popLast() }

    /// Gives a buffer back that was picked or taken.
    package mutating func giveBack(_ index: UInt16) {
        free.append(index)
        refill()
    }

    /// Buffers that are neither held nor offered.
    package var freeCount: Int { free.count }

    private mutating func refill() {
        guard let shared = unsafe shared else { return }
        let mask = Int32(offeredMax - 1)
        var added: Int32 = 0
        while offeredCount < offeredMax, let index = free.popLast() {
            unsafe io_uring_buf_ring_add(
                shared, buffer(index).baseAddress, UInt32(byteCount), index, mask, added)
            added += 1
            offeredCount += 1
        }
        unsafe io_uring_buf_ring_advance(shared, added)
    }
}
