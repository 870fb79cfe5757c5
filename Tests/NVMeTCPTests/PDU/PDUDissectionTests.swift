// Wireshark's dissector reads what our encoders write: each PDU goes into a capture file, and the fields and
// digests that tshark finds there are compared. Without tshark the test says so and is skipped, unless
// GATEWAYD_REQUIRE_LIVE is 1.

import Foundation
import Testing

@testable import NVMeTCP

@Suite(
    "What Wireshark reads",
    .enabled(if: Dissector.isWanted, "tshark is not installed: apt-get install tshark"))
struct PDUDissectionTests {
    static let fields = [
        "nvme-tcp.type", "nvme-tcp.flags", "nvme-tcp.hlen", "nvme-tcp.pdo", "nvme-tcp.plen",
        "nvme-tcp.hdgst.status", "nvme-tcp.ddgst.status", "nvme-tcp.icreq.pfv", "nvme-tcp.icreq.hpda",
        "nvme-tcp.icreq.digest", "nvme-tcp.icreq.maxr2t", "nvme-tcp.icresp.pfv", "nvme-tcp.icresp.cpda",
        "nvme-tcp.icresp.digest", "nvme-tcp.icresp.maxdata", "nvme-tcp.cmd.cid", "nvme-tcp.ttag",
        "nvme-tcp.data.offset", "nvme-tcp.data.length", "nvme-tcp.r2t.offset", "nvme-tcp.r2t.length",
        "nvme-tcp.c2htermreq.fes", "nvme-tcp.c2htermreq.phfo", "nvme-tcp.c2htermreq.phd",
        "nvme-tcp.h2ctermreq.fes", "nvme-tcp.h2ctermreq.upfo",
    ]

    /// A conversation of every PDU type: commands 1 (reads 512), 2 (writes 512 in its capsule), 3 (writes by
    /// R2T).
    static func conversation(digests: UInt8, hpda: UInt8, cpda: UInt8) -> [Dissector.Packet] {
        var packets: [Dissector.Packet] = []
        let host = {
            var wanted = HostConnection.Parameters()
            wanted.dataAlignment = hpda
            wanted.wantsHeaderDigest = digests & 1 != 0
            wanted.wantsDataDigest = digests & 2 != 0
            wanted.maximumReadyToTransfers = 4
            return HostDriver(wanted)
        }()
        var offered = ControllerConnection.Parameters()
        offered.dataAlignment = cpda
        offered.maximumDataLength = 4104
        let controller = ControllerDriver(offered)
        func down() {
            let bytes = host.flush()
            packets.append(Dissector.Packet(fromHost: true, bytes: bytes))
            controller.receive(bytes)
        }
        func up() {
            let bytes = controller.flush()
            packets.append(Dissector.Packet(fromHost: false, bytes: bytes))
            host.receive(bytes)
        }
        func entry(_ commandID: UInt16, opcode: UInt8) -> SubmissionEntry {
            var entry = SubmissionEntry(opcode: opcode)
            entry.commandID = commandID
            return entry
        }
        host.send { $0.encodeInitializeRequest(into: &$1) }
        down()
        controller.send { $0.encodeInitializeResponse(into: &$1) }
        up()
        host.connection.expectData(commandID: 1, length: 512)
        host.send { $0.encodeCommand(entry(1, opcode: 2), inCapsule: nil, into: &$1) }
        down()
        let data = payload(pattern(512))
        controller.send {
            $0.encodeData(commandID: 1, payload: data, offset: 0, isLast: true, isSuccess: false, into: &$1)
        }
        up()
        controller.send { $0.encodeResponse(TransmitBatchTests.completion(1), into: &$1) }
        up()
        host.send { $0.encodeCommand(entry(2, opcode: 1), inCapsule: data, into: &$1) }
        down()
        host.connection.offerData(commandID: 3, length: 1024)
        host.send { $0.encodeCommand(entry(3, opcode: 1), inCapsule: nil, into: &$1) }
        down()
        controller.send {
            $0.encodeReadyToTransfer(slot: 1, commandID: 3, offset: 512, length: 512, into: &$1)
        }
        up()
        host.send { $0.encodeData(commandID: 3, tag: 0, payload: data, offset: 512, isLast: true, into: &$1) }
        down()
        #expect(host.fatal == nil)
        #expect(controller.fatal == nil)
        return packets
    }

