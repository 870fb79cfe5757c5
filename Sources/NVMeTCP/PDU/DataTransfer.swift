// The PDUs that move data outside capsules: R2T asks, H2CData and C2HData bring. Transfers are followed in
// Connection/TransferTable.swift (the controller's end) and Connection/ExpectationTable.swift (the host's).

/// H2CData or C2HData: the header of a data PDU, 24 bytes.
///
/// Source: NVMe over TCP Transport Specification, "Host to Controller Data Transfer PDU (H2CData)" and
/// "Controller to Host Data Transfer PDU (C2HData)". The two differ in bytes 11:10, which C2HData reserves.
public struct DataHeader: Sendable, Hashable, BitwiseCopyable {
    /// The size of the header on the wire, in bytes: its HLEN.
    public static let byteCount = 24

    /// Bytes 7:0; its type says which of the two this is.
    public var header: CommonHeader
    /// Bytes 9:8. Command Capsule CID (CCCID).
    public var commandID: UInt16
    /// Bytes 11:10. Transfer Tag (TTAG) of the R2T; 0 in C2HData.
    public var tag: UInt16
    /// Bytes 15:12. Data Offset (DATAO), in bytes from the start of the command's data.
    public var offset: UInt32
    /// Bytes 19:16. Data Length (DATAL), in bytes.
    public var length: UInt32

    @inlinable
    public init(header: CommonHeader, commandID: UInt16, tag: UInt16 = 0, offset: UInt32, length: UInt32) {
        self.header = header
        self.commandID = commandID
        self.tag = tag
        self.offset = offset
        self.length = length
    }

    /// Reads the header that starts at `offset`; `bytes` must hold 24 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at start: Int) {
        header = CommonHeader(bytes, at: start)
        commandID = bytes.uint16(at: start + 8)
        tag = bytes.uint16(at: start + 10)
        offset = bytes.uint32(at: start + 12)
        length = bytes.uint32(at: start + 16)
    }

    /// Writes the 24 bytes at `start`; bytes 23:20 are reserved.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at start: Int) {
        header.encode(into: &bytes, at: start)
        bytes.store(commandID, at: start + 8)
        bytes.store(tag, at: start + 10)
        bytes.store(offset, at: start + 12)
        bytes.store(length, at: start + 16)
        bytes.store(UInt32(0), at: start + 20)
    }
}

/// R2T: Ready to Transfer, 24 bytes, controller to host.
///
/// Source: NVMe over TCP Transport Specification, "Ready to Transfer PDU (R2T)".
public struct ReadyToTransfer: Sendable, Hashable, BitwiseCopyable {
    /// The size of the header on the wire, in bytes: its HLEN.
    public static let byteCount = 24

    /// Bytes 7:0.
    public var header: CommonHeader
    /// Bytes 9:8. Command Capsule CID (CCCID).
    public var commandID: UInt16
    /// Bytes 11:10. Transfer Tag (TTAG): the controller's, brought back by H2CData.
    public var tag: UInt16
    /// Bytes 15:12. Requested Data Offset (R2TO), in bytes from the start of the command's data.
    public var offset: UInt32
    /// Bytes 19:16. Requested Data Length (R2TL), in bytes.
    public var length: UInt32

    @inlinable
    public init(header: CommonHeader, commandID: UInt16, tag: UInt16, offset: UInt32, length: UInt32) {
        self.header = header
        self.commandID = commandID
        self.tag = tag
        self.offset = offset
        self.length = length
    }

    /// Reads the PDU that starts at `start`; `bytes` must hold 24 bytes from there.
    @inlinable
    public init(_ bytes: RawSpan, at start: Int) {
        let data = DataHeader(bytes, at: start)
        self.init(
            header: data.header, commandID: data.commandID, tag: data.tag, offset: data.offset,
            length: data.length)
    }

    /// Writes the 24 bytes at `start`; bytes 23:20 are reserved.
    @inlinable
    public func encode(into bytes: inout MutableRawSpan, at start: Int) {
        DataHeader(header: header, commandID: commandID, tag: tag, offset: offset, length: length)
            .encode(into: &bytes, at: start)
    }
}
