// Sizes of images as upstream's command line takes them: they are not written as other sizes of this program
// are, because operators' scripts have them so.

import ArgumentParser

/// The size of an image in MiB.
///
/// A number without a unit is MiB; with one, K, M, G, T or P, also as KB or KiB and so on, each 1,024 times
/// the one before. Only whole MiB are sizes of images.
struct ImageSize: ExpressibleByArgument, Equatable {
    let mebibytes: UInt64

    var bytes: UInt64 { mebibytes << 20 }

    /// Powers of 1,024.
    private static let units = ["k": 1, "m": 2, "g": 3, "t": 4, "p": 5]

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        var unit = argument.dropFirst(digits.count).lowercased()
        for ending in ["ib", "b"] where unit.count > 1 && unit.hasSuffix(ending) {
            unit.removeLast(ending.count)
            break
        }
        guard let number = UInt64(digits), number > 0 else { return nil }
        guard let power = Self.units[unit.isEmpty ? "m" : unit] else { return nil }
        let (bytes, isTooMuch) = number.multipliedReportingOverflow(by: 1 << (10 * UInt64(power)))
        guard !isTooMuch, bytes % (1 << 20) == 0 else { return nil }
        mebibytes = bytes >> 20
    }

    static let help: String =
        "Whole MiB: a number is MiB, or has a unit: 512M, 10G, 2T (1,024 times each). At least 1M."
}
