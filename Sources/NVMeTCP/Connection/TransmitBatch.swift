// The PDUs that leave in one send: headers copied into an arena, payload by reference. The machines' encoders
// fill it, the driver sends its segments and releases the slots that they referred to. Allocated once,
// reused.

/// What is to be sent, in order. One thread's; its segments are valid until `reset`.
@safe public struct TransmitBatch: ~Copyable {
    /// A piece of memory, laid out as the system's `struct iovec`.
    @unsafe public struct Segment: BitwiseCopyable {
        public var base: UnsafeRawPointer?
        public var count: Int
    }

    /// The bytes to send over all segments. A driver that sends a part keeps count itself.
    public private(set) var byteCount = 0

    private let arena: UnsafeMutableRawPointer
    private let segmentStorage: UnsafeMutablePointer<Segment>
    private let slotStorage: UnsafeMutablePointer<UInt32>
    private let pduCountMax: Int
    private let arenaLength: Int
    private let segmentCountMax: Int
    private var arenaCount = 0
    private var segmentCount = 0
    private var slotCount = 0
    /// The last segment ends at the arena's cursor, so that the next header extends it.
    private var isLastInArena = false

    /// An empty batch with room for `pduCountMax` PDUs of common size: 32 bytes of header and digests, and
    /// two segments each. Padding up to a coarse alignment takes more, so that fewer fit.
    public init(pduCountMax: Int = 64) {
        precondition(pduCountMax > 0)
        self.pduCountMax = pduCountMax
        // The longest PDU that is encoded must fit an empty batch: a termination request.
        arenaLength = max(pduCountMax * 32, 256)
        segmentCountMax = pduCountMax * 2 + 1
        unsafe arena = .allocate(byteCount: arenaLength, alignment: 8)
        unsafe segmentStorage = .allocate(capacity: segmentCountMax)
        unsafe slotStorage = .allocate(capacity: pduCountMax)
    }

    deinit {
        unsafe arena.deallocate()
        unsafe segmentStorage.deallocate()
        unsafe slotStorage.deallocate()
    }

    public var isEmpty: Bool { segmentCount == 0 }

    /// What is to be sent, in order. The driver may change the elements, for a send that was cut short;
    /// nothing is appended any more then, until `reset`.
    public var segments: UnsafeMutableBufferPointer<Segment> {
        unsafe UnsafeMutableBufferPointer(start: segmentStorage, count: segmentCount)
    }

    /// The slots whose buffers are referred to until all is sent.
    public var slotsToRelease: UnsafeMutableBufferPointer<UInt32> {
        unsafe UnsafeMutableBufferPointer(start: slotStorage, count: slotCount)
    }

    /// Whether a payload and a response capsule fit, whatever digests and padding were agreed on.
    public var hasRoomForAnswer: Bool {
        arenaCount + TransmitBatch.answerLengthMax <= arenaLength && segmentCount + 4 <= segmentCountMax
            && slotCount < pduCountMax
    }

    /// C2HData's header padded to 128 bytes, its two digests, and CapsuleResp with its digest.
    private static let answerLengthMax = 128 + 4 + 4 + 24 + 4

    /// Forgets everything; the memory stays.
    public mutating func reset() {
        byteCount = 0
        arenaCount = 0
        segmentCount = 0
        slotCount = 0
        isLastInArena = false
    }

    /// Notes a slot to be released once the batch is sent. At most one a PDU.
    public mutating func releaseAfterSend(slot: UInt32) {
        precondition(slotCount < pduCountMax, "more slots than PDUs in a batch")
        unsafe slotStorage[slotCount] = slot
        slotCount += 1
    }
}

extension TransmitBatch {
    /// Whether a PDU with so many bytes of its own, and maybe a payload, fits.
    @inline(__always)
    func hasRoom(_ byteCount: Int, hasPayload: Bool) -> Bool {
        // A payload takes a segment, its digest another, and the header may need one.
        arenaCount + byteCount <= arenaLength && segmentCount + (hasPayload ? 3 : 1) <= segmentCountMax
    }

    /// `count` bytes of the arena, to be written by the caller before anything else happens to the batch.
    @inline(__always)
    mutating func append(_ count: Int) -> UnsafeMutableRawBufferPointer {
        precondition(arenaCount + count <= arenaLength)
        let start = unsafe arena + arenaCount
        if isLastInArena {
            unsafe segmentStorage[segmentCount - 1].count += count
        } else {
            unsafe appendSegment(UnsafeRawBufferPointer(start: start, count: count))
            isLastInArena = true
        }
        arenaCount += count
        byteCount += count
        return unsafe UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    /// A payload, by reference.
    @inline(__always)
    mutating func append(payload: UnsafeRawBufferPointer) {
        unsafe appendSegment(payload)
        byteCount += payload.count
        isLastInArena = false
    }

    private mutating func appendSegment(_ bytes: UnsafeRawBufferPointer) {
        precondition(segmentCount < segmentCountMax)
        unsafe segmentStorage[segmentCount] = Segment(base: bytes.baseAddress, count: bytes.count)
        segmentCount += 1
    }
}
