// The Disconnect command, by which a host deletes one I/O queue. GatewayCore's Fabrics handlers parse it.

/// The fields of a Disconnect command's submission entry.
///
/// Source: NVM Express Base Specification, "Disconnect Command".
public struct DisconnectCommand: Hashable, Sendable, BitwiseCopyable {
    /// Record Format (RECFMT), bytes 41:40: 0.
    public var recordFormat: UInt16

    public init(recordFormat: UInt16 = 0) { self.recordFormat = recordFormat }

    /// Reads the fields of a Disconnect command's entry.
    public init(_ entry: SubmissionEntry) { recordFormat = UInt16(entry.dword10.bits(0, 16)) }

    /// The entry that a host sends.
    public func entry(commandID: UInt16) -> SubmissionEntry {
        var entry = SubmissionEntry(fabrics: .disconnect, commandID: commandID)
        entry.dword10 = UInt32(recordFormat)
        return entry
    }

    /// Byte offset of RECFMT in the entry, for the error location of a refused Disconnect.
    public static let recordFormatOffset: UInt16 = 40
}
