// Each way in which a backend's request can end, and what the host hears: every pair, written out.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Statuses of backends")
struct BackendStatusTests {
    private static let reads: [BackendOperation] = [.read, .compare]
    private static let changes: [BackendOperation] = [
        .write, .flush, .writeZeroes, .deallocate, .compareAndWrite,
    ]

    private func status(_ result: BackendResult, _ operation: BackendOperation) -> Status {
        result.status(for: operation)
    }

    @Test("What would fail again is not to be retried, what another path may do is path related")
    func table() {
        let rows: [(BackendResult, Status)] = [
            (.success, .success), (.miscompare, .compareFailure.notRetryable),
            (.readOnly, .namespaceWriteProtected.notRetryable), (.noSpace, .capacityExceeded.notRetryable),
            (.unreachable, .internalPathError), (.gone, .namespaceNotReady.notRetryable),
            (.unsupported, .invalidOpcode.notRetryable), (.aborted, .abortRequested),
            (.internalError, .internalError), (.notReady, .namespaceNotReady),
            (.outOfRange, .lbaOutOfRange.notRetryable),
        ]
        for (result, expected) in rows {
            for operation in Self.reads + Self.changes { #expect(status(result, operation) == expected) }
        }
    }

    @Test("A medium that fails is a read error where blocks are read, else a write fault")
    func media() {
        for operation in Self.reads {
            #expect(status(.mediaError, operation) == .unrecoveredReadError.notRetryable)
        }
        for operation in Self.changes {
            #expect(status(.mediaError, operation) == .writeFault.notRetryable)
        }
    }
}
