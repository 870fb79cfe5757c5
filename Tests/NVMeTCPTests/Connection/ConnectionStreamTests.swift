// The controller's end on one stream that has everything, cut in every way: the events and the bytes in the
// buffers must be the same.

import Testing

@testable import NVMeTCP

@Suite("A controller's stream")
struct ConnectionStreamTests {
    /// How long the session's payloads are: in-capsule data, and the three H2CData PDUs of two R2Ts.
    struct Lengths {
        var capsule: Int
        var first: Int
        var second: Int
        var third: Int
    }

    static let small = Lengths(capsule: 20, first: 12, second: 24, third: 8)
    static let large = Lengths(capsule: 700, first: 300, second: 5000, third: 4100)

    /// A session's bytes, whose R2Ts the driver sends when it sees command 2.
    static func session(_ lengths: Lengths, digests: UInt8, cpda: UInt8) -> [UInt8] {
        let (header, data) = (digests & 1 != 0, digests & 2 != 0)
        let alignment = (Int(cpda) + 1) * 4
        func padding(_ length: Int) -> Int {
            let full = length + (header ? 4 : 0)
            return (full + alignment - 1) / alignment * alignment - full
        }
        let (toCapsule, toData) = (padding(72), padding(24))
        var bytes = makeICReq(digests: digests, maxr2t: 3)
        bytes += makeCommand(1, headerDigest: header)
        bytes += makeCommand(2, headerDigest: header)
        bytes += makeCommand(
            3, data: pattern(lengths.capsule), headerDigest: header, dataDigest: data, padding: toCapsule)
        bytes += makeData(
            2, tag: 0, offset: 0, pattern(lengths.first), last: false, headerDigest: header, dataDigest: data,
            padding: toData)
        bytes += makeCommand(4, headerDigest: header)
        bytes += makeData(
            2, tag: 0, offset: UInt32(lengths.first), pattern(lengths.second, seed: 7), last: true,
            headerDigest: header,
            dataDigest: data, padding: toData)
        bytes += makeData(
            2, tag: 1, offset: UInt32(lengths.first + lengths.second), pattern(lengths.third, seed: 9),
            last: true, headerDigest: header,
            dataDigest: data, padding: toData)
        bytes += makeCommand(5, headerDigest: header)
        return bytes + makePDU(2, header: [1, 0, 4, 0, 0, 0] + [UInt8](repeating: 0, count: 10))
    }

    static func run(
        _ bytes: [UInt8], _ lengths: Lengths, cpda: UInt8, _ chunks: Chunks
    ) -> ControllerDriver {
        var parameters = ControllerConnection.Parameters()
        parameters.dataAlignment = cpda
        let driver = ControllerDriver(parameters)
        driver.onEvent = { driver, event in
            switch event {
            case .initialized: driver.send { $0.encodeInitializeResponse(into: &$1) }
            case .command(let entry, _) where entry.commandID == 2:
                let middle = lengths.first + lengths.second
                for (offset, length) in [(0, middle), (middle, lengths.third)] {
                    driver.send {
                        $0.encodeReadyToTransfer(
                            slot: 2, commandID: 2, offset: offset, length: length, into: &$1)
                    }
                }
            case .command, .payload, .transferred, .fatal, .terminated: break
            }
        }
        driver.receive(bytes, chunks)
        return driver
    }

    static func entry(_ commandID: UInt16) -> SubmissionEntry {
        decoded(makeEntry(commandID)) { SubmissionEntry($0, at: 0) }
    }

    static func expected(_ lengths: Lengths) -> [ControllerEvent] {
        [
            .initialized, .command(entry(1), dataLength: 0), .command(entry(2), dataLength: 0),
            .command(entry(3), dataLength: lengths.capsule), .transferred(slot: 100, digestValid: true),
            .command(entry(4), dataLength: 0), .transferred(slot: 2, digestValid: true),
            .transferred(slot: 2, digestValid: true), .command(entry(5), dataLength: 0),
            .terminated(TerminationRequest(error: .invalidHeaderField(4))),
        ]
    }

