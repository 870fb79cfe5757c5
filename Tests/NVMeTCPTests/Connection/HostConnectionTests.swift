// The host's end: what it accepts, what a controller can do wrong, and how events follow each other.

import Testing

@testable import NVMeTCP

@Suite("A host's end")
struct HostConnectionTests {
    /// A host after ICResp. Command 1 reads 8192 bytes, command 2 has 8192 bytes to send.
    static func ready(digests: UInt8 = 0, readyToTransfers: Int = 2) -> HostDriver {
        var parameters = HostConnection.Parameters()
        parameters.wantsHeaderDigest = digests & 1 != 0
        parameters.wantsDataDigest = digests & 2 != 0
        parameters.maximumReadyToTransfers = readyToTransfers
        let driver = HostDriver(parameters)
        driver.receive(makeICResp(digests: digests, maxh2cdata: 4096))
        driver.connection.expectData(commandID: 1, length: 8192)
        driver.connection.offerData(commandID: 2, length: 8192)
        driver.events = []
        return driver
    }

    static func read(
        _ offset: UInt32, _ data: [UInt8], last: Bool = false, success: Bool = false, command: UInt16 = 1,
        datal: UInt32? = nil, dataDigest: Bool = false
    ) -> [UInt8] {
        makeData(
            command, tag: 0, offset: offset, data, last: last, type: 7, success: success,
            dataDigest: dataDigest, datal: datal)
    }

    @Test("ICReq says what the parameters say")
    func initializeRequest() {
        var parameters = HostConnection.Parameters()
        parameters.dataAlignment = 9
        parameters.wantsDataDigest = true
        parameters.maximumReadyToTransfers = 4
        let driver = HostDriver(parameters)
        driver.send { $0.encodeInitializeRequest(into: &$1) }
        #expect(driver.flush() == makeICReq(hpda: 9, digests: 2, maxr2t: 3))
    }

    @Test("ICResp settles what was asked for and granted")
    func initializeResponse() {
        var parameters = HostConnection.Parameters()
        parameters.dataAlignment = 1
        parameters.wantsHeaderDigest = true
        parameters.wantsDataDigest = true
        let driver = HostDriver(parameters)
        driver.receive(makeICResp(cpda: 31, digests: 1, maxh2cdata: 8192), .of(1))
        let response = InitializeResponse(dataAlignment: 31, headerDigest: true, maximumDataLength: 8192)
        #expect(driver.events == [.initialized(response)])
        let agreed = Negotiation(
            hostDataAlignment: 8, controllerDataAlignment: 128, headerDigest: true, dataDigest: false,
            maximumReadyToTransfers: 1, maximumDataLength: 8192)
        #expect(driver.connection.negotiated == agreed)
    }

    static let openings: [(bytes: [UInt8], error: FatalError)] = [
        (makeICResp(pfv: 1), FatalError(status: .unsupportedParameter, information: 8)),
        (makeICResp(cpda: 32), .invalidHeaderField(10)),
        (makeICResp(digests: 1), .invalidHeaderField(11)),
        (makeICResp(digests: 2), .invalidHeaderField(11)),
        (makeICResp(maxh2cdata: 4095), .invalidHeaderField(12)),
        (makeICResp(maxh2cdata: 4098), .invalidHeaderField(12)),
        (makeICResp(maxh2cdata: 0), .invalidHeaderField(12)),
        (makeResponse(0), .sequenceError), (makeICReq(), .sequenceError),
        (makeR2T(0, tag: 0, offset: 0, length: 4), .sequenceError),
    ]

    @Test("A bad ICResp, and anything before it, is fatal")
    func openings() {
        for (bytes, error) in Self.openings {
            let driver = HostDriver()
            driver.receive(bytes)
            #expect(driver.events == [.fatal(error)], "\(bytes.prefix(16))")
            #expect(driver.connection.receivePlan == .nothing)
        }
    }

    static let running: [(name: String, bytes: [UInt8], error: FatalError)] = [
        ("a second ICResp", makeICResp(), .sequenceError),
        ("a command", makeCommand(1), .sequenceError),
        ("data of no command", read(0, pattern(8), command: 3), .invalidHeaderField(8)),
        ("data of a command out of range", read(0, pattern(8), command: 0xFFFF), .invalidHeaderField(8)),
        ("data of a writing command", read(0, pattern(8), command: 2), .invalidHeaderField(8)),
        ("data behind the buffer", read(8192, pattern(8)), .dataOutOfRange),
        ("data out of order", read(4, pattern(8)), .sequenceError),
        ("DATAL that PLEN denies", read(0, pattern(8), datal: 4), .invalidHeaderField(16)),
        ("no data", read(0, []), .invalidHeaderField(16)),
        ("data over the buffer's end", read(0, pattern(8193)), .dataOutOfRange),
        ("SUCCESS without LAST_PDU", read(0, pattern(8), success: true), .invalidHeaderField(1)),
        ("R2T of no command", makeR2T(3, tag: 0, offset: 0, length: 8), .invalidHeaderField(8)),
        ("R2T of a reading command", makeR2T(1, tag: 0, offset: 0, length: 8), .invalidHeaderField(8)),
        ("R2T behind the data", makeR2T(2, tag: 0, offset: 8192, length: 8), .dataOutOfRange),
        ("R2T for nothing", makeR2T(2, tag: 0, offset: 0, length: 0), .invalidHeaderField(16)),
        ("R2T for too much", makeR2T(2, tag: 0, offset: 4, length: 8192), .dataOutOfRange),
    ]

