// What a host's commands may receive and be asked for, by command identifier: the mirror image of
// TransferTable. A driver states it before it sends a command; C2HData and R2T PDUs are checked against it.

/// The data of one outstanding command. Lengths and offsets in bytes.
struct Expectation: BitwiseCopyable {
    /// The buffer's length: what the command may read or send. 0 where no data was announced.
    var length = 0
    /// Where the next C2HData PDU must start.
    var received = 0
    /// R2Ts not yet answered in full.
    var readyToTransfers = 0
    /// The data goes to the controller.
    var isOutgoing = false
    /// C2HData with LAST_PDU has come.
    var isComplete = false
}

/// Expectations by command identifier.
@safe struct ExpectationTable: ~Copyable {
    private var storage: UnsafeMutablePointer<Expectation>?
    private var capacity = 0

    deinit { unsafe storage?.deallocate() }

    /// Makes room for command identifiers below `count`; what was stated stays.
    mutating func reserve(_ count: Int) {
        precondition(count <= 0x10000, "a command identifier has 16 bits")
        guard count > capacity else { return }
        let grown = UnsafeMutablePointer<Expectation>.allocate(capacity: count)
        unsafe grown.initialize(repeating: Expectation(), count: count)
        // As many as there were, into more.
        if let storage = unsafe storage {
            unsafe grown.update(from: storage, count: capacity)
            unsafe storage.deallocate()
        }
        unsafe storage = grown
        capacity = count
    }

    /// What is expected of a command; nothing of one that was never stated.
    subscript(commandID: UInt16) -> Expectation {
        get {
            guard Int(commandID) < capacity else { return Expectation() }
            // Below the capacity.
            return unsafe storage.unsafelyUnwrapped[Int(commandID)]
        }
        set {
            precondition(Int(commandID) < capacity, "a command identifier beyond what was reserved")
            unsafe storage.unsafelyUnwrapped[Int(commandID)] = newValue
        }
    }

    /// One R2T of a command was answered in full.
    mutating func answered(_ commandID: UInt16) {
        // None is outstanding where the controller ended the command meanwhile.
        if self[commandID].readyToTransfers > 0 { self[commandID].readyToTransfers -= 1 }
    }

    /// The command has ended: nothing more is expected.
    mutating func clear(_ commandID: UInt16) {
        if Int(commandID) < capacity { self[commandID] = Expectation() }
    }
}
