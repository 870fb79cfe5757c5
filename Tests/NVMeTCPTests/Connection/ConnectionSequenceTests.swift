// The controller's end as a table: (state, PDU) -> event. Each way in which a host can break the protocol has
// its row, with the status and the information that the termination request must carry.

import Testing

@testable import NVMeTCP

@Suite("What a host may send when")
struct ConnectionSequenceTests {
    /// A controller after ICReq, which agreed to `digests`, with one R2T for 8192 bytes from offset 4096 on:
    /// tag 0.
    static func ready(digests: UInt8 = 0, maximumDataLength: Int = 4096) -> ControllerDriver {
        var parameters = ControllerConnection.Parameters()
        parameters.maximumDataLength = maximumDataLength
        let driver = ControllerDriver(parameters)
        driver.receive(makeICReq(digests: digests, maxr2t: 7))
        driver.send { $0.encodeInitializeResponse(into: &$1) }
        driver.send {
            $0.encodeReadyToTransfer(slot: 3, commandID: 5, offset: 4096, length: 8192, into: &$1)
        }
        _ = driver.flush()
        driver.events = []
        return driver
    }

    static func field(_ offset: Int) -> FatalError { .invalidHeaderField(offset) }

    static let openings: [(bytes: [UInt8], error: FatalError)] = [
        (makeCommand(1), .sequenceError),
        (makeData(1, tag: 0, offset: 0, [1, 2, 3, 4], last: true), .sequenceError),
        (makeICResp(), .sequenceError),
        (makeResponse(1), .sequenceError),
        (makeR2T(1, tag: 0, offset: 0, length: 4096), .sequenceError),
        ([UInt8](repeating: 0xFF, count: 128), field(0)),
        ([UInt8]("GET / HTTP/1.1\r\n\r\n".utf8), field(0)),
        (makePDU(8, header: [UInt8](repeating: 0, count: 16)), field(0)),
        (makeICReq(pfv: 1), FatalError(status: .unsupportedParameter, information: 8)),
        (makeICReq(pfv: 0xFFFF, hpda: 32), FatalError(status: .unsupportedParameter, information: 8)),
        (makeICReq(hpda: 32), field(10)),
        (makePDU(0, flags: 1, header: [UInt8](repeating: 0, count: 120)), field(1)),
        (makePDU(0, header: [UInt8](repeating: 0, count: 112)), field(2)),
    ]

    @Test("Before ICReq, anything else is refused with its status, and the connection ends")
    func openings() {
        for (bytes, error) in Self.openings {
            let driver = ControllerDriver()
            driver.receive(bytes + makeICReq())
            #expect(driver.events == [.fatal(error)], "\(bytes.prefix(16))")
            #expect(driver.connection.receivePlan == .nothing)
            #expect(driver.connection.negotiated == nil)
        }
    }

    static let running: [(name: String, bytes: [UInt8], error: FatalError)] = [
        ("a second ICReq", makeICReq(), .sequenceError),
        ("a response", makeResponse(1), .sequenceError),
        ("a R2T", makeR2T(1, tag: 0, offset: 0, length: 4096), .sequenceError),
        ("C2HTermReq", makePDU(3, header: [UInt8](repeating: 0, count: 16)), .sequenceError),
        ("an unknown type", makePDU(0x0A, header: [UInt8](repeating: 0, count: 16)), field(0)),
        ("too much in-capsule data", makeCommand(1, data: pattern(8196)), .dataLimitExceeded),
        ("an unknown tag", makeData(5, tag: 1, offset: 4096, pattern(8), last: false), field(10)),
        (
            "a tag beyond the table", makeData(5, tag: 0xFFFF, offset: 4096, pattern(8), last: false),
            field(10)
        ),
        ("another command's tag", makeData(6, tag: 0, offset: 4096, pattern(8), last: false), field(8)),
        (
            "data before the R2T's range", makeData(5, tag: 0, offset: 4092, pattern(8), last: false),
            .dataOutOfRange
        ),
        ("data behind it", makeData(5, tag: 0, offset: 12_288, pattern(8), last: false), .dataOutOfRange),
        ("data far behind it", makeData(5, tag: 0, offset: .max, pattern(8), last: false), .dataOutOfRange),
        ("data out of order", makeData(5, tag: 0, offset: 4100, pattern(8), last: false), .sequenceError),
        (
            "DATAL that PLEN denies", makeData(5, tag: 0, offset: 4096, pattern(8), last: false, datal: 9),
            field(16)
        ),
        (
            "DATAL that is no multiple of 4", makeData(5, tag: 0, offset: 4096, pattern(6), last: false),
            field(16)
        ),
        ("no data", makeData(5, tag: 0, offset: 4096, [], last: false), field(16)),
        (
            "more than the R2T asked for", makeData(5, tag: 0, offset: 4096, pattern(8196), last: true),
            .dataOutOfRange
        ),
        (
            "more than MAXH2CDATA", makeData(5, tag: 0, offset: 4096, pattern(4100), last: false),
            .dataLimitExceeded
        ),
        ("LAST_PDU too early", makeData(5, tag: 0, offset: 4096, pattern(8), last: true), .sequenceError),
    ]