    @Test("Every PDU of a conversation, with and without digests and padding", arguments: 0..<4)
    func conversation(digests: UInt8) throws {
        // Wireshark 4.0 dissects no data PDU that has both padding and a data digest.
        let alignments: [UInt8] = digests & 2 == 0 ? [0, 31] : [0]
        for alignment in alignments {
            let packets = Self.conversation(digests: digests, hpda: alignment, cpda: alignment)
            let rows = try Dissector.dissect(packets, Self.fields)
            let seen = rows.map(Seen.init)
            let (header, data) = (digests & 1, digests & 2)
            func row(_ type: Int, _ flags: UInt8, _ hlen: Int, data: Int = 0) -> Seen {
                var row = Seen()
                let full = hlen + (flags & 1 != 0 ? 4 : 0)
                let step = (Int(alignment) + 1) * 4
                let offset = data > 0 ? (full + step - 1) / step * step : 0
                (row.type, row.flags, row.hlen, row.pdo) = (type, Int(flags), hlen, offset)
                row.plen = data > 0 ? offset + data + (flags & 2 != 0 ? 4 : 0) : full
                // 1: Wireshark computed the same digest.
                row.headerDigestStatus = flags & 1 != 0 ? 1 : nil
                row.dataDigestStatus = flags & 2 != 0 ? 1 : nil
                return row
            }
            #expect(
                seen == [
                    row(0, 0, 128), row(1, 0, 128), row(4, header, 72),
                    row(7, header | data | 4, 24, data: 512),
                    row(5, header, 24), row(4, header | data, 72, data: 512), row(4, header, 72),
                    row(9, header, 24), row(6, header | data | 4, 24, data: 512),
                ], "alignment \(alignment)")
            #expect(rows[0].values("icreq") == [0, Int(alignment), Int(digests), 3])
            #expect(rows[1].values("icresp") == [0, Int(alignment), Int(digests), 4104])
            #expect(rows[3].values("data.") == [0, 512])
            #expect(rows[7].values("cid", "ttag", "r2t.") == [3, 0, 512, 512])
            #expect(rows[8].values("ttag", "data.") == [0, 512, 512])
        }
    }

    @Test("Termination requests of both ends, with their status, information and offending header")
    func termination() throws {
        var packets = Array(Self.conversation(digests: 0, hpda: 0, cpda: 0).prefix(2))
        let controller = ConnectionSequenceTests.ready()
        controller.receive(makeData(5, tag: 77, offset: 4096, pattern(8), last: false))
        controller.send { $0.encodeTermination(controller.fatal!, into: &$1) }
        packets.append(Dissector.Packet(fromHost: false, bytes: controller.flush()))
        let host = HostDriver()
        host.receive(makeICResp(pfv: 7))
        host.send { $0.encodeTermination(host.fatal!, into: &$1) }
        packets.append(Dissector.Packet(fromHost: true, bytes: host.flush()))
        let digest = ConnectionSequenceTests.ready(digests: 1)
        digest.receive(makePDU(4, flags: 1, header: makeEntry(1) + [4, 3, 2, 1], hlen: 72, plen: 76))
        digest.send { $0.encodeTermination(digest.fatal!, into: &$1) }
        packets.append(Dissector.Packet(fromHost: false, bytes: digest.flush()))
        let rows = try Dissector.dissect(packets, Self.fields)
        #expect(rows.map { $0.values("nvme-tcp.type").first } == [0, 1, 3, 2, 3])
        #expect(rows[2].values("termreq") == [1, 10])
        #expect(rows[3].values("termreq") == [6, 8])
        #expect(rows[4].values("termreq") == [3, 0x0102_0304])
        #expect(rows.map { $0.values("plen").first } == [128, 128, 48, 152, 96])
    }
}

/// The common part of a row.
struct Seen: Equatable {
    var type, flags, hlen, pdo, plen: Int?
    var headerDigestStatus, dataDigestStatus: Int?

    init() {}

    init(_ row: Dissector.Row) {
        (type, flags) = (row["nvme-tcp.type"], row["nvme-tcp.flags"])
        (hlen, pdo, plen) = (row["nvme-tcp.hlen"], row["nvme-tcp.pdo"], row["nvme-tcp.plen"])
        headerDigestStatus = row["nvme-tcp.hdgst.status"]
        dataDigestStatus = row["nvme-tcp.ddgst.status"]
    }
}
