// What has happened last, kept as numbers and put into words only when a run fails; and the digest of all of
// it, by which two runs of a seed are found to be the same.

/// The last events of a run.
struct Trace {
    private struct Entry {
        let time: UInt64
        let what: StaticString
        let values: (UInt64, UInt64, UInt64)
    }

    private static let count = 60
    private var entries: [Entry] = []
    private var next = 0
    private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    /// Every entry is printed as it comes.
    var isPrinting = false

    mutating func add(
        _ time: UInt64, _ what: StaticString, _ first: UInt64 = 0, _ second: UInt64 = 0, _ third: UInt64 = 0
    ) {
        let entry = Entry(time: time, what: what, values: (first, second, third))
        if entries.count < Self.count { entries.append(entry) } else { entries[next % Self.count] = entry }
        next += 1
        mix(time, first, second)
        mix(third, 0, 0)
        if isPrinting { print(Self.line(entry)) }
    }

    /// Takes something into the digest that is not worth a line.
    mutating func mix(_ first: UInt64, _ second: UInt64, _ third: UInt64) {
        digest = (digest ^ first) &* 0x100_0000_01B3
        digest = (digest ^ second) &* 0x100_0000_01B3
        digest = (digest ^ third) &* 0x100_0000_01B3
    }

    /// Oldest first.
    var lines: [String] {
        let start = entries.count < Self.count ? 0 : next % Self.count
        return (0..<entries.count).map { Self.line(entries[(start + $0) % entries.count]) }
    }

    private static func line(_ entry: Entry) -> String {
        var text = "\(milliseconds(entry.time)) ms  "
        var values = [entry.values.0, entry.values.1, entry.values.2].makeIterator()
        for character in entry.what.description {
            text += character == "%" ? "\(values.next() ?? 0)" : String(character)
        }
        return text
    }

    /// Nanoseconds as milliseconds, to the microsecond.
    static func milliseconds(_ nanoseconds: UInt64) -> String {
        let micros = nanoseconds / 1000
        let fraction = String(micros % 1000)
        return "\(micros / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
