// Transmit batches: what stands in which segment, what fits, and that a PDU that does not fit leaves no
// trace.

import Testing

@testable import NVMeTCP

@Suite("Transmit batches")
struct TransmitBatchTests {
    static func controller(digests: UInt8 = 0, hpda: UInt8 = 0) -> ControllerDriver {
        let driver = ControllerDriver()
        driver.receive(makeICReq(hpda: hpda, digests: digests))
        driver.send { $0.encodeInitializeResponse(into: &$1) }
        driver.batch.reset()
        return driver
    }

    static func completion(_ commandID: Int) -> CompletionEntry {
        CompletionEntry(commandID: UInt16(commandID), status: Status(rawValue: 0))
    }

    @Test("A segment is laid out as an iovec: a pointer and a size")
    func layout() {
        #expect(MemoryLayout<TransmitBatch.Segment>.size == 16)
        #expect(MemoryLayout<TransmitBatch.Segment>.stride == 16)
        #expect(MemoryLayout<TransmitBatch.Segment>.offset(of: \.base) == 0)
        #expect(MemoryLayout<TransmitBatch.Segment>.offset(of: \.count) == 8)
    }

    @Test("Responses stand side by side in one segment")
    func responses() {
        let driver = Self.controller()
        for index in 0..<32 { driver.send { $0.encodeResponse(Self.completion(index), into: &$1) } }
        #expect(driver.batch.segments.count == 1)
        #expect(driver.batch.byteCount == 32 * 24)
        #expect(driver.flush() == (0..<32).flatMap { makeResponse(UInt16($0)) })
    }

    @Test("A payload stands in a segment of its own, where it is")
    func payloads() {
        let driver = Self.controller(digests: 3)
        let data = payload(pattern(100))
        for offset in [0, 100] {
            driver.send {
                $0.encodeData(
                    commandID: 9, payload: data, offset: offset, isLast: offset == 100, isSuccess: false,
                    into: &$1)
            }
        }
        driver.send { $0.encodeResponse(Self.completion(9), into: &$1) }
        // Header, payload, digest and header, payload, digest and response.
        #expect(driver.batch.segments.map(\.count) == [28, 100, 4 + 28, 100, 4 + 28])
        #expect(driver.batch.segments[1].base == data.baseAddress)
        #expect(driver.batch.segments[3].base == data.baseAddress)
        let first = makeData(
            9, tag: 0, offset: 0, pattern(100), last: false, type: 7, headerDigest: true, dataDigest: true)
        let second = makeData(
            9, tag: 0, offset: 100, pattern(100), last: true, type: 7, headerDigest: true, dataDigest: true)
        #expect(driver.flush() == first + second + makeResponse(9, headerDigest: true))
    }

    @Test("Padding up to the host's alignment is zero", arguments: [0, 1, 6, 31])
    func padding(hpda: UInt8) {
        for digests: UInt8 in 0..<4 {
            let driver = Self.controller(digests: digests, hpda: hpda)
            let data = payload(pattern(5))
            driver.send {
                $0.encodeData(
                    commandID: 1, payload: data, offset: 0, isLast: true, isSuccess: true, into: &$1)
            }
            let alignment = (Int(hpda) + 1) * 4
            let full = digests & 1 != 0 ? 28 : 24
            let offset = (full + alignment - 1) / alignment * alignment
            var expected = makeData(
                1, tag: 0, offset: 0, pattern(5), last: true, type: 7, success: true,
                headerDigest: digests & 1 != 0, dataDigest: digests & 2 != 0, padding: offset - full)
            for index in full..<offset { expected[index] = 0 }
            #expect(driver.flush() == expected)
        }
    }

    @Test("A batch takes as many PDUs as it was made for, and refuses the next without a trace")
    func full() {
        for count in [1, 2, 64, 200] {
            let driver = Self.controller(digests: 1)
            driver.batch = TransmitBatch(pduCountMax: count)
            var fitted = 0
            while fitted <= 1000,
                driver.connection.encodeResponse(Self.completion(fitted), into: &driver.batch)
            { fitted += 1 }
            #expect((count...max(count * 2, 9)).contains(fitted), "\(count)")
            let before = driver.batch.byteCount
            #expect(before == fitted * 28)
            #expect(!driver.connection.encodeResponse(Self.completion(0), into: &driver.batch))
            #expect(driver.batch.byteCount == before)
            #expect(driver.batch.segments.count == 1)
        }
    }

