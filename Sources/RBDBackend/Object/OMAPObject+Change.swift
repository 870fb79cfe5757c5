// Changing an object's entries. All that a change does is one operation, which the OSD does as a whole or
// not at all: first it compares, then it looks at the lock, then it removes and sets.

internal import CLibrbd
internal import Glibc

extension OMAPObject {
    /// Makes the object with these entries.
    /// - Returns: false if it was there already; then it stays as it is.
    public func create(_ entries: [String: String]) async throws(RBDError) -> Bool {
        let change = OMAPChange()
        change.create()
        change.set(entries)
        let returned = try await perform(change, "creating it")
        if returned == -EEXIST { return false }
        guard returned >= 0 else { throw error(returned, "creating it") }
        return true
    }

    /// Sets and removes entries, all or none.
    /// - Parameters:
    ///   - compared: the entry that must have this value, or nothing is changed.
    ///   - lock: if another client holds this lock of the object, nothing is changed either. The lock is not
    ///     kept.
    /// - Throws: `deadlinePassed` if no answer came in time: the change may have been made.
    public func change(
        set entries: [String: String], remove keys: some Collection<String>,
        where compared: (key: String, value: String), unlessLocked lock: ObjectLock? = nil
    ) async throws(RBDError) -> OMAPChangeOutcome {
        let change = OMAPChange()
        change.compare(compared.key, compared.value)
        if let lock { change.touch(lock) }
        change.remove(keys)
        change.set(entries)
        let returned = try await perform(change, "changing its entries")
        switch returned {
        case 0...: return .committed
        // How a comparison says that it fails.
        case -ECANCELED: return .superseded
        // How the lock says that another one has it.
        case -EBUSY, -EEXIST: return .locked
        case _: throw error(returned, "changing its entries")
        }
    }

    private func perform(_ change: OMAPChange, _ call: StaticString) async throws(RBDError) -> Int32 {
        unsafe try await perform(call, keeping: change) { completion in
            unsafe rados_aio_write_op_operate(
                change.operation, context.raw, completion, objectName, nil, 0)
        }
    }
}

/// A writing operation.
@safe private final class OMAPChange: @unchecked Sendable {
    // Sendable: filled before it is started, and only freed after that.
    let operation: rados_write_op_t

    init() {
        guard let operation = unsafe rados_create_write_op() else { preconditionFailure("out of memory") }
        unsafe self.operation = operation
    }

    deinit { unsafe rados_release_write_op(operation) }

    /// Fails if the object is there.
    func create() { unsafe rados_write_op_create(operation, LIBRADOS_CREATE_EXCLUSIVE, nil) }

    func compare(_ key: String, _ value: String) {
        unsafe rados_write_op_omap_cmp2(
            operation, key, UInt8(LIBRADOS_CMPXATTR_OP_EQ), value, key.utf8.count,
            value.utf8.count, nil)
    }

    func touch(_ lock: ObjectLock) {
        let input = lock.input
        unsafe input.withUnsafeBytes { bytes in
            unsafe rados_write_op_exec(
                operation, "lock", "lock", bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                bytes.count, nil)
        }
    }

    func remove(_ keys: some Collection<String>) {
        guard !keys.isEmpty else { return }
        let keys = CTexts(keys)
        unsafe keys.withPointers { pointers, counts in
            unsafe rados_write_op_omap_rm_keys2(operation, pointers, counts, keys.count)
        }
    }

    func set(_ entries: [String: String]) {
        guard !entries.isEmpty else { return }
        let (keys, values) = (CTexts(entries.keys), CTexts(entries.values))
        unsafe keys.withPointers { keyPointers, keyCounts in
            unsafe values.withPointers { valuePointers, valueCounts in
                unsafe rados_write_op_omap_set2(
                    operation, keyPointers, valuePointers, keyCounts, valueCounts, keys.count)
            }
        }
    }
}
