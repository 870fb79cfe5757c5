// Figures as people read them: three digits and a unit.

import Foundation

enum Quantity {
    private static let binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    private static let decimalUnits = ["", "k", "M", "G"]

    /// "512 B", "4 KiB", "1.5 GiB".
    static func bytes(_ count: Double) -> String {
        scaled(count, by: 1024, binaryUnits).joined(separator: " ")
    }

    /// "950", "12.3k".
    static func count(_ count: Double) -> String { scaled(count, by: 1000, decimalUnits).joined() }

    /// A duration in microseconds: "85 us", "1.2 ms", "3.4 s".
    static func microseconds(_ duration: Double) -> String {
        scaled(duration, by: 1000, ["us", "ms", "s"]).joined(separator: " ")
    }

    /// One digit behind the point, where it says something.
    static func tenths(_ number: Double) -> String {
        let rounded = (number * 10).rounded() / 10
        return rounded == rounded.rounded() || rounded >= 100
            ? String(format: "%.0f", rounded) : String(format: "%.1f", rounded)
    }

    private static func scaled(_ number: Double, by step: Double, _ units: [String]) -> [String] {
        var (number, unit) = (number, 0)
        while number >= step, unit < units.count - 1 { (number, unit) = (number / step, unit + 1) }
        return [tenths(number), units[unit]]
    }
}