    static func expect(_ driver: ControllerDriver, _ lengths: Lengths, _ comment: String) {
        #expect(driver.events == expected(lengths), "\(comment)")
        #expect(driver.buffers[100] == pattern(lengths.capsule), "\(comment)")
        let transfer =
            pattern(lengths.first) + pattern(lengths.second, seed: 7) + pattern(lengths.third, seed: 9)
        #expect(driver.buffers[2] == transfer, "\(comment)")
        #expect(driver.connection.receivePlan == .nothing)
        #expect(driver.connection.availableTransfers == 16)
    }

    @Test("Glued together, it is read in one go")
    func glued() {
        for digests: UInt8 in 0..<4 {
            for cpda: UInt8 in [0, 1, 5, 31] {
                let bytes = Self.session(Self.large, digests: digests, cpda: cpda)
                Self.expect(
                    Self.run(bytes, Self.large, cpda: cpda, .whole), Self.large,
                    "digests \(digests), CPDA \(cpda)")
            }
        }
    }

    @Test("Cut in two at any byte, it is read the same", arguments: 0..<4)
    func cutAtEveryByte(digests: UInt8) {
        let bytes = Self.session(Self.small, digests: digests, cpda: 7)
        for position in 1..<bytes.count {
            Self.expect(
                Self.run(bytes, Self.small, cpda: 7, .cut(position)), Self.small, "cut at \(position)")
        }
    }

    @Test("Byte by byte, or in small pieces, it is read the same", arguments: 1...9)
    func pieces(count: Int) {
        for digests: UInt8 in 0..<4 {
            let bytes = Self.session(Self.small, digests: digests, cpda: 0)
            Self.expect(Self.run(bytes, Self.small, cpda: 0, .of(count)), Self.small, "by \(count)")
        }
    }

    @Test("Cut at random, it is read the same, and large payloads are received in place", arguments: 0..<4)
    func random(digests: UInt8) {
        var direct = 0
        let bytes = Self.session(Self.large, digests: digests, cpda: 9)
        for seed: UInt64 in 0..<40 {
            let driver = Self.run(bytes, Self.large, cpda: 9, .random(SeededGenerator(seed: seed)))
            Self.expect(driver, Self.large, "seed \(seed)")
            direct += driver.directReceives
        }
        #expect(direct > 4)
    }

    @Test("A stream that stops anywhere tells what was complete, and nothing more")
    func truncated() {
        let bytes = Self.session(Self.small, digests: 3, cpda: 3)
        let expected = Self.expected(Self.small)
        for count in 0..<bytes.count {
            let driver = Self.run(Array(bytes.prefix(count)), Self.small, cpda: 3, .whole)
            #expect(driver.fatal == nil, "\(count) bytes")
            #expect(driver.events == Array(expected.prefix(driver.events.count)), "\(count) bytes")
            #expect(driver.events.count < expected.count, "\(count) bytes")
        }
    }

    @Test("The plan asks for payload in place from 4096 bytes on, and stages the rest")
    func plan() {
        let bytes = Self.session(Self.large, digests: 2, cpda: 0)
        // Up to the second H2CData PDU's header and five bytes of its payload.
        let start = 128 + 72 * 2 + (72 + 700 + 4) + (24 + 300 + 4) + 72
        let driver = Self.run(Array(bytes.prefix(start + 24 + 5)), Self.large, cpda: 0, .whole)
        #expect(driver.connection.receivePlan == .payload(slot: 2, offset: 305, count: 4995))
        driver.receive(Array(bytes[start + 29..<start + 24 + 904]))
        #expect(driver.connection.receivePlan == .payload(slot: 2, offset: 1204, count: 4096))
        driver.receive(Array(bytes[start + 24 + 904..<start + 24 + 905]))
        #expect(driver.connection.receivePlan == .staged)
    }

    @Test("Discarded in-capsule data goes nowhere and tells nothing")
    func discarded() {
        for count in [1, 4095, 4096, 8192] {
            let driver = ControllerDriver()
            driver.discards = true
            driver.receive(makeICReq(digests: 2))
            var command = makeCommand(1, data: pattern(count), dataDigest: true)
            // Its digest is not looked at either.
            command[command.count - 1] ^= 1
            driver.receive(command + makeCommand(2), .of(1000))
            let commands: [ControllerEvent] = [
                .initialized, .command(Self.entry(1), dataLength: count),
                .command(Self.entry(2), dataLength: 0),
            ]
            #expect(driver.events == commands)
            #expect(driver.buffers.isEmpty)
        }
    }
}
