// Fused Compare and Write as a host sends it: two commands in a row in one queue. Linux's passthrough refuses
// them, so this is how the target's are tried from outside.

internal import GatewayCore
package import NVMeTCP

/// How both halves of a fused operation ended.
package struct FusedOutcome: Sendable, BitwiseCopyable {
    package var compare: CommandOutcome
    package var write: CommandOutcome

    /// Whether the blocks were as expected and are now as asked for.
    package var isSuccess: Bool { compare.isSuccess && write.isSuccess }
    /// Whether the blocks were not as expected, and nothing was written.
    package var isMiscompare: Bool {
        compare.completion.status.kind == .compareFailure
            && write.completion.status.kind == .abortedFailedFused
    }
}

extension InitiatorLoop {
    /// Runs one Compare and Write to its end.
    /// - Parameters:
    ///   - entry: What both commands have in common: the namespace and the blocks.
    ///   - byteCount: The length of each half's data, in bytes.
    ///   - compare: Writes what the blocks should be.
    ///   - write: Writes what they are to become.
    package func compareAndWrite(
        _ entry: SubmissionEntry, byteCount: Int, on queue: InitiatorQueue,
        timeoutNanoseconds: UInt64 = 10_000_000_000, compare: (inout MutableRawSpan) -> Void,
        write: (inout MutableRawSpan) -> Void
    ) throws(InitiatorError) -> FusedOutcome {
        let deadline = MonotonicClock.now().nanoseconds + timeoutNanoseconds
        if let failure = queue.failure { throw failure }
        guard let first = queue.takeCommand() else {
            throw .unsuitable("compare and write: all commands are in use")
        }
        guard let second = queue.takeCommand() else {
            queue.release(first)
            throw .unsuitable("compare and write: it takes two commands")
        }
        queue.fill(first, count: byteCount, compare)
        queue.fill(second, count: byteCount, write)
        // One right after the other: nothing else may be between them.
        for (commandID, opcode, half) in [(first, IOOpcode.compare, 1), (second, .write, 2)] {
            var command = entry
            command.dword0 = UInt32(opcode.rawValue) | UInt32(half) << 8
            queue.submitAwaited(commandID, command, .hostToController, byteCount: byteCount)
        }
        try wait(for: queue, until: deadline, doing: "compare and write") {
            queue.isEnded(first) && queue.isEnded(second)
        }
        guard let compared = queue.takeOutcome(first), let written = queue.takeOutcome(second) else {
            preconditionFailure("both have ended")
        }
        return FusedOutcome(compare: compared, write: written)
    }
}
