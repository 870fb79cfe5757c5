// The commands that a host sends to get a queue going, and the I/O commands in a word each.

import CLibnvme
import NVMeTCP

@testable import GatewayCore

extension TestHost {
    static let hostNQN = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555"

    /// Sends Connect for any queue.
    func connect(
        to subsystem: String, queue: UInt16 = 0, entries: Int = 32, controller: UInt16 = 0xFFFF,
        host: String = TestHost.hostNQN, hostID: UInt128 = 0x42, keepAliveMilliseconds: UInt32 = 0,
        attributes: ConnectCommand.Attributes = [], inCapsule: Bool = true,
        corrupt: (inout SubmissionEntry) -> Void = { _ in }
    ) throws -> CompletionEntry? {
        let command = ConnectCommand(
            queueID: queue, submissionQueueSize: UInt16(entries - 1), attributes: attributes,
            keepAliveMilliseconds: keepAliveMilliseconds)
        let data = ConnectData(
            hostID: HostID(rawValue: hostID), controllerID: controller, subsystemNQN: try NQN(subsystem),
            hostNQN: try NQN(host))
        var bytes = [UInt8](repeating: 0, count: ConnectData.byteCount)
        bytes.withUnsafeMutableBytes { raw in
            var span = raw.mutableBytes
            data.encode(into: &span)
        }
        var entry = command.entry(commandID: 0)
        if !inCapsule { entry.sgl = .transport(length: UInt32(bytes.count)) }
        corrupt(&entry)
        return run(entry, data: bytes, inCapsule: inCapsule).completion
    }

    func setProperty(_ offset: PropertyOffset, to value: UInt64) -> CompletionEntry? {
        run(PropertySetCommand(offset, size: .fourBytes, value: value).entry(commandID: 0)).completion
    }

    func property(_ offset: PropertyOffset, size: PropertySize = .fourBytes) -> UInt64? {
        run(PropertyGetCommand(offset, size: size).entry(commandID: 0)).completion?.result
    }

    /// CC as Linux sets it: 16-byte completions, 64-byte submissions, all command sets, enabled.
    func enable() -> CompletionEntry? { setProperty(.configuration, to: 0x460061) }

    // MARK: I/O

    static func io(_ opcode: IOOpcode, namespace: UInt32 = 1, start: UInt64 = 0, blocks: Int = 1)
        -> SubmissionEntry
    {
        var command = SubmissionEntry(opcode: opcode.rawValue)
        command.dword1 = namespace
        command.dword10 = UInt32(truncatingIfNeeded: start)
        command.dword11 = UInt32(truncatingIfNeeded: start >> 32)
        command.dword12 = UInt32(blocks - 1)
        return command
    }

    func read(start: UInt64, blocks: Int, namespace: UInt32 = 1) -> (
        completion: CompletionEntry?, data: [UInt8]
    ) {
        run(TestHost.io(.read, namespace: namespace, start: start, blocks: blocks), reading: blocks * 512)
    }

    func write(
        start: UInt64, data: [UInt8], namespace: UInt32 = 1, inCapsule: Bool = true
    ) -> CompletionEntry? {
        let command = TestHost.io(.write, namespace: namespace, start: start, blocks: data.count / 512)
        return run(command, data: data, inCapsule: inCapsule).completion
    }
}

extension TestHost {
    /// Dataset Management, by default to deallocate.
    func deallocate(
        _ ranges: [(start: UInt64, count: UInt32)], attributes: UInt32 = 1 << 2
    ) -> CompletionEntry? {
        var data: [UInt8] = []
        for range in ranges {
            data += [UInt8](repeating: 0, count: 4)
            withUnsafeBytes(of: range.count.littleEndian) { data += $0 }
            withUnsafeBytes(of: range.start.littleEndian) { data += $0 }
        }
        var command = SubmissionEntry(opcode: IOOpcode.datasetManagement.rawValue)
        command.dword1 = 1
        command.dword10 = UInt32(ranges.count - 1)
        command.dword11 = attributes
        return run(command, data: data).completion
    }

    /// A Copy's entry.
    static func copy(
        to destination: UInt64, _ ranges: [CopySourceRange], format: UInt8 = 0, namespace: UInt32 = 1,
        flags: UInt32 = 0
    ) -> (command: SubmissionEntry, data: [UInt8]) {
        var command = io(.copy, namespace: namespace, start: destination, blocks: ranges.count)
        command.dword12 |= UInt32(format) << 8 | flags
        var data = [UInt8](repeating: 0, count: ranges.count * CopySourceRange.byteCount)
        data.withUnsafeMutableBytes { raw in
            var span = raw.mutableBytes
            for (index, range) in ranges.enumerated() {
                range.encode(into: &span, at: index * CopySourceRange.byteCount)
            }
        }
        return (command, data)
    }
}

/// A target with one subsystem, and a host's queues on it.
struct ConnectedHost {
    static let subsystemNQN = "nqn.2026-11.io.example:test"

    let fixture: ShardFixture
    let admin: TestHost
    let io: TestHost
    let controllerID: UInt16

