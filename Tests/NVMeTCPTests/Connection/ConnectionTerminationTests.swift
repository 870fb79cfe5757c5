// Termination requests as they leave: the offending header is copied, as much of it as came, never more than
// 128 bytes.

import Testing

@testable import NVMeTCP

@Suite("Termination requests")
struct ConnectionTerminationTests {
    static func expected(_ type: UInt8, _ error: FatalError, _ offender: some Collection<UInt8>) -> [UInt8] {
        let header =
            little(error.status.rawValue) + little(error.information) + [UInt8](repeating: 0, count: 10)
        return makePDU(type, header: header, plen: UInt32(24 + offender.count)) + offender
    }

    @Test("The header of a bad ICReq goes back whole: 128 bytes, 152 in all")
    func longest() {
        let request = makeICReq(pfv: 3)
        for cut in 1..<128 {
            let driver = ControllerDriver()
            driver.receive(request, .cut(cut))
            let error = FatalError(status: .unsupportedParameter, information: 8)
            #expect(driver.events == [.fatal(error)])
            driver.send { $0.encodeTermination(error, into: &$1) }
            let sent = driver.flush()
            #expect(sent.count == 152)
            #expect(sent == Self.expected(3, error, request))
        }
    }

    @Test("A header refused for its first bytes goes back as far as it came and as HLEN claims")
    func partial() {
        for (hlen, sent, copied) in [
            (UInt8(72), 40, 40), (72, 200, 72), (0, 20, 8), (255, 200, 128), (255, 9, 9),
        ] {
            let driver = ConnectionSequenceTests.ready()
            let bytes = [0x5F, 0, hlen, 0, 0, 0, 0, 0] + pattern(sent - 8)
            driver.receive(bytes)
            #expect(driver.fatal == .invalidHeaderField(0))
            driver.send { $0.encodeTermination(.invalidHeaderField(0), into: &$1) }
            #expect(driver.flush() == Self.expected(3, .invalidHeaderField(0), bytes.prefix(copied)))
        }
    }

    @Test("A header that came in pieces goes back as far as it was read")
    func staged() {
        let driver = ConnectionSequenceTests.ready()
        let bytes: [UInt8] = [0x5F, 0, 72, 0, 0, 0, 0, 0, 1, 2, 3]
        driver.receive(bytes, .cut(5))
        driver.send { $0.encodeTermination(.invalidHeaderField(0), into: &$1) }
        #expect(driver.flush() == Self.expected(3, .invalidHeaderField(0), bytes.prefix(8)))
    }

    @Test("A wrong H2CData header goes back without its data")
    func dataHeader() {
        let driver = ConnectionSequenceTests.ready()
        let bytes = makeData(5, tag: 9, offset: 4096, pattern(100), last: false)
        driver.receive(bytes)
        driver.send { $0.encodeTermination(.invalidHeaderField(10), into: &$1) }
        #expect(driver.flush() == Self.expected(3, .invalidHeaderField(10), bytes.prefix(24)))
    }

    @Test("An error that the driver found itself ends the connection, with no header to show")
    func driversOwn() {
        let driver = ConnectionSequenceTests.ready()
        driver.send { $0.encodeTermination(.dataOutOfRange, into: &$1) }
        #expect(driver.flush() == Self.expected(3, .dataOutOfRange, []))
        #expect(driver.connection.receivePlan == .nothing)
        driver.receive(makeCommand(1))
        #expect(driver.events.isEmpty)
    }

    @Test("A host's termination request is H2CTermReq, with the offending header")
    func fromHost() {
        let driver = HostDriver()
        let bytes = makeICResp(maxh2cdata: 4092)
        driver.receive(bytes)
        #expect(driver.fatal == .invalidHeaderField(12))
        driver.send { $0.encodeTermination(.invalidHeaderField(12), into: &$1) }
        #expect(driver.flush() == Self.expected(2, .invalidHeaderField(12), bytes))
    }
}
