// A host's end of one NVMe/TCP connection, sans-IO: ControllerConnection's mirror image. The benchmark's
// initiator and the tests drive it. `HostConnection+Encode.swift` has the sending half.

/// The transport of one queue, as a host sees it. One thread's; nothing is allocated after `reserveCommands`.
///
/// After `.fatal` or `.terminated` the connection has ended: it reads nothing more.
public struct HostConnection: ~Copyable {
    /// What the host asks for. All of it is the same for the connection's life.
    public struct Parameters: Sendable {
        /// HPDA: what C2HData data is aligned to; dwords, 0's based, 0 to 31.
        public var dataAlignment: UInt8 = 0
        /// Ask for header digests.
        public var wantsHeaderDigest = false
        /// Ask for data digests.
        public var wantsDataDigest = false
        /// How many R2Ts one command may have outstanding, 1 or more (MAXR2T + 1).
        public var maximumReadyToTransfers = 1
        /// How data digests are computed.
        public var checksum = PayloadChecksum.standard

        public init() {}
    }

    /// What was agreed on; nil before ICResp.
    public internal(set) var negotiated: Negotiation?

    var framer: Framer
    var expectations = ExpectationTable()
    let parameters: Parameters
    /// ICReq as it is sent.
    let request: InitializeRequest
    /// The command that the payload in hand belongs to, and what its end means.
    var current = CurrentData()

    struct CurrentData: BitwiseCopyable {
        var commandID: UInt16 = 0
        var isSuccess = false
        /// The digest error was told; `.succeeded` may still be owed.
        var isToldInvalid = false
    }

    public init(_ parameters: Parameters) {
        precondition(parameters.dataAlignment <= Negotiation.alignmentMax)
        precondition((1...Int(UInt32.max)).contains(parameters.maximumReadyToTransfers))
        self.parameters = parameters
        request = InitializeRequest(
            dataAlignment: parameters.dataAlignment, headerDigest: parameters.wantsHeaderDigest,
            dataDigest: parameters.wantsDataDigest,
            maximumReadyToTransfers: UInt32(parameters.maximumReadyToTransfers - 1))
        framer = Framer(isController: false, checksum: parameters.checksum)
    }

    /// Where the next received bytes are to go. Asked after every event has been taken.
    public var receivePlan: ReceivePlan { framer.plan }

    /// Makes room for command identifiers below `count`, before any data is announced.
    public mutating func reserveCommands(_ count: Int) { expectations.reserve(count) }

    /// States that the command will read at most `length` bytes. Before it is sent; void once it has ended.
    public mutating func expectData(commandID: UInt16, length: Int) {
        expectations[commandID] = Expectation(length: length)
    }

    /// States that the command has `length` bytes that R2Ts may ask for. Before it is sent; void once it has
    /// ended.
    public mutating func offerData(commandID: UInt16, length: Int) {
        expectations[commandID] = Expectation(length: length, isOutgoing: true)
    }

    /// Reads on in `bytes` from `position`, which it moves, until an event or the end (nil). To be called
    /// again until nil.
    public mutating func next(_ bytes: RawSpan, from position: inout Int) -> HostEvent? {
        while true {
            switch framer.phase {
            case .header:
                let event: HostEvent?
                switch framer.takeHeader(bytes, &position) {
                case .incomplete: return nil
                case .inPlace(let start): event = accept(bytes, at: start)
                case .staged: event = accept(unsafe framer.staged.bytes, at: 0)
                case .invalid(let error): event = fail(error)
                case .silent: event = fail()
                }
                if let event { return event }
            case .padding:
                guard framer.skipPadding(bytes, &position) else { return nil }
            case .payload:
                let (slot, offset) = (framer.slot, framer.payloadOffset)
                guard let range = framer.takePayload(bytes, &position) else { return nil }
                return .payload(slot: slot, offset: offset, range: range)
            case .digest:
                guard framer.takeDigest(bytes, &position) else { return nil }
            case .completed:
                if let event = finishPayload() { return event }
            case .disposition:
                preconditionFailure("a host never waits for a disposition")
            case .ended:
                return nil
            }
        }
    }

    /// Counts bytes that were received straight into the command's buffer, as the plan said, maybe fewer.
    public mutating func receivedPayload(_ bytes: RawSpan) -> HostEvent? {
        framer.consumePayload(bytes)
        return framer.phase == .completed ? finishPayload() : nil
    }
}

// MARK: - PDUs

