// The memory backend by itself: what it gives back, and what it holds on to.

import Testing

@testable import GatewayCore

@Suite("Memory backend")
struct MemoryBackendTests {
    private static let chunk = 1 << 20

    private func submit(
        _ backend: MemoryBackend, _ operation: BackendOperation, at offset: Int, _ count: Int,
        _ buffer: UnsafeMutableRawPointer? = nil, _ writeBuffer: UnsafeMutableRawPointer? = nil
    ) -> BackendSubmission {
        var node = CompletionNode(
            mailbox: UnsafeRawPointer(bitPattern: 8)!, deliver: { _ in preconditionFailure() }, slot: 0)
        return withUnsafeMutablePointer(to: &node) { node in
            backend.submit(
                BackendRequest(
                    operation: operation, offset: UInt64(offset), byteCount: count, buffer: buffer,
                    writeBuffer: writeBuffer, ticket: CompletionTicket(node: node)))
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

    @Test("Threads that count in one block by compare and write lose no step")
    func compareAndWrite() async {
        let backend = MemoryBackend(byteCount: UInt64(2 * Self.chunk))
        #expect(backend.geometry.compareAndWriteByteCountMax == UInt32(Self.chunk))
        let (threadCount, stepCount) = (4, 2_000)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<threadCount {
                group.addTask {
                    var known: UInt64 = 0
                    for _ in 0..<stepCount {
                        while true {
                            // What to compare with, what to write, and, after a miss, what is there.
                            var words = [UInt64](repeating: 0, count: 192)
                            words[63] = known
                            words[127] = known + 1
                            let isDone = words.withUnsafeMutableBytes { raw in
                                let base = raw.baseAddress!
                                let result = self.submit(
                                    backend, .compareAndWrite, at: 4096, 512, base, base + 512)
                                if result == .completed(.success) { return true }
                                #expect(result == .completed(.miscompare))
                                _ = self.submit(backend, .read, at: 4096, 512, base + 1024)
                                return false
                            }
                            known = isDone ? known + 1 : words[191]
                            if isDone { break }
                        }
                    }
                }
            }
        }
        var last = [UInt64](repeating: 0, count: 64)
        _ = last.withUnsafeMutableBytes { submit(backend, .read, at: 4096, 512, $0.baseAddress) }
        #expect(last[63] == UInt64(threadCount * stepCount))
    }
}
