// The last PDU of a connection that a fatal error ends, in either direction. Who receives one closes; it is
// never answered.

/// H2CTermReq or C2HTermReq: a termination request, 24 bytes and up to 128 bytes of the offending PDU's
/// header.
///
/// Source: NVMe over TCP Transport Specification, "Host to Controller Terminate Connection Request PDU
/// (H2CTermReq)" and "Controller to Host Terminate Connection Request PDU (C2HTermReq)".
public struct TerminationRequest: Hashable, Sendable, BitwiseCopyable {
    /// The size of the header on the wire, in bytes: its HLEN.
    public static let byteCount = 24
    /// The longest PLEN, in bytes.
    public static let lengthMax = 152
    /// The most bytes of the offending header that follow.
    public static let dataLengthMax = 128

    /// Bytes 9:8 and 13:10: FES and FEI. FES is 0 where the peer's request was itself malformed.
    public var error: FatalError

    public init(error: FatalError) { self.error = error }

    /// Reads the header that starts at `offset`; `bytes` must hold 24 bytes from there.
    public init(_ bytes: RawSpan, at offset: Int) {
        error = FatalError(
            status: FatalErrorStatus(rawValue: bytes.uint16(at: offset + 8)),
            information: bytes.uint32(at: offset + 10))
    }

    /// Writes the 24 bytes at `offset`, for a PDU with `dataLength` bytes of an offending header behind them.
    public func encode(_ type: PDUType, dataLength: Int, into bytes: inout MutableRawSpan, at offset: Int) {
        precondition(dataLength <= Self.dataLengthMax)
        CommonHeader(
            type: type, headerLength: UInt8(Self.byteCount), length: UInt32(Self.byteCount + dataLength)
        ).encode(into: &bytes, at: offset)
        bytes.store(error.status.rawValue, at: offset + 8)
        bytes.store(error.information, at: offset + 10)
        bytes.store(UInt16(0), at: offset + 14)
        bytes.store(UInt64(0), at: offset + 16)
    }
}