extension HostConnection {
    /// Acts on a PDU whose common header and header digest are good. Nil where there is nothing to tell yet.
    private mutating func accept(_ bytes: RawSpan, at start: Int) -> HostEvent? {
        do throws(FatalError) {
            switch CommonHeader(bytes, at: start).type {
            case .responseCapsule:
                let completion = CompletionEntry(bytes, at: start + CommonHeader.byteCount)
                expectations.clear(completion.commandID)
                return .response(completion)
            case .controllerData:
                try acceptData(DataHeader(bytes, at: start))
                return nil
            case .readyToTransfer: return try acceptReadyToTransfer(ReadyToTransfer(bytes, at: start))
            case .initializeResponse:
                let response = InitializeResponse(bytes, at: start)
                try initialize(response)
                return .initialized(response)
            case .controllerTermination:
                framer.end()
                return .terminated(TerminationRequest(bytes, at: start))
            default: preconditionFailure("the header rules let through a PDU that no host receives")
            }
        } catch {
            framer.keepOffender(bytes, at: start)
            return fail(error)
        }
    }

    private mutating func initialize(_ response: InitializeResponse) throws(FatalError) {
        try response.check(against: request)
        negotiated = Negotiation(
            hostDataAlignment: Negotiation.bytes(alignment: parameters.dataAlignment),
            controllerDataAlignment: Negotiation.bytes(alignment: response.dataAlignment),
            headerDigest: response.headerDigest, dataDigest: response.dataDigest,
            maximumReadyToTransfers: parameters.maximumReadyToTransfers,
            maximumDataLength: Int(response.maximumDataLength))
        framer.rules.isInitialized = true
        framer.rules.headerDigest = response.headerDigest
        framer.rules.dataDigest = response.dataDigest
        framer.rules.alignment = Negotiation.bytes(alignment: parameters.dataAlignment)
    }

    /// Checks a C2HData PDU against its command, in byte order.
    ///
    /// Source: NVMe over TCP Transport Specification, "Controller to Host Data Transfer PDU (C2HData)".
    private mutating func acceptData(_ data: DataHeader) throws(FatalError) {
        var expected = expectations[data.commandID]
        guard expected.length > 0, !expected.isOutgoing else { throw .invalidHeaderField(8) }
        let (offset, length) = (Int(data.offset), Int(data.length))
        guard offset < expected.length else { throw .dataOutOfRange }
        guard offset == expected.received, !expected.isComplete else { throw .sequenceError }
        guard length > 0, length == framer.shape.dataLength else { throw .invalidHeaderField(16) }
        guard length <= expected.length - offset else { throw .dataOutOfRange }
        expected.received += length
        expected.isComplete = data.header.flags.contains(.last)
        expectations[data.commandID] = expected
        current = CurrentData(commandID: data.commandID, isSuccess: data.header.flags.contains(.success))
        framer.beginPayload(slot: UInt32(data.commandID), offset: offset)
    }

    /// Checks a R2T PDU against its command, in byte order, and the number of R2Ts outstanding.
    ///
    /// Source: NVMe over TCP Transport Specification, "Ready to Transfer PDU (R2T)".
    private mutating func acceptReadyToTransfer(_ asked: ReadyToTransfer) throws(FatalError) -> HostEvent {
        var expected = expectations[asked.commandID]
        guard expected.length > 0, expected.isOutgoing else { throw .invalidHeaderField(8) }
        let (offset, length) = (Int(asked.offset), Int(asked.length))
        guard offset < expected.length else { throw .dataOutOfRange }
        guard length > 0 else { throw .invalidHeaderField(16) }
        guard length <= expected.length - offset else { throw .dataOutOfRange }
        guard expected.readyToTransfers < parameters.maximumReadyToTransfers else {
            throw .readyToTransferLimitExceeded
        }
        expected.readyToTransfers += 1
        expectations[asked.commandID] = expected
        return .readyToTransfer(commandID: asked.commandID, tag: asked.tag, offset: offset, length: length)
    }

    /// A C2HData PDU's payload and its digest are complete. A wrong digest is told first, then the command's
    /// end.
    private mutating func finishPayload() -> HostEvent? {
        if !framer.isDigestValid, !current.isToldInvalid {
            current.isToldInvalid = true
            if !current.isSuccess { framer.beginHeader() }
            return .dataDigestError(commandID: current.commandID)
        }
        framer.beginHeader()
        guard current.isSuccess else { return nil }
        expectations.clear(current.commandID)
        return .succeeded(commandID: current.commandID)
    }

    private mutating func fail(_ error: FatalError) -> HostEvent {
        framer.end()
        return .fatal(error)
    }

    /// The peer's termination request was itself malformed: nothing of it is believed.
    private mutating func fail() -> HostEvent {
        framer.end()
        return .terminated(TerminationRequest(error: FatalError(status: FatalErrorStatus(rawValue: 0))))
    }
}
