// A line of the file that a gateway without a cluster keeps its state in: a change, or everything. A checksum
// stands before it, so that a line that a crash has left half written is told from one that was finished.

internal import Foundation
internal import NVMeTCP

/// One line of the journal: eight hexadecimal digits (CRC32C of the rest), a blank, and an object of JSON.
struct StateJournalLine: Decodable, Equatable {
    /// Stands in the first line alone: what kind of file it is.
    var format: String?
    /// The state's version after the change.
    var version: UInt64
    /// The entries that the change set; in the first line, all there are.
    var put: [String: String]
    var remove: [String]?

    static let format = "gatewayd state 1"

    /// The line with its line feed. It has no other: JSON escapes them.
    var text: String {
        var fields: [JSONValue.Field] = []
        if let format { fields.append(.init("format", .text(format))) }
        // A file never gets to half of what an Int64 counts.
        fields.append(.init("version", .integer(Int64(version))))
        let puts = put.sorted { $0.key < $1.key }.map { JSONValue.Field($0.key, .text($0.value)) }
        fields.append(.init("put", .object(puts)))
        if let remove { fields.append(.init("remove", .list(remove.sorted().map { .text($0) }))) }
        let body = JSONValue.object(fields).lineText
        return "\(Self.checksum(body.utf8)) \(body)\n"
    }

    /// - Parameter bytes: without the line feed.
    /// - Returns: nil if the line is not what was written.
    init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count > 9, bytes[8] == UInt8(ascii: " "),
            String(decoding: bytes[..<8], as: UTF8.self) == Self.checksum(bytes[9...])
        else { return nil }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes[9...]))
        } catch { return nil }
    }

    init(format: String? = nil, version: UInt64, put: [String: String], remove: [String]? = nil) {
        self.format = format
        self.version = version
        self.put = put
        self.remove = remove
    }

    private static func checksum(_ bytes: some Sequence<UInt8>) -> String {
        let bytes = Array(bytes)
        // The span ends with this function.
        let digits = unsafe String(CRC32C.digest(bytes.span.bytes), radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
