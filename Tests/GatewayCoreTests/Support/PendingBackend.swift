// A backend that keeps every request until a test ends it: for what happens while a store is slow, stuck or
// gone.

import Synchronization

@testable import GatewayCore

/// Keeps requests; `MemoryBackend` does the work when they are let go.
final class PendingBackend: BlockBackend {
    private let store: MemoryBackend
    private let held = Mutex<[BackendRequestBox]>([])

    private struct BackendRequestBox: @unchecked Sendable { let request: BackendRequest }

    let geometry: BlockGeometry
    var heldCount: Int { held.withLock { $0.count } }

    init(
        byteCount: UInt64, hasVolatileWriteCache: Bool = false, compareAndWriteByteCountMax: UInt32 = 0
    ) {
        store = MemoryBackend(byteCount: byteCount)
        geometry = BlockGeometry(
            byteCount: byteCount, hasVolatileWriteCache: hasVolatileWriteCache,
            compareAndWriteByteCountMax: compareAndWriteByteCountMax)
    }

    /// The operations that are held.
    var heldOperations: [BackendOperation] { held.withLock { $0.map(\.request.operation) } }

    func submit(_ request: BackendRequest) -> BackendSubmission {
        let box = BackendRequestBox(request: request)
        held.withLock { $0.append(box) }
        return .pending
    }

    /// Ends all that is held, with `result` or as the store does.
    func release(_ result: BackendResult = .success) {
        let all = held.withLock { held in
            defer { held = [] }
            return held
        }
        for box in all {
            if result == .success, case .completed(let done) = store.submit(box.request) {
                box.request.ticket.complete(done)
            } else {
                box.request.ticket.complete(result)
            }
        }
    }
}