    static func model(
        _ namespaces: [Namespace], access: HostAccess = .any, anaReporting: ANAReporting? = nil,
        generation: UInt64 = 1
    ) -> TargetModel {
        TargetModel(
            generation: generation,
            subsystems: [
                Subsystem(
                    nqn: subsystemNQN, serialNumber: "1", access: access, namespaces: namespaces,
                    anaReporting: anaReporting)
            ],
            ports: [Port(id: 1, family: .ipv4, address: "127.0.0.1", service: 4420)])
    }

    static func namespace(_ backend: any BlockBackend, id: UInt32 = 1) -> Namespace {
        Namespace(id: id, name: "test:\(id)", uuid: UInt128(id) + 1000, backend: backend)
    }

    /// Connects an admin queue, enables the controller, and connects I/O queue 1, maybe on another shard.
    init(
        _ backend: any BlockBackend, shardCount: Int = 1, limits: Limits = Limits(), entries: Int = 128,
        parameters: HostConnection.Parameters = .init(), attributes: ConnectCommand.Attributes = [],
        keepAliveMilliseconds: UInt32 = 0
    ) throws {
        try self.init(
            namespaces: [Self.namespace(backend)], shardCount: shardCount, limits: limits, entries: entries,
            parameters: parameters, attributes: attributes, keepAliveMilliseconds: keepAliveMilliseconds)
    }

    init(
        namespaces: [Namespace], shardCount: Int = 1, limits: Limits = Limits(), entries: Int = 128,
        parameters: HostConnection.Parameters = .init(), attributes: ConnectCommand.Attributes = [],
        keepAliveMilliseconds: UInt32 = 0
    ) throws {
        try self.init(
            on: ShardFixture(model: Self.model(namespaces), shardCount: shardCount, limits: limits),
            entries: entries, parameters: parameters, attributes: attributes,
            keepAliveMilliseconds: keepAliveMilliseconds)
    }

    /// A host on shards that may have others.
    init(
        on fixture: ShardFixture, host: String = TestHost.hostNQN, hostID: UInt128 = 0x42,
        entries: Int = 128, parameters: HostConnection.Parameters = .init(),
        attributes: ConnectCommand.Attributes = [], keepAliveMilliseconds: UInt32 = 0
    ) throws {
        self.fixture = fixture
        guard let admin = fixture.host(parameters: parameters) else { throw Refused(step: "accept") }
        let connected = try admin.connect(
            to: Self.subsystemNQN, host: host, hostID: hostID, keepAliveMilliseconds: keepAliveMilliseconds,
            attributes: attributes)
        guard let connected, connected.status == .success else {
            throw Refused(step: "Connect, \(connected as Any)")
        }
        controllerID = ConnectResponse.controllerID(connected.result)
        guard admin.enable()?.status == .success else { throw Refused(step: "enable") }
        guard let io = fixture.host(shard: fixture.shards.count - 1, parameters: parameters) else {
            throw Refused(step: "accept of the I/O queue")
        }
        let joined = try io.connect(
            to: Self.subsystemNQN, queue: 1, entries: entries, controller: controllerID, host: host,
            hostID: hostID, attributes: attributes)
        guard joined?.status == .success else {
            throw Refused(step: "Connect of the I/O queue, \(joined as Any)")
        }
        self.admin = admin
        self.io = io
    }

    /// The newest entry of the Error Information log.
    func newestError() throws -> nvme_error_log_page { try log(0x01) }

    /// SMART / Health Information.
    func health() throws -> nvme_smart_log { try log(0x02) }

    private func log<Page>(_ page: UInt32) throws -> Page {
        var command = SubmissionEntry(opcode: AdminOpcode.getLogPage.rawValue)
        command.dword1 = .broadcastNamespace
        command.dword10 = page | UInt32(MemoryLayout<Page>.size / 4 - 1) << 16
        let (completion, data) = admin.run(command, reading: MemoryLayout<Page>.size)
        guard completion?.status == .success else { throw Refused(step: "Get Log Page \(page)") }
        return data.withUnsafeBytes { $0.loadUnaligned(as: Page.self) }
    }

    /// Sets Host Behavior Support's copy descriptor formats.
    func enable(_ formats: CopyFormats) -> Status? {
        var behavior = HostBehaviorSupport()
        behavior.copyDescriptorFormats = formats
        return set(behavior)
    }

    /// Sets Host Behavior Support's ACRE.
    func acceptRetryDelay() -> Status? {
        var behavior = HostBehaviorSupport()
        behavior.advancedCommandRetry = 1
        return set(behavior)
    }

    private func set(_ behavior: HostBehaviorSupport) -> Status? {
        var data = [UInt8](repeating: 0, count: HostBehaviorSupport.byteCount)
        data.withUnsafeMutableBytes { raw in
            var span = raw.mutableBytes
            behavior.encode(into: &span)
        }
        var command = SubmissionEntry(opcode: AdminOpcode.setFeatures.rawValue)
        command.dword10 = UInt32(FeatureID.hostBehaviorSupport.rawValue)
        return admin.run(command, data: data).completion?.status
    }

    struct Refused: Error { let step: String }
}
