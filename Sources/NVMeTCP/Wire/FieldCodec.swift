// One list of fields and offsets for both directions, for the large structures of Identify and Get Log Page.
// They are read and written a few times in an association's life, so the copy of at most 4,096 bytes that
// this costs does not matter.

/// A structure whose fields are listed once, each with its offset.
protocol CodedFields {
    static var byteCount: Int { get }
    init()
    mutating func code(_ codec: inout FieldCodec)
}

extension CodedFields {
    /// Reads the structure at `offset`.
    init(fields bytes: RawSpan, at offset: Int) {
        self.init()
        var codec = FieldCodec(reading: bytes, at: offset, count: Self.byteCount)
        code(&codec)
    }

    /// Writes the structure at `offset`; what no field covers becomes zero.
    func encodeFields(into bytes: inout MutableRawSpan, at offset: Int) {
        precondition(offset + Self.byteCount <= bytes.byteCount, "a structure needs room for all its bytes")
        var codec = FieldCodec(writing: Self.byteCount)
        var copy = self
        copy.code(&codec)
        for index in 0..<Self.byteCount { bytes.store(codec.bytes[index], at: offset + index) }
    }
}

/// Reads fields out of bytes or writes them in, whichever it was made for.
struct FieldCodec {
    /// The structure's bytes.
    private(set) var bytes: [UInt8]
    /// Whether fields are filled from the bytes, rather than the bytes from the fields.
    let isReading: Bool

    init(reading source: RawSpan, at offset: Int, count: Int) {
        bytes = []
        bytes.reserveCapacity(count)
        for index in offset..<offset + count { bytes.append(source.uint8(at: index)) }
        isReading = true
    }

    init(writing count: Int) {
        bytes = [UInt8](repeating: 0, count: count)
        isReading = false
    }

    /// A little-endian integer.
    mutating func field<Value: FixedWidthInteger>(_ value: inout Value, at offset: Int) {
        let count = Value.bitWidth / 8
        if isReading {
            value = 0
            for index in 0..<count { value |= Value(bytes[offset + index]) << (8 * index) }
        } else {
            for index in 0..<count {
                bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
            }
        }
    }

    /// A value that stands for a little-endian integer.
    mutating func field<Value: RawRepresentable>(_ value: inout Value, at offset: Int)
    where Value.RawValue: FixedWidthInteger {
        var raw = value.rawValue
        field(&raw, at: offset)
        // Every structure of this module that stands for an integer accepts any value.
        if isReading, let known = Value(rawValue: raw) { value = known }
    }

    /// A big-endian integer: identifiers whose bytes stand in the order of their text.
    mutating func bigEndian<Value: FixedWidthInteger>(_ value: inout Value, at offset: Int) {
        var swapped = value.byteSwapped
        field(&swapped, at: offset)
        if isReading { value = swapped.byteSwapped }
    }

    /// A value that stands for a big-endian integer.
    mutating func bigEndian<Value: RawRepresentable>(_ value: inout Value, at offset: Int)
    where Value.RawValue: FixedWidthInteger {
        var raw = value.rawValue
        bigEndian(&raw, at: offset)
        if isReading, let known = Value(rawValue: raw) { value = known }
    }

    /// A little-endian integer of 3 bytes.
    mutating func uint24(_ value: inout UInt32, at offset: Int) {
        var low = UInt16(truncatingIfNeeded: value)
        var high = UInt8(truncatingIfNeeded: value >> 16)
        field(&low, at: offset)
        field(&high, at: offset + 2)
        if isReading { value = UInt32(low) | UInt32(high) << 16 }
    }

    /// A text of at most `count` bytes, with `padding` behind it: cut to fit when written; when read it ends
    /// at the first zero, and padding at its end is dropped.
    mutating func text(_ value: inout String, at offset: Int, count: Int, padding: UInt8) {
        if isReading {
            var field = bytes[offset..<offset + count].prefix { $0 != 0 }
            while field.last == padding { field.removeLast() }
            value = String(decoding: field, as: UTF8.self)
        } else {
            let field = value.utf8.prefix(count)
            for (index, byte) in field.enumerated() { bytes[offset + index] = byte }
            for index in field.count..<count { bytes[offset + index] = padding }
        }
    }

    /// `count` bytes as they are.
    mutating func raw(_ value: inout [UInt8], at offset: Int, count: Int) {
        if isReading {
            value = Array(bytes[offset..<offset + count])
        } else {
            for (index, byte) in value.prefix(count).enumerated() { bytes[offset + index] = byte }
        }
    }

    /// A structure within this one.
    mutating func nested<Value: CodedFields>(_ value: inout Value, at offset: Int) {
        var inner = FieldCodec(part: self, at: offset, count: Value.byteCount)
        value.code(&inner)
        if !isReading { bytes.replaceSubrange(offset..<offset + Value.byteCount, with: inner.bytes) }
    }

    private init(part outer: FieldCodec, at offset: Int, count: Int) {
        bytes = Array(outer.bytes[offset..<offset + count])
        isReading = outer.isReading
    }
}
