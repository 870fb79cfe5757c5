// The verdict over a common header: what each PDU may say, what was negotiated, and which wrong field is
// reported first.

import Testing

@testable import NVMeTCP

@Suite("Header rules")
struct PDUHeaderRulesTests {
    static func rules(
        controller: Bool = true, initialized: Bool = true, header: Bool = false, data: Bool = false,
        alignment: Int = 4
    ) -> HeaderRules {
        HeaderRules(
            isController: controller, isInitialized: initialized, headerDigest: header, dataDigest: data,
            alignment: alignment)
    }

    static func header(
        _ type: PDUType, _ flags: PDUFlags = [], hlen: UInt8, pdo: UInt8 = 0, plen: UInt32
    ) -> CommonHeader {
        CommonHeader(type: type, flags: flags, headerLength: hlen, dataOffset: pdo, length: plen)
    }

    static func shape(_ header: Int, padding: Int = 0, data: Int = 0, digest: Bool = false) -> HeaderVerdict {
        .valid(
            PDUShape(headerLength: header, paddingLength: padding, dataLength: data, hasDataDigest: digest))
    }

    @Test("Every PDU with the right header is let through, with and without digests")
    func good() {
        let toController = Self.rules()
        #expect(toController.check(Self.header(.commandCapsule, hlen: 72, plen: 72)) == Self.shape(72))
        #expect(
            toController.check(Self.header(.commandCapsule, hlen: 72, pdo: 72, plen: 584))
                == Self.shape(72, data: 512))
        #expect(
            toController.check(Self.header(.hostData, .last, hlen: 24, pdo: 24, plen: 4120))
                == Self.shape(24, data: 4096))
        #expect(
            toController.check(Self.header(.hostTermination, hlen: 24, plen: 152))
                == Self.shape(24, data: 128))
        let both: PDUFlags = [.headerDigest, .dataDigest]
        let digests = Self.rules(header: true, data: true, alignment: 128)
        #expect(
            digests.check(Self.header(.commandCapsule, both, hlen: 72, pdo: 128, plen: 644))
                == Self.shape(76, padding: 52, data: 512, digest: true))
        #expect(
            digests.check(Self.header(.commandCapsule, .headerDigest, hlen: 72, plen: 76)) == Self.shape(76))
        let toHost = Self.rules(controller: false, header: true)
        #expect(
            toHost.check(Self.header(.responseCapsule, .headerDigest, hlen: 24, plen: 28)) == Self.shape(28))
        #expect(
            toHost.check(Self.header(.readyToTransfer, .headerDigest, hlen: 24, plen: 28)) == Self.shape(28))
        #expect(
            toHost.check(
                Self.header(.controllerData, [.headerDigest, .last, .success], hlen: 24, pdo: 28, plen: 32))
                == Self.shape(28, data: 4))
        let opening = Self.rules(initialized: false)
        #expect(opening.check(Self.header(.initializeRequest, hlen: 128, plen: 128)) == Self.shape(128))
    }

    @Test(
        "Every (end, state, type) has its verdict: an unknown type is a wrong field, a known one out of turn"
    )
    func types() {
        let fromHost: Set<UInt8> = [0, 2, 4, 6]
        let fromController: Set<UInt8> = [1, 3, 5, 7, 9]
        let lengths: [UInt8: UInt8] = [0: 128, 1: 128, 4: 72]
        for controller in [true, false] {
            for initialized in [true, false] {
                let rules = Self.rules(controller: controller, initialized: initialized)
                for raw in UInt8.min...UInt8.max {
                    let length = lengths[raw] ?? 24
                    let verdict = rules.check(
                        Self.header(PDUType(rawValue: raw), hlen: length, plen: UInt32(length)))
                    let mine = controller ? fromHost : fromController
                    let other = controller ? fromController : fromHost
                    if other.contains(raw) {
                        #expect(verdict == .invalid(.sequenceError), "\(raw)")
                    } else if !mine.contains(raw) {
                        #expect(verdict == .invalid(.invalidHeaderField(0)), "\(raw)")
                    } else if raw != 2, raw != 3, (raw < 2) == initialized {
                        #expect(verdict == .invalid(.sequenceError), "\(raw)")
                    } else {
                        #expect(verdict == Self.shape(Int(length)), "\(raw)")
                    }
                }
            }
        }
    }

    @Test("Digest flags stand exactly where digests were negotiated")
    func digestFlags() {
        for negotiatedHeader in [false, true] {
            for negotiatedData in [false, true] {
                let rules = Self.rules(header: negotiatedHeader, data: negotiatedData)
                for raw: UInt8 in 0..<4 {
                    let flags = PDUFlags(rawValue: raw)
                    let verdict = rules.check(
                        Self.header(.commandCapsule, flags, hlen: 72, pdo: 76, plen: 600))
                    let agrees =
                        flags.contains(.headerDigest) == negotiatedHeader
                        && flags.contains(.dataDigest) == negotiatedData
                    #expect((verdict == .invalid(.invalidHeaderField(1))) == !agrees, "\(raw)")
                }
            }
        }
    }

    @Test("A capsule without data may have DDGSTF only where data digests were negotiated")
    func digestWithoutData() {
        let capsule = Self.header(.commandCapsule, .dataDigest, hlen: 72, plen: 72)
        #expect(Self.rules(data: true).check(capsule) == Self.shape(72))
        #expect(Self.rules().check(capsule) == .invalid(.invalidHeaderField(1)))
    }

    /// A header, the end that receives it, and the byte of its lowest wrong field.
    static let wrong: [(CommonHeader, controller: Bool, offset: Int)] = [
        (header(.commandCapsule, .last, hlen: 72, plen: 72), true, 1),
        (header(.commandCapsule, PDUFlags(rawValue: 0x80), hlen: 71, plen: 1), true, 1),
        (header(.hostData, .success, hlen: 24, pdo: 24, plen: 28), true, 1),
        (header(.controllerData, .success, hlen: 24, pdo: 24, plen: 28), false, 1),
        (header(.responseCapsule, .last, hlen: 24, plen: 24), false, 1),
        (header(.commandCapsule, hlen: 71, pdo: 3, plen: 1), true, 2),
        (header(.commandCapsule, hlen: 24, plen: 72), true, 2),
        (header(.hostData, hlen: 72, pdo: 72, plen: 80), true, 2),
        (header(.commandCapsule, hlen: 72, pdo: 0, plen: 80), true, 3),
        (header(.commandCapsule, hlen: 72, pdo: 68, plen: 80), true, 3),
        (header(.commandCapsule, hlen: 72, pdo: 74, plen: 80), true, 3),
        (header(.commandCapsule, hlen: 72, pdo: 84, plen: 80), true, 3),
        (header(.commandCapsule, hlen: 72, pdo: 76, plen: 72), true, 3),
        (header(.responseCapsule, hlen: 24, pdo: 24, plen: 24), false, 3),
        (header(.readyToTransfer, hlen: 24, pdo: 4, plen: 24), false, 3),
        (header(.commandCapsule, hlen: 72, plen: 71), true, 4),
        (header(.commandCapsule, hlen: 72, plen: 0), true, 4),
        (header(.commandCapsule, hlen: 72, pdo: 76, plen: 76), true, 4),
        (header(.responseCapsule, hlen: 24, plen: 28), false, 4),
        (header(.readyToTransfer, hlen: 24, plen: 0xFFFF_FFFF), false, 4),
    ]

    @Test("The lowest wrong field is reported, by its byte offset")
    func lowestWrongField() {
        for (header, controller, offset) in Self.wrong {
            let verdict = Self.rules(controller: controller).check(header)
            #expect(verdict == .invalid(.invalidHeaderField(offset)), "\(header)")
        }
    }

    @Test("ICReq and ICResp have no flags, 128 bytes and nothing behind them")
    func opening() {
        for (type, controller) in [(PDUType.initializeRequest, true), (.initializeResponse, false)] {
            let rules = Self.rules(controller: controller, initialized: false)
            let wrong: [(CommonHeader, Int)] = [
                (Self.header(type, .headerDigest, hlen: 128, plen: 128), 1),
                (Self.header(type, hlen: 127, plen: 128), 2),
                (Self.header(type, hlen: 128, pdo: 4, plen: 128), 3),
                (Self.header(type, hlen: 128, plen: 132), 4), (Self.header(type, hlen: 128, plen: 127), 4),
            ]
            for (header, offset) in wrong {
                #expect(rules.check(header) == .invalid(.invalidHeaderField(offset)), "\(header)")
            }
        }
    }

    @Test("PDO must honour the alignment that was announced", arguments: 0...31)
    func alignment(announced: Int) {
        let alignment = (announced + 1) * 4
        let rules = Self.rules(alignment: alignment)
        for offset in stride(from: 24, through: 252, by: 4) {
            let header = Self.header(.hostData, hlen: 24, pdo: UInt8(offset), plen: UInt32(offset) + 8)
            let expected =
                offset.isMultiple(of: alignment)
                ? Self.shape(24, padding: offset - 24, data: 8) : .invalid(.invalidHeaderField(3))
            #expect(rules.check(header) == expected, "\(offset)")
        }
    }

    @Test("A data digest must leave room for data")
    func shortData() {
        let rules = Self.rules(data: true)
        let flags: PDUFlags = [.dataDigest]
        #expect(
            rules.check(Self.header(.hostData, flags, hlen: 24, pdo: 24, plen: 28))
                == .invalid(.invalidHeaderField(4)))
        #expect(
            rules.check(Self.header(.hostData, flags, hlen: 24, pdo: 24, plen: 29))
                == Self.shape(24, data: 1, digest: true))
    }

    @Test("A malformed termination request ends the connection in silence")
    func termination() {
        for (hlen, plen) in [(UInt8(24), UInt32(23)), (24, 153), (23, 24), (128, 128), (24, 0)] {
            let header = Self.header(.hostTermination, hlen: hlen, plen: plen)
            #expect(Self.rules().check(header) == .silent)
            #expect(Self.rules(initialized: false).check(header) == .silent)
        }
    }
}
