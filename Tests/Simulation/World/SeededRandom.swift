// All chance of a simulated world: one generator, so that a seed is a run. Ranges and picks are computed here
// and not by the standard library, whose way of doing it is not promised to stay.

/// SplitMix64, and what the simulator draws from it.
public struct SeededRandom: Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1
        _ = next()
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// 0 to `count` - 1.
    public mutating func below(_ count: Int) -> Int {
        precondition(count > 0, "there is something to choose from")
        return Int(next().multipliedFullWidth(by: UInt64(count)).high)
    }

    public mutating func between(_ low: Int, _ high: Int) -> Int { low + below(high - low + 1) }

    /// True in `probability` of all cases.
    public mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }

    public mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// The index of one of `weights`, each as likely as it is heavy.
    public mutating func weighted(_ weights: [Int]) -> Int {
        var place = below(weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            if place < weight { return index }
            place -= weight
        }
        preconditionFailure("a place below the sum is in one of them")
    }

    /// A time between the two, in nanoseconds; short ones are as likely as long ones on a logarithmic scale.
    public mutating func time(_ low: UInt64, _ high: UInt64) -> UInt64 {
        let (lowBits, highBits) = (64 - low.leadingZeroBitCount, 64 - high.leadingZeroBitCount)
        let bits = between(lowBits, highBits)
        let ceiling = bits >= 64 ? UInt64.max : (UInt64(1) << UInt64(bits)) - 1
        let top = min(high, max(ceiling, low))
        let bottom = min(max(low, ceiling / 2), top)
        return bottom + next().multipliedFullWidth(by: top - bottom + 1).high
    }
}
