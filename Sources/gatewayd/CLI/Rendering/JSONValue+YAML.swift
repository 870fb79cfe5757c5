// The document for programs as YAML: the same fields in the same order as in JSON.

import GatewayControl
import Yams

extension JSONValue {
    /// The value as a YAML document.
    var yamlText: String {
        do {
            let text = try Yams.serialize(node: node, width: -1, allowUnicode: true)
            return text.hasSuffix("\n") ? String(text.dropLast()) : text
        } catch { preconditionFailure("values and names can be written as YAML: \(error)") }
    }

    private var node: Node {
        switch self {
        case .null: Node("null", Tag(.null))
        case .flag(let value): Node(value ? "true" : "false", Tag(.bool))
        case .integer(let value): Node(String(value), Tag(.int))
        case .unsigned(let value): Node(String(value), Tag(.int))
        case .number(let value): Node(String(value), Tag(.float))
        case .text(let value): Node.text(value)
        case .list(let values): Node(values.map(\.node), Tag(.seq), values.isEmpty ? .flow : .block)
        case .object(let fields):
            Node(fields.map { (Node($0.name), $0.value.node) }, Tag(.map), fields.isEmpty ? .flow : .block)
        }
    }
}

extension Node {
    /// Text that stays text: what would be read as a number, a date or a truth is quoted.
    fileprivate static func text(_ value: String) -> Node {
        let isPlain = Node(value).tag == Tag(.str)
        return Node(value, Tag(.str), isPlain && !value.isEmpty ? .any : .doubleQuoted)
    }
}
