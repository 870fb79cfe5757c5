// The Firmware Slot Information log (LID 03h). A gateway has one slot, and its version in it.

/// The Firmware Slot Information log page: 512 bytes.
///
/// Source: NVM Express Base Specification, "Firmware Slot Information".
public struct FirmwareSlots: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 512

    /// Byte 0, bits 2:0. Active Firmware Slot (AFI): 1 to 7.
    public var active: UInt8 = 1
    /// Byte 0, bits 6:4. Next Reset Firmware Slot: 0 where no other slot becomes active.
    public var next: UInt8 = 0
    /// Bytes 63:8. Firmware Revision for Slots 1 to 7 (FRS1 to FRS7), 8 ASCII characters each; an empty slot
    /// is zeroes.
    public var revisions: [String]

    /// - Parameter revisions: at most 7, that of slot 1 first; an empty text is an empty slot.
    public init(_ revisions: [String]) {
        precondition(revisions.count <= 7, "there are seven firmware slots")
        self.revisions = revisions + Array(repeating: "", count: 7 - revisions.count)
    }
}

extension FirmwareSlots: CodedFields {
    init() { self.init([]) }

    mutating func code(_ codec: inout FieldCodec) {
        var information = active & 0x7 | (next & 0x7) << 4
        codec.field(&information, at: 0)
        if codec.isReading {
            active = information.bits(0, 3)
            next = information.bits(4, 3)
        }
        for index in revisions.indices where codec.isReading || !revisions[index].isEmpty {
            codec.text(&revisions[index], at: 8 + index * 8, count: 8, padding: 0x20)
        }
    }
}

extension FirmwareSlots {
    /// Reads the log page; nil where `bytes` is shorter than 512 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= FirmwareSlots.byteCount else { return nil }
        self.init(fields: bytes, at: 0)
    }

    /// Writes the 512 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) { encodeFields(into: &bytes, at: 0) }
}
