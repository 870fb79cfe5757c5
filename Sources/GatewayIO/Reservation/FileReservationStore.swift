// Reservations in files, one for each namespace, in a folder that no other process may use meanwhile. A file
// is replaced as a whole and is on the disk before its save has ended. What waits for the disk is a thread
// that lives while there is something to do, never a shard's.

import CLiburing
public import GatewayCore
public import NVMeTCP
import Synchronization

/// Keeps reservations in a folder.
public final class FileReservationStore: ReservationStore {
    public let isPersistent = true
    public let path: String
    private let folder: OpenFile
    private let work = Mutex(Work())

    private struct Work: Sendable {
        var waiting: [Job] = []
        var isRunning = false
    }

    private enum Job: Sendable {
        case load(
            NamespaceUUID,
            @Sendable (Result<ReservationRecord?, ReservationStoreError>) -> Void)
        case save(
            ReservationRecord, NamespaceUUID, replacing: UInt64,
            @Sendable (Result<Void, ReservationStoreError>) -> Void)
    }

    /// No record is longer: a registrant takes 64 bytes.
    private static let byteCountMax = 1 << 20

    /// Opens the folder, and makes it if it is not there.
    /// - Throws: Why it can't be used.
    public init(path: String) throws(ReservationStoreError) {
        self.path = path
        if unsafe mkdir(path, 0o700) != 0, gw_errno() != EEXIST {
            throw .system("\(path): cannot make this folder", gw_errno())
        }
        let descriptor = unsafe gw_open(path, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else { throw .system("\(path): cannot open this folder", gw_errno()) }
        folder = OpenFile(descriptor)
        guard gw_lock(descriptor) == 0 else {
            throw gw_errno() == EWOULDBLOCK
                ? .failed("\(path): another gateway keeps its reservations there; give each its own folder")
                : .system("\(path): cannot lock this folder", gw_errno())
        }
    }

    public func load(
        _ namespace: NamespaceUUID,
        completion: @escaping @Sendable (Result<ReservationRecord?, ReservationStoreError>) -> Void
    ) {
        perform(.load(namespace, completion))
    }

    public func save(
        _ record: ReservationRecord, of namespace: NamespaceUUID, replacing version: UInt64,
        completion: @escaping @Sendable (Result<Void, ReservationStoreError>) -> Void
    ) {
        perform(.save(record, namespace, replacing: version, completion))
    }

    // MARK: The thread

    private func perform(_ job: Job) {
        let mustStart = work.withLock { work in
            work.waiting.append(job)
            defer { work.isRunning = true }
            return !work.isRunning
        }
        guard mustStart else { return }
        do throws(TargetError) {
            try ShardThread.start(name: "gw-reservations") { self.run() }
        } catch {
            let waiting = work.withLock { work in
                work.isRunning = false
                defer { work.waiting = [] }
                return work.waiting
            }
            for job in waiting { end(job, with: .failed("\(error)")) }
        }
    }

    private func run() {
        while let job = next() {
            do throws(ReservationStoreError) {
                switch job {
                case .load(let namespace, let completion): completion(.success(try read(namespace)))
                case .save(let record, let namespace, let version, let completion):
                    guard try read(namespace)?.version ?? 0 == version else { throw .superseded }
                    try write(record, of: namespace)
                    completion(.success(()))
                }
            } catch { end(job, with: error) }
        }
    }

    private func next() -> Job? {
        work.withLock { work in
            guard work.waiting.isEmpty else { return work.waiting.removeFirst() }
            work.isRunning = false
            return nil
        }
    }

    private func end(_ job: Job, with error: ReservationStoreError) {
        switch job {
        case .load(_, let completion): completion(.failure(error))
        case .save(_, _, _, let completion): completion(.failure(error))
        }
    }

    // MARK: The files

    private func name(of namespace: NamespaceUUID) -> String { "\(namespace).reservations" }

    private func read(_ namespace: NamespaceUUID) throws(ReservationStoreError) -> ReservationRecord? {
        let name = name(of: namespace)
        let descriptor = unsafe gw_open_at(folder.descriptor, name)
        guard descriptor >= 0 else {
            if gw_errno() == ENOENT { return nil }
            throw .system("\(path)/\(name): cannot open", gw_errno())
        }
        defer { close(descriptor) }
        var failure: Int32 = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.byteCountMax) { buffer, filled in
            while filled < Self.byteCountMax {
                // What is left of the buffer, which lives during the call.
                let place = unsafe buffer.baseAddress.map { unsafe $0 + filled }
                let count = unsafe pread(descriptor, place, Self.byteCountMax - filled, filled)
                if count < 0, gw_errno() == EINTR { continue }
                if count < 0 { failure = gw_errno() }
                if count <= 0 { return }
                filled += count
            }
        }
        guard failure == 0 else { throw .system("\(path)/\(name): cannot read", failure) }
        guard let record = ReservationRecord(text: String(decoding: bytes, as: UTF8.self), of: namespace)
        else {
            throw .failed(
                "\(path)/\(name) is damaged; move it away if the namespace is to start without reservations")
        }
        return record
    }

    private func write(
        _ record: ReservationRecord, of namespace: NamespaceUUID
    ) throws(ReservationStoreError) {
        let (name, new) = (name(of: namespace), name(of: namespace) + ".new")
        let descriptor = unsafe gw_create_at(folder.descriptor, new)
        guard descriptor >= 0 else { throw .system("\(path)/\(new): cannot create", gw_errno()) }
        defer { close(descriptor) }
        let bytes = Array(record.text(of: namespace).utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                // What is left of the text, which lives during the call.
                let place = unsafe buffer.baseAddress.map { unsafe $0 + written }
                return unsafe pwrite(descriptor, place, bytes.count - written, written)
            }
            if count < 0, gw_errno() == EINTR { continue }
            guard count > 0 else { throw .system("\(path)/\(new): cannot write", gw_errno()) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw .system("\(path)/\(new): cannot save", gw_errno()) }
        guard unsafe renameat(folder.descriptor, new, folder.descriptor, name) == 0 else {
            throw .system("\(path)/\(name): cannot replace", gw_errno())
        }
        // The new name is durable with its folder.
        guard fsync(folder.descriptor) == 0 else { throw .system("\(path): cannot save", gw_errno()) }
    }
}

extension ReservationStoreError {
    fileprivate static func system(_ what: String, _ errno: Int32) -> ReservationStoreError {
        .failed("\(what): \(errorText(errno))")
    }
}
