// What both machines' encoders share: where a payload stands in its PDU, digests, and the termination
// request.

/// Where the pieces of a PDU with data go, for what was negotiated. All in bytes.
struct PayloadPlacement {
    let headerLength: Int
    /// PDO: the header, its digest, and padding up to the receiver's alignment.
    let dataOffset: Int
    /// PLEN.
    let length: Int
    let flags: PDUFlags

    @inline(__always)
    init(headerLength: Int, dataLength: Int, headerDigest: Bool, dataDigest: Bool, alignment: Int) {
        precondition(dataLength > 0, "a data PDU carries data")
        let fullLength = headerLength + (headerDigest ? 4 : 0)
        let offset = alignment == 4 ? fullLength : (fullLength + alignment - 1) / alignment * alignment
        self.headerLength = headerLength
        dataOffset = offset
        length = offset + dataLength + (dataDigest ? 4 : 0)
        flags = PDUFlags(rawValue: (headerDigest ? 1 : 0) | (dataDigest ? 2 : 0))
    }

    /// What the PDU takes of a batch's arena: all but its payload, a data digest counted in any case.
    var arenaLength: Int { dataOffset + 4 }

    @inline(__always)
    func header(_ type: PDUType, flags: PDUFlags) -> CommonHeader {
        CommonHeader(
            type: type, flags: flags, headerLength: UInt8(headerLength), dataOffset: UInt8(dataOffset),
            length: UInt32(length))
    }

    /// Writes the header digest and zeroes the padding behind it.
    @inline(__always)
    func finishHeader(_ bytes: inout MutableRawSpan) {
        var position = headerLength
        if flags.contains(.headerDigest) {
            bytes.storeHeaderDigest(headerLength: headerLength)
            position += 4
        }
        while position < dataOffset {
            bytes.store(UInt8(0), at: position)
            position += 1
        }
    }
}

extension MutableRawSpan {
    /// Writes the digest of the header that starts the span behind it.
    @inline(__always)
    mutating func storeHeaderDigest(headerLength: Int) {
        let digest = CRC32C.digest(bytes.extracting(0..<headerLength))
        store(digest, at: headerLength)
    }
}

extension TransmitBatch {
    /// Appends the digest of a payload that was just appended.
    @inline(__always)
    mutating func appendDataDigest(of payload: UnsafeRawBufferPointer, _ checksum: PayloadChecksum) {
        let digest = unsafe ~checksum.update(CRC32C.initialRegister, payload)
        // The arena's bytes are ours until the batch is reset.
        var bytes = unsafe append(4).mutableBytes
        bytes.store(digest, at: 0)
    }
}

extension Framer {
    /// Appends a termination request with the offending header, if one is kept, and ends the connection.
    mutating func encodeTermination(
        _ type: PDUType, _ error: FatalError, into batch: inout TransmitBatch
    ) -> Bool {
        end()
        let count = TerminationRequest.byteCount + offenderLength
        guard batch.hasRoom(count, hasPayload: false) else { return false }
        // The arena's bytes are ours until the batch is reset; the stage holds the offending header.
        var bytes = unsafe batch.append(count).mutableBytes
        TerminationRequest(error: error).encode(type, dataLength: offenderLength, into: &bytes, at: 0)
        let offender = unsafe staged.bytes
        bytes.store(offender.extracting(0..<offenderLength), at: TerminationRequest.byteCount)
        return true
    }
}
