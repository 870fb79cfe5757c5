// Cuts a stream of bytes into PDUs: header, padding, payload, digest, each resumable at every byte. Both
// machines own one and ask it for the next piece; it judges common headers and digests, and knows nothing of
// commands and transfers.

/// Where in a PDU the next byte belongs, and what is known of that PDU.
///
/// A header that is there as a whole is read where it lies; only a split one is staged. One thread's.
@safe struct Framer: ~Copyable {
    enum Phase: UInt8 {
        case header
        /// The header announced in-capsule data, and nobody has said yet where it goes.
        case disposition
        case padding
        case payload
        case digest
        /// The payload is complete: the machine has not yet said what follows from it.
        case completed
        case ended
    }

    /// What became of a PDU's header.
    enum Header {
        case incomplete
        /// It starts at this position of the caller's bytes.
        case inPlace(Int)
        /// It starts at the stage's first byte.
        case staged
        case invalid(FatalError)
        /// A malformed termination request.
        case silent
    }

    /// The longest header, and the most of an offending one that is sent back.
    static let stageLength = 128

    var rules: HeaderRules
    private(set) var phase = Phase.header
    /// The layout of the PDU whose header was taken last.
    private(set) var shape = PDUShape(headerLength: 0, paddingLength: 0, dataLength: 0, hasDataDigest: false)
    /// Where the payload goes.
    private(set) var slot: UInt32 = 0
    /// Where in the slot's buffer the next byte of payload goes.
    private(set) var payloadOffset = 0
    private(set) var payloadRemaining = 0
    private(set) var discardsPayload = false
    /// The digest that followed the last payload was right, or there was none. Without meaning where the
    /// payload was discarded.
    private(set) var isDigestValid = true
    /// How much of the offending header the stage holds once a PDU was invalid.
    private(set) var offenderLength = 0

    private let checksum: PayloadChecksum
    private let stage: UnsafeMutableRawPointer
    private var stagedCount = 0
    private var paddingRemaining = 0
    private var register: UInt32 = 0
    private var receivedDigest: UInt32 = 0
    private var receivedDigestCount = 0

    init(isController: Bool, checksum: PayloadChecksum) {
        rules = HeaderRules(isController: isController)
        self.checksum = checksum
        unsafe stage = .allocate(byteCount: Self.stageLength, alignment: 8)
    }

    deinit { unsafe stage.deallocate() }

    /// The stage's bytes: a header that was split, or the offending one. Valid as long as the framer.
    var staged: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: stage, count: Self.stageLength)
    }

    /// Nothing of the next PDU has come yet.
    @inline(__always)
    var isBetweenPDUs: Bool { phase == .header && stagedCount == 0 }

    var plan: ReceivePlan {
        switch phase {
        case .payload where !discardsPayload && payloadRemaining >= ReceivePlan.directLengthMin:
            .payload(slot: slot, offset: payloadOffset, count: payloadRemaining)
        case .header, .disposition, .padding, .payload, .digest, .completed: .staged
        case .ended: .nothing
        }
    }
}

// MARK: - Headers

extension Framer {
    /// Takes the next PDU's header, or as much of it as there is.
    mutating func takeHeader(_ bytes: RawSpan, _ position: inout Int) -> Header {
        if stagedCount == 0, bytes.byteCount - position >= CommonHeader.byteCount {
            switch rules.check(CommonHeader(bytes, at: position)) {
            case .valid(let shape): self.shape = shape
            case .invalid(let error): return invalid(error, bytes, at: position)
            case .silent: return .silent
            }
            let start = position
            if bytes.byteCount - start >= shape.headerLength {
                if let error = checkDigest(bytes, at: start) { return invalid(error, bytes, at: start) }
                position += shape.headerLength
                return .inPlace(start)
            }
        }
        return stageHeader(bytes, &position)
    }

    private mutating func stageHeader(_ bytes: RawSpan, _ position: inout Int) -> Header {
        if stagedCount < CommonHeader.byteCount {
            stage(bytes, &position, upTo: CommonHeader.byteCount)
            guard stagedCount == CommonHeader.byteCount else { return .incomplete }
            switch rules.check(CommonHeader(unsafe staged.bytes, at: 0)) {
            case .valid(let shape): self.shape = shape
            case .invalid(let error):
                offenderLength = stagedCount
                return .invalid(error)
            case .silent: return .silent
            }
        }
        stage(bytes, &position, upTo: shape.headerLength)
        guard stagedCount == shape.headerLength else { return .incomplete }
        if let error = checkDigest(unsafe staged.bytes, at: 0) {
            offenderLength = headerLengthWithoutDigest
            return .invalid(error)
        }
        stagedCount = 0
        return .staged
    }

