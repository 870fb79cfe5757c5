// What stores may be asked for a command: exactly what the command says, piece after piece in order, with the
// bytes that the host sent or that a store gave.

import GatewayCore
import NVMeTCP

/// How far a command has come, by the requests that were made for it.
struct CommandProgress {
    /// The range that is being worked on, and how many of its blocks are done.
    var range = 0
    var blocks = 0
    var isFlushed = false
    /// The blocks that a Copy has read and not written.
    var readCount = 0
    /// Stores below were flushed, for a Flush of all namespaces.
    var flushedBelow = 0

    /// Moves on by `count` blocks of the ranges.
    mutating func advance(_ count: Int, in ranges: [Range<Int>]) {
        blocks += count
        while range < ranges.count, blocks >= ranges[range].count {
            blocks -= ranges[range].count
            range += 1
        }
    }
}

enum RequestRules {
    /// What is wrong with a request of a command; nil if nothing is. The command's progress moves on.
    static func complaint(
        of request: BackendRequest, to store: FaultingBackend, for command: SimulatedCommand
    ) -> String? {
        let wish = command.wish
        if wish.kind == .flushAll { return flushAll(request, to: store, for: command) }
        if [.fusedCompare, .fusedWrite].contains(wish.kind) {
            return FusedRules.complaint(of: request, to: store, for: command)
        }
        if wish.kind == .copy { return CopyRules.complaint(of: request, to: store, for: command) }
        guard store === command.store else { return "a request to another namespace's store" }
        if let flush = command.flushDue, flush { return self.flush(request, command) }
        switch wish.kind {
        case .read: return piece(.read, request, store, command, whole: true)
        case .write:
            return piece(.write, request, store, command, whole: true) ?? bytes(request, store, command)
        case .compare:
            return piece(.compare, request, store, command, whole: true) ?? bytes(request, store, command)
        case .writeZeroes: return piece(.writeZeroes, request, store, command)
        case .verify: return piece(.read, request, store, command)
        case .deallocate: return piece(.deallocate, request, store, command)
        default: return "a request for a command that needs none"
        }
    }

    private static func flush(_ request: BackendRequest, _ command: SimulatedCommand) -> String? {
        command.progress.isFlushed = true
        return request.operation == .flush ? nil : "\(request.operation) instead of a flush"
    }

    /// The next piece of the command's ranges, all of them if `whole`.
    private static func piece(
        _ operation: BackendOperation, _ request: BackendRequest, _ store: FaultingBackend,
        _ command: SimulatedCommand, whole: Bool = false
    ) -> String? {
        // Empty ranges need no request.
        command.progress.advance(0, in: command.wish.ranges)
        let (wish, progress) = (command.wish, command.progress)
        guard request.operation == operation else { return "asked for \(request.operation)" }
        guard progress.range < wish.ranges.count else { return "a request too many" }
        let size = store.blockByteCount
        let range = wish.ranges[progress.range]
        let count = request.byteCount / size
        let isRight =
            request.offset == UInt64((range.lowerBound + progress.blocks) * size)
            && request.byteCount % size == 0 && count > 0 && progress.blocks + count <= range.count
            && (!whole || count == range.count)
        guard isRight else { return "asked for \(request.byteCount) bytes at \(request.offset)" }
        if operation != .deallocate {
            guard request.forceUnitAccess == wish.forceUnitAccess else { return "FUA was lost" }
            guard !request.mayDeallocate || wish.mayDeallocate else { return "DEAC was made up" }
        }
        command.progress.advance(count, in: wish.ranges)
        return nil
    }

    /// What is written or compared is what the host sent.
    private static func bytes(
        _ request: BackendRequest, _ store: FaultingBackend, _ command: SimulatedCommand
    ) -> String? {
        let bytes = UnsafeRawBufferPointer(start: request.buffer, count: request.byteCount)
        let values = BlockPattern.values(of: bytes, blockByteCount: store.blockByteCount)
        let isRight = zip(values, command.wish.values).allSatisfy { $0 == $1 }
        return isRight ? nil : "its bytes are not what the host sent"
    }

    /// Flush of all namespaces: each once, in ascending order.
    private static func flushAll(
        _ request: BackendRequest, to store: FaultingBackend, for command: SimulatedCommand
    ) -> String? {
        guard request.operation == .flush else { return "a request other than a flush" }
        guard store.number >= command.progress.flushedBelow else { return "a namespace flushed twice" }
        command.progress.flushedBelow = store.number + 1
        return nil
    }
}

extension SimulatedCommand {
    /// Whether its next request must be a flush; nil if it never is.
    var flushDue: Bool? {
        switch wish.kind {
        case .flush: !progress.isFlushed
        case .read, .compare, .verify:
            // Force Unit Access of what reads: what a cache holds of the blocks is made durable before.
            wish.forceUnitAccess && store?.geometry.hasVolatileWriteCache == true ? !progress.isFlushed : nil
        default: nil
        }
    }

    /// Whether all that it asks for has been asked of its store.
    var isAskedFor: Bool {
        if flushDue == true { return false }
        if [.flush, .flushAll, .hint, .refusedIO, .reservation].contains(wish.kind) { return true }
        return progress.readCount == 0 && progress.range >= wish.ranges.count
            || wish.ranges[progress.range...].allSatisfy(\.isEmpty)
    }
}
