// A whole target on loopback: real threads, rings and sockets, driven by hosts and by connections that say
// nothing.

import CLiburing
import GatewayCore
import NVMeTCP
import Synchronization
import Testing

@testable import GatewayIO

/// Keeps what was logged.
final class RecordingLog: TargetLog {
    private let kept = Shared(Mutex<[String]>([]))
    func write(_ level: LogLevel, _ message: String) { kept.value.withLock { $0.append(message) } }
    var lines: [String] { kept.value.withLock { $0 } }
}

@Suite(.timeLimit(.minutes(10))) struct TargetTests {
    static let nqn = "nqn.2026-11.example:disk"

    private func configuration(
        _ backend: any BlockBackend = MemoryBackend(byteCount: 1 << 30), shards: Int = 1,
        features: RingFeatures = .all, log: any TargetLog = SilentLog()
    ) -> Target.Configuration {
        let namespace = Namespace(id: 1, name: "test", uuid: 0x1234_5678, backend: backend)
        let subsystem = Subsystem(nqn: Self.nqn, serialNumber: "1", access: .any, namespaces: [namespace])
        var configuration = Target.Configuration(
            listeners: [ListenAddress(host: "127.0.0.1", port: 0), ListenAddress(host: "::1", port: 0)],
            subsystems: [subsystem], shardCount: shards, log: log)
        configuration.features = features
        return configuration
    }

    /// Connects an admin queue, enables the controller, and connects an I/O queue.
    private func connect(_ target: Target, listener: Int = 0, digests: Bool = false) throws -> (
        TestHost, TestHost
    ) {
        let bound = target.listeners[listener]
        let admin = try TestHost(port: bound.port, host: bound.host, digests: digests)
        let connected = try admin.connect(subsystem: Self.nqn)
        try #require(connected.status.isSuccess)
        let enable = PropertySetCommand(.configuration, size: .fourBytes, value: 0x46_0001)
        #expect(try admin.run(enable.entry(commandID: 0)).status.isSuccess)
        let queue = try TestHost(port: bound.port, host: bound.host, digests: digests)
        let controller = ConnectResponse.controllerID(connected.result)
        #expect(
            try queue.connect(queue: 1, controller: controller, subsystem: Self.nqn, entries: 128).status
                .isSuccess)
        return (admin, queue)
    }

    private func io(_ opcode: IOOpcode, lba: UInt32, blocks: Int, namespace: UInt32 = 1) -> SubmissionEntry {
        var entry = SubmissionEntry(opcode: opcode.rawValue)
        entry.dword0 |= 1 << 14
        entry.dword1 = namespace
        entry.dword10 = lba
        entry.dword12 = UInt32(blocks - 1)
        return entry
    }

    /// Writes and reads back in several sizes, by both ways of sending data.
    private func writeAndRead(_ queue: TestHost) throws {
        for (index, blocks) in [1, 8, 16, 17, 64, 256].enumerated() {
            let data = (0..<blocks * 512).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 9 &+ index) }
            var write = io(.write, lba: UInt32(index * 1000), blocks: blocks)
            if data.count <= 8192 {
                write.sgl = .inCapsule(length: UInt32(data.count))
                #expect(try queue.run(write, inCapsule: data).status.isSuccess)
            } else {
                #expect(try queue.write(write, data).status.isSuccess)
            }
            let (completion, read) = try queue.read(
                io(.read, lba: UInt32(index * 1000), blocks: blocks), count: data.count)
            #expect(completion.status.isSuccess)
            let isEqual = read == data
            #expect(isEqual, "\(blocks) blocks came back changed")
        }
    }

    @Test("A host writes and reads back, on every kernel we pose as", arguments: kernels, [1, 2])
    func writesAndReads(features: RingFeatures, shards: Int) async throws {
        let target = try await Target.start(configuration(shards: shards, features: features))
        for listener in 0..<2 {
            let (admin, queue) = try connect(target, listener: listener)
            try writeAndRead(queue)
            withExtendedLifetime(admin) {}
        }
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("With header and data digests too")
    func digests() async throws {
        let target = try await Target.start(configuration())
        let (admin, queue) = try connect(target, digests: true)
        try writeAndRead(queue)
        withExtendedLifetime(admin) {}
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("A file stores a namespace's blocks on every shard")
    func file() async throws {
        var template = Array("/tmp/gatewayd-target-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        #expect(ftruncate(descriptor, 64 << 20) == 0)
        close(descriptor)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let target = try await Target.start(configuration(try FileBackend(path: path), shards: 2))
        for _ in 0..<2 {
            let (admin, queue) = try connect(target)
            try writeAndRead(queue)
            withExtendedLifetime(admin) {}
        }
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("A host is served beside 1,000 connections that say nothing, and all end with the target")
    func silentConnections() async throws {
        raiseDescriptorLimit()
        let target = try await Target.start(configuration(shards: 2))
        let port = target.listeners[0].port
        let silent = try (0..<1000).map { _ in try TestHost.connect(port: port) }
        let (admin, queue) = try connect(target)
        try writeAndRead(queue)
        withExtendedLifetime(admin) {}
        await target.shutdown(deadlineMilliseconds: 5_000)
        for socket in silent {
            var byte: UInt8 = 0
            #expect(recv(socket, &byte, 1, 0) <= 0)
            close(socket)
        }
    }

    @Test(
        "With memory short, commands wait and all are answered", arguments: kernels)
    func shortage(features: RingFeatures) async throws {
        var configuration = configuration(features: features)
        configuration.limits.transferShift = 2
        configuration.limits.bufferBytesMax = 16 << 10
        configuration.limits.capsuleBufferBytesMax = 16 << 10
        let target = try await Target.start(configuration)
        let (admin, queue) = try connect(target)
        for round in 0..<3 {
            let commands = (0..<100).map { index -> (entry: SubmissionEntry, data: [UInt8]) in
                var entry = io(.write, lba: UInt32(index * 16), blocks: 16)
                entry.sgl = .inCapsule(length: 8192)
                return (entry, [UInt8](repeating: UInt8(index + round), count: 8192))
            }
            let completions = try queue.runAll(commands)
            #expect(completions.allSatisfy { $0.status.isSuccess })
            #expect(Set(completions.map(\.commandID)).count == 100)
        }
        for index in 0..<100 {
            let (_, data) = try queue.read(io(.read, lba: UInt32(index * 16), blocks: 16), count: 8192)
            let isEqual = data == [UInt8](repeating: UInt8(index + 2), count: 8192)
            #expect(isEqual, "block \(index) holds another command's data")
        }
        withExtendedLifetime(admin) {}
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test(
        "More connections that speak at once than there are staging buffers are all answered",
        arguments: kernels)
    func manyAtOnce(features: RingFeatures) async throws {
        raiseDescriptorLimit()
        let target = try await Target.start(configuration(features: features))
        let sockets = try (0..<300).map { _ in try TestHost.connect(port: target.listeners[0].port) }
        // ICReq (TCP Transport Specification, "ICReq PDU"): type 0, HLEN and PLEN 128, all else 0.
        let request: [UInt8] = [0, 0, 128, 0, 128, 0, 0, 0] + [UInt8](repeating: 0, count: 120)
        for socket in sockets { #expect(send(socket, request, 128, Int32(MSG_NOSIGNAL)) == 128) }
        for socket in sockets {
            var answer = [UInt8](repeating: 0, count: 128)
            #expect(recv(socket, &answer, 128, Int32(MSG_WAITALL)) == 128)
            #expect(answer[0] == 1)
            close(socket)
        }
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("Connections beyond the bound are closed at once, and those within it are served")
    func tooManyConnections() async throws {
        var configuration = configuration()
        configuration.limits.connectionsMax = 4
        let target = try await Target.start(configuration)
        let (admin, queue) = try connect(target)
        let more = try (0..<4).map { _ in try TestHost.connect(port: target.listeners[0].port) }
        var byte: UInt8 = 0
        #expect(recv(more[2], &byte, 1, 0) <= 0)
        #expect(recv(more[3], &byte, 1, 0) <= 0)
        try writeAndRead(queue)
        withExtendedLifetime(admin) {}
        for socket in more { close(socket) }
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test(
        "Bytes that are no PDU get C2HTermReq, which arrives before the connection ends", arguments: kernels)
    func garbage(features: RingFeatures) async throws {
        let target = try await Target.start(configuration(features: features))
        let socket = try TestHost.connect(port: target.listeners[0].port)
        // More than is read before the answer: an abortive close would discard the answer.
        let bytes = [UInt8](repeating: 0xFF, count: 4096)
        #expect(send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
        var answer = [UInt8](repeating: 0, count: 256)
        let count = recv(socket, &answer, answer.count, 0)
        #expect(count >= 24)
        // C2HTermReq (TCP Transport Specification): PDU type 3.
        #expect(answer[0] == 3)
        #expect(recv(socket, &answer, answer.count, Int32(MSG_WAITALL)) <= 232)
        close(socket)
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("After a shutdown nothing listens, and a second shutdown returns as well")
    func shutdownCloses() async throws {
        let target = try await Target.start(configuration(shards: 2))
        let port = target.listeners[0].port
        async let first: Void = target.shutdown(deadlineMilliseconds: 5_000)
        async let second: Void = target.shutdown(deadlineMilliseconds: 5_000)
        _ = await (first, second)
        #expect(throws: TestHost.Lost.self) { try TestHost.connect(port: port) }
    }

    @Test("A cancelled task ends the target that it runs")
    func cancellation() async throws {
        let target = try await Target.start(configuration())
        let task = Task { await target.run(shutdownMilliseconds: 5_000) }
        task.cancel()
        await task.value
        #expect(throws: TestHost.Lost.self) { try TestHost.connect(port: target.listeners[0].port) }
    }

    @Test("A backend that never answers does not keep the target from ending")
    func hangingBackend() async throws {
        let backend = HangingBackend()
        let log = RecordingLog()
        let target = try await Target.start(configuration(backend, log: log))
        let (admin, queue) = try connect(target)
        let reader = onThreads(1) { _ in _ = try? queue.read(Self.firstBlock, count: 512) }
        await backend.reached.wait()
        await target.shutdown(deadlineMilliseconds: 50)
        for thread in reader { pthread_join(thread, nil) }
        #expect(!backend.isClosed)
        #expect(log.lines.contains { $0.contains("never ended") })
        withExtendedLifetime(admin) {}
    }

    private static let firstBlock: SubmissionEntry = {
        var entry = SubmissionEntry(opcode: IOOpcode.read.rawValue)
        entry.dword0 |= 1 << 14
        entry.dword1 = 1
        return entry
    }()

    @Test("Backends are closed once all has ended")
    func closesBackends() async throws {
        let backend = HangingBackend()
        let target = try await Target.start(configuration(backend))
        await target.shutdown(deadlineMilliseconds: 5_000)
        #expect(backend.isClosed)
    }

    @Test("A namespace that is added while hosts are connected serves them, one that is removed no longer")
    func update() async throws {
        let target = try await Target.start(configuration(shards: 2))
        let (admin, queue) = try connect(target)
        #expect(try !queue.read(io(.read, lba: 0, blocks: 1, namespace: 2), count: 512).0.status.isSuccess)
        let added = Namespace(id: 2, name: "added", uuid: 2, backend: MemoryBackend(byteCount: 1 << 20))
        try await target.update(
            subsystems: [Subsystem(nqn: Self.nqn, serialNumber: "1", access: .any, namespaces: [added])])
        #expect(try queue.read(io(.read, lba: 0, blocks: 1, namespace: 2), count: 512).0.status.isSuccess)
        #expect(try !queue.read(io(.read, lba: 0, blocks: 1, namespace: 1), count: 512).0.status.isSuccess)
        #expect(target.model.generation == 2)
        withExtendedLifetime(admin) {}
        await target.shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("A change is complete when the store has ended what it forbids, or the target has ended")
    func updateWaits() async throws {
        let backend = HangingBackend()
        let target = try await Target.start(configuration(backend))
        let (admin, queue) = try connect(target)
        let reader = onThreads(1) { _ in _ = try? queue.read(Self.firstBlock, count: 512) }
        await backend.reached.wait()
        let completed = Gate()
        let update = Task {
            try await target.update(subsystems: [])
            completed.open()
        }
        while target.model.generation == 1 { await Task.yield() }
        #expect(!completed.isOpen)
        withExtendedLifetime(admin) {}
        await target.shutdown(deadlineMilliseconds: 0)
        try await update.value
        for thread in reader { pthread_join(thread, nil) }
        try await target.update(subsystems: [])
    }

    @Test("An address that its last user is about to leave is waited for")
    func leavingAddress() async throws {
        var configuration = configuration()
        var earlier: Listener? = try Listener(ListenAddress(host: "127.0.0.1", port: 0), portID: 1)
        let port = try #require(earlier?.address.port)
        configuration.listeners = [ListenAddress(host: "127.0.0.1", port: port)]
        async let target = Target.start(configuration)
        await Task.yield()
        #expect(earlier != nil)
        earlier = nil
        #expect(try await target.listeners[0].port == port)
        await (try target).shutdown(deadlineMilliseconds: 5_000)
    }

    @Test("An address that stays in use fails the start")
    func usedAddress() async throws {
        var configuration = configuration()
        let other = try Listener(ListenAddress(host: "127.0.0.1", port: 0), portID: 1)
        configuration.listeners = [ListenAddress(host: "127.0.0.1", port: other.address.port)]
        await #expect(throws: TargetError.listen(address: other.address.description, .addressInUse)) {
            _ = try await Target.start(configuration)
        }
    }

    @Test("A wrong address fails the start and names it")
    func wrongAddress() async throws {
        var configuration = configuration()
        configuration.listeners.append(ListenAddress(host: "192.0.2.1"))
        await #expect(throws: TargetError.listen(address: "192.0.2.1:4420", .addressNotAvailable)) {
            _ = try await Target.start(configuration)
        }
    }
}

/// Takes requests and never answers.
private final class HangingBackend: BlockBackend {
    let reached = Gate()
    private let closed = Atomic<Bool>(false)
    var isClosed: Bool { closed.load(ordering: .acquiring) }
    let geometry = BlockGeometry(byteCount: 1 << 20)
    func submit(_ request: BackendRequest) -> BackendSubmission {
        reached.open()
        return .pending
    }
    func close() async { closed.store(true, ordering: .releasing) }
}

/// 2,000 sockets are both ends of 1,000 connections.
private func raiseDescriptorLimit() {
    #expect(DescriptorLimit.raise() >= 4096)
}
