// A memory backend that writes down what it is asked for, and fails what a test tells it to: for commands
// that become several requests.

import Synchronization

@testable import GatewayCore

/// Ends each request at once.
final class RecordingBackend: BlockBackend {
    struct Asked: Equatable, CustomStringConvertible {
        let operation: BackendOperation
        let offset: UInt64
        let byteCount: Int
        var forceUnitAccess = false

        var description: String { "\(operation) \(offset) \(byteCount)\(forceUnitAccess ? " FUA" : "")" }
    }

    private let store: MemoryBackend
    private let log = Mutex<[Asked]>([])
    private let failure: Mutex<(asked: Int, result: BackendResult)?> = Mutex(nil)
    private let shape: Mutex<BlockGeometry>

    init(
        byteCount: UInt64, hasVolatileWriteCache: Bool = false, isReadOnly: Bool = false,
        contents: (Int) -> UInt8 = { _ in 0 }
    ) {
        store = MemoryBackend(byteCount: byteCount)
        shape = Mutex(
            BlockGeometry(
                byteCount: byteCount, deallocatedReads: .zeroes, isReadOnly: isReadOnly,
                hasVolatileWriteCache: hasVolatileWriteCache))
        fill(contents)
    }

    var geometry: BlockGeometry { shape.withLock { $0 } }

    /// What it was asked for since the last look.
    func takeAsked() -> [Asked] {
        log.withLock { log in
            defer { log = [] }
            return log
        }
    }

    /// Lets the request with this number, counted from the last look and from 0, end like this.
    func fail(_ number: Int, with result: BackendResult) { failure.withLock { $0 = (number, result) } }

    func submit(_ request: BackendRequest) -> BackendSubmission {
        let number = log.withLock { log in
            log.append(
                Asked(
                    operation: request.operation, offset: request.offset, byteCount: request.byteCount,
                    forceUnitAccess: request.forceUnitAccess))
            return log.count - 1
        }
        if let failure = failure.withLock({ $0 }), failure.asked == number {
            return .completed(failure.result)
        }
        return store.submit(request)
    }

    /// All that is stored.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: Int(geometry.byteCount))
        transfer(.read, &bytes)
        return bytes
    }

    private func fill(_ contents: (Int) -> UInt8) {
        var bytes = (0..<Int(geometry.byteCount)).map(contents)
        if bytes.contains(where: { $0 != 0 }) { transfer(.write, &bytes) }
    }

    private func transfer(_ operation: BackendOperation, _ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { raw in
            var node = CompletionNode(
                mailbox: UnsafeRawPointer(bitPattern: 8)!, deliver: { _ in preconditionFailure() }, slot: 0)
            let end = withUnsafeMutablePointer(to: &node) { node in
                store.submit(
                    BackendRequest(
                        operation: operation, offset: 0, byteCount: raw.count, buffer: raw.baseAddress,
                        ticket: CompletionTicket(node: node)))
            }
            precondition(end == .completed(.success), "memory is always there")
        }
    }
}
