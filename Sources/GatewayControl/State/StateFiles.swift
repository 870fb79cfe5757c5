// The system's calls for the folder that a state is kept in. Each failure names the file, and what was to be
// done with it.

internal import Glibc

/// A folder that this process alone uses, while it is open.
final class StateFolderHandle: Sendable {
    private let descriptor: Int32
    private let folder: String

    /// Opens the folder, and makes it if it is not there.
    init(_ folder: String) throws(StoreFailure) {
        self.folder = folder
        if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST { throw .system(folder, "make this folder") }
        descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(folder, "open this folder") }
        // The descriptor is closed by `deinit`, also when this fails.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw .system(folder, "lock this folder") }
            throw StoreFailure(
                .refused, "\(folder): another gateway keeps its state there. Give each a folder of its own.")
        }
    }

    deinit {
        // Closing would do, but for a process that is being started just now: until it runs its own
        // program, it has a copy of the descriptor, which would keep the lock.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Nil if there is no such file.
    func openFile(_ name: String) throws(StoreFailure) -> StateFileHandle? {
        let file = unsafe openat(descriptor, name, O_RDWR | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw .system(path(name), "open")
        }
        return StateFileHandle(file, path(name))
    }

    /// Puts a file with this content in the place of the one that is there: whoever looks, and whatever
    /// stops the machine, finds the one or the other. It is on the disk when this returns.
    func replaceFile(_ name: String, with bytes: [UInt8]) throws(StoreFailure) -> StateFileHandle {
        let new = name + ".new"
        let descriptor = unsafe openat(
            descriptor, new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw .system(path(new), "create") }
        let file = StateFileHandle(descriptor, path(name))
        try file.write(bytes, at: 0)
        try file.save()
        guard unsafe renameat(self.descriptor, new, self.descriptor, name) == 0 else {
            throw .system(path(name), "replace")
        }
        guard fsync(self.descriptor) == 0 else { throw .system(folder, "save this folder") }
        return file
    }
}

/// A file that is open.
final class StateFileHandle: Sendable {
    private let descriptor: Int32
    private let path: String

    init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    func readAll() throws(StoreFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = unsafe pread(descriptor, &piece, piece.count, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(path, "read") }
            if count == 0 { return bytes }
            bytes += piece[..<count]
        }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(StoreFailure) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                // What is left of the bytes, which live during the call.
                let place = unsafe buffer.baseAddress.map { unsafe $0 + written }
                return unsafe pwrite(descriptor, place, bytes.count - written, offset + written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system(path, "write") }
            written += count
        }
    }

    /// Returns when all that was written is on the disk.
    func save() throws(StoreFailure) {
        guard fdatasync(descriptor) == 0 else { throw .system(path, "save") }
    }

    func truncate(to count: Int) throws(StoreFailure) {
        guard ftruncate(descriptor, count) == 0, fdatasync(descriptor) == 0 else {
            throw .system(path, "cut off the end of")
        }
    }
}

extension StoreFailure {
    /// What errno says of a call.
    fileprivate static func system(_ path: String, _ action: String) -> StoreFailure {
        let code = errno
        // strerror's text is static or the calling thread's; it is copied at once.
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        let kind: Kind =
            switch code {
            case ENOSPC, EDQUOT: .full
            case EACCES, EPERM, EROFS: .refused
            case _: .unreachable
            }
        return StoreFailure(kind, "\(path): cannot \(action): \(text).")
    }
}
