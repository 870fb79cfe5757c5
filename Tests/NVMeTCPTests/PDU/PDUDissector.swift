// Runs tshark over PDUs: writes a capture file by hand, one TCP segment a PDU, and reads the fields that
// tshark finds.

import Foundation
import Testing

enum Dissector {
    struct Packet {
        var fromHost: Bool
        var bytes: [UInt8]
    }

    /// One packet's fields, in the order in which they were asked for; nil where the packet has none.
    struct Row {
        var names: [String]
        var numbers: [Int?]

        subscript(name: String) -> Int? { names.firstIndex(of: name).flatMap { numbers[$0] } }

        /// The numbers of all fields whose names contain one of `parts`.
        func values(_ parts: String...) -> [Int] {
            zip(names, numbers).compactMap { name, number in
                parts.contains { name.contains($0) } ? number : nil
            }
        }
    }

    static let path = ["/usr/bin/tshark", "/usr/local/bin/tshark"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// The tests run where tshark is, and fail rather than be skipped where everything must be there.
    static let isWanted = path != nil || ProcessInfo.processInfo.environment["GATEWAYD_REQUIRE_LIVE"] == "1"

    static func dissect(_ packets: [Packet], _ fields: [String]) throws -> [Row] {
        let path = try #require(path, "tshark is not installed: apt-get install tshark")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pcap")
        try Data(capture(packets)).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments =
            ["-r", file.path, "-d", "tcp.port==4420,nvme-tcp", "-o", "nvme-tcp.check_hdgst:TRUE"]
            + ["-o", "nvme-tcp.check_ddgst:TRUE", "-T", "fields", "-E", "separator=;"]
            + fields.flatMap { ["-e", $0] }
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "tshark: \(complaint)")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        try #require(lines.count == packets.count, "\(text)")
        return lines.map { line in
            Row(
                names: fields,
                numbers: line.split(separator: ";", omittingEmptySubsequences: false).map(number))
        }
    }

    private static func number(_ text: Substring) -> Int? {
        text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }

    /// A capture file (libpcap's format, raw IPv4 packets): one TCP segment a packet, no handshake, no
    /// checksums.
    private static func capture(_ packets: [Packet]) -> [UInt8] {
        var file = little(UInt32(0xA1B2_C3D4)) + little(UInt16(2)) + little(UInt16(4))
        file += little(UInt32(0)) + little(UInt32(0)) + little(UInt32(65_535)) + little(UInt32(101))
        var sequence: (host: UInt32, controller: UInt32) = (1, 1)
        for (index, packet) in packets.enumerated() {
            let own = packet.fromHost ? sequence.host : sequence.controller
            let other = packet.fromHost ? sequence.controller : sequence.host
            let (host, controller): ([UInt8], [UInt8]) = ([10, 0, 0, 1], [10, 0, 0, 2])
            let ports: (UInt16, UInt16) = packet.fromHost ? (50_000, 4420) : (4420, 50_000)
            let total = UInt16(40 + packet.bytes.count)
            var bytes: [UInt8] = [0x45, 0] + big(total) + [0, 0, 0x40, 0, 64, 6, 0, 0]
            bytes += packet.fromHost ? host + controller : controller + host
            bytes += big(ports.0) + big(ports.1) + big(own) + big(other)
            bytes += [0x50, 0x18, 0xFF, 0xFF, 0, 0, 0, 0] + packet.bytes
            file += little(UInt32(index)) + little(UInt32(0))
            file += little(UInt32(bytes.count)) + little(UInt32(bytes.count)) + bytes
            if packet.fromHost {
                sequence.host += UInt32(packet.bytes.count)
            } else {
                sequence.controller += UInt32(packet.bytes.count)
            }
        }
        return file
    }

    private static func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] { little(value.byteSwapped) }
}
