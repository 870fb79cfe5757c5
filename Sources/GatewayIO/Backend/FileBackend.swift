// A file or a block device as a namespace's store. Each shard attaches and gets an object that submits to the
// shard's ring: the file needs no thread of its own.

import CLiburing
public import GatewayCore

/// Why a file can't be exported. The description names it and the next step.
public struct FileBackendError: Error, Equatable, CustomStringConvertible {
    public let path: String
    /// What failed.
    public let call: String
    public let errno: Int32

    public var description: String {
        switch errno {
        case ENOENT: "\(path): no such file; create it first (truncate -s 1G \(path))"
        case EACCES, EPERM: "\(path): permission denied"
        case EISDIR: "\(path): a directory; name a file or a block device in it"
        case EINVAL where call == "size": "\(path): neither a regular file nor a block device"
        case ENODATA: "\(path): is empty; give it a size (truncate -s 1G \(path))"
        default: "\(path): \(call) failed: \(errorText(errno))"
        }
    }
}

/// Stores a namespace's blocks in a regular file or on a block device, through the page cache.
public final class FileBackend: BlockBackend {
    public let geometry: BlockGeometry
    public let path: String
    private let file: OpenFile

    /// Opens `path`. Its size must not shrink while it is exported.
    public init(path: String, isReadOnly: Bool = false) throws(FileBackendError) {
        let descriptor = unsafe gw_open(path, isReadOnly ? O_RDONLY : O_RDWR)
        guard descriptor >= 0 else { throw FileBackendError(path: path, call: "open", errno: gw_errno()) }
        let file = OpenFile(descriptor)
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw FileBackendError(path: path, call: "fstat", errno: gw_errno())
        }
        var byteCount = UInt64(status.st_size)
        let isDevice = status.st_mode & UInt32(S_IFMT) == UInt32(S_IFBLK)
        if isDevice {
            byteCount = gw_device_size(descriptor)
        } else if status.st_mode & UInt32(S_IFMT) != UInt32(S_IFREG) {
            throw FileBackendError(path: path, call: "size", errno: EINVAL)
        }
        guard byteCount > 0 else { throw FileBackendError(path: path, call: "size", errno: ENODATA) }
        self.path = path
        self.file = file
        geometry = BlockGeometry(
            byteCount: byteCount, writeGranularityByteCount: UInt32(status.st_blksize),
            deallocateGranularityByteCount: isDevice ? 0 : UInt32(status.st_blksize),
            // A hole in a file reads as zeroes; of a device we don't know.
            deallocatedReads: isDevice ? .notReported : .zeroes, isReadOnly: isReadOnly,
            hasVolatileWriteCache: !isReadOnly)
    }

    /// Refuses: only the attached object has a ring.
    public func submit(_ request: borrowing BackendRequest) -> BackendSubmission { .completed(.unsupported) }

    public func attached(to shard: any ShardServices) -> any BlockBackend {
        guard let services = shard as? RingServices else { return self }
        return AttachedFileBackend(self, file, services.files)
    }
}

/// A file backend on one shard.
private final class AttachedFileBackend: BlockBackend, @unchecked Sendable {
    // Sendable: made and called by the shard's thread alone, which also owns `operations`.
    private let backend: FileBackend
    private let file: OpenFile
    private let operations: FileOperations

    init(_ backend: FileBackend, _ file: OpenFile, _ operations: FileOperations) {
        self.backend = backend
        self.file = file
        self.operations = operations
    }

    var geometry: BlockGeometry { backend.geometry }

    func submit(_ request: borrowing BackendRequest) -> BackendSubmission {
        operations.begin(copy request, file: file.descriptor)
    }
}

/// A descriptor that is closed with its last owner.
final class OpenFile: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
