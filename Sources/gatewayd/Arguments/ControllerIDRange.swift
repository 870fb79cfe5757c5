// A range of controller identifiers on the command line: `FIRST-LAST`.

import GatewayCore

/// Controller identifiers (CNTLID), as `--controller-ids` takes them.
struct ControllerIDRange: Equatable, Sendable {
    let bounds: ClosedRange<UInt16>

    static let all = ControllerIDRange(bounds: Limits.allControllerIDs)

    private init(bounds: ClosedRange<UInt16>) { self.bounds = bounds }

    /// - Throws: UsageError for what is no range of identifiers.
    init(_ text: String) throws(UsageError) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
        let valid = Limits.allControllerIDs
        guard ends.count == 2, let first = ends[0], let last = ends[1], first <= last,
            valid.contains(first), valid.contains(last)
        else {
            throw UsageError(
                "'\(text)' is not a range of controller identifiers: FIRST-LAST, "
                    + "from \(valid.lowerBound) to \(valid.upperBound)")
        }
        bounds = first...last
    }
}
