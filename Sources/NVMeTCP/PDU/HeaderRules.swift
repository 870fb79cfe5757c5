// What a received common header may say: one pure function, header and negotiated options in, shape or fatal
// error out. The framer calls it as soon as eight bytes of a PDU are there, before it believes any length in
// them.

/// How a PDU is laid out, once its common header was found good. All in bytes.
struct PDUShape: Equatable, Sendable {
    /// The header and its digest: what must be there before the PDU can be read.
    var headerLength: Int
    /// The padding between them and the data.
    var paddingLength: Int
    /// The data, without its digest.
    var dataLength: Int
    /// The data's digest follows it.
    var hasDataDigest: Bool
}

/// The verdict over one common header.
enum HeaderVerdict: Equatable, Sendable {
    case valid(PDUShape)
    case invalid(FatalError)
    /// A malformed termination request: the connection ends without an answer.
    case silent
}

/// The rules for what one end receives, as negotiated.
///
/// Source: NVMe over TCP Transport Specification, "PDU Common Header", each PDU's header, and "Fatal Errors":
/// of several wrong fields the one that comes first is reported.
struct HeaderRules: Sendable, BitwiseCopyable {
    /// Who receives.
    var isController: Bool
    /// ICReq was received (controller) or ICResp (host).
    var isInitialized = false
    var headerDigest = false
    var dataDigest = false
    /// What PDO must be a multiple of, in bytes: 4 to 128.
    var alignment = 4

    /// What the header of `type` is like; nil for a type that does not exist.
    private static func form(of type: PDUType) -> Form? {
        switch type {
        case .initializeRequest: Form(128, [], .fixed, fromHost: true)
        case .initializeResponse: Form(128, [], .fixed, fromHost: false)
        case .hostTermination: Form(24, [], .termination, fromHost: true)
        case .controllerTermination: Form(24, [], .termination, fromHost: false)
        case .commandCapsule: Form(72, [.headerDigest, .dataDigest], .data, fromHost: true)
        case .responseCapsule: Form(24, [.headerDigest], .fixed, fromHost: false)
        case .hostData: Form(24, [.headerDigest, .dataDigest, .last], .data, fromHost: true)
        case .controllerData:
            Form(24, [.headerDigest, .dataDigest, .last, .success], .data, fromHost: false)
        case .readyToTransfer: Form(24, [.headerDigest], .fixed, fromHost: false)
        default: nil
        }
    }

    private enum Content { case fixed, termination, data }

    private struct Form {
        var headerLength: Int
        var flags: PDUFlags
        var content: Content
        var fromHost: Bool

        init(_ headerLength: Int, _ flags: PDUFlags, _ content: Content, fromHost: Bool) {
            self.headerLength = headerLength
            self.flags = flags
            self.content = content
            self.fromHost = fromHost
        }
    }

    /// Judges a header, field by field in byte order.
    func check(_ header: CommonHeader) -> HeaderVerdict {
        guard let form = Self.form(of: header.type) else { return .invalid(.invalidHeaderField(0)) }
        // Wrong direction, a second ICReq, or anything else before the first.
        guard form.fromHost == isController else { return .invalid(.sequenceError) }
        if form.content == .termination { return checkTermination(header) }
        let opens = header.type == .initializeRequest || header.type == .initializeResponse
        guard opens != isInitialized else { return .invalid(.sequenceError) }

        let hasHeaderDigest = headerDigest && form.flags.contains(.headerDigest)
        let fullLength = form.headerLength + (hasHeaderDigest ? 4 : 0)
        let hasData = form.content == .data && Int(header.length) > fullLength
        guard flagsAreValid(header.flags, form, hasHeaderDigest, hasData) else {
            return .invalid(.invalidHeaderField(1))
        }
        guard Int(header.headerLength) == form.headerLength else { return .invalid(.invalidHeaderField(2)) }

        let dataOffset = Int(header.dataOffset)
        guard hasData else {
            // Without data PDO is reserved; a host that points it at the PDU's end is forgiven.
            guard dataOffset == 0 || form.content == .data && dataOffset == fullLength else {
                return .invalid(.invalidHeaderField(3))
            }
            guard Int(header.length) == fullLength else { return .invalid(.invalidHeaderField(4)) }
            return .valid(
                PDUShape(headerLength: fullLength, paddingLength: 0, dataLength: 0, hasDataDigest: false))
        }
        guard
            (fullLength...Int(header.length)).contains(dataOffset), dataOffset.isMultiple(of: alignment)
        else { return .invalid(.invalidHeaderField(3)) }
        let dataLength = Int(header.length) - dataOffset - (dataDigest ? 4 : 0)
        guard dataLength > 0 else { return .invalid(.invalidHeaderField(4)) }
        return .valid(
            PDUShape(
                headerLength: fullLength, paddingLength: dataOffset - fullLength, dataLength: dataLength,
                hasDataDigest: dataDigest))
    }

    /// Digests exactly where negotiated, no flag that the PDU does not have, SUCCESS only with LAST_PDU.
    private func flagsAreValid(
        _ flags: PDUFlags, _ form: Form, _ hasHeaderDigest: Bool, _ hasData: Bool
    ) -> Bool {
        guard flags.isSubset(of: form.flags), flags.contains(.headerDigest) == hasHeaderDigest else {
            return false
        }
        if hasData {
            guard flags.contains(.dataDigest) == dataDigest else { return false }
        } else if flags.contains(.dataDigest) {
            // No data, hence no digest: some hosts set the flag on every capsule once negotiated.
            guard dataDigest else { return false }
        }
        return !flags.contains(.success) || flags.contains(.last)
    }

    /// A termination request is never answered, so a malformed one has no error to report. It has no digests.
    private func checkTermination(_ header: CommonHeader) -> HeaderVerdict {
        guard
            Int(header.headerLength) == TerminationRequest.byteCount,
            (TerminationRequest.byteCount...TerminationRequest.lengthMax).contains(Int(header.length))
        else { return .silent }
        return .valid(
            PDUShape(
                headerLength: TerminationRequest.byteCount, paddingLength: 0,
                dataLength: Int(header.length) - TerminationRequest.byteCount, hasDataDigest: false))
    }
}
