// A controller's end of one NVMe/TCP connection, sans-IO. GatewayCore's shard drives it: it receives as the
// plan says, takes one event at a time, and encodes PDUs into a batch. `ControllerConnection+Encode.swift`
// has the sending half.

/// The transport of one queue, as a controller sees it. One thread's; nothing is allocated after
/// `reserveTransfers`.
///
/// After `.fatal` or `.terminated` the connection has ended: it reads nothing more.
public struct ControllerConnection: ~Copyable {
    /// What the controller offers. All of it is the same for the connection's life.
    public struct Parameters: Sendable {
        /// MAXH2CDATA: the most data of one H2CData PDU, in bytes; a multiple of 4, at least 4096.
        public var maximumDataLength = 131_072
        /// CPDA: what in-capsule and H2CData data is aligned to; dwords, 0's based, 0 to 31. Linux accepts 0
        /// only.
        public var dataAlignment: UInt8 = 0
        /// Header digests are used where the host asks for them.
        public var offersHeaderDigest = true
        /// Data digests are used where the host asks for them.
        public var offersDataDigest = true
        /// The most in-capsule data of one command, in bytes; more is a fatal error.
        public var inCapsuleDataLengthMax = 8192
        /// How data digests are computed.
        public var checksum = PayloadChecksum.standard

        public init() {}
    }

    /// What was agreed on; nil before ICReq.
    public internal(set) var negotiated: Negotiation?

    var framer: Framer
    var transfers = TransferTable()
    let parameters: Parameters
    /// The tag of the transfer that the payload in hand belongs to; nil for in-capsule data.
    var currentTag: UInt16?
    /// The whole common header of a command without data, for the shortest way through; set by ICReq.
    var plainCommandWord = UInt64.max
    /// The length of such a command, in bytes; before ICReq more than any receive brings.
    var plainCommandLength = Int.max

    public init(_ parameters: Parameters) {
        precondition(parameters.dataAlignment <= Negotiation.alignmentMax)
        precondition(parameters.maximumDataLength >= Int(Negotiation.dataLengthMin))
        precondition(parameters.maximumDataLength.isMultiple(of: 4))
        precondition(parameters.maximumDataLength <= UInt32.max)
        self.parameters = parameters
        framer = Framer(isController: true, checksum: parameters.checksum)
    }

    /// Where the next received bytes are to go. Asked after every event has been taken.
    public var receivePlan: ReceivePlan { framer.plan }

    /// Transfers that can still be opened: one per R2T.
    public var availableTransfers: Int { transfers.available }

    /// Whether the host has to send something: the rest of a PDU, or data that a R2T asked for.
    public var isOwedData: Bool { !framer.isBetweenPDUs || transfers.openCount > 0 }

    /// Makes room for `count` outstanding R2Ts in all, at Connect: queue depth times R2Ts per command, at
    /// most 65535.
    public mutating func reserveTransfers(_ count: Int) { transfers.reserve(count) }

    /// Reads on in `bytes` from `position`, which it moves, until an event or the end (nil). To be called
    /// again until nil.
    public mutating func next(_ bytes: RawSpan, from position: inout Int) -> ControllerEvent? {
        let start = position
        // The shortest way: a command without data whose header is there as a whole, known by one comparison.
        guard
            framer.isBetweenPDUs, bytes.byteCount - start >= plainCommandLength,
            bytes.uint64(at: start) == plainCommandWord, plainCommandDigestIsValid(bytes, at: start)
        else { return advance(bytes, &position) }
        position = start + plainCommandLength
        return .command(SubmissionEntry(copying: bytes, at: start + CommonHeader.byteCount), dataLength: 0)
    }

    /// The general way of `next`.
    @inline(never)
    private mutating func advance(_ bytes: RawSpan, _ position: inout Int) -> ControllerEvent? {
        while true {
            switch framer.phase {
            case .header:
                let event: ControllerEvent?
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
                if !framer.discardsPayload { return .payload(slot: slot, offset: offset, range: range) }
            case .digest:
                guard framer.takeDigest(bytes, &position) else { return nil }
            case .completed:
                if let event = finishPayload() { return event }
            case .disposition:
                preconditionFailure("in-capsule data was neither accepted nor discarded")
            case .ended:
                return nil
            }
        }
    }

    /// Counts bytes that were received straight into the slot's buffer, as the plan said, maybe fewer.
    public mutating func receivedPayload(_ bytes: RawSpan) -> ControllerEvent? {
        framer.consumePayload(bytes)
        return framer.phase == .completed ? finishPayload() : nil
    }

    /// In-capsule data of the command just returned goes to `slot`, from the start of its buffer.
    public mutating func acceptInCapsuleData(slot: UInt32) {
        precondition(framer.phase == .disposition, "no in-capsule data is announced")
        framer.beginPayload(slot: slot, offset: 0)
    }

    /// In-capsule data of the command just returned is dropped; no `.transferred` follows.
    public mutating func discardInCapsuleData() {
        precondition(framer.phase == .disposition, "no in-capsule data is announced")
        framer.beginDiscardedPayload()
    }
}

// MARK: - PDUs

