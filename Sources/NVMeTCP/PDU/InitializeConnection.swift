// The two PDUs that open a connection, 128 bytes each. Negotiation.swift judges what they say.

/// ICReq: Initialize Connection Request, 128 bytes, host to controller.
///
/// Source: NVMe over TCP Transport Specification, "Initialize Connection Request PDU (ICReq)".
public struct InitializeRequest: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes: also its HLEN and its PLEN.
    public static let byteCount = 128

    /// Bytes 9:8. PDU Format Version (PFV): 0.
    public var version: UInt16
    /// Byte 10. Host PDU Data Alignment (HPDA): dwords, 0's based, 0 to 31. Data to the host starts at a
    /// multiple of it.
    public var dataAlignment: UInt8
    /// Byte 11, bit 0. HDGST_ENABLE.
    public var headerDigest: Bool
    /// Byte 11, bit 1. DDGST_ENABLE.
    public var dataDigest: Bool
    /// Bytes 15:12. Maximum Number of Outstanding R2T (MAXR2T) per command, 0's based.
    public var maximumReadyToTransfers: UInt32

    public init(
        version: UInt16 = 0, dataAlignment: UInt8 = 0, headerDigest: Bool = false, dataDigest: Bool = false,
        maximumReadyToTransfers: UInt32 = 0
    ) {
        self.version = version
        self.dataAlignment = dataAlignment
        self.headerDigest = headerDigest
        self.dataDigest = dataDigest
        self.maximumReadyToTransfers = maximumReadyToTransfers
    }

    /// Reads the PDU that starts at `offset`; `bytes` must hold 128 bytes from there.
    public init(_ bytes: RawSpan, at offset: Int) {
        version = bytes.uint16(at: offset + 8)
        dataAlignment = bytes.uint8(at: offset + 10)
        headerDigest = bytes.uint8(at: offset + 11) & 1 != 0
        dataDigest = bytes.uint8(at: offset + 11) & 2 != 0
        maximumReadyToTransfers = bytes.uint32(at: offset + 12)
    }

    /// Writes the 128 bytes, common header included.
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        encodeInitialize(
            .initializeRequest, version, dataAlignment, headerDigest, dataDigest, maximumReadyToTransfers,
            into: &bytes, at: offset)
    }
}

/// ICResp: Initialize Connection Response, 128 bytes, controller to host.
///
/// Source: NVMe over TCP Transport Specification, "Initialize Connection Response PDU (ICResp)".
public struct InitializeResponse: Hashable, Sendable, BitwiseCopyable {
    /// The size on the wire, in bytes: also its HLEN and its PLEN.
    public static let byteCount = 128

    /// Bytes 9:8. PDU Format Version (PFV): 0.
    public var version: UInt16
    /// Byte 10. Controller PDU Data Alignment (CPDA): dwords, 0's based, 0 to 31. Linux accepts 0 only.
    public var dataAlignment: UInt8
    /// Byte 11, bit 0. HDGST_ENABLE.
    public var headerDigest: Bool
    /// Byte 11, bit 1. DDGST_ENABLE.
    public var dataDigest: Bool
    /// Bytes 15:12. Maximum Host to Controller Data length (MAXH2CDATA): bytes in one H2CData PDU, at least
    /// 4096.
    public var maximumDataLength: UInt32

    public init(
        version: UInt16 = 0, dataAlignment: UInt8 = 0, headerDigest: Bool = false, dataDigest: Bool = false,
        maximumDataLength: UInt32
    ) {
        self.version = version
        self.dataAlignment = dataAlignment
        self.headerDigest = headerDigest
        self.dataDigest = dataDigest
        self.maximumDataLength = maximumDataLength
    }

    /// Reads the PDU that starts at `offset`; `bytes` must hold 128 bytes from there.
    public init(_ bytes: RawSpan, at offset: Int) {
        version = bytes.uint16(at: offset + 8)
        dataAlignment = bytes.uint8(at: offset + 10)
        headerDigest = bytes.uint8(at: offset + 11) & 1 != 0
        dataDigest = bytes.uint8(at: offset + 11) & 2 != 0
        maximumDataLength = bytes.uint32(at: offset + 12)
    }

    /// Writes the 128 bytes, common header included.
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        encodeInitialize(
            .initializeResponse, version, dataAlignment, headerDigest, dataDigest, maximumDataLength,
            into: &bytes, at: offset)
    }
}

/// The layout that both share; bytes 127:16 are reserved.
private func encodeInitialize(
    _ type: PDUType, _ version: UInt16, _ alignment: UInt8, _ headerDigest: Bool, _ dataDigest: Bool,
    _ limit: UInt32, into bytes: inout MutableRawSpan, at offset: Int
) {
    CommonHeader(type: type, headerLength: 128, length: 128).encode(into: &bytes, at: offset)
    bytes.store(version, at: offset + 8)
    bytes.store(alignment, at: offset + 10)
    let digests: UInt8 = (headerDigest ? 1 : 0) | (dataDigest ? 2 : 0)
    bytes.store(digests, at: offset + 11)
    bytes.store(limit, at: offset + 12)
    for position in stride(from: offset + 16, to: offset + 128, by: 8) {
        bytes.store(UInt64(0), at: position)
    }
}