    @Test(
        "A batch of payloads is full before its segments are, and loses no transfer that it refused",
        arguments: 0..<4)
    func fullOfPayloads(digests: UInt8) {
        let driver = Self.controller(digests: digests)
        driver.batch = TransmitBatch(pduCountMax: 8)
        let data = payload(pattern(64))
        var fitted = 0
        while driver.connection.encodeData(
            commandID: 1, payload: data, offset: 0, isLast: true, isSuccess: false, into: &driver.batch)
        { fitted += 1 }
        #expect((7...8).contains(fitted))
        #expect(driver.batch.segments.count <= 17)
        while driver.connection.encodeResponse(Self.completion(1), into: &driver.batch) {}
        let before = driver.connection.availableTransfers
        #expect(
            !driver.connection.encodeReadyToTransfer(
                slot: 1, commandID: 1, offset: 0, length: 4, into: &driver.batch))
        #expect(driver.connection.availableTransfers == before)
    }

    @Test("Where there is room for an answer, its data and its response both fit", arguments: 0..<4)
    func answers(digests: UInt8) {
        let data = payload(pattern(64))
        for hpda: UInt8 in [0, 5, 6, 31] {
            for count in [16, 64] {
                let driver = Self.controller(digests: digests, hpda: hpda)
                driver.batch = TransmitBatch(pduCountMax: count)
                var answers = 0
                while driver.batch.hasRoomForAnswer {
                    driver.send {
                        $0.encodeData(
                            commandID: 1, payload: data, offset: 0, isLast: true, isSuccess: false, into: &$1)
                    }
                    driver.send { $0.encodeResponse(Self.completion(1), into: &$1) }
                    driver.batch.releaseAfterSend(slot: 1)
                    answers += 1
                }
                #expect(answers >= count / 6, "HPDA \(hpda), \(count) PDUs")
            }
        }
    }

    @Test("The smallest batch takes the longest PDU: a termination request with a whole ICReq")
    func smallest() {
        let driver = ControllerDriver()
        driver.batch = TransmitBatch(pduCountMax: 1)
        driver.receive(makeICReq(pfv: 9))
        driver.send { $0.encodeTermination(driver.fatal!, into: &$1) }
        #expect(driver.flush().count == 152)
    }

    @Test("Slots to release are noted in order and forgotten by reset")
    func slots() {
        let driver = Self.controller()
        driver.batch = TransmitBatch(pduCountMax: 3)
        var empty = [driver.batch.isEmpty]
        for slot: UInt32 in [7, 5, 7] { driver.batch.releaseAfterSend(slot: slot) }
        let slots = Array(driver.batch.slotsToRelease)
        driver.send { $0.encodeResponse(Self.completion(1), into: &$1) }
        empty.append(driver.batch.isEmpty)
        driver.batch.reset()
        empty += [driver.batch.isEmpty, driver.batch.slotsToRelease.isEmpty]
        #expect(slots == [7, 5, 7])
        #expect(empty == [true, false, true, true])
    }

    @Test("Transfers reserved later join those that are open, and a closed tag is the next to be opened")
    func reserveMore() {
        var table = TransferTable()
        func open(_ slot: UInt32) -> UInt16 { table.open(slot: slot, commandID: 1, offset: 0, length: 8) }
        table.reserve(1)
        var tags = [open(9)]
        var available = [table.available]
        table.reserve(3)
        available.append(table.available)
        tags += [open(8), open(7)]
        let slots = (0..<4).map { table[$0]?.slot }
        table.close(1)
        let closed = table[1] == nil
        tags.append(open(6))
        for tag: UInt16 in [2, 0, 1] { table.close(tag) }
        available.append(table.available)
        #expect(tags == [0, 1, 2, 1])
        #expect(available == [0, 2, 3])
        #expect(slots == [9, 8, 7, nil])
        #expect(closed)
    }
}
