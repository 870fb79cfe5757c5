// The memory backend by itself: what it gives back, and what it holds on to.

import Testing

@testable import GatewayCore

@Suite("Memory backend")
struct MemoryBackendTests {
    private static let chunk = 1 << 20

    private func submit(
        _ backend: MemoryBackend, _ operation: BackendOperation, at offset: Int, _ count: Int,
        _ buffer: UnsafeMutableRawPointer? = nil
    ) -> BackendSubmission {
        var node = CompletionNode(
            mailbox: UnsafeRawPointer(bitPattern: 8)!, deliver: { _ in preconditionFailure() }, slot: 0)
        return withUnsafeMutablePointer(to: &node) { node in
            backend.submit(
                BackendRequest(
                    operation: operation, offset: UInt64(offset), byteCount: count, buffer: buffer,
                    ticket: CompletionTicket(node: node)))
        }
    }

    @Test(
        "Memory comes back where whole chunks are freed",
        arguments: [BackendOperation.deallocate, .writeZeroes])
    func memory(operation: BackendOperation) {
        let backend = MemoryBackend(byteCount: UInt64(4 * Self.chunk))
        var data = [UInt8](repeating: 0xAB, count: 4 * Self.chunk)
        data.withUnsafeMutableBytes { bytes in
            #expect(submit(backend, .write, at: 0, bytes.count, bytes.baseAddress) == .completed(.success))
            #expect(backend.chunksInMemory == 4)
            // Half of the first, the second and third, half of the last.
            let done = submit(backend, operation, at: Self.chunk / 2, 3 * Self.chunk)
            #expect(done == .completed(.success))
            #expect(backend.chunksInMemory == 2)
            #expect(submit(backend, .read, at: 0, bytes.count, bytes.baseAddress) == .completed(.success))
        }
        let zeroes = Self.chunk / 2..<Self.chunk / 2 + 3 * Self.chunk
        #expect(data[zeroes].allSatisfy { $0 == 0 })
        #expect(data[..<zeroes.lowerBound].allSatisfy { $0 == 0xAB })
        #expect(data[zeroes.upperBound...].allSatisfy { $0 == 0xAB })
    }
}
