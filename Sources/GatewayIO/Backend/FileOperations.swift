// Requests of file backends on a shard's ring: begun by the attached backend, continued here with each
// completion (short reads, fallbacks, the second half of a compare), ended through the request's ticket. On
// the shard's thread only.

import CLiburing
import GatewayCore

/// The file requests of one shard that are under way, in a table of fixed size.
@safe final class FileOperations {
    /// What the ring is doing for a request.
    private enum Step: UInt8, BitwiseCopyable {
        case read, write, synchronize
        /// fallocate: the range is to read as zeroes, and its space to be kept if possible.
        case zero
        /// fallocate: the range's space is to be freed.
        case punch
        /// Zeroes written the long way, where fallocate can't.
        case writeZeroes
    }

    @unsafe private struct Entry: BitwiseCopyable {
        var request: BackendRequest
        var file: Int32
        var step: Step
        /// How many bytes of the request are done.
        var done: Int
        /// Compare: what the file holds, ours to free.
        var scratch: UnsafeMutableRawPointer?
        var nextFree: UInt32
    }

    private let reactor: Reactor
    // Entries are initialised when first used; they are trivial, so that nothing is to be undone.
    private let entries: UnsafeMutablePointer<Entry>
    private let countMax: Int
    private var usedCount = 0
    private var firstFree = UInt32.max
    /// Zeroes to write from, in one piece; made when first needed.
    private lazy var zeroes = unsafe anonymousMemory(Self.zeroesByteCount)
    private static let zeroesByteCount = 1 << 20

    /// - Parameter countMax: at most so many requests at a time; the shard has no more operations.
    init(on reactor: Reactor, countMax: Int) {
        self.reactor = reactor
        self.countMax = countMax
        unsafe entries = .allocate(capacity: countMax)
    }

    deinit {
        unsafe entries.deallocate()
        if let zeroes = unsafe zeroes { unsafe munmap(zeroes, Self.zeroesByteCount) }
    }

    // MARK: Begin

    /// Begins a request on an open file.
    func begin(_ request: BackendRequest, file: Int32) -> BackendSubmission {
        var scratch: UnsafeMutableRawPointer?
        let step: Step
        switch request.operation {
        case .read: step = .read
        case .write: step = .write
        case .flush: step = .synchronize
        case .writeZeroes: step = request.mayDeallocate ? .punch : .zero
        case .deallocate: step = .punch
        // Not offered: the kernel has no such step, and a lock of ours would not stop other programs, or
        // another gateway, that have the file open.
        case .compareAndWrite: return .completed(.unsupported)
        case .compare:
            step = .read
            unsafe scratch = malloc(request.byteCount)
            guard unsafe scratch != nil else { return .completed(.internalError) }
        }
        let index = takeEntry()
        unsafe (entries + Int(index)).initialize(
            to: Entry(request: request, file: file, step: step, done: 0, scratch: scratch, nextFree: 0))
        submit(index)
        return .pending
    }

    private func takeEntry() -> UInt32 {
        if firstFree != UInt32.max {
            defer { unsafe firstFree = entries[Int(firstFree)].nextFree }
            return firstFree
        }
        precondition(usedCount < countMax, "a shard has no more file requests than operations")
        usedCount += 1
        return UInt32(usedCount - 1)
    }

