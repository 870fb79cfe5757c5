// Golden bytes of each PDU, laid out by hand after the Linux kernel's structures (include/linux/nvme-tcp.h:
// nvme_tcp_icreq_pdu and those below it; FEI after the specification, bytes 13:10, where the kernel's
// structure has a gap).

import Testing

@testable import NVMeTCP

@Suite("PDU layouts")
struct PDUGoldenTests {
    /// A PDU of zeroes but for the fields given, each with its offset.
    static func golden(_ count: Int, _ fields: [Int: [UInt8]]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        for (offset, field) in fields { bytes.replaceSubrange(offset..<offset + field.count, with: field) }
        return bytes
    }

    @Test("The common header is 8 bytes: type, flags, HLEN, PDO, PLEN")
    func commonHeader() {
        let header = CommonHeader(
            type: .controllerData, flags: [.headerDigest, .last], headerLength: 24, dataOffset: 28,
            length: 0x0102_0304)
        let expected: [UInt8] = [0x07, 0x05, 24, 28, 0x04, 0x03, 0x02, 0x01]
        #expect(encoded(8) { header.encode(into: &$0, at: 0) } == expected)
        #expect(decoded(expected) { CommonHeader($0, at: 0) } == header)
        #expect(CommonHeader(word: header.word) == header)
    }

    @Test("Types and flags have the kernel's values")
    func values() {
        let types: [PDUType] = [
            .initializeRequest, .initializeResponse, .hostTermination, .controllerTermination,
            .commandCapsule,
            .responseCapsule, .hostData, .controllerData, .readyToTransfer,
        ]
        #expect(types.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6, 7, 9])
        let flags: [PDUFlags] = [.headerDigest, .dataDigest, .last, .success]
        #expect(flags.map(\.rawValue) == [1, 2, 4, 8])
        let statuses: [FatalErrorStatus] = [
            .invalidHeaderField, .sequenceError, .headerDigestError, .dataOutOfRange, .dataLimitExceeded,
            .readyToTransferLimitExceeded, .unsupportedParameter,
        ]
        #expect(statuses.map(\.rawValue) == [1, 2, 3, 4, 5, 5, 6])
    }

    @Test("ICReq is 128 bytes: PFV 8, HPDA 10, DGST 11, MAXR2T 12")
    func initializeRequest() {
        let request = InitializeRequest(
            version: 0x0102, dataAlignment: 31, headerDigest: true, dataDigest: false,
            maximumReadyToTransfers: 0x0A0B_0C0D)
        let expected = Self.golden(
            128,
            [
                0: [0x00, 0, 128, 0, 128, 0, 0, 0], 8: [0x02, 0x01], 10: [31], 11: [1],
                12: [0x0D, 0x0C, 0x0B, 0x0A],
            ])
        #expect(firstDifference(encoded(128) { request.encode(into: &$0, at: 0) }, expected) == nil)
        #expect(decoded(expected) { InitializeRequest($0, at: 0) } == request)
    }

    @Test("ICResp is 128 bytes: PFV 8, CPDA 10, DGST 11, MAXH2CDATA 12")
    func initializeResponse() {
        let response = InitializeResponse(
            dataAlignment: 7, headerDigest: false, dataDigest: true, maximumDataLength: 0x0002_0000)
        let expected = Self.golden(
            128, [0: [0x01, 0, 128, 0, 128, 0, 0, 0], 10: [7], 11: [2], 12: [0, 0, 2, 0]])
        #expect(firstDifference(encoded(128) { response.encode(into: &$0, at: 0) }, expected) == nil)
        #expect(decoded(expected) { InitializeResponse($0, at: 0) } == response)
    }

    @Test("Termination requests are 24 bytes and the offending header: FES 8, FEI 10")
    func termination() {
        let request = TerminationRequest(
            error: FatalError(status: .headerDigestError, information: 0x0102_0304))
        for (type, raw) in [(PDUType.hostTermination, UInt8(2)), (.controllerTermination, 3)] {
            let expected = Self.golden(
                24, [0: [raw, 0, 24, 0, 96, 0, 0, 0], 8: [3, 0], 10: [4, 3, 2, 1]])
            #expect(encoded(24) { request.encode(type, dataLength: 72, into: &$0, at: 0) } == expected)
            #expect(decoded(expected) { TerminationRequest($0, at: 0) } == request)
        }
    }

