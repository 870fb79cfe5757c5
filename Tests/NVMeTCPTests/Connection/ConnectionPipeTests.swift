// A host and a controller of ours talk over a pipe in memory: reads, writes in capsules and by R2Ts, over
// every combination of digests, a choice of alignments, and cuts of both streams.

import Testing

@testable import NVMeTCP

@Suite("Host and controller over a pipe")
struct ConnectionPipeTests {
    /// What is negotiated, and how the two streams are cut.
    struct Terms {
        var digests: UInt8
        var hpda: UInt8
        var cpda: UInt8
        var chunk: Int
        var maximumDataLength = 4096
    }

    /// All of whole dwords, as data outside capsules is.
    static let lengths = [4, 512, 4092, 4096, 4100, 9000]
    /// The identifiers of reading, in-capsule writing and R2T writing commands of the length with index n are
    /// these plus n.
    static let (reading, capsule, writing) = (UInt16(0), UInt16(100), UInt16(200))

    let controller: ControllerDriver
    let host: HostDriver
    let terms: Terms

    init() { self.init(Terms(digests: 0, hpda: 0, cpda: 0, chunk: 1000)) }

    init(_ terms: Terms) {
        self.terms = terms
        var offered = ControllerConnection.Parameters()
        offered.dataAlignment = terms.cpda
        offered.maximumDataLength = terms.maximumDataLength
        offered.inCapsuleDataLengthMax = 9000
        controller = ControllerDriver(offered)
        var wanted = HostConnection.Parameters()
        wanted.dataAlignment = terms.hpda
        wanted.wantsHeaderDigest = terms.digests & 1 != 0
        wanted.wantsDataDigest = terms.digests & 2 != 0
        wanted.maximumReadyToTransfers = 3
        host = HostDriver(wanted)
        host.connection.reserveCommands(300)
    }

    /// A controller's end that answers as a target would: reads from a pattern, R2Ts for what is written.
    func answer(_ event: ControllerEvent) {
        switch event {
        case .initialized: controller.send { $0.encodeInitializeResponse(into: &$1) }
        case .command(let entry, _) where entry.commandID >= Self.writing:
            let index = Int(entry.commandID - Self.writing)
            let length = Self.lengths[index]
            // Three R2Ts where there is enough for three.
            let third = length / 12 * 4
            let parts = third == 0 ? [length] : [third, third, length - third * 2]
            var offset = 0
            for part in parts {
                controller.send {
                    $0.encodeReadyToTransfer(
                        slot: UInt32(entry.commandID), commandID: entry.commandID, offset: offset,
                        length: part, into: &$1)
                }
                offset += part
            }
        case .command(let entry, _) where entry.commandID < Self.capsule:
            let length = Self.lengths[Int(entry.commandID)]
            let data = payload(pattern(length, seed: length))
            let half = length / 8 * 4
            if half > 0 {
                let first = UnsafeRawBufferPointer(rebasing: data[..<half])
                controller.send {
                    $0.encodeData(
                        commandID: entry.commandID, payload: first, offset: 0, isLast: false,
                        isSuccess: false,
                        into: &$1)
                }
            }
            let second = UnsafeRawBufferPointer(rebasing: data[half...])
            let isSuccess = length.isMultiple(of: 8)
            controller.send {
                $0.encodeData(
                    commandID: entry.commandID, payload: second, offset: half, isLast: true,
                    isSuccess: isSuccess, into: &$1)
            }
            if !isSuccess { respond(entry.commandID) }
        case .transferred(let slot, let digestValid):
            #expect(digestValid)
            if slot < 100 + UInt32(Self.lengths.count) {
                // In-capsule commands come in order, so do their slots.
                respond(Self.capsule + UInt16(slot - 100))
            } else if controller.buffers[slot]?.count == Self.lengths[Int(slot) - Int(Self.writing)] {
                respond(UInt16(slot))
            }
        case .command, .payload, .fatal, .terminated: break
        }
    }

    func respond(_ commandID: UInt16) {
        let completion = CompletionEntry(
            result: 7, submissionQueueHead: 3, commandID: commandID, status: Status(rawValue: 0))
        controller.send { $0.encodeResponse(completion, into: &$1) }
    }

