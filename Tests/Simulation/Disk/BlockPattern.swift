// What blocks hold: each written block has a value of its own, and its bytes are made from the value so that
// a block that is torn, shifted, or somebody else's is told from a good one.

/// The contents of blocks as values; 0 is a block of zeroes.
enum BlockPattern {
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    static func fill(_ bytes: UnsafeMutableRawBufferPointer, with value: UInt64) {
        let words = bytes.assumingMemoryBound(to: UInt64.self)
        guard value != 0 else {
            for index in words.indices { words[index] = 0 }
            return
        }
        var word = value
        for index in words.indices {
            words[index] = word
            word &+= step
        }
    }

    /// The value of a block's bytes, or nil if they are no block's.
    static func value(of bytes: UnsafeRawBufferPointer) -> UInt64? {
        let value = bytes.loadUnaligned(as: UInt64.self)
        var expected = value
        var difference: UInt64 = 0
        let step = value == 0 ? 0 : Self.step
        for index in 0..<bytes.count / 8 {
            difference |= bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) ^ expected
            expected &+= step
        }
        return difference == 0 ? value : nil
    }

    static func bytes(of values: [UInt64], blockByteCount: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: values.count * blockByteCount) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            for (index, value) in values.enumerated() {
                let start = index * blockByteCount
                fill(
                    UnsafeMutableRawBufferPointer(rebasing: raw[start..<start + blockByteCount]), with: value)
            }
            count = values.count * blockByteCount
        }
    }

    /// The values of all blocks in `bytes`; nil for those that are no block's.
    static func values(of bytes: UnsafeRawBufferPointer, blockByteCount: Int) -> [UInt64?] {
        stride(from: 0, to: bytes.count, by: blockByteCount).map {
            value(of: UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + blockByteCount]))
        }
    }
}
