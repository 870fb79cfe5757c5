// The entries of a group's state as values. Each is a request message of upstream's control protocol, kept
// as JSON with the protocol's field names; the records of this folder read and write one kind each.

/// An entry of the group's state: a message, and the key that it is kept under.
public protocol StateRecord: Hashable, Sendable, Decodable {
    var key: StateKey { get }
    /// The message's fields in the protocol's order, then those that this version does not know.
    var fields: RecordFields { get }
}

extension StateRecord {
    /// The text that the store keeps: JSON as upstream writes it.
    public var text: String { JSONValue.object(fields.list).prettyText }
}

/// A message's fields on their way into JSON, as protobuf has them: a field without presence is written
/// always, one with presence (`optional`) only if it is set, and a 64-bit number as a string.
public struct RecordFields {
    var list: [JSONValue.Field] = []

    init() {}

    mutating func put(_ name: String, _ value: String?) {
        if let value { list.append(.init(name, .text(value))) }
    }
    mutating func put(_ name: String, _ value: Bool?) {
        if let value { list.append(.init(name, .flag(value))) }
    }
    mutating func put(_ name: String, _ value: UInt32?) {
        if let value { list.append(.init(name, .integer(Int64(value)))) }
    }
    mutating func put(_ name: String, _ value: Int32?) {
        if let value { list.append(.init(name, .integer(Int64(value)))) }
    }
    mutating func put(_ name: String, _ value: UInt64?) {
        if let value { list.append(.init(name, .text(String(value)))) }
    }
    /// An empty list is left out: releases before the field don't write it, and all read it so.
    mutating func put(_ name: String, _ values: [String]) { put(name, values.map { .text($0) }) }
    mutating func put(_ name: String, _ values: [JSONValue]) {
        if !values.isEmpty { list.append(.init(name, .list(values))) }
    }
    mutating func put(_ unknown: UnknownFields) { list += unknown.list }
}

/// The fields of an entry that this version has no use for. They are written back as they were.
public struct UnknownFields: Hashable, Sendable {
    var list: [JSONValue.Field] = []
    public var names: [String] { list.map(\.name) }

    public init() {}
}

/// A message's fields on their way out of JSON. Numbers may be strings, and fields that are missing have
/// their default, as protobuf's parsers take it.
struct RecordReader {
    private let container: KeyedDecodingContainer<FieldName>
    private var known: Set<String> = []

    init(_ decoder: any Decoder) throws { container = try decoder.container(keyedBy: FieldName.self) }

    /// The field's value; nil if it is missing, or null.
    private mutating func value<Value: Decodable>(_ name: String, _ type: Value.Type) throws -> Value? {
        known.insert(name)
        return try container.decodeIfPresent(type, forKey: FieldName(name))
    }

    mutating func text(_ name: String) throws -> String? { try value(name, String.self) }
    mutating func flag(_ name: String) throws -> Bool? { try value(name, Bool.self) }
    mutating func texts(_ name: String) throws -> [String] { try value(name, [String].self) ?? [] }
    mutating func values(_ name: String) throws -> [JSONValue] { try value(name, [JSONValue].self) ?? [] }

    mutating func number<Number: FixedWidthInteger & Decodable>(_ name: String) throws -> Number? {
        known.insert(name)
        let key = FieldName(name)
        guard container.contains(key), !(try container.decodeNil(forKey: key)) else { return nil }
        if let number = try? container.decode(Number.self, forKey: key) { return number }
        let number: Number?
        switch try container.decode(JSONValue.self, forKey: key) {
        case .text(let text): number = Number(text)
        case .number(let value): number = Number(exactly: value)
        case .null, .flag, .integer, .unsigned, .list, .object: number = nil
        }
        guard let number else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: "it is not a number of its size")
        }
        return number
    }

    /// The name of an enumeration's value: protobuf writes the name, and reads the number, too.
    mutating func name<Value: RawRepresentable & CaseIterable>(
        _ name: String, _ type: Value.Type
    ) throws -> Value? where Value.RawValue == Int32, Value: CustomStringConvertible {
        known.insert(name)
        let key = FieldName(name)
        guard container.contains(key), !(try container.decodeNil(forKey: key)) else { return nil }
        let found: Value?
        let said: String
        if let text = try? container.decode(String.self, forKey: key) {
            said = text
            found = Value.allCases.first { $0.description == text.lowercased() }
        } else {
            let number = try container.decode(Int32.self, forKey: key)
            said = String(number)
            found = Value(rawValue: number)
        }
        guard let found else {
            throw DecodingError.dataCorruptedError(
                forKey: key, in: container, debugDescription: "\"\(said)\" is none of its values")
        }
        return found
    }

    /// What none of the calls before has asked for.
    func rest() throws -> UnknownFields {
        var unknown = UnknownFields()
        for key in container.allKeys.filter(isUnknown).sorted(by: { $0.stringValue < $1.stringValue }) {
            unknown.list.append(
                .init(key.stringValue, try container.decode(JSONValue.self, forKey: key)))
        }
        return unknown
    }

    private func isUnknown(_ key: FieldName) -> Bool { !known.contains(key.stringValue) }
}