    @Test("Each mistake of a controller has its status and its information")
    func running() {
        for (name, bytes, error) in Self.running {
            let driver = Self.ready()
            driver.receive(bytes + makeResponse(1))
            #expect(driver.events == [.fatal(error)], "\(name)")
        }
    }

    @Test("More R2Ts for one command than MAXR2T allows are fatal; an answered one makes room")
    func readyToTransferLimit() {
        let driver = Self.ready(readyToTransfers: 2)
        let data = payload(pattern(2048))
        driver.receive(makeR2T(2, tag: 7, offset: 0, length: 2048))
        driver.receive(makeR2T(2, tag: 8, offset: 2048, length: 2048))
        driver.send { $0.encodeData(commandID: 2, tag: 7, payload: data, offset: 0, isLast: true, into: &$1) }
        driver.receive(makeR2T(2, tag: 9, offset: 4096, length: 2048))
        #expect(
            driver.events
                == [(7, 0), (8, 2048), (9, 4096)].map {
                    .readyToTransfer(commandID: 2, tag: $0, offset: $1, length: 2048)
                })
        driver.receive(makeR2T(2, tag: 10, offset: 6144, length: 2048))
        #expect(driver.fatal == .readyToTransferLimitExceeded)
    }

    @Test("Reading ends with a response, or with SUCCESS in the last data PDU")
    func endings() {
        let driver = Self.ready()
        driver.receive(Self.read(0, pattern(4096)) + Self.read(4096, pattern(4096, seed: 1), last: true))
        driver.receive(makeResponse(1))
        driver.connection.expectData(commandID: 1, length: 100)
        driver.receive(Self.read(0, pattern(100), last: true, success: true))
        let response = CompletionEntry(commandID: 1, status: Status(rawValue: 0))
        #expect(driver.events == [.response(response), .succeeded(commandID: 1)])
        #expect(driver.buffers[1] == pattern(100) + pattern(4096).dropFirst(100) + pattern(4096, seed: 1))
        driver.receive(Self.read(100, pattern(8)))
        #expect(driver.fatal == .invalidHeaderField(8))
    }

    @Test("After LAST_PDU no more data may come")
    func afterLast() {
        let driver = Self.ready()
        driver.receive(Self.read(0, pattern(8), last: true) + Self.read(8, pattern(8)))
        #expect(driver.events == [.fatal(.sequenceError)])
    }

    @Test("A wrong data digest is told before the command's end, whichever end it is", arguments: 1...9)
    func dataDigest(count: Int) {
        for success in [false, true] {
            let driver = Self.ready(digests: 2)
            var bytes = Self.read(0, pattern(5000), last: true, success: success, dataDigest: true)
            bytes[30] ^= 4
            driver.receive(bytes + makeResponse(3), .of(count * 700))
            let response = HostEvent.response(CompletionEntry(commandID: 3, status: Status(rawValue: 0)))
            let ending: [HostEvent] = success ? [.succeeded(commandID: 1), response] : [response]
            #expect(driver.events == [.dataDigestError(commandID: 1)] + ending)
        }
    }

    @Test("A wrong header digest is fatal")
    func headerDigest() {
        let driver = Self.ready(digests: 1)
        var bytes = makeResponse(1, headerDigest: true)
        bytes[12] ^= 1
        driver.receive(bytes)
        let digest = decoded(bytes) { $0.uint32(at: 24) }
        #expect(driver.events == [.fatal(.headerDigest(received: digest))])
    }

    @Test("C2HTermReq is told with its status, and ends the connection")
    func controllerTermination() {
        for driver in [HostDriver(), Self.ready()] {
            driver.receive(makePDU(3, header: [5, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 10)))
            #expect(driver.events == [.terminated(TerminationRequest(error: .dataLimitExceeded))])
            #expect(driver.connection.receivePlan == .nothing)
        }
    }

    @Test("A stream cut at any byte is read the same")
    func cutAtEveryByte() {
        var bytes = Self.read(0, pattern(9), dataDigest: true) + makeR2T(2, tag: 6, offset: 4, length: 10)
        bytes += Self.read(9, pattern(20), last: true, success: true, dataDigest: true) + makeResponse(2)
        for cut in 1..<bytes.count {
            let driver = Self.ready(digests: 2)
            driver.receive(bytes, .cut(cut))
            #expect(
                driver.events == [
                    .readyToTransfer(commandID: 2, tag: 6, offset: 4, length: 10), .succeeded(commandID: 1),
                    .response(CompletionEntry(commandID: 2, status: Status(rawValue: 0))),
                ], "cut at \(cut)")
            #expect(driver.buffers[1] == pattern(9) + pattern(20), "cut at \(cut)")
        }
    }
}
