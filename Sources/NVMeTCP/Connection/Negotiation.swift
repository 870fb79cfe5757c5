// What ICReq and ICResp settle for a connection's life. Each machine judges the other's opening PDU with a
// rule of this file.

/// What both ends agreed on.
public struct Negotiation: Equatable, Sendable, BitwiseCopyable {
    /// HPDA: what PDO is a multiple of in PDUs to the host, in bytes, 4 to 128.
    public var hostDataAlignment: Int
    /// CPDA: what PDO is a multiple of in PDUs to the controller, in bytes, 4 to 128.
    public var controllerDataAlignment: Int
    /// Header digests, in both directions.
    public var headerDigest: Bool
    /// Data digests, in both directions.
    public var dataDigest: Bool
    /// How many R2Ts one command may have outstanding, 1 or more (MAXR2T + 1).
    public var maximumReadyToTransfers: Int
    /// MAXH2CDATA: the most data of one H2CData PDU, in bytes.
    public var maximumDataLength: Int
}

extension Negotiation {
    /// The largest alignment that HPDA and CPDA can express: 31, 0's based, in dwords.
    static let alignmentMax: UInt8 = 31
    /// The least that MAXH2CDATA may be, in bytes.
    static let dataLengthMin: UInt32 = 4096

    static func bytes(alignment: UInt8) -> Int { (Int(alignment) + 1) * 4 }
}

extension InitializeRequest {
    /// The first field, in byte order, that a controller cannot accept.
    ///
    /// Source: NVMe over TCP Transport Specification, "Initialize Connection Request PDU (ICReq)". Reserved
    /// bits are not looked at.
    func check() throws(FatalError) {
        guard version == 0 else { throw .unsupportedParameter(8) }
        guard dataAlignment <= Negotiation.alignmentMax else { throw .invalidHeaderField(10) }
    }
}

extension InitializeResponse {
    /// The first field, in byte order, that the host that sent `request` cannot accept.
    ///
    /// Source: NVMe over TCP Transport Specification, "Initialize Connection Response PDU (ICResp)".
    func check(against request: InitializeRequest) throws(FatalError) {
        guard version == 0 else { throw .unsupportedParameter(8) }
        guard dataAlignment <= Negotiation.alignmentMax else { throw .invalidHeaderField(10) }
        // A digest that was not asked for.
        guard !headerDigest || request.headerDigest, !dataDigest || request.dataDigest else {
            throw .invalidHeaderField(11)
        }
        guard maximumDataLength >= Negotiation.dataLengthMin, maximumDataLength.isMultiple(of: 4) else {
            throw .invalidHeaderField(12)
        }
    }
}
