// The R2Ts that a controller has outstanding, by transfer tag. ControllerConnection opens one per R2T that it
// encodes and checks each H2CData PDU against it; nothing is allocated between `reserve` and the end of the
// connection.

/// The data that one R2T asked for. Offsets count from the start of the command's data, in bytes.
struct Transfer: BitwiseCopyable {
    var slot: UInt32
    var commandID: UInt16
    /// The next free transfer's tag while this one is free.
    var nextFree: UInt16
    var isOpen: Bool
    /// No H2CData PDU so far had a wrong data digest.
    var isDigestValid: Bool
    var start: Int
    /// Where the next H2CData PDU must start.
    var next: Int
    var end: Int
}

/// Transfers by tag: a slab with a free list. The tag is the index.
@safe struct TransferTable: ~Copyable {
    private var storage: UnsafeMutablePointer<Transfer>?
    private var capacity = 0
    private var firstFree = 0
    private(set) var available = 0

    var openCount: Int { capacity - available }

    deinit { unsafe storage?.deallocate() }

    /// Makes room for `count` transfers in all; those that are open stay.
    mutating func reserve(_ count: Int) {
        precondition(count <= 0xFFFF, "a transfer tag has 16 bits")
        guard count > capacity else { return }
        let grown = UnsafeMutablePointer<Transfer>.allocate(capacity: count)
        // The old transfers and then the new ones, each once.
        if let storage = unsafe storage {
            unsafe grown.update(from: storage, count: capacity)
            unsafe storage.deallocate()
        }
        for index in (capacity..<count).reversed() {
            unsafe grown[index] = Transfer(
                slot: 0, commandID: 0, nextFree: UInt16(available == 0 ? 0xFFFF : firstFree), isOpen: false,
                isDigestValid: true, start: 0, next: 0, end: 0)
            firstFree = index
            available += 1
        }
        unsafe storage = grown
        capacity = count
    }

    /// Opens a transfer and returns its tag.
    mutating func open(slot: UInt32, commandID: UInt16, offset: Int, length: Int) -> UInt16 {
        precondition(available > 0, "more R2Ts outstanding than were reserved")
        let tag = firstFree
        // Below the capacity: the free list holds nothing else.
        unsafe firstFree = Int(storage.unsafelyUnwrapped[tag].nextFree)
        available -= 1
        unsafe storage.unsafelyUnwrapped[tag] = Transfer(
            slot: slot, commandID: commandID, nextFree: 0, isOpen: true, isDigestValid: true, start: offset,
            next: offset, end: offset + length)
        return UInt16(tag)
    }

    /// The open transfer with this tag.
    subscript(tag: UInt16) -> Transfer? {
        guard Int(tag) < capacity else { return nil }
        // Below the capacity.
        let transfer = unsafe storage.unsafelyUnwrapped[Int(tag)]
        return transfer.isOpen ? transfer : nil
    }

    /// Stores an open transfer as it has become.
    mutating func update(_ tag: UInt16, _ transfer: Transfer) {
        precondition(Int(tag) < capacity)
        unsafe storage.unsafelyUnwrapped[Int(tag)] = transfer
    }

    mutating func close(_ tag: UInt16) {
        precondition(self[tag] != nil, "a transfer is closed once")
        // Below the capacity: it was open.
        unsafe storage.unsafelyUnwrapped[Int(tag)].isOpen = false
        unsafe storage.unsafelyUnwrapped[Int(tag)].nextFree = UInt16(available == 0 ? 0xFFFF : firstFree)
        firstFree = Int(tag)
        available += 1
    }
}
