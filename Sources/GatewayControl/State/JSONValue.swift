// JSON as the state's entries have it. Foundation reads it; what is written looks as protobuf's Python
// `MessageToJson` writes it, byte for byte, so that an entry that nobody changed does not look changed.

/// A value of JSON. An object keeps its fields in order.
public enum JSONValue: Hashable, Sendable {
    case null
    case flag(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([Field])

    public struct Field: Hashable, Sendable {
        public var name: String
        public var value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension JSONValue: Decodable {
    /// The fields of an object come in the order of their names: Foundation does not say theirs.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // A value says what it is only by what it can be read as.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(UInt64.self) {
            self = .unsigned(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .list(value)
        } else {
            let fields = try decoder.container(keyedBy: FieldName.self)
            let names = fields.allKeys.sorted { $0.stringValue < $1.stringValue }
            self = .object(
                try names.map { Field($0.stringValue, try fields.decode(JSONValue.self, forKey: $0)) })
        }
    }
}

/// A field's name in an object of JSON.
struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

// MARK: Writing

extension JSONValue {
    /// The value over several lines, indented by two blanks a level.
    public var prettyText: String {
        var text = ""
        write(to: &text, indent: "\n")
        return text
    }

    /// The value in one line.
    public var lineText: String {
        var text = ""
        write(to: &text, indent: nil)
        return text
    }

    /// - Parameter indent: the line break and the blanks that the value's own line begins with; nil for one
    ///   line.
    private func write(to text: inout String, indent: String?) {
        switch self {
        case .null: text += "null"
        case .flag(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .unsigned(let value): text += String(value)
        case .number(let value): text += String(value)
        case .text(let value): Self.quote(value, to: &text)
        case .list(let values):
            Self.write(values, "[", "]", to: &text, indent) { $0.write(to: &$1, indent: $2) }
        case .object(let fields):
            Self.write(fields, "{", "}", to: &text, indent) { field, text, inner in
                Self.quote(field.name, to: &text)
                text += ": "
                field.value.write(to: &text, indent: inner)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], _ opening: String, _ closing: String, to text: inout String,
        _ indent: String?, _ one: (Element, inout String, String?) -> Void
    ) {
        guard !elements.isEmpty else {
            text += opening + closing
            return
        }
        let inner = indent.map { $0 + "  " }
        text += opening
        for (index, element) in elements.enumerated() {
            if index > 0 { text += inner == nil ? ", " : "," }
            text += inner ?? ""
            one(element, &text, inner)
        }
        text += indent ?? ""
        text += closing
    }

    /// ASCII only, as Python's json does by default.
    private static func quote(_ value: String, to text: inout String) {
        text += "\""
        for unit in value.utf16 {
            switch unit {
            case 0x22: text += "\\\""
            case 0x5C: text += "\\\\"
            case 0x0A: text += "\\n"
            case 0x0D: text += "\\r"
            case 0x09: text += "\\t"
            case 0x08: text += "\\b"
            case 0x0C: text += "\\f"
            case 0x20...0x7E: text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        text += "\""
    }
}