    /// Copies bytes to the stage until it holds `count`.
    private mutating func stage(_ bytes: RawSpan, _ position: inout Int, upTo count: Int) {
        while stagedCount < count, position < bytes.byteCount {
            // Within the stage: no header is longer.
            unsafe stage.storeBytes(of: bytes.uint8(at: position), toByteOffset: stagedCount, as: UInt8.self)
            stagedCount += 1
            position += 1
        }
    }

    private var headerLengthWithoutDigest: Int { shape.headerLength - (hasHeaderDigest ? 4 : 0) }

    /// HLEN is a multiple of 8 for every PDU, and the digest adds four bytes.
    private var hasHeaderDigest: Bool { !shape.headerLength.isMultiple(of: 8) }

    private func checkDigest(_ bytes: RawSpan, at start: Int) -> FatalError? {
        guard hasHeaderDigest else { return nil }
        let length = headerLengthWithoutDigest
        let received = bytes.uint32(at: start + length)
        return CRC32C.digest(bytes.extracting(start..<start + length)) == received
            ? nil : .headerDigest(received: received)
    }

    /// Keeps the header that starts at `start` for the termination request: as much of it as there is.
    private mutating func invalid(_ error: FatalError, _ bytes: RawSpan, at start: Int) -> Header {
        keepOffender(bytes, at: start)
        return .invalid(error)
    }

    /// As above, for a header that only the machine found wrong.
    mutating func keepOffender(_ bytes: RawSpan, at start: Int) {
        let claimed = max(Int(bytes.uint8(at: start + 2)), CommonHeader.byteCount)
        offenderLength = min(claimed, bytes.byteCount - start, Self.stageLength)
        for index in 0..<offenderLength {
            // Within the stage; copying a staged header onto itself changes nothing.
            unsafe stage.storeBytes(of: bytes.uint8(at: start + index), toByteOffset: index, as: UInt8.self)
        }
    }

    mutating func end() { phase = .ended }
}

// MARK: - Payload

extension Framer {
    /// The header announced data and the machine must be told where it goes.
    mutating func awaitDisposition() { phase = .disposition }

    /// The PDU's payload goes to `slot`, from `offset` of its buffer on.
    mutating func beginPayload(slot: UInt32, offset: Int) {
        self.slot = slot
        payloadOffset = offset
        discardsPayload = false
        beginPayload()
    }

    /// The PDU's payload goes nowhere.
    mutating func beginDiscardedPayload() {
        discardsPayload = true
        beginPayload()
    }

    private mutating func beginPayload() {
        paddingRemaining = shape.paddingLength
        payloadRemaining = shape.dataLength
        register = CRC32C.initialRegister
        receivedDigest = 0
        receivedDigestCount = 0
        isDigestValid = true
        phase = paddingRemaining > 0 ? .padding : .payload
    }

    /// Skips padding. False when the bytes ended first.
    mutating func skipPadding(_ bytes: RawSpan, _ position: inout Int) -> Bool {
        let count = min(paddingRemaining, bytes.byteCount - position)
        paddingRemaining -= count
        position += count
        guard paddingRemaining == 0 else { return false }
        phase = .payload
        return true
    }

    /// Takes what there is of the payload; nil when there is nothing.
    mutating func takePayload(_ bytes: RawSpan, _ position: inout Int) -> Range<Int>? {
        let count = min(payloadRemaining, bytes.byteCount - position)
        guard count > 0 else { return nil }
        let range = position..<position + count
        position += count
        consumePayload(bytes.extracting(range))
        return range
    }

    /// Counts payload that has reached its place, or goes nowhere.
    mutating func consumePayload(_ bytes: RawSpan) {
        precondition(phase == .payload, "payload outside a payload")
        precondition(bytes.byteCount <= payloadRemaining, "more payload than the plan said")
        if shape.hasDataDigest, !discardsPayload {
            register = unsafe bytes.withUnsafeBytes { unsafe checksum.update(register, $0) }
        }
        payloadOffset += bytes.byteCount
        payloadRemaining -= bytes.byteCount
        if payloadRemaining == 0 { phase = shape.hasDataDigest ? .digest : .completed }
    }

    /// Takes the data digest. False when the bytes ended first.
    mutating func takeDigest(_ bytes: RawSpan, _ position: inout Int) -> Bool {
        while receivedDigestCount < 4 {
            guard position < bytes.byteCount else { return false }
            receivedDigest |= UInt32(bytes.uint8(at: position)) << (8 * UInt32(receivedDigestCount))
            receivedDigestCount += 1
            position += 1
        }
        isDigestValid = receivedDigest == ~register
        phase = .completed
        return true
    }

    /// The PDU is done with; the next byte starts another.
    mutating func beginHeader() { phase = .header }
}
