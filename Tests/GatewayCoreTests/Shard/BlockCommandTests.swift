// Read, Write, Compare, Write Zeroes, Flush and Dataset Management through a whole shard: bytes in, bytes
// out.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Block commands")
struct BlockCommandTests {
    private func pattern(_ count: Int, seed: UInt8 = 1) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 512) &+ seed }
    }

    @Test("What is written is read back", arguments: [512, 4096, 8192, 65536, 131_072], [true, false])
    func writeThenRead(byteCount: Int, digests: Bool) throws {
        var parameters = HostConnection.Parameters()
        parameters.wantsHeaderDigest = digests
        parameters.wantsDataDigest = digests
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), parameters: parameters)
        let data = pattern(byteCount)
        let isInCapsule = byteCount <= 8192
        #expect(host.io.write(start: 3, data: data, inCapsule: isInCapsule)?.status == .success)
        let (completion, back) = host.io.read(start: 3, blocks: byteCount / 512)
        #expect(completion?.status == .success)
        #expect(back == data)
        #expect(host.io.requestedTransfers == (isInCapsule ? 0 : 1))
    }

    @Test("A small write may also come by R2T")
    func smallTransfer() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let data = pattern(512)
        #expect(host.io.write(start: 0, data: data, inCapsule: false)?.status == .success)
        #expect(host.io.requestedTransfers == 1)
        #expect(host.io.read(start: 0, blocks: 1).data == data)
    }

    @Test("SUCCESS replaces the response only where the host disabled flow control")
    func successFlag() throws {
        let plain = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        #expect(plain.io.read(start: 0, blocks: 8).completion?.status == .success)
        #expect(plain.io.successFlags == 0)
        let relaxed = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), attributes: .disableFlowControl)
        #expect(relaxed.io.read(start: 0, blocks: 8).completion?.status == .success)
        #expect(relaxed.io.successFlags == 1)
    }

    @Test("SQHD counts the commands taken, and wraps")
    func queueHead() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20), entries: 4)
        // Connect was entry 0.
        #expect(
            (1...6).map { _ in host.io.read(start: 0, blocks: 1).completion?.submissionQueueHead } == [
                2, 3, 0, 1, 2, 3,
            ])
    }

    @Test(
        "LBA Out of Range at the namespace's end, at byte 40",
        arguments: [IOOpcode.read, .write, .compare, .writeZeroes])
    func range(opcode: IOOpcode) throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 64 * 512))
        for (start, blocks, isInside) in [
            (UInt64(63), 1, true), (63, 2, false), (64, 1, false), (UInt64.max, 1, false),
            (UInt64.max - 1, 2, false),
        ] {
            let command = TestHost.io(opcode, start: start, blocks: blocks)
            let zeroes = [UInt8](repeating: 0, count: blocks * 512)
            let completion =
                switch opcode {
                case .read: host.io.run(command, reading: zeroes.count).completion
                case .writeZeroes: host.io.run(command).completion
                default: host.io.run(command, data: zeroes).completion
                }
            #expect(completion?.status == (isInside ? .success : .lbaOutOfRange.notRetryable))
        }
    }

    @Test("A command longer than MDTS is refused, and the queue goes on")
    func tooLong() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let command = TestHost.io(.read, blocks: 257)
        #expect(host.io.run(command, reading: 257 * 512).completion?.status == .invalidField.notRetryable)
        #expect(host.io.read(start: 0, blocks: 256).completion?.status == .success)
    }

    @Test("Compare tells equal from different")
    func compare() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let data = pattern(4096)
        #expect(host.io.write(start: 8, data: data)?.status == .success)
        let command = TestHost.io(.compare, start: 8, blocks: 8)
        #expect(host.io.run(command, data: data).completion?.status == .success)
        #expect(
            host.io.run(command, data: pattern(4096, seed: 2)).completion?.status
                == .compareFailure.notRetryable)
    }

    @Test("Write Zeroes makes blocks read as zeroes, those beside untouched")
    func writeZeroes() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        #expect(host.io.write(start: 0, data: pattern(4096))?.status == .success)
        #expect(host.io.run(TestHost.io(.writeZeroes, start: 2, blocks: 3)).completion?.status == .success)
        let back = host.io.read(start: 0, blocks: 8).data
        #expect(
            back == Array(pattern(4096)[..<1024]) + [UInt8](repeating: 0, count: 1536)
                + pattern(4096)[2560...])
    }

    @Test("Flush of one namespace, of all, and of one that is not there")
    func flush() throws {
        let host = try ConnectedHost(
            namespaces: [1, 2, 7].map {
                ConnectedHost.namespace(MemoryBackend(byteCount: 1 << 20), id: $0)
            })
        for (namespace, status) in [
            (1, .success), (7, .success), (0xFFFF_FFFF, .success),
            (0, Status.invalidNamespaceOrFormat.notRetryable),
            (3, .invalidField.notRetryable), (0xFFFF_FFFE, .invalidNamespaceOrFormat.notRetryable),
        ] as [(UInt32, Status)] {
            #expect(host.io.run(TestHost.io(.flush, namespace: namespace)).completion?.status == status)
        }
    }

    @Test("A command for one namespace can't be for all of them")
    func broadcast() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        for opcode in [.read, .writeZeroes, .verify] as [IOOpcode] {
            let (completion, _) = host.io.run(TestHost.io(opcode, namespace: 0xFFFF_FFFF), reading: 512)
            #expect(completion?.status == .invalidField.notRetryable)
        }
    }

    @Test("Dataset Management deallocates every range, or none if one is out of bounds")
    func datasetManagement() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        #expect(host.io.write(start: 0, data: pattern(8192))?.status == .success)
        func deallocate(_ ranges: [(start: UInt64, count: UInt32)], room: Int = 0) -> Status? {
            var data: [UInt8] = []
            for range in ranges {
                data += [UInt8](repeating: 0, count: 4)
                withUnsafeBytes(of: range.count.littleEndian) { data += $0 }
                withUnsafeBytes(of: range.start.littleEndian) { data += $0 }
            }
            var command = SubmissionEntry(opcode: IOOpcode.datasetManagement.rawValue)
            command.dword1 = 1
            command.dword10 = UInt32(ranges.count - 1)
            command.dword11 = 1 << 2
            data += [UInt8](repeating: 0xFF, count: max(0, room - data.count))
            return host.io.run(command, data: data).completion?.status
        }
        #expect(deallocate([(0, 1), (5000, 1)]) == .lbaOutOfRange.notRetryable)
        #expect(host.io.read(start: 0, blocks: 16).data == pattern(8192))
        #expect(deallocate([(0, 1), (4, 0), (15, 1)]) == .success)
        let back = host.io.read(start: 0, blocks: 16).data
        #expect(back[..<512].allSatisfy { $0 == 0 } && back[7680...].allSatisfy { $0 == 0 })
        #expect(Array(back[512..<7680]) == Array(pattern(8192)[512..<7680]))
        // As Linux sends it: room for 256 ranges.
        #expect(deallocate([(1, 1)], room: 4096) == .success)
        #expect(host.io.read(start: 1, blocks: 1).data == [UInt8](repeating: 0, count: 512))
        #expect(deallocate([(1, 1)], room: 4112) == .dataSGLLengthInvalid.notRetryable)
    }

    @Test("Opcodes that are not there are refused, at every value")
    func opcodes() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        let served: [UInt8] = [
            0x00, 0x01, 0x02, 0x05, 0x08, 0x09, 0x0C, 0x0D, 0x0E, 0x11, 0x15, 0x19, 0x7F,
        ]
        for opcode in UInt8.min...UInt8.max where !served.contains(opcode) {
            var command = SubmissionEntry(opcode: opcode)
            command.dword1 = 1
            #expect(
                host.io.run(command).completion?.status == .invalidOpcode.notRetryable, "opcode \(opcode)")
        }
    }

    @Test("A data pointer of the wrong kind, offset or length gets the status for it")
    func dataPointer() throws {
        let host = try ConnectedHost(MemoryBackend(byteCount: 1 << 20))
        func status(_ sgl: SGLDescriptor, _ opcode: IOOpcode, data: [UInt8] = []) -> Status? {
            var command = TestHost.io(opcode, blocks: 2)
            command.sgl = sgl
            return host.io.run(command, data: data, reading: opcode == .read ? 1024 : 0).completion?.status
        }
        let data = pattern(1024)
        #expect(
            status(.inCapsule(offset: 4, length: 1024), .write, data: data) == .sglOffsetInvalid.notRetryable)
        #expect(status(.inCapsule(length: 512), .write, data: data) == .dataSGLLengthInvalid.notRetryable)
        #expect(status(.transport(length: 1024), .write, data: data) == .dataSGLLengthInvalid.notRetryable)
        #expect(status(.inCapsule(length: 1024), .read) == .sglTypeInvalid.notRetryable)
        #expect(status(.transport(length: 512), .read) == .dataSGLLengthInvalid.notRetryable)
        #expect(status(.inCapsule(length: 1536), .write, data: data) == .dataSGLLengthInvalid.notRetryable)
        #expect(status(.transport(length: 1536), .read) == .dataSGLLengthInvalid.notRetryable)
        // 2: metadata, of which there is none, by an SGL of its own; 3: reserved.
        for (kind, expected) in [(2, .success), (3, .invalidField.notRetryable)] as [(UInt32, Status)] {
            var command = TestHost.io(.read, blocks: 2)
            command.dword0 |= kind << 14
            #expect(host.io.run(command, reading: 1024).completion?.status == expected)
        }
        #expect(host.io.read(start: 0, blocks: 2).completion?.status == .success)
    }
}
