// PDUs made by hand for the transport tests: bytes that do not come from our encoders, with the digests and
// paddings that a test asks for, right or wrong.

@testable import NVMeTCP

/// A little-endian integer's bytes.
func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// A PDU by hand: HLEN, PDO and PLEN follow from what it holds, unless they are given.
func makePDU(
    _ type: UInt8, flags: UInt8 = 0, header: [UInt8], data: [UInt8] = [], headerDigest: Bool = false,
    dataDigest: Bool = false, padding: Int = 0, hlen: UInt8? = nil, pdo: UInt8? = nil, plen: UInt32? = nil
) -> [UInt8] {
    let length = 8 + header.count
    let offset = length + (headerDigest ? 4 : 0) + padding
    let hasDigest = dataDigest && !data.isEmpty
    let total = data.isEmpty ? length + (headerDigest ? 4 : 0) : offset + data.count + (hasDigest ? 4 : 0)
    var bytes: [UInt8] = [
        type, flags | (headerDigest ? 1 : 0) | (hasDigest ? 2 : 0), hlen ?? UInt8(length),
        pdo ?? (data.isEmpty ? 0 : UInt8(offset)),
    ]
    bytes += little(plen ?? UInt32(total)) + header
    if headerDigest { bytes += little(~CRC32CTests.bitwise(0xFFFF_FFFF, bytes)) }
    guard !data.isEmpty else { return bytes }
    bytes += [UInt8](repeating: 0xDD, count: padding) + data
    if hasDigest { bytes += little(~CRC32CTests.bitwise(0xFFFF_FFFF, data)) }
    return bytes
}

/// ICReq.
func makeICReq(
    pfv: UInt16 = 0, hpda: UInt8 = 0, digests: UInt8 = 0, maxr2t: UInt32 = 0
) -> [UInt8] {
    makePDU(
        0, header: little(pfv) + [hpda, digests] + little(maxr2t) + [UInt8](repeating: 0, count: 112))
}

/// ICResp.
func makeICResp(pfv: UInt16 = 0, cpda: UInt8 = 0, digests: UInt8 = 0, maxh2cdata: UInt32 = 131_072) -> [UInt8]
{
    makePDU(
        1, header: little(pfv) + [cpda, digests] + little(maxh2cdata) + [UInt8](repeating: 0, count: 112))
}

/// A submission queue entry with an opcode and an identifier, and bytes to tell it by.
func makeEntry(_ commandID: UInt16, opcode: UInt8 = 1) -> [UInt8] {
    [opcode, 0] + little(commandID) + (4..<64).map { UInt8($0) &+ UInt8(truncatingIfNeeded: commandID) }
}

/// CapsuleCmd.
func makeCommand(
    _ commandID: UInt16, data: [UInt8] = [], headerDigest: Bool = false, dataDigest: Bool = false,
    padding: Int = 0
) -> [UInt8] {
    makePDU(
        4, header: makeEntry(commandID), data: data, headerDigest: headerDigest, dataDigest: dataDigest,
        padding: padding)
}

/// H2CData (or C2HData, by its type).
func makeData(
    _ commandID: UInt16, tag: UInt16, offset: UInt32, _ data: [UInt8], last: Bool, type: UInt8 = 6,
    success: Bool = false, headerDigest: Bool = false, dataDigest: Bool = false, padding: Int = 0,
    datal: UInt32? = nil
) -> [UInt8] {
    let header = little(commandID) + little(tag) + little(offset) + little(datal ?? UInt32(data.count))
    return makePDU(
        type, flags: (last ? 4 : 0) | (success ? 8 : 0), header: header + [0, 0, 0, 0], data: data,
        headerDigest: headerDigest, dataDigest: dataDigest, padding: padding)
}

/// CapsuleResp.
func makeResponse(_ commandID: UInt16, headerDigest: Bool = false) -> [UInt8] {
    makePDU(
        5, header: [UInt8](repeating: 0, count: 12) + little(commandID) + [0, 0], headerDigest: headerDigest)
}

/// R2T.
func makeR2T(
    _ commandID: UInt16, tag: UInt16, offset: UInt32, length: UInt32, headerDigest: Bool = false
) -> [UInt8] {
    makePDU(
        9, header: little(commandID) + little(tag) + little(offset) + little(length) + [0, 0, 0, 0],
        headerDigest: headerDigest)
}

/// Bytes to tell one position from another.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ seed) }
}
