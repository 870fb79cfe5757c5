// Sizes as people write them: `memory:64MiB`, `--bs 4k`. Parsed once, from the command line; bytes everywhere
// after that.

import ArgumentParser

/// A number of bytes.
///
/// Written as plain bytes (`4096`) or with a binary unit: K, M, G or T, also as KiB, MiB, GiB, TiB, in any
/// case. `KB` and the like are refused, because half of their readers would mean 1,000.
struct ByteCount: Hashable, Sendable, CustomStringConvertible {
    let bytes: UInt64

    private static let units: [(name: String, shift: UInt64)] = [
        ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10),
    ]

    init(bytes: UInt64) { self.bytes = bytes }

    /// - Throws: what is wrong with the text.
    init(_ text: String) throws(UsageError) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count).lowercased()
        guard let number = UInt64(digits) else {
            throw UsageError("'\(text)' is not a size: write 4096, 64KiB, 512MiB, 16GiB or 2TiB")
        }
        var shift: UInt64 = 0
        if !unit.isEmpty {
            guard
                let known = Self.units.first(where: {
                    $0.name.lowercased() == unit || $0.name.prefix(1).lowercased() == unit
                })
            else { throw UsageError("'\(text)' has no known unit: KiB, MiB, GiB and TiB are") }
            shift = known.shift
        }
        guard number <= UInt64.max >> shift else {
            throw UsageError("'\(text)' is more than 64 bits can count")
        }
        bytes = number << shift
    }

    /// The count in the largest unit that divides it, so that what is printed can be typed in again.
    var description: String {
        for unit in Self.units where bytes != 0 && bytes & (1 << unit.shift - 1) == 0 {
            return "\(bytes >> unit.shift)\(unit.name)"
        }
        return "\(bytes)"
    }
}

/// What is wrong with the command line; the message names the option and the next step.
struct UsageError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension ByteCount: ExpressibleByArgument {
    init?(argument: String) {
        guard let count = try? ByteCount(argument) else { return nil }
        self = count
    }
}
