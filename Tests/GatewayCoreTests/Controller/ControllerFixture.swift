// One controller without a shard: tests hand it commands and look at completions, events and effects.

import NVMeTCP

@testable import GatewayCore

/// How a command ended.
struct Answer: Equatable {
    var status: Status
    var location: ParameterErrorLocation?
    var result: UInt64 = 0

    static func success(_ result: UInt64 = 0) -> Answer { Answer(status: .success, result: result) }

    /// A failure that is not to be retried.
    static func failure(_ status: Status, byte: UInt8? = nil, bit: UInt8 = 0, result: UInt64 = 0) -> Answer {
        Answer(
            status: status.notRetryable, location: byte.map { ParameterErrorLocation(byte: $0, bit: bit) },
            result: result)
    }
}

/// A backend that is only looked at.
final class ShapeBackend: BlockBackend {
    let geometry: BlockGeometry

    init(
        byteCount: UInt64 = 1 << 20, optimalWrite: UInt32 = 0, write: UInt32 = 0, deallocate: UInt32 = 0,
        reads: DeallocatedReads = .notReported, isReadOnly: Bool = false, hasCache: Bool = false
    ) {
        geometry = BlockGeometry(
            byteCount: byteCount, optimalWriteByteCount: optimalWrite, writeGranularityByteCount: write,
            deallocateGranularityByteCount: deallocate, deallocatedReads: reads, isReadOnly: isReadOnly,
            hasVolatileWriteCache: hasCache)
    }

    func submit(_ request: borrowing BackendRequest) -> BackendSubmission { .completed(.unsupported) }
}

/// A controller, and the subsystem, model and clock it was made with.
final class ControllerFixture {
    static let nqn = "nqn.2016-06.io.example:disk"
    static let host = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555"

    var now = Instant(nanoseconds: 1_000_000_000_000)
    let model: TargetModel
    let limits: Limits
    let controller: Controller

    /// - Parameter isEnabled: Whether CC.EN is set.
    convenience init(
        discovery: Bool = false, namespaces: [Namespace]? = nil, access: HostAccess = .any,
        anaReporting: ANAReporting? = nil, keepAliveMilliseconds: UInt32 = 0, isEnabled: Bool = true,
        limits: Limits = Limits()
    ) throws {
        try self.init(
            subsystem: Self.subsystem(
                namespaces ?? [Self.namespace(1), Self.namespace(3)], access: access,
                anaReporting: anaReporting),
            discovery: discovery, keepAliveMilliseconds: keepAliveMilliseconds, isEnabled: isEnabled,
            limits: limits)
    }

    init(
        subsystem: Subsystem, discovery: Bool = false, keepAliveMilliseconds: UInt32 = 0,
        isEnabled: Bool = true, limits: Limits = Limits()
    ) throws {
        model = TargetModel(generation: 7, subsystems: [subsystem], ports: [Self.port(1)])
        self.limits = limits
        let request = try Self.connect(
            subsystem: discovery ? NQN.discovery.text : Self.nqn, keepAliveMilliseconds: keepAliveMilliseconds
        ).get()
        controller = Controller(
            id: 5, kind: try request.admit(to: model, port: 1, limits: limits), connect: request, port: 1,
            model: model, limits: limits, log: SilentLog(), at: now)
        if isEnabled {
            _ = send(
                PropertySetCommand(.configuration, size: .fourBytes, value: 0x460061).entry(commandID: 0))
        }
    }

    static func namespace(
        _ id: UInt32, blockSize: BlockSize = .bytes512, uuid: UInt128? = nil, visibility: HostAccess = .any,
        group: UInt32 = 1, backend: ShapeBackend = ShapeBackend()
    ) -> Namespace {
        Namespace(
            id: id, name: "shape", blockSize: blockSize, uuid: uuid ?? UInt128(id) << 64 | 0xABCD,
            visibility: visibility, anaGroupID: group, backend: backend)
    }