    @Test("After ICReq, each mistake of a host has its status and its information")
    func running() {
        for (name, bytes, error) in Self.running {
            let driver = Self.ready()
            driver.receive(bytes + makeCommand(1))
            #expect(driver.events == [.fatal(error)], "\(name)")
            #expect(driver.connection.receivePlan == .nothing, "\(name)")
        }
    }

    @Test("A transfer's last PDU must say so, and its tag is void afterwards")
    func lastPDU() {
        let first = makeData(5, tag: 0, offset: 4096, pattern(4096), last: false)
        let missing = Self.ready()
        missing.receive(first + makeData(5, tag: 0, offset: 8192, pattern(4096), last: false))
        #expect(missing.events == [.fatal(.sequenceError)])

        let again = Self.ready()
        let second = makeData(5, tag: 0, offset: 8192, pattern(4096), last: true)
        again.receive(first + second + second)
        #expect(again.events == [.transferred(slot: 3, digestValid: true), .fatal(Self.field(10))])
    }

    @Test("ICReq settles alignments, digests that both want, R2Ts per command and the data length")
    func negotiation() throws {
        for offered: UInt8 in 0..<4 {
            for asked: UInt8 in 0..<8 {
                var parameters = ControllerConnection.Parameters()
                parameters.dataAlignment = 4
                parameters.offersHeaderDigest = offered & 1 != 0
                parameters.offersDataDigest = offered & 2 != 0
                let driver = ControllerDriver(parameters)
                driver.receive(makeICReq(hpda: 31, digests: asked, maxr2t: .max))
                #expect(driver.events == [.initialized])
                let agreed = Negotiation(
                    hostDataAlignment: 128, controllerDataAlignment: 20,
                    headerDigest: asked & offered & 1 != 0, dataDigest: asked & offered & 2 != 0,
                    maximumReadyToTransfers: 0x1_0000_0000, maximumDataLength: 131_072)
                #expect(driver.connection.negotiated == agreed)
                driver.send { $0.encodeInitializeResponse(into: &$1) }
                #expect(driver.flush() == makeICResp(cpda: 4, digests: asked & offered & 3))
            }
        }
    }

    @Test("A wrong header digest is fatal and carries the digest that came, cut at any byte")
    func headerDigest() {
        for bytes in [
            makeCommand(1, headerDigest: true), makeCommand(1, data: pattern(8), headerDigest: true),
        ] {
            var bytes = bytes
            bytes[75] ^= 0x80
            let received =
                UInt32(bytes[72]) | UInt32(bytes[73]) << 8 | UInt32(bytes[74]) << 16 | UInt32(bytes[75]) << 24
            for cut in 1..<76 {
                let driver = Self.ready(digests: 1)
                driver.receive(bytes, .cut(cut))
                #expect(driver.events == [.fatal(.headerDigest(received: received))], "cut at \(cut)")
                driver.send { $0.encodeTermination(driver.fatal!, into: &$1) }
                let expected = makePDU(
                    3, header: [3, 0] + bytes[72..<76] + [UInt8](repeating: 0, count: 10), plen: 96)
                #expect(driver.flush() == expected + bytes.prefix(72), "cut at \(cut)")
            }
        }
    }

    @Test("A wrong data digest is not fatal: the transfer says so, the next command is read")
    func dataDigest() {
        let driver = Self.ready(digests: 2)
        var first = makeData(5, tag: 0, offset: 4096, pattern(4096), last: false, dataDigest: true)
        first[24] ^= 1
        let second = makeData(5, tag: 0, offset: 8192, pattern(4096), last: true, dataDigest: true)
        var capsule = makeCommand(1, data: pattern(512), dataDigest: true)
        capsule[capsule.count - 1] ^= 1
        driver.receive(first + second + capsule + makeCommand(2))
        #expect(
            driver.events == [
                .transferred(slot: 3, digestValid: false),
                .command(ConnectionStreamTests.entry(1), dataLength: 512),
                .transferred(slot: 100, digestValid: false),
                .command(ConnectionStreamTests.entry(2), dataLength: 0),
            ])
    }

    @Test("H2CTermReq is told with its status, and ends the connection in any state")
    func hostTermination() {
        let bytes =
            makePDU(2, header: [6, 0, 8, 0, 0, 0] + [UInt8](repeating: 0, count: 10)) + makeCommand(1)
        let error = FatalError(status: .unsupportedParameter, information: 8)
        for driver in [ControllerDriver(), Self.ready(), Self.ready(digests: 3)] {
            driver.receive(bytes)
            #expect(driver.events == [.terminated(TerminationRequest(error: error))])
            #expect(driver.connection.receivePlan == .nothing)
        }
    }

    @Test("A malformed H2CTermReq ends the connection without an answer")
    func malformedTermination() {
        for plen: UInt32 in [0, 23, 153, .max] {
            let driver = Self.ready()
            driver.receive(makePDU(2, header: [UInt8](repeating: 1, count: 16), plen: plen))
            let nothing = FatalError(status: FatalErrorStatus(rawValue: 0))
            #expect(driver.events == [.terminated(TerminationRequest(error: nothing))])
        }
    }
}
