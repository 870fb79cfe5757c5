// Bit fields of an unsigned integer, for the properties and feature dwords that are made of them.

extension UnsignedInteger where Self: FixedWidthInteger {
    /// The `count` bits from bit `low` upwards.
    func bits(_ low: Int, _ count: Int) -> Self {
        count >= Self.bitWidth ? self >> low : (self >> low) & ((1 << count) - 1)
    }

    /// Puts `value`, which must fit, into the `count` bits from bit `low` upwards.
    mutating func setBits(_ low: Int, _ count: Int, to value: Self) {
        let mask: Self = count >= Self.bitWidth ? .max : (1 << count) - 1
        precondition(value <= mask, "a value that does not fit its bit field")
        self = self & ~(mask << low) | value << low
    }

    /// Bit `index`.
    func bit(_ index: Int) -> Bool { (self >> index) & 1 == 1 }

    /// Sets or clears bit `index`.
    mutating func setBit(_ index: Int, to value: Bool) {
        if value { self |= 1 << index } else { self &= ~(1 << index) }
    }
}