    static func subsystem(
        _ namespaces: [Namespace], nqn: String = ControllerFixture.nqn, access: HostAccess = .any,
        anaReporting: ANAReporting? = nil
    ) -> Subsystem {
        Subsystem(
            nqn: nqn, serialNumber: "SN0001", modelNumber: "Model", access: access, namespaces: namespaces,
            anaReporting: anaReporting)
    }

    static func port(_ id: UInt16, service: UInt16 = 4420, isDiscoveryOnly: Bool = false) -> Port {
        Port(
            id: id, family: .ipv4, address: "192.0.2.\(id)", service: service,
            isDiscoveryOnly: isDiscoveryOnly)
    }

    /// What parsing this Connect gives.
    static func connect(
        queueID: UInt16 = 0, size: UInt16 = 31, controllerID: UInt16 = .anyController,
        subsystem: String = ControllerFixture.nqn, host: String = ControllerFixture.host, hostID: UInt128 = 9,
        recordFormat: UInt16 = 0, keepAliveMilliseconds: UInt32 = 0,
        corrupt: (inout [UInt8]) -> Void = { _ in }
    ) throws -> Result<ConnectRequest, CommandFailure> {
        let entry = ConnectCommand(
            recordFormat: recordFormat, queueID: queueID, submissionQueueSize: size,
            keepAliveMilliseconds: keepAliveMilliseconds
        ).entry(commandID: 0)
        let data = ConnectData(
            hostID: HostID(rawValue: hostID), controllerID: controllerID, subsystemNQN: try NQN(subsystem),
            hostNQN: try NQN(host))
        var bytes = [UInt8](repeating: 0, count: ConnectData.byteCount)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        data.encode(into: &raw)
        corrupt(&bytes)
        do throws(CommandFailure) {
            return .success(try ConnectRequest.parse(entry, data: bytes.span.bytes))
        } catch {
            return .failure(error)
        }
    }

    /// Has the controller take over a changed subsystem.
    func apply(_ subsystem: Subsystem) {
        controller.apply(TargetModel(generation: 8, subsystems: [subsystem], ports: model.ports))
    }

    /// Lets an I/O queue join.
    func join(_ id: UInt16, size: UInt16 = 127) throws {
        try controller.admitQueue(Self.connect(queueID: id, size: size, controllerID: 5).get())
    }

    /// Hands a command over as a shard does: its data first, then `execute`. Nil: it waits, or the shard has
    /// to finish it.
    func send(_ entry: SubmissionEntry, data: [UInt8] = []) -> Answer? { exchange(entry, data: data).answer }

    /// The same, with what the reply holds.
    func exchange(_ entry: SubmissionEntry, data: [UInt8] = []) -> (answer: Answer?, reply: [UInt8]) {
        var reply: [UInt8] = []
        do throws(CommandFailure) {
            let transfer = try controller.dataTransfer(entry)
            if transfer.direction == .controllerToHost {
                reply = [UInt8](repeating: 0, count: transfer.byteCount)
            }
            var span = reply.mutableSpan
            var raw = span.mutableBytes
            let outcome = try controller.execute(entry, hostData: data.span.bytes, reply: &raw, at: now)
            switch outcome {
            case .completed(let result): return (.success(result), reply)
            case .eventAwaited, .abort, .setPersistence: return (nil, reply)
            }
        } catch {
            return (Answer(status: error.status, location: error.location, result: error.result), reply)
        }
    }
}

/// An admin command's entry.
func entry(
    _ opcode: AdminOpcode, namespaceID: UInt32 = 0, commandID: UInt16 = 1, dword10: UInt32 = 0,
    dword11: UInt32 = 0, dword12: UInt32 = 0, dword13: UInt32 = 0, dword14: UInt32 = 0
) -> SubmissionEntry {
    var entry = SubmissionEntry(opcode: opcode.rawValue)
    entry.commandID = commandID
    entry.dword1 = namespaceID
    entry.dword10 = dword10
    entry.dword11 = dword11
    entry.dword12 = dword12
    entry.dword13 = dword13
    entry.dword14 = dword14
    return entry
}