    /// Submits the entry's step for what is left of its request.
    private func submit(_ index: UInt32) {
        let entry = unsafe entries[Int(index)]
        let (request, tag) = unsafe (entry.request, Operation(.file, index: index))
        let offset = unsafe request.offset + UInt64(entry.done)
        let left = unsafe request.byteCount - entry.done
        switch unsafe entry.step {
        case .read:
            // Either buffer is `byteCount` long and stays until the request ends.
            let base = unsafe (entry.scratch ?? request.buffer!) + entry.done
            unsafe reactor.ring.read(tag, file: entry.file, into: base, count: UInt32(left), offset: offset)
        case .write:
            unsafe reactor.ring.write(
                tag, file: entry.file, from: request.buffer! + entry.done, count: UInt32(left),
                offset: offset,
                isDurable: request.forceUnitAccess)
        case .writeZeroes:
            guard let zeroes = unsafe zeroes else { return end(index, .internalError) }
            unsafe reactor.ring.write(
                tag, file: entry.file, from: zeroes, count: UInt32(min(left, Self.zeroesByteCount)),
                offset: offset, isDurable: request.forceUnitAccess)
        case .synchronize: unsafe reactor.ring.synchronize(tag, file: entry.file)
        case .zero:
            unsafe reactor.ring.allocate(
                tag, file: entry.file, mode: FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset: offset,
                count: UInt64(left))
        case .punch:
            unsafe reactor.ring.allocate(
                tag, file: entry.file, mode: FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset: offset,
                count: UInt64(left))
        }
    }

    // MARK: Go on

    func completed(_ completion: Completion) {
        let index = completion.operation.index
        if completion.result < 0 { return failed(index, errno: -completion.result) }
        let entry = unsafe entries + Int(index)
        switch unsafe entry.pointee.step {
        case .read, .write, .writeZeroes:
            // Nothing moved: the file ends before the size that the backend was opened with.
            guard completion.result > 0 else { return end(index, .mediaError) }
            unsafe entry.pointee.done += Int(completion.result)
            if unsafe entry.pointee.done < entry.pointee.request.byteCount { return submit(index) }
            unsafe end(index, compared(entry))
        case .synchronize: end(index, .success)
        case .zero, .punch:
            // Only a write takes RWF_DSYNC along.
            guard unsafe entry.pointee.request.forceUnitAccess else { return end(index, .success) }
            unsafe entry.pointee.step = .synchronize
            submit(index)
        }
    }

    private func failed(_ index: UInt32, errno: Int32) {
        let entry = unsafe entries + Int(index)
        let step = unsafe entry.pointee.step
        switch errno {
        case EINTR, EAGAIN: submit(index)
        // This file system has no such fallocate.
        case EOPNOTSUPP where step == .zero || step == .punch:
            // Deallocate is advice; Write Zeroes is not.
            guard unsafe entry.pointee.request.operation == .writeZeroes else { return end(index, .success) }
            unsafe entry.pointee.step = .writeZeroes
            submit(index)
        default: end(index, BackendResult(fileErrno: errno))
        }
    }

    /// The outcome of a request whose bytes have all been moved.
    private func compared(_ entry: UnsafeMutablePointer<Entry>) -> BackendResult {
        guard let scratch = unsafe entry.pointee.scratch, let buffer = unsafe entry.pointee.request.buffer
        else {
            return .success
        }
        return unsafe memcmp(scratch, buffer, entry.pointee.request.byteCount) == 0 ? .success : .miscompare
    }

    private func end(_ index: UInt32, _ result: BackendResult) {
        let entry = unsafe entries + Int(index)
        unsafe free(entry.pointee.scratch)
        unsafe entry.pointee.scratch = nil
        let ticket = unsafe entry.pointee.request.ticket
        unsafe entry.pointee.nextFree = firstFree
        firstFree = index
        ticket.complete(result)
    }
}

extension BackendResult {
    /// What a failed call on a file means to a host.
    init(fileErrno: Int32) {
        self =
            switch fileErrno {
            case ENOSPC, EDQUOT, EFBIG: .noSpace
            // Checksums of file systems, and the medium itself.
            case EIO, EILSEQ, EREMOTEIO, ENODATA, EBADMSG: .mediaError
            // A descriptor opened for reading only gives EBADF on a write.
            case EROFS, EPERM, EACCES, EBADF: .readOnly
            case ENODEV, ENXIO, ESTALE: .gone
            case ETIMEDOUT, ENOLINK, EHOSTDOWN, EHOSTUNREACH, ENOTCONN: .unreachable
            case EOPNOTSUPP: .unsupported
            default: .internalError
            }
    }
}
