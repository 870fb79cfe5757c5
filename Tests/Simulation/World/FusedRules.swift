// Fused Compare and Write: two commands, one request, one fate. Each value that a block has had was written
// once, so that two pairs that both found the same value in a block and replaced it are one too many.

import GatewayCore
import NVMeTCP

enum FusedRules {
    /// What is wrong with the answers of two halves, once both are there.
    static func complaint(_ half: SimulatedCommand, _ other: SimulatedCommand) -> String? {
        guard let status = half.status, let otherStatus = other.status else { return nil }
        let (compare, write) = half.wish.kind == .fusedCompare ? (half, other) : (other, half)
        guard status.isSuccess == otherStatus.isSuccess else {
            return "one half succeeded: \(status.name), \(otherStatus.name)"
        }
        if status.isSuccess { return replaced(compare, write) }
        let isForTheOther = { (status: Status) in status ~= .abortedFailedFused }
        return isForTheOther(status) && isForTheOther(otherStatus)
            ? "each half failed for the other" : nil
    }

    private static func replaced(_ compare: SimulatedCommand, _ write: SimulatedCommand) -> String? {
        guard let store = compare.store else { return nil }
        for (block, value) in zip(compare.wish.ranges[0], compare.wish.values) where value != 0 {
            if !store.noteReplaced(value, block: block) {
                return "block \(block) was replaced twice as \(value)"
            }
        }
        return nil
    }

    /// What a pair asks of its store: both halves' bytes in one request.
    static func complaint(
        of request: BackendRequest, to store: FaultingBackend, for compare: SimulatedCommand
    ) -> String? {
        guard let write = compare.partner, compare.wish.kind == .fusedCompare else {
            return "a compare-and-write that is no pair's"
        }
        guard request.operation == .compareAndWrite, store === compare.store else {
            return "asked for \(request.operation)"
        }
        let size = store.blockByteCount
        let range = compare.wish.ranges[0]
        guard request.offset == UInt64(range.lowerBound * size), request.byteCount == range.count * size
        else { return "asked for \(request.byteCount) bytes at \(request.offset)" }
        guard request.forceUnitAccess == write.wish.forceUnitAccess else { return "FUA was lost" }
        for (buffer, values) in [
            (request.buffer, compare.wish.values), (request.writeBuffer, write.wish.values),
        ] {
            let bytes = UnsafeRawBufferPointer(start: buffer, count: request.byteCount)
            let found = BlockPattern.values(of: bytes, blockByteCount: size)
            if !zip(found, values).allSatisfy({ $0 == $1 }) { return "its bytes are not what the host sent" }
        }
        for half in [compare, write] { half.progress.advance(range.count, in: half.wish.ranges) }
        return nil
    }
}
