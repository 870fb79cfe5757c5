// The memory of a shard's operations: allocated once, handed out by slot number. Untouched parts cost no real
// memory.

internal import NVMeTCP

/// A shard's operations.
@safe
struct OperationSlab: ~Copyable {
    private let base: UnsafeMutablePointer<Operation>
    private let capacity: Int
    /// Slots below were used at least once; those above have never been touched.
    private var touchedCount = 0
    private var freeList = SlotList.none
    private(set) var count = 0
    private let mailbox: UnsafeRawPointer
    private let deliver: @convention(c) (UnsafeMutableRawPointer) -> Void

    init(
        capacity: Int, mailbox: UnsafeRawPointer,
        deliver: @escaping @convention(c) (UnsafeMutableRawPointer) -> Void
    ) {
        precondition(capacity < Int(UInt32.max), "slots are 32 bits")
        unsafe base = .allocate(capacity: capacity)
        self.capacity = capacity
        unsafe self.mailbox = mailbox
        unsafe self.deliver = deliver
    }

    deinit {
        precondition(count == 0, "an operation outlives its shard")
        unsafe base.deallocate()
    }

    var isFull: Bool { count == capacity }

    /// The operation of a slot that is in use.
    subscript(slot: UInt32) -> UnsafeMutablePointer<Operation> {
        // Valid: slots come from `take`, and the base lives as long as the slab.
        unsafe base + Int(slot)
    }

    /// A fresh operation. The caller has asked `isFull`.
    mutating func take() -> UnsafeMutablePointer<Operation> {
        precondition(!isFull, "the shard stops reading when the slab is full")
        count += 1
        let slot: UInt32
        if freeList != SlotList.none {
            slot = freeList
            freeList = unsafe base[Int(slot)].link
        } else {
            slot = UInt32(touchedCount)
            touchedCount += 1
        }
        let operation = unsafe base + Int(slot)
        // A trivial type: initializing over an old value is fine.
        unsafe operation.initialize(
            to: Operation(
                node: CompletionNode(mailbox: mailbox, deliver: deliver, slot: slot),
                command: SubmissionEntry(opcode: 0)))
        return unsafe operation
    }

    mutating func give(_ slot: UInt32) {
        let operation = unsafe base + Int(slot)
        precondition(unsafe operation.pointee.state != .free, "an operation ends once")
        unsafe operation.pointee.state = .free
        unsafe operation.pointee.link = freeList
        freeList = slot
        count -= 1
    }
}
