// What a shard is to a backend, for tests: buffers, and a completion node whose delivery resumes a task.

import GatewayCore

/// A buffer that outlives its request.
final class Bytes: @unchecked Sendable {
    // Sendable: a test touches it before and after a request, never during.
    let pointer: UnsafeMutableRawPointer
    let count: Int

    init(_ count: Int, _ byte: UInt8 = 0) {
        self.count = count
        pointer = .allocate(byteCount: count, alignment: 4096)
        fill(byte)
    }
    deinit { pointer.deallocate() }

    func fill(_ byte: UInt8) { pointer.initializeMemory(as: UInt8.self, repeating: byte, count: count) }
    /// Bytes that differ from place to place, and from seed to seed.
    func fillPattern(_ seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        for index in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            pointer.storeBytes(
                of: UInt8(truncatingIfNeeded: state >> 56), toByteOffset: index, as: UInt8.self)
        }
    }
    var array: [UInt8] { [UInt8](UnsafeRawBufferPointer(start: pointer, count: count)) }
    func isAll(_ byte: UInt8) -> Bool { array.allSatisfy { $0 == byte } }
}

/// One request on its way, and the task that waits for it.
private final class Operation {
    let node = UnsafeMutablePointer<CompletionNode>.allocate(capacity: 1)
    var continuation: CheckedContinuation<BackendResult, Never>?

    func begin(_ backend: any BlockBackend, _ make: (CompletionTicket) -> BackendRequest) {
        let mailbox = Unmanaged.passRetained(self)
        node.initialize(
            to: CompletionNode(
                mailbox: mailbox.toOpaque(),
                deliver: { raw in
                    let node = raw.assumingMemoryBound(to: CompletionNode.self)
                    Unmanaged<Operation>.fromOpaque(node.pointee.mailbox).takeRetainedValue().end(
                        node.pointee.result)
                }, slot: 0))
        if case .completed(let result) = backend.submit(make(CompletionTicket(node: node))) {
            mailbox.release()
            end(result)
        }
    }

    private func end(_ result: BackendResult) {
        node.deallocate()
        let continuation = continuation.take()
        continuation?.resume(returning: result)
    }
}

extension BlockBackend {
    /// Submits a request and waits for its end.
    func perform(
        _ operation: BackendOperation, at offset: UInt64 = 0, _ buffer: Bytes? = nil,
        writing writeBuffer: Bytes? = nil, byteCount: Int? = nil,
        forceUnitAccess: Bool = false, mayDeallocate: Bool = false, submitted: @Sendable () -> Void = {}
    ) async -> BackendResult {
        await withCheckedContinuation { continuation in
            let one = Operation()
            one.continuation = continuation
            one.begin(self) { ticket in
                BackendRequest(
                    operation: operation, forceUnitAccess: forceUnitAccess, mayDeallocate: mayDeallocate,
                    offset: offset, byteCount: byteCount ?? buffer?.count ?? 0, buffer: buffer?.pointer,
                    writeBuffer: writeBuffer?.pointer, ticket: ticket)
            }
            submitted()
        }
    }

    func read(_ byteCount: Int, at offset: UInt64) async -> (BackendResult, Bytes) {
        let bytes = Bytes(byteCount, 0xEE)
        return (await perform(.read, at: offset, bytes), bytes)
    }
}
