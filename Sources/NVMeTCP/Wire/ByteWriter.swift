// Little-endian stores into a MutableRawSpan, the mirror image of `ByteReader.swift`. An encoder is given a
// span at least as long as its structure and zeroes it first, so that every reserved byte we send is zero.

extension MutableRawSpan {
    /// Stores `value`, little-endian, at `offset`.
    @inlinable
    public mutating func store<Value: FixedWidthInteger & BitwiseCopyable>(_ value: Value, at offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
    }

    /// Copies `source` to `offset`.
    @inlinable
    public mutating func store(_ source: RawSpan, at offset: Int) {
        for index in 0..<source.byteCount {
            storeBytes(of: source.uint8(at: index), toByteOffset: offset + index, as: UInt8.self)
        }
    }

    /// Stores `text` as ASCII at `offset`, cut or padded to `count` bytes with `padding` (a space in
    /// Identify's strings and in addresses, a zero in NQNs).
    @inlinable
    public mutating func store(_ text: String, at offset: Int, count: Int, padding: UInt8) {
        var index = 0
        for byte in text.utf8 {
            if index == count { break }
            storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
            index += 1
        }
        while index < count {
            storeBytes(of: padding, toByteOffset: offset + index, as: UInt8.self)
            index += 1
        }
    }

    /// Sets every byte to zero.
    @inlinable
    public mutating func zero() { zero(count: byteCount) }

    /// Sets `count` bytes from `offset` to zero.
    @inlinable
    public mutating func zero(from offset: Int = 0, count: Int) {
        for index in offset..<offset + count { storeBytes(of: 0, toByteOffset: index, as: UInt8.self) }
    }
}
