// What the rows of all tables have in common: the specification's name, and a label made from it for metrics.

/// A row of a table of things that hosts ask for.
protocol NamedRow {
    /// The name as the specification writes it.
    var name: StaticString { get }
}

extension NamedRow {
    /// The name in snake case, as the value of a metric's label: `get_log_page`. Made once, when metrics are
    /// set up; whoever collects them relies on its staying the same.
    var label: String {
        var label = ""
        // "I/O" is one word; anything else that is no letter and no digit separates words.
        for byte in name.description.replacing("I/O", with: "IO").lowercased().utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                label.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                if !label.isEmpty, label.last != "_" { label.append("_") }
            }
        }
        return label
    }
}

extension CommandRow: NamedRow {}
extension IdentifyRow: NamedRow {}
extension LogPageRow: NamedRow {}
extension FeatureRow: NamedRow {}