extension ControllerConnection {
    /// False sends the command the general way, which reports the digest.
    @inline(__always)
    private func plainCommandDigestIsValid(_ bytes: RawSpan, at start: Int) -> Bool {
        let end = start + CommandCapsule.byteCount
        return plainCommandLength == CommandCapsule.byteCount
            || CRC32C.digest(bytes.extracting(start..<end)) == bytes.uint32(at: end)
    }

    /// Acts on a PDU whose common header and header digest are good. Nil where there is nothing to tell yet.
    private mutating func accept(_ bytes: RawSpan, at start: Int) -> ControllerEvent? {
        do throws(FatalError) {
            switch CommonHeader(bytes, at: start).type {
            case .initializeRequest:
                try initialize(InitializeRequest(bytes, at: start))
                return .initialized
            case .commandCapsule: return try acceptCommand(bytes, at: start)
            case .hostData:
                try acceptData(DataHeader(bytes, at: start))
                return nil
            case .hostTermination:
                framer.end()
                return .terminated(TerminationRequest(bytes, at: start))
            default: preconditionFailure("the header rules let through a PDU that no controller receives")
            }
        } catch {
            framer.keepOffender(bytes, at: start)
            return fail(error)
        }
    }

    private mutating func initialize(_ request: InitializeRequest) throws(FatalError) {
        try request.check()
        let agreed = Negotiation(
            hostDataAlignment: Negotiation.bytes(alignment: request.dataAlignment),
            controllerDataAlignment: Negotiation.bytes(alignment: parameters.dataAlignment),
            headerDigest: request.headerDigest && parameters.offersHeaderDigest,
            dataDigest: request.dataDigest && parameters.offersDataDigest,
            maximumReadyToTransfers: Int(request.maximumReadyToTransfers) + 1,
            maximumDataLength: parameters.maximumDataLength)
        negotiated = agreed
        framer.rules.isInitialized = true
        framer.rules.headerDigest = agreed.headerDigest
        framer.rules.dataDigest = agreed.dataDigest
        framer.rules.alignment = agreed.controllerDataAlignment
        plainCommandLength = CommandCapsule.byteCount + (agreed.headerDigest ? 4 : 0)
        plainCommandWord =
            CommonHeader(
                type: .commandCapsule, flags: agreed.headerDigest ? .headerDigest : [],
                headerLength: UInt8(CommandCapsule.byteCount), length: UInt32(plainCommandLength)
            ).word
    }

    private mutating func acceptCommand(_ bytes: RawSpan, at start: Int) throws(FatalError) -> ControllerEvent
    {
        let dataLength = framer.shape.dataLength
        guard dataLength <= parameters.inCapsuleDataLengthMax else { throw .dataLimitExceeded }
        if dataLength > 0 {
            currentTag = nil
            framer.awaitDisposition()
        }
        return .command(
            SubmissionEntry(copying: bytes, at: start + CommonHeader.byteCount), dataLength: dataLength)
    }

    /// Checks a H2CData PDU against its transfer, in byte order; LAST_PDU last, for it is wrong only relative
    /// to them.
    ///
    /// Source: NVMe over TCP Transport Specification, "Host to Controller Data Transfer PDU (H2CData)".
    private mutating func acceptData(_ data: DataHeader) throws(FatalError) {
        guard var transfer = transfers[data.tag] else { throw .invalidHeaderField(10) }
        guard data.commandID == transfer.commandID else { throw .invalidHeaderField(8) }
        let (offset, length) = (Int(data.offset), Int(data.length))
        guard offset >= transfer.start, offset < transfer.end else { throw .dataOutOfRange }
        guard offset == transfer.next else { throw .sequenceError }
        guard length > 0, length.isMultiple(of: 4), length == framer.shape.dataLength else {
            throw .invalidHeaderField(16)
        }
        guard length <= transfer.end - offset else { throw .dataOutOfRange }
        guard length <= parameters.maximumDataLength else { throw .dataLimitExceeded }
        guard data.header.flags.contains(.last) == (offset + length == transfer.end) else {
            throw .sequenceError
        }
        transfer.next += length
        transfers.update(data.tag, transfer)
        currentTag = data.tag
        framer.beginPayload(slot: transfer.slot, offset: offset)
    }

    /// A PDU's payload and its digest are complete.
    private mutating func finishPayload() -> ControllerEvent? {
        framer.beginHeader()
        let isValid = framer.isDigestValid
        guard let tag = currentTag else {
            return framer.discardsPayload ? nil : .transferred(slot: framer.slot, digestValid: isValid)
        }
        guard var transfer = transfers[tag] else { preconditionFailure("payload of a closed transfer") }
        transfer.isDigestValid = transfer.isDigestValid && isValid
        guard transfer.next == transfer.end else {
            transfers.update(tag, transfer)
            return nil
        }
        transfers.close(tag)
        return .transferred(slot: transfer.slot, digestValid: transfer.isDigestValid)
    }

    private mutating func fail(_ error: FatalError) -> ControllerEvent {
        framer.end()
        return .fatal(error)
    }

    /// The peer's termination request was itself malformed: nothing of it is believed.
    private mutating func fail() -> ControllerEvent {
        framer.end()
        return .terminated(TerminationRequest(error: FatalError(status: FatalErrorStatus(rawValue: 0))))
    }
}
