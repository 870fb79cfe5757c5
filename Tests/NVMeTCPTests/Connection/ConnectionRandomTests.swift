// Streams that no peer would send: each byte flipped, random bytes, random PDUs whose headers are almost
// right. Nothing may trap, both ends must stay within their buffers, and after a fatal error nothing more is
// told.

import Testing

@testable import NVMeTCP

@Suite("Hostile streams")
struct ConnectionRandomTests {
    /// What must hold after any stream.
    static func check(_ driver: ControllerDriver, _ comment: String) {
        let ends = driver.events.filter { event in
            switch event {
            case .fatal, .terminated: true
            case .initialized, .command, .payload, .transferred: false
            }
        }
        #expect(ends.count <= 1, "\(comment)")
        #expect(ends.isEmpty == (driver.connection.receivePlan != .nothing), "\(comment)")
        if let end = ends.first { #expect(driver.events.last == end, "\(comment)") }
        for (slot, buffer) in driver.buffers {
            #expect(buffer.count <= (slot >= 100 ? 8192 : 65_536), "\(comment)")
        }
        if let error = driver.fatal {
            driver.batch.reset()
            driver.send { $0.encodeTermination(error, into: &$1) }
            let sent = driver.flush()
            #expect((24...152).contains(sent.count), "\(comment)")
            #expect(decoded(sent) { TerminationRequest($0, at: 0) }.error == error, "\(comment)")
        }
    }

    static func run(_ bytes: [UInt8], _ chunks: Chunks) -> ControllerDriver {
        let driver = ControllerDriver()
        driver.onEvent = { driver, event in
            switch event {
            case .command(let entry, _) where driver.connection.availableTransfers > 0:
                driver.send {
                    $0.encodeReadyToTransfer(
                        slot: 1, commandID: entry.commandID, offset: 0, length: 65_536, into: &$1)
                }
                driver.batch.reset()
            case .initialized, .command, .payload, .transferred, .fatal, .terminated: break
            }
        }
        driver.receive(bytes, chunks)
        return driver
    }

    @Test("With any one byte of a session flipped, nothing traps", arguments: 0..<4)
    func flipped(digests: UInt8) {
        let lengths = ConnectionStreamTests.small
        let session = ConnectionStreamTests.session(lengths, digests: digests, cpda: 3)
        for position in session.indices {
            for mask: UInt8 in [0x01, 0x80, 0xFF] {
                var bytes = session
                bytes[position] ^= mask
                let whole = ConnectionStreamTests.run(bytes, lengths, cpda: 3, .whole)
                let pieces = ConnectionStreamTests.run(bytes, lengths, cpda: 3, .of(13))
                #expect(whole.events == pieces.events, "byte \(position) ^ \(mask)")
                #expect(whole.buffers == pieces.buffers, "byte \(position) ^ \(mask)")
                Self.check(whole, "byte \(position) ^ \(mask)")
                if digests == 3, position >= 128, !Self.isForgiven(position, session) {
                    let unharmed = ConnectionStreamTests.expected(lengths)
                    #expect(whole.events != unharmed, "byte \(position) ^ \(mask) passed unseen")
                }
            }
        }
    }

    /// Padding has no digest, and neither has the termination request at the end.
    static func isForgiven(_ position: Int, _ session: [UInt8]) -> Bool {
        session[position] == 0xDD || position >= session.count - 24
    }

    @Test("Random bytes end a connection at once or are waited for", arguments: 0..<8)
    func randomBytes(batch: UInt64) {
        for seed in batch * 250..<(batch + 1) * 250 {
            var random = SeededGenerator(seed: seed)
            let bytes = random.bytes(Int.random(in: 1...300, using: &random))
            let chunks = Chunks.random(SeededGenerator(seed: seed))
            Self.check(Self.run(bytes, chunks), "seed \(seed)")
            Self.check(Self.run(makeICReq(digests: UInt8(seed & 3)) + bytes, chunks), "seed \(seed)")
            let host = HostDriver()
            host.receive(bytes, chunks)
            host.receive(makeICResp() + bytes, chunks)
        }
    }

    /// A PDU that is good but for a field or two.
    static func almost(_ random: inout SeededGenerator, digests: UInt8) -> [UInt8] {
        let (header, data) = (digests & 1 != 0, digests & 2 != 0)
        let payload = random.bytes(
            Int.random(in: 0...3, using: &random) == 0 ? 0 : Int.random(in: 1...150, using: &random) * 4)
        var bytes: [UInt8]
        switch Int.random(in: 0..<8, using: &random) {
        case 0..<3:
            let command = UInt16.random(in: 0..<4, using: &random)
            bytes = makeCommand(command, data: payload, headerDigest: header, dataDigest: data)
        case 3..<7:
            bytes = makeData(
                UInt16.random(in: 0..<4, using: &random), tag: UInt16.random(in: 0..<3, using: &random),
                offset: Bool.random(using: &random) ? 0 : UInt32.random(in: 0...70_000, using: &random),
                payload,
                last: Int.random(in: 0..<8, using: &random) == 0, headerDigest: header, dataDigest: data)
        default: bytes = makeResponse(1, headerDigest: header)
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return bytes
    }

    @Test("Random PDUs that are almost right never trap a controller", arguments: 0..<8)
    func almostController(batch: UInt64) {
        for seed in batch * 100..<(batch + 1) * 100 {
            var random = SeededGenerator(seed: seed)
            let digests = UInt8(seed & 3)
            var bytes = makeICReq(digests: digests, maxr2t: 15)
            for _ in 0..<12 { bytes += Self.almost(&random, digests: digests) }
            let whole = Self.run(bytes, .whole)
            let pieces = Self.run(bytes, .random(SeededGenerator(seed: seed)))
            Self.check(whole, "seed \(seed)")
            #expect(whole.events == pieces.events, "seed \(seed)")
            #expect(whole.buffers == pieces.buffers, "seed \(seed)")
        }
    }

    @Test("Random PDUs that are almost right never trap a host", arguments: 0..<4)
    func almostHost(batch: UInt64) {
        for seed in batch * 100..<(batch + 1) * 100 {
            var random = SeededGenerator(seed: seed)
            let digests = UInt8(seed & 3)
            let driver = HostConnectionTests.ready(digests: digests)
            for _ in 0..<12 {
                var bytes = Self.almost(&random, digests: digests)
                // The same mistakes, towards a host.
                let types: [UInt8] = [5, 7, 7, 7, 9, 3]
                bytes[0] = types[Int.random(in: 0..<types.count, using: &random)]
                if bytes[0] != 7 { bytes = makeR2T(2, tag: 1, offset: UInt32(bytes.count), length: 64) }
                driver.receive(bytes, .random(SeededGenerator(seed: seed)))
            }
            for buffer in driver.buffers.values { #expect(buffer.count <= 8192, "seed \(seed)") }
        }
    }
}
