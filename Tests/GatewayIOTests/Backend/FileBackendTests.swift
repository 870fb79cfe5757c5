// The file backend on a ring that the test drives: what it stores is read back, and with pread(2) beside it.

import CLiburing
import GatewayCore
import Testing

@testable import GatewayIO

/// A file backend attached to a ring that the test drives.
private final class FileHarness {
    let path: String
    let reactor: Reactor
    let services: RingServices
    let mailbox: Mailbox
    let backend: any BlockBackend
    private let nodes: Nodes
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)

    init(byteCount: Int = 1 << 20, path: String? = nil, isReadOnly: Bool = false) throws {
        var template = Array("/tmp/gatewayd-file-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        #expect(ftruncate(descriptor, byteCount) == 0)
        close(descriptor)
        self.path = path ?? String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        mailbox = try Mailbox()
        nodes = Nodes(1, for: mailbox)
        reactor = try Reactor(mailbox: mailbox)
        services = RingServices(shardID: 0, reactor: reactor, operationsMax: 4)
        backend = try FileBackend(path: self.path, isReadOnly: isReadOnly).attached(to: services)
    }

    deinit {
        unlink(path)
        buffer.deallocate()
    }

    /// Runs one request to its end.
    func run(
        _ operation: BackendOperation, at offset: UInt64 = 0, count: Int = 0, durable: Bool = false,
        mayDeallocate: Bool = false
    ) -> BackendResult {
        let request = BackendRequest(
            operation: operation, forceUnitAccess: durable, mayDeallocate: mayDeallocate, offset: offset,
            byteCount: count, buffer: buffer.baseAddress, ticket: nodes.ticket(0))
        switch backend.submit(request) {
        case .completed(let result): return result
        case .pending: break
        }
        while true {
            reactor.wait(until: nil)
            while let completion = reactor.next() { services.files.completed(completion) }
            if mailbox.takeSlots() == [0] { return nodes.base.pointee.result }
        }
    }

    func fill(_ value: UInt8, _ count: Int) {
        UnsafeMutableRawBufferPointer(rebasing: buffer[0..<count]).initializeMemory(
            as: UInt8.self, repeating: value)
    }
    func bytes(_ count: Int) -> [UInt8] { Array(buffer[0..<count]) }
}

@Suite struct FileBackendTests {
    @Test("What is written is read back, and is in the file")
    func roundTrip() throws {
        let file = try FileHarness()
        #expect(file.backend.geometry.byteCount == 1 << 20)
        file.fill(7, 8192)
        #expect(file.run(.write, at: 4096, count: 8192) == .success)
        file.fill(0, 8192)
        #expect(file.run(.read, at: 4096, count: 8192) == .success)
        #expect(file.bytes(8192) == [UInt8](repeating: 7, count: 8192))
        var direct = [UInt8](repeating: 0, count: 8193)
        let descriptor = gw_open(file.path, O_RDONLY)
        #expect(pread(descriptor, &direct, 8193, 4095) == 8193)
        close(descriptor)
        #expect(direct == [0] + [UInt8](repeating: 7, count: 8192))
    }

    @Test("A durable write and a flush succeed")
    func durable() throws {
        let file = try FileHarness()
        file.fill(1, 512)
        #expect(file.run(.write, at: 0, count: 512, durable: true) == .success)
        #expect(file.run(.flush) == .success)
        #expect(file.backend.geometry.hasVolatileWriteCache)
    }

    @Test(
        "Write Zeroes makes the range read as zeroes and nothing else", arguments: [false, true],
        [false, true])
    func writeZeroes(mayDeallocate: Bool, durable: Bool) throws {
        let file = try FileHarness()
        file.fill(9, 65536)
        #expect(file.run(.write, at: 0, count: 65536) == .success)
        #expect(
            file.run(.writeZeroes, at: 512, count: 33 * 512, durable: durable, mayDeallocate: mayDeallocate)
                == .success)
        #expect(file.run(.read, at: 0, count: 65536) == .success)
        let expected =
            [UInt8](repeating: 9, count: 512) + [UInt8](repeating: 0, count: 33 * 512)
            + [UInt8](repeating: 9, count: 65536 - 34 * 512)
        #expect(file.bytes(65536) == expected)
        #expect(file.backend.geometry.byteCount == 1 << 20)
    }

    @Test("A deallocated range reads as the geometry says, and takes less space")
    func deallocate() throws {
        let file = try FileHarness()
        file.fill(9, 1 << 20)
        #expect(file.run(.write, at: 0, count: 1 << 20) == .success)
        #expect(file.run(.deallocate, at: 0, count: 1 << 19) == .success)
        #expect(file.backend.geometry.deallocatedReads == .zeroes)
        #expect(file.run(.read, at: 0, count: 512) == .success)
        #expect(file.bytes(512) == [UInt8](repeating: 0, count: 512))
        #expect(file.run(.read, at: 1 << 19, count: 512) == .success)
        #expect(file.bytes(512) == [UInt8](repeating: 9, count: 512))
    }

    @Test("Compare finds equal and different bytes, to the last")
    func compare() throws {
        let file = try FileHarness()
        file.fill(3, 4096)
        #expect(file.run(.write, at: 8192, count: 4096) == .success)
        #expect(file.run(.compare, at: 8192, count: 4096) == .success)
        file.buffer[4095] = 4
        #expect(file.run(.compare, at: 8192, count: 4096) == .miscompare)
        #expect(file.run(.compare, at: 8192, count: 4095) == .success)
    }

    @Test("A read beyond the end of a file that shrank is a media error, not stale bytes")
    func shrunk() throws {
        let file = try FileHarness()
        #expect(truncate(file.path, 4096) == 0)
        #expect(file.run(.read, at: 0, count: 4096) == .success)
        #expect(file.run(.read, at: 4096, count: 4096) == .mediaError)
        #expect(file.run(.read, at: 0, count: 8192) == .mediaError)
    }

    @Test("A read-only backend refuses writes")
    func readOnly() throws {
        let file = try FileHarness(isReadOnly: true)
        #expect(file.backend.geometry.isReadOnly)
        #expect(file.run(.read, count: 512) == .success)
        #expect(file.run(.write, count: 512) == .readOnly)
    }

    @Test("Each errno of a file has its result")
    func errnos() {
        #expect(BackendResult(fileErrno: ENOSPC) == .noSpace)
        #expect(BackendResult(fileErrno: EDQUOT) == .noSpace)
        #expect(BackendResult(fileErrno: EIO) == .mediaError)
        #expect(BackendResult(fileErrno: EROFS) == .readOnly)
        #expect(BackendResult(fileErrno: ENODEV) == .gone)
        #expect(BackendResult(fileErrno: ETIMEDOUT) == .unreachable)
        #expect(BackendResult(fileErrno: EOPNOTSUPP) == .unsupported)
        #expect(BackendResult(fileErrno: EINVAL) == .internalError)
    }

    @Test("What can't be exported is named with the reason")
    func errors() throws {
        func error(_ path: String) -> FileBackendError? {
            do throws(FileBackendError) {
                _ = try FileBackend(path: path)
                return nil
            } catch { return error }
        }
        #expect(error("/nonexistent/disk")?.errno == ENOENT)
        #expect(
            error("/nonexistent/disk").map { "\($0)".contains("/nonexistent/disk: no such file") } == true)
        #expect(
            error("/dev/null").map { "\($0)".contains("neither a regular file nor a block device") } == true)
        let empty = try FileHarness(byteCount: 4096)
        #expect(truncate(empty.path, 0) == 0)
        #expect(error(empty.path).map { "\($0)".contains("is empty") } == true)
    }
}
