// Where a shard's connections live: each at an address of its own, found by index, told from its predecessors
// by generation.

/// A shard's connections.
@safe
struct ConnectionTable: ~Copyable {
    private var entries: [UnsafeMutablePointer<QueueConnection>?]
    private var generations: [UInt32] = []
    private var freeIndexes: [UInt32] = []
    private(set) var count = 0
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
        unsafe entries = []
    }

    deinit { precondition(count == 0, "a connection outlives its shard") }

    var isFull: Bool { count == countMax }

    /// The connection of an ID, or nil if it has ended.
    subscript(id: ConnectionID) -> UnsafeMutablePointer<QueueConnection>? {
        let index = Int(id.index)
        guard index < generations.count, generations[index] == id.generation else { return nil }
        return unsafe entries[index]
    }

    /// The connection at an index that is in use.
    subscript(index: UInt32) -> UnsafeMutablePointer<QueueConnection> {
        guard let connection = unsafe entries[Int(index)] else {
            preconditionFailure("an operation outlives its connection")
        }
        return unsafe connection
    }

    /// The ID that the next connection gets. The caller has asked `isFull`.
    mutating func reserve() -> ConnectionID {
        precondition(!isFull, "the caller asks first")
        if let index = freeIndexes.popLast() {
            return ConnectionID(index: index, generation: generations[Int(index)])
        }
        unsafe entries.append(nil)
        generations.append(1)
        return ConnectionID(index: UInt32(generations.count - 1), generation: 1)
    }

    mutating func insert(_ connection: consuming QueueConnection) {
        let index = Int(connection.id.index)
        let place = UnsafeMutablePointer<QueueConnection>.allocate(capacity: 1)
        unsafe place.initialize(to: connection)
        unsafe entries[index] = unsafe place
        count += 1
    }

    mutating func remove(_ id: ConnectionID) {
        let index = Int(id.index)
        guard let connection = unsafe self[id] else { preconditionFailure("a connection ends once") }
        unsafe connection.deinitialize(count: 1)
        unsafe connection.deallocate()
        unsafe entries[index] = nil
        generations[index] &+= 1
        freeIndexes.append(id.index)
        count -= 1
    }

    /// Indexes below have been in use.
    var indexCount: Int { generations.count }

    /// The connection at an index, if there is one.
    func connection(at index: Int) -> UnsafeMutablePointer<QueueConnection>? { unsafe entries[index] }
}
