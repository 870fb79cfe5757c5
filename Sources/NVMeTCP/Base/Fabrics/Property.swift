// Property Get and Property Set: the only way a Fabrics host reaches a controller's properties. GatewayCore's
// PropertyHandler parses them; the host side makes them.

/// The size of a property (ATTRIB bits 2:0): 4 or 8 bytes. Other values are reserved.
///
/// Source: NVM Express Base Specification, "Property Get Command" and "Property Set Command", Attributes
/// (ATTRIB).
public struct PropertySize: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// 4 bytes: 0h.
    public static let fourBytes = PropertySize(rawValue: 0)
    /// 8 bytes: 1h.
    public static let eightBytes = PropertySize(rawValue: 1)
}

/// The fields of a Property Get command's submission entry. Its completion's result is the value.
///
/// Source: NVM Express Base Specification, "Property Get Command".
public struct PropertyGetCommand: Hashable, Sendable, BitwiseCopyable {
    /// Attributes (ATTRIB), byte 40, bits 2:0: the size of the property.
    public var size: PropertySize
    /// Offset (OFST), bytes 47:44.
    public var offset: PropertyOffset

    public init(_ offset: PropertyOffset, size: PropertySize) {
        self.offset = offset
        self.size = size
    }

    /// Reads the fields of a Property Get command's entry.
    public init(_ entry: SubmissionEntry) {
        size = PropertySize(rawValue: UInt8(entry.dword10.bits(0, 3)))
        offset = PropertyOffset(rawValue: entry.dword11)
    }

    /// The entry that a host sends.
    public func entry(commandID: UInt16) -> SubmissionEntry {
        var entry = SubmissionEntry(fabrics: .propertyGet, commandID: commandID)
        entry.dword10 = UInt32(size.rawValue)
        entry.dword11 = offset.rawValue
        return entry
    }
}

/// The fields of a Property Set command's submission entry.
///
/// Source: NVM Express Base Specification, "Property Set Command".
public struct PropertySetCommand: Hashable, Sendable, BitwiseCopyable {
    /// Attributes (ATTRIB), byte 40, bits 2:0: the size of the property.
    public var size: PropertySize
    /// Offset (OFST), bytes 47:44.
    public var offset: PropertyOffset
    /// Value (VALUE), bytes 55:48: a 4-byte property uses the lower half.
    public var value: UInt64

    public init(_ offset: PropertyOffset, size: PropertySize, value: UInt64) {
        self.offset = offset
        self.size = size
        self.value = value
    }

    /// Reads the fields of a Property Set command's entry.
    public init(_ entry: SubmissionEntry) {
        size = PropertySize(rawValue: UInt8(entry.dword10.bits(0, 3)))
        offset = PropertyOffset(rawValue: entry.dword11)
        value = UInt64(entry.dword12) | UInt64(entry.dword13) << 32
    }

    /// The entry that a host sends.
    public func entry(commandID: UInt16) -> SubmissionEntry {
        var entry = SubmissionEntry(fabrics: .propertySet, commandID: commandID)
        entry.dword10 = UInt32(size.rawValue)
        entry.dword11 = offset.rawValue
        entry.dword12 = UInt32(truncatingIfNeeded: value)
        entry.dword13 = UInt32(truncatingIfNeeded: value >> 32)
        return entry
    }
}

/// Byte offsets in both commands' entries, for the error location of a refused one.
public enum PropertyCommandOffset {
    /// Attributes (ATTRIB).
    public static let attributes: UInt16 = 40
    /// Offset (OFST).
    public static let offset: UInt16 = 44
    /// Value (VALUE).
    public static let value: UInt16 = 48
}
