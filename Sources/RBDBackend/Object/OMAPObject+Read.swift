// Reading an object's entries. An OSD gives a thousand or so at a time. Read one thousand after the other,
// they belong together if an entry that every change changes has stayed the same; if it has not, one
// operation asks for all the thousands at once, now that it is known where each begins.

internal import CLibrbd
internal import Glibc

extension OMAPObject {
    /// Entries that one part of a reading asks for. (An OSD gives 1,024 if it is not told otherwise.)
    private static let partMax = 1000
    /// Where parts begin that are read at once: entries that are added meanwhile must fit between.
    private static let partStride = 500
    /// How often all parts are read at once. Each time the entries have to grow by hundreds for it to fail.
    private static let attemptsMax = 10

    /// One entry's value; nil if there is no such entry.
    public func value(of key: String) async throws(RBDError) -> String? {
        let batch = OMAPBatch(partCount: 0)
        batch.addEntry(key)
        let returned = unsafe try await perform("reading an entry", keeping: batch) { completion in
            unsafe rados_aio_read_op_operate(batch.operation, context.raw, completion, objectName, 0)
        }
        guard returned >= 0 else { throw error(returned, "reading an entry") }
        return batch.entry?.value
    }

    /// All entries of one moment, that of `guardKey` among them.
    /// - Parameter guardKey: an entry that changes with every change of any.
    public func entries(guardedBy guardKey: String) async throws(RBDError) -> [String: String] {
        var (entries, isOneMoment) = try await walk(guardKey)
        for _ in 0..<Self.attemptsMax where !isOneMoment {
            (entries, isOneMoment) = try await readAtOnce(entries.keys)
        }
        guard isOneMoment else {
            throw RBDError(
                .other, object: name, code: EAGAIN, reason: "it grew faster than it could be read",
                nextStep: "Find out who adds to it.")
        }
        return entries
    }

    /// Reads one part after the other.
    private func walk(
        _ guardKey: String
    ) async throws(RBDError) -> (entries: [String: String], isOneMoment: Bool) {
        var entries: [String: String] = [:]
        var guards: Set<String?> = []
        var start = ""
        while true {
            let batch = OMAPBatch(partCount: 1)
            batch.addEntry(guardKey)
            batch.addPart(0, after: start, max: Self.partMax)
            try await read(batch)
            guards.insert(batch.entry?.value)
            let part = batch.part(0)
            for (key, value) in part.entries { entries[key] = value }
            guard part.hasMore, let end = part.entries.last?.key else { break }
            start = end
        }
        // Without the entry nobody can tell, unless there was but one part.
        return (entries, guards.count == 1 && (start.isEmpty || guards != [nil]))
    }

    /// Reads all parts by one operation.
    /// - Parameter keys: about where the entries are.
    private func readAtOnce(
        _ keys: some Collection<String>
    ) async throws(RBDError) -> (entries: [String: String], isOneMoment: Bool) {
        // The order of the OSD: that of the bytes.
        let sorted = keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let starts =
            [""] + stride(from: Self.partStride, to: sorted.count, by: Self.partStride).map { sorted[$0] }
        let batch = OMAPBatch(partCount: starts.count)
        for (index, start) in starts.enumerated() { batch.addPart(index, after: start, max: Self.partMax) }
        try await read(batch)
        var (entries, isWhole): ([String: String], Bool) = ([:], true)
        for index in starts.indices {
            let part = batch.part(index)
            for (key, value) in part.entries { entries[key] = value }
            guard part.hasMore else { continue }
            // It must reach where the next one begins.
            guard index + 1 < starts.count, let end = part.entries.last?.key,
                !end.utf8.lexicographicallyPrecedes(starts[index + 1].utf8)
            else {
                isWhole = false
                continue
            }
        }
        return (entries, isWhole)
    }

    private func read(_ batch: OMAPBatch) async throws(RBDError) {
        let returned = unsafe try await perform("reading its entries", keeping: batch) { completion in
            unsafe rados_aio_read_op_operate(batch.operation, context.raw, completion, objectName, 0)
        }
        guard returned >= 0 else { throw error(returned, "reading its entries") }
    }
}

/// A reading operation, and where librados puts what it reads.
@safe private final class OMAPBatch: @unchecked Sendable {
    // Sendable: librados writes to it between the operation's start and its end, and nobody else meanwhile.
    // The operation keeps it until librados is done with it.
    let operation: rados_read_op_t
    /// Of one entry, then of each part. Written by librados.
    private let places: UnsafeMutablePointer<Place>
    private let partCount: Int

    @unsafe private struct Place {
        var iterator: rados_omap_iter_t?
        var more: UInt8 = 0
        var result: Int32 = 0
    }

    init(partCount: Int) {
        guard let operation = unsafe rados_create_read_op() else { preconditionFailure("out of memory") }
        unsafe self.operation = operation
        self.partCount = partCount
        unsafe places = .allocate(capacity: partCount + 1)
        unsafe places.initialize(repeating: Place(), count: partCount + 1)
    }

    deinit {
        for index in 0...partCount {
            if let iterator = unsafe places[index].iterator { unsafe rados_omap_get_end(iterator) }
        }
        unsafe rados_release_read_op(operation)
        unsafe places.deallocate()
    }

    func addEntry(_ key: String) {
        let texts = CTexts([key])
        unsafe texts.withPointers { pointers, counts in
            unsafe rados_read_op_omap_get_vals_by_keys2(
                operation, pointers, 1, counts, &places[0].iterator, &places[0].result)
        }
    }

    func addPart(_ index: Int, after key: String, max: Int) {
        precondition(index < partCount)
        unsafe rados_read_op_omap_get_vals2(
            operation, key, "", UInt64(max), &places[index + 1].iterator, &places[index + 1].more,
            &places[index + 1].result)
    }

    var entry: (key: String, value: String)? { unsafe Self.all(places[0].iterator).first }

    /// Sorted by key.
    func part(_ index: Int) -> (entries: [(key: String, value: String)], hasMore: Bool) {
        precondition(index < partCount)
        return unsafe (Self.all(places[index + 1].iterator), places[index + 1].more != 0)
    }

    @unsafe private static func all(_ iterator: rados_omap_iter_t?) -> [(key: String, value: String)] {
        guard let iterator = unsafe iterator else { return [] }
        var entries: [(key: String, value: String)] = []
        while true {
            var (key, value): (UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?) = (nil, nil)
            var (keyCount, valueCount) = (0, 0)
            let code = unsafe rados_omap_get_next2(iterator, &key, &value, &keyCount, &valueCount)
            guard code == 0, let key = unsafe key else { return entries }
            // Valid until the iterator ends.
            entries.append(
                unsafe (
                    String(decoding: UnsafeRawBufferPointer(start: key, count: keyCount), as: UTF8.self),
                    String(decoding: UnsafeRawBufferPointer(start: value, count: valueCount), as: UTF8.self)
                ))
        }
    }
}
