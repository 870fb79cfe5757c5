// A field of the objects that commands list: its name for programs and its heading for people, in one place.
// The names are those of the control interface's messages, and so of upstream's JSON.

import GatewayControl

/// A field of a row.
struct Column<Row>: Sendable {
    /// For programs; never changed.
    let name: String
    /// For people; nil for what they are spared.
    let heading: String?
    /// Numbers line up at their last digit.
    let isNumeric: Bool
    let value: @Sendable (Row) -> JSONValue
    /// The value for people.
    let text: @Sendable (Row) -> String
}

extension Column {
    static func text(
        _ name: String, _ heading: String? = nil, _ value: @escaping @Sendable (Row) -> String
    ) -> Column {
        Column(name: name, heading: heading, isNumeric: false, value: { .text(value($0)) }, text: value)
    }

    static func number(
        _ name: String, _ heading: String? = nil,
        _ value: @escaping @Sendable (Row) -> some BinaryInteger & SendableMetatype
    ) -> Column {
        shown(name, heading, value) { $0.description }
    }

    /// Bytes, which people read in KiB and more.
    static func bytes(
        _ name: String, _ heading: String? = nil,
        _ value: @escaping @Sendable (Row) -> some BinaryInteger & SendableMetatype
    ) -> Column {
        shown(name, heading, value) { Quantity.bytes(Double($0)) }
    }

    /// A limit, of which 0 is none.
    static func limit(
        _ name: String, _ heading: String? = nil,
        _ value: @escaping @Sendable (Row) -> some BinaryInteger & SendableMetatype
    ) -> Column {
        shown(name, heading, value) { $0 == 0 ? "-" : $0.description }
    }

    /// A figure that was worked out, with what people read of it.
    static func figure(
        _ name: String, _ heading: String? = nil, _ value: @escaping @Sendable (Row) -> Double,
        _ text: @escaping @Sendable (Double) -> String
    ) -> Column {
        Column(
            name: name, heading: heading, isNumeric: true,
            value: { .number((value($0) * 1000).rounded() / 1000) }, text: { text(value($0)) })
    }

    static func flag(
        _ name: String, _ heading: String? = nil, _ value: @escaping @Sendable (Row) -> Bool
    ) -> Column {
        Column(
            name: name, heading: heading, isNumeric: false, value: { .flag(value($0)) },
            text: { value($0) ? "yes" : "no" })
    }

    static func list(
        _ name: String, _ heading: String? = nil, _ value: @escaping @Sendable (Row) -> [String]
    ) -> Column {
        Column(
            name: name, heading: heading, isNumeric: false, value: { .list(value($0).map { .text($0) }) },
            text: { value($0).isEmpty ? "-" : value($0).joined(separator: " ") })
    }

    /// What only people see: several fields in few words.
    static func words(_ heading: String, _ text: @escaping @Sendable (Row) -> String) -> Column {
        Column(name: "", heading: heading, isNumeric: false, value: { _ in .null }, text: text)
    }

    private static func shown<Number: BinaryInteger & SendableMetatype>(
        _ name: String, _ heading: String?, _ value: @escaping @Sendable (Row) -> Number,
        _ text: @escaping @Sendable (Number) -> String
    ) -> Column {
        Column(
            name: name, heading: heading, isNumeric: true,
            value: {
                let number = value($0)
                return number < 0 ? .integer(Int64(clamping: number)) : .unsigned(UInt64(clamping: number))
            }, text: { text(value($0)) })
    }
}
