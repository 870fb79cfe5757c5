// What the layout tests share: bytes of our encoder, and bytes of a C structure that libnvme's headers lay
// out.

import NVMeTCP
import Testing

/// What `encode` writes into `count` bytes that start out as 5Ah, so that a byte it forgets is seen.
func encoded(_ count: Int, _ encode: (inout MutableRawSpan) -> Void) -> [UInt8] {
    var bytes = [UInt8](repeating: 0x5A, count: count)
    var span = bytes.mutableSpan
    var raw = span.mutableBytes
    encode(&raw)
    return bytes
}

/// The bytes of a C structure that starts as zeroes and is then filled.
func cBytes<Value>(of initial: Value, _ fill: (inout Value) -> Void) -> [UInt8] {
    var value = initial
    fill(&value)
    return withUnsafeBytes(of: &value) { Array($0) }
}

/// Where two byte arrays differ first, for a message that helps; nil where they are equal.
func firstDifference(_ left: [UInt8], _ right: [UInt8]) -> Int? {
    if left == right { return nil }
    for index in 0..<min(left.count, right.count) where left[index] != right[index] { return index }
    return min(left.count, right.count)
}

/// What `decode` makes of `bytes`: a span cannot stand in an expectation itself.
func decoded<Value>(_ bytes: [UInt8], _ decode: (RawSpan) throws -> Value) rethrows -> Value {
    try decode(bytes.span.bytes)
}

/// Fills a C array with a text and, behind it, `padding`.
func fill<Value>(_ array: inout Value, _ text: String, padding: UInt8) {
    withUnsafeMutableBytes(of: &array) { field in
        for index in field.indices { field[index] = padding }
        for (index, byte) in text.utf8.enumerated() { field[index] = byte }
    }
}

/// Fills a C array with bytes.
func fill<Value>(_ array: inout Value, _ bytes: [UInt8]) {
    withUnsafeMutableBytes(of: &array) { $0.copyBytes(from: bytes) }
}

/// Puts the lowest `count` bytes of `value`, little-endian, at `offset`.
func place(_ value: UInt64, _ count: Int, at offset: Int, in bytes: inout [UInt8]) {
    for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
}