    @Test("CapsuleCmd is 72 bytes: the submission queue entry from 8 on")
    func commandCapsule() {
        var entry = SubmissionEntry(opcode: 0x02)
        entry.commandID = 0x1234
        entry.dword15 = 0xA1B2_C3D4
        let capsule = CommandCapsule(
            header: CommonHeader(type: .commandCapsule, headerLength: 72, length: 72), entry: entry)
        let expected = Self.golden(
            72,
            [0: [0x04, 0, 72, 0, 72, 0, 0, 0], 8: [0x02, 0, 0x34, 0x12], 68: [0xD4, 0xC3, 0xB2, 0xA1]])
        #expect(firstDifference(encoded(72) { capsule.encode(into: &$0, at: 0) }, expected) == nil)
        #expect(decoded(expected) { CommandCapsule($0, at: 0) } == capsule)
    }

    @Test("A submission queue entry read in one copy is the one that is read field by field")
    func copiedEntry() {
        let bytes = pattern(3 + 64, seed: 5)
        decoded(bytes) { #expect(SubmissionEntry(copying: $0, at: 3) == SubmissionEntry($0, at: 3)) }
        #expect(MemoryLayout<SubmissionEntry>.size == SubmissionEntry.byteCount)
    }

    @Test("CapsuleResp is 24 bytes: the completion queue entry from 8 on")
    func responseCapsule() {
        let entry = CompletionEntry(
            result: 0x0102_0304_0506_0708, submissionQueueHead: 0x1112, commandID: 0x1314,
            status: Status(type: 0, code: 0x02))
        let capsule = ResponseCapsule(
            header: CommonHeader(type: .responseCapsule, headerLength: 24, length: 24), entry: entry)
        let expected: [UInt8] = [
            0x05, 0, 24, 0, 24, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1, 0x12, 0x11, 0, 0, 0x14, 0x13, 0x04, 0,
        ]
        #expect(encoded(24) { capsule.encode(into: &$0, at: 0) } == expected)
        #expect(decoded(expected) { ResponseCapsule($0, at: 0) } == capsule)
    }

    @Test("H2CData and C2HData are 24 bytes: CCCID 8, TTAG 10, DATAO 12, DATAL 16")
    func data() {
        for (type, raw, tag) in [(PDUType.hostData, UInt8(6), UInt16(0x0304)), (.controllerData, 7, 0)] {
            let header = CommonHeader(
                type: type, flags: [.last], headerLength: 24, dataOffset: 24, length: 4120)
            let data = DataHeader(
                header: header, commandID: 0x0102, tag: tag, offset: 0x0005_0000, length: 4096)
            let expected = Self.golden(
                24,
                [
                    0: [raw, 4, 24, 24, 0x18, 0x10, 0, 0], 8: [2, 1], 10: tag == 0 ? [0, 0] : [4, 3],
                    12: [0, 0, 5, 0], 16: [0, 0x10, 0, 0],
                ])
            #expect(encoded(24) { data.encode(into: &$0, at: 0) } == expected)
            #expect(decoded(expected) { DataHeader($0, at: 0) } == data)
        }
    }

    @Test("R2T is 24 bytes: CCCID 8, TTAG 10, R2TO 12, R2TL 16")
    func readyToTransfer() {
        let asked = ReadyToTransfer(
            header: CommonHeader(type: .readyToTransfer, headerLength: 24, length: 24), commandID: 0x0102,
            tag: 0x0304, offset: 0x0002_0000, length: 0x0001_0000)
        let expected: [UInt8] = [
            0x09, 0, 24, 0, 24, 0, 0, 0, 2, 1, 4, 3, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0,
        ]
        #expect(encoded(24) { asked.encode(into: &$0, at: 0) } == expected)
        #expect(decoded(expected) { ReadyToTransfer($0, at: 0) } == asked)
    }

    @Test("Every structure is read and written at an offset as at the start")
    func offsets() {
        let asked = ReadyToTransfer(
            header: CommonHeader(type: .readyToTransfer, headerLength: 24, length: 24), commandID: 1, tag: 2,
            offset: 3, length: 4)
        let request = InitializeRequest(dataAlignment: 3, maximumReadyToTransfers: 9)
        let bytes = encoded(3 + 24 + 128 + 5) {
            asked.encode(into: &$0, at: 3)
            request.encode(into: &$0, at: 27)
        }
        #expect(decoded(bytes) { ReadyToTransfer($0, at: 3) } == asked)
        #expect(decoded(bytes) { InitializeRequest($0, at: 27) } == request)
        #expect(bytes.prefix(3) + bytes.suffix(5) == [UInt8](repeating: 0x5A, count: 8)[...])
    }
}
