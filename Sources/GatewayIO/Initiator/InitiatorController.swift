// An association with a controller, from Connect to shutdown, in the order that the specification gives a
// host. The bench, the tests and whoever else wants to talk to a target start here.

package import GatewayCore
package import NVMeTCP

/// What an initiator asks for, and who it says it is.
package struct InitiatorParameters: Sendable {
    /// A numeric address or a host name.
    package var address: String
    package var port: UInt16
    /// The subsystem (SUBNQN).
    package var subsystem: NQN
    /// The host (HOSTNQN).
    package var host: NQN
    /// Host Identifier (HOSTID).
    package var hostID: HostID
    /// Header and data digests.
    package var wantsDigests = false
    /// Keep Alive Timeout (KATO) in milliseconds; `InitiatorController.keepAlive` must be called more often
    /// than that.
    package var keepAliveMilliseconds: UInt32 = 30_000
    /// How long connecting and each command of the handshake may take.
    package var timeoutNanoseconds: UInt64 = 5_000_000_000

    package init(address: String, port: UInt16, subsystem: NQN, host: NQN, hostID: HostID) {
        self.address = address
        self.port = port
        self.subsystem = subsystem
        self.host = host
        self.hostID = hostID
    }
}

/// A controller as its host sees it. It belongs to its loop's thread.
package final class InitiatorController {
    package let loop: InitiatorLoop
    package let admin: InitiatorQueue
    package let parameters: InitiatorParameters
    /// Controller ID (CNTLID).
    package let id: ControllerID
    /// Controller Capabilities (CAP).
    package private(set) var capabilities = ControllerCapabilities(rawValue: 0)
    /// Maximum Data Transfer Size (MDTS), in bytes.
    package private(set) var transferByteCountMax = Int.max
    /// The longest in-capsule data of an I/O command (IOCCSZ less the entry), in bytes.
    package private(set) var inCapsuleByteCountMax = 0
    /// Model Number (MN), without its padding.
    package private(set) var modelNumber = ""
    private var nextKeepAlive: Instant

    private static let identifyByteCount = 4096
    private static let adminDepth = 31

    /// Connects the Admin queue, enables the controller and identifies it.
    package init(_ parameters: InitiatorParameters, on loop: InitiatorLoop) throws(InitiatorError) {
        self.loop = loop
        self.parameters = parameters
        admin = try loop.open(
            id: 0, address: parameters.address, port: parameters.port, depth: Self.adminDepth,
            bufferByteCount: Self.identifyByteCount, parameters: parameters.connection,
            timeoutNanoseconds: parameters.timeoutNanoseconds)
        nextKeepAlive = MonotonicClock.now()
        do throws(InitiatorError) {
            let result = try Self.connect(
                admin, ControllerID.anyController, parameters, on: loop,
                keepAliveMilliseconds: parameters.keepAliveMilliseconds)
            guard !ConnectResponse.authenticationRequired(result) else {
                throw .unsuitable("the subsystem asks for authentication, which this initiator does not have")
            }
            id = ConnectResponse.controllerID(result)
        } catch {
            loop.close(admin)
            throw error
        }
        do throws(InitiatorError) {
            try enable()
            try identify()
        } catch {
            loop.close(admin)
            throw error
        }
        keptAlive(at: MonotonicClock.now())
    }

    // MARK: - Queues

    /// Asks for I/O queues (Set Features, Number of Queues) and gives how many were granted.
    package func requestQueues(_ count: Int) throws(InitiatorError) -> Int {
        precondition((1...65_535).contains(count))
        var entry = SubmissionEntry(opcode: AdminOpcode.setFeatures.rawValue)
        entry.dword10 = 0x07
        entry.dword11 = UInt32(count - 1) | UInt32(count - 1) << 16
        let result = try adminCommand("Set Features, Number of Queues", entry).completion.result
        return min(Int(result & 0xFFFF), Int(result >> 16 & 0xFFFF)) + 1
    }

    /// Connects I/O queue `id` for `depth` commands at once, each with a buffer.
    package func connectQueue(
        _ id: QueueID, depth: Int, bufferByteCount: Int
    ) throws(InitiatorError) -> InitiatorQueue {
        guard depth < capabilities.queueEntriesMax else {
            throw .unsuitable(
                "the controller's queues hold \(capabilities.queueEntriesMax - 1) commands "
                    + "at once, not \(depth)")
        }
        let queue = try loop.open(
            id: id, address: parameters.address, port: parameters.port, depth: depth,
            bufferByteCount: max(bufferByteCount, ConnectData.byteCount), parameters: parameters.connection,
            timeoutNanoseconds: parameters.timeoutNanoseconds)
        do throws(InitiatorError) {
            _ = try Self.connect(queue, self.id, parameters, on: loop, keepAliveMilliseconds: 0)
        } catch {
            loop.close(queue)
            throw error
        }
        queue.inCapsuleByteCountMax = inCapsuleByteCountMax
        return queue
    }

    private static func connect(
        _ queue: InitiatorQueue, _ controller: ControllerID, _ parameters: InitiatorParameters,
        on loop: InitiatorLoop, keepAliveMilliseconds: UInt32
    ) throws(InitiatorError) -> UInt64 {
        // One entry more than commands: a queue with as many entries as commands would be full at one less.
        // Without flow control a controller may end reads by C2HData alone.
        let command = ConnectCommand(
            queueID: queue.id, submissionQueueSize: UInt16(queue.depth), attributes: .disableFlowControl,
            keepAliveMilliseconds: keepAliveMilliseconds)
        let data = ConnectData(
            hostID: parameters.hostID, controllerID: controller, subsystemNQN: parameters.subsystem,
            hostNQN: parameters.host)
        let outcome = try loop.execute(
            "Connect of queue \(queue.id)", command.entry(commandID: 0), on: queue, .hostToController,
            byteCount: ConnectData.byteCount, timeoutNanoseconds: parameters.timeoutNanoseconds
        ) { bytes in data.encode(into: &bytes) }
        guard outcome.isSuccess else { throw .refusedConnect(queue.id, outcome.completion) }
        return outcome.completion.result
    }

    // MARK: - Admin commands

    /// Runs one Admin command to its end; `read` sees the data that it gave.
    /// - Throws: `.refused` if it ends with an error.
    @discardableResult
    package func adminCommand(
        _ what: String, _ entry: SubmissionEntry, _ transfer: DataTransfer = .none, byteCount: Int = 0,
        read: (RawSpan) -> Void = { _ in }
    ) throws(InitiatorError) -> CommandOutcome {
        let outcome = try loop.execute(
            what, entry, on: admin, transfer, byteCount: byteCount,
            timeoutNanoseconds: parameters.timeoutNanoseconds, read: read)
        guard outcome.isSuccess else { throw .refused(what, outcome.completion) }
        return outcome
    }

    /// The size of a namespace.
    package struct NamespaceSize: Sendable, Equatable {
        package var blockByteCount: Int
        package var blockCount: UInt64
    }

    /// Identify Namespace (CNS 00h): the fields that reading and writing needs.
    ///
    /// Source: NVM Command Set Specification, "Identify Namespace data structure": NSZE (bytes 7:0), FLBAS
    /// (byte 26), LBAF0 (bytes 131:128), of whose 4 bytes LBADS is the third.
    package func identifyNamespace(_ namespaceID: NamespaceID) throws(InitiatorError) -> NamespaceSize {
        var entry = SubmissionEntry(opcode: AdminOpcode.identify.rawValue)
        entry.dword1 = namespaceID
        var size = NamespaceSize(blockByteCount: 0, blockCount: 0)
        var metadataByteCount = 0
        try adminCommand(
            "Identify Namespace \(namespaceID)", entry, .controllerToHost, byteCount: Self.identifyByteCount
        ) { bytes in
            let format = 128 + 4 * Int(bytes.uint8(at: 26) & 0xF)
            metadataByteCount = Int(bytes.uint16(at: format))
            size.blockCount = bytes.uint64(at: 0)
            size.blockByteCount = 1 << Int(min(bytes.uint8(at: format + 2), 24))
        }
        guard size.blockCount > 0, size.blockByteCount >= 512 else {
            throw .unsuitable("there is no namespace \(namespaceID)")
        }
        guard metadataByteCount == 0 else { throw .unsuitable("namespace \(namespaceID) has metadata") }
        return size
    }

    /// CC.EN, then CSTS.RDY.
    ///
    /// Source: NVM Express Base Specification, "Memory-Based/Message-Based Transport Controller
    /// Initialization".
    private func enable() throws(InitiatorError) {
        capabilities.rawValue = try property(.capabilities, .eightBytes)
        var configuration = ControllerConfiguration(rawValue: 0)
        configuration.submissionEntrySizeShift = 6
        configuration.completionEntrySizeShift = 4
        configuration.commandSetSelected = capabilities.commandSets.contains(.selectable) ? 0b110 : 0
        configuration.enabled = true
        try setConfiguration(configuration)
        let deadline = MonotonicClock.now().advanced(
            byMilliseconds: UInt64(max(1, capabilities.timeoutHalfSeconds)) * 500)
        while true {
            let status = ControllerStatus(
                rawValue: UInt32(truncatingIfNeeded: try property(.status, .fourBytes)))
            if status.ready { return }
            guard !status.fatal else { throw .unsuitable("the controller reports a fatal status") }
            guard MonotonicClock.now() < deadline else { throw .timedOut("CC.EN") }
        }
    }

    private func property(_ offset: PropertyOffset, _ size: PropertySize) throws(InitiatorError) -> UInt64 {
        try adminCommand("Property Get", PropertyGetCommand(offset, size: size).entry(commandID: 0))
            .completion.result
    }

    private func setConfiguration(_ value: ControllerConfiguration) throws(InitiatorError) {
        let command = PropertySetCommand(.configuration, size: .fourBytes, value: UInt64(value.rawValue))
        try adminCommand("Property Set", command.entry(commandID: 0))
    }

    /// Identify Controller (CNS 01h): the fields that reading and writing needs.
    ///
    /// Source: NVM Express Base Specification, "Identify Controller data structure": MN (bytes 63:24), MDTS
    /// (byte 77), IOCCSZ (bytes 1795:1792).
    private func identify() throws(InitiatorError) {
        var entry = SubmissionEntry(opcode: AdminOpcode.identify.rawValue)
        entry.dword10 = 0x01
        let pageShift = 12 + Int(capabilities.pageSizeMinShift)
        try adminCommand("Identify Controller", entry, .controllerToHost, byteCount: Self.identifyByteCount) {
            bytes in
            let shift = bytes.uint8(at: 77)
            if shift != 0 && shift < 32 { transferByteCountMax = 1 << (pageShift + Int(shift)) }
            inCapsuleByteCountMax = max(0, Int(bytes.uint32(at: 1792)) * 16 - SubmissionEntry.byteCount)
            let model = (24..<64).map { bytes.uint8(at: $0) }
            modelNumber = String(decoding: model, as: UTF8.self)
            while let last = modelNumber.last, last == " " || last == "\0" { modelNumber.removeLast() }
        }
    }

    // MARK: - Life

    /// Sends Keep Alive when it is time, without waiting for its end. To be called now and then.
    package func keepAlive(at now: Instant) {
        guard parameters.keepAliveMilliseconds > 0, now >= nextKeepAlive, let commandID = admin.takeCommand()
        else {
            return
        }
        admin.submit(
            commandID, SubmissionEntry(opcode: AdminOpcode.keepAlive.rawValue), .none, byteCount: 0,
            isReported: false)
        keptAlive(at: now)
    }

    private func keptAlive(at now: Instant) {
        nextKeepAlive = now.advanced(byMilliseconds: UInt64(parameters.keepAliveMilliseconds) / 3)
    }

    /// Tells the controller that it is not needed any more (CC.SHN), and closes all queues of the loop.
    package func shutdown() {
        var configuration = ControllerConfiguration(rawValue: 0)
        configuration.submissionEntrySizeShift = 6
        configuration.completionEntrySizeShift = 4
        configuration.commandSetSelected = capabilities.commandSets.contains(.selectable) ? 0b110 : 0
        configuration.enabled = true
        configuration.shutdownNotification = .normal
        // A controller that is gone needs no good-bye.
        if admin.failure == nil { try? setConfiguration(configuration) }
        loop.close()
    }
}

extension InitiatorParameters {
    var connection: HostConnection.Parameters {
        var parameters = HostConnection.Parameters()
        parameters.wantsHeaderDigest = wantsDigests
        parameters.wantsDataDigest = wantsDigests
        return parameters
    }
}