    /// A host that answers R2Ts in PDUs of at most MAXH2CDATA.
    func answer(_ event: HostEvent) {
        guard case .readyToTransfer(let commandID, let tag, let offset, let length) = event else { return }
        let data = payload(pattern(Self.lengths[Int(commandID - Self.writing)], seed: Int(commandID)))
        var (position, end) = (offset, offset + length)
        while position < end {
            let count = min(end - position, host.connection.negotiated!.maximumDataLength, 1500)
            let part = UnsafeRawBufferPointer(rebasing: data[position..<position + count])
            host.send {
                $0.encodeData(
                    commandID: commandID, tag: tag, payload: part, offset: position,
                    isLast: position + count == end, into: &$1)
            }
            position += count
        }
        end = position
    }

    /// Carries bytes both ways until both are silent.
    func pump() {
        while true {
            let (down, up) = (host.flush(), controller.flush())
            if down.isEmpty, up.isEmpty { return }
            controller.receive(down, .of(terms.chunk))
            host.receive(up, .of(terms.chunk))
        }
    }

    /// One command of each length, one after the other.
    func converse() {
        controller.onEvent = { _, event in answer(event) }
        host.onEvent = { _, event in answer(event) }
        host.send { $0.encodeInitializeRequest(into: &$1) }
        pump()
        for (index, length) in Self.lengths.enumerated() {
            for base in [Self.reading, Self.capsule, Self.writing] {
                var entry = SubmissionEntry(opcode: base == Self.reading ? 2 : 1)
                entry.commandID = base + UInt16(index)
                if base == Self.reading {
                    host.connection.expectData(commandID: entry.commandID, length: length)
                } else {
                    host.connection.offerData(commandID: entry.commandID, length: length)
                }
                let data = base == Self.capsule ? payload(pattern(length, seed: 1)) : nil
                host.send { $0.encodeCommand(entry, inCapsule: data, into: &$1) }
                pump()
            }
        }
    }

    func check() {
        #expect(controller.fatal == nil, "\(terms)")
        #expect(host.fatal == nil, "\(terms)")
        var endings: [HostEvent] = []
        for (index, length) in Self.lengths.enumerated() {
            #expect(host.buffers[UInt32(index)] == pattern(length, seed: length), "\(terms)")
            #expect(controller.buffers[100 + UInt32(index)] == pattern(length, seed: 1), "\(terms)")
            let slot = UInt32(Self.writing) + UInt32(index)
            #expect(controller.buffers[slot] == pattern(length, seed: Int(slot)), "\(terms)")
            let response = { (base: UInt16) in
                HostEvent.response(
                    CompletionEntry(
                        result: 7, submissionQueueHead: 3, commandID: base + UInt16(index),
                        status: Status(rawValue: 0)))
            }
            endings.append(length.isMultiple(of: 8) ? .succeeded(commandID: UInt16(index)) : response(0))
            endings += [response(Self.capsule), response(Self.writing)]
        }
        let ended = host.events.filter { event in
            switch event {
            case .response, .succeeded: true
            case .initialized, .readyToTransfer, .payload, .dataDigestError, .fatal, .terminated: false
            }
        }
        #expect(ended == endings, "\(terms)")
    }

    @Test("Every combination of digests and cuts carries every length both ways", arguments: 0..<4)
    func digestsAndCuts(digests: UInt8) {
        for chunk in [7, 24, 72, 1000, 4096, 100_000] {
            let pipe = Self(Terms(digests: digests, hpda: 0, cpda: 0, chunk: chunk))
            pipe.converse()
            pipe.check()
        }
    }

    @Test(
        "Every alignment carries every length both ways, and data starts where it was asked",
        arguments: 0...31)
    func alignments(alignment: UInt8) {
        for digests: UInt8 in [0, 3] {
            let pipe = Self(
                Terms(digests: digests, hpda: alignment, cpda: 31 - alignment, chunk: 5000))
            pipe.converse()
            pipe.check()
        }
    }
}
