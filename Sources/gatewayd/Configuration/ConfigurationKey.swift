// A row of ConfigurationTable: one key, what its values may be, and what becomes of them.

/// One key of the configuration file.
struct ConfigurationKey: Sendable {
    let section: String
    let name: String
    let form: ValueForm
    let role: Role
    /// One or two sentences for who sets it.
    let meaning: String

    /// What becomes of a value.
    enum Role: Sendable {
        /// It takes effect: this writes it into the configuration, and `text` reads it from there.
        case used(
            isReloadable: Bool, set: @Sendable (inout ServeConfiguration, String) -> Void,
            text: @Sendable (ServeConfiguration) -> String)
        /// Ceph's gateway has it, here it means nothing: it is accepted, and the log says why.
        case withoutEffect(default: String, because: String)
        /// An older place of a key, which is in this section now. Its value counts unless it has one there.
        case moved(to: String)
    }

    /// `gateway.port`, as messages and `--set` write it.
    var path: String { "\(section).\(name)" }

    /// `GATEWAYD_GATEWAY_PORT`.
    var environmentVariable: String {
        ConfigurationKey.environmentPrefix(section) + name.uppercased().replacing("-", with: "_")
    }

    static func environmentPrefix(_ section: String) -> String {
        "GATEWAYD_" + section.uppercased().replacing("-", with: "_") + "_"
    }

    /// Whether SIGHUP takes a new value over into a running gateway.
    var isReloadable: Bool {
        if case .used(let isReloadable, _, _) = role { isReloadable } else { false }
    }
}

/// What a key's values may be.
enum ValueForm: Sendable {
    case text
    /// A file's or folder's name.
    case path
    /// A numeric IPv4 or IPv6 address.
    case address
    case flag
    /// A flag that must stay as it is: the other value asks for what is not offered, and why not.
    case onlyFalse(because: String)
    case whole(ClosedRange<Int>)
    /// A number with a fraction.
    case number(ClosedRange<Double>)
    /// One of these words, in any case.
    case choice([String])
    /// A size, as command lines write it too.
    case size(ClosedRange<UInt64>)

    /// What is allowed, in a clause.
    var description: String {
        switch self {
        case .text: "text"
        case .path: "a path"
        case .address: "an IPv4 or IPv6 address"
        case .flag: "True or False"
        case .onlyFalse: "False"
        case .whole(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number, \(range.lowerBound) to \(range.upperBound)"
        case .choice(let words): words.joined(separator: ", ")
        case .size(let range):
            "a size, \(ByteCount(bytes: range.lowerBound)) to \(ByteCount(bytes: range.upperBound))"
        }
    }

    /// The value in one spelling; nil if it is not allowed.
    func canonical(_ value: String) -> String? {
        switch self {
        case .text, .path: value
        case .address: (try? Endpoint(value.contains(":") ? "[\(value)]:1" : value))?.address
        case .flag: Self.flag(value).map { $0 ? "True" : "False" }
        case .onlyFalse: Self.flag(value) == false ? "False" : nil
        case .whole(let range): Int(value).flatMap { range.contains($0) ? String($0) : nil }
        case .number(let range): Double(value).flatMap { range.contains($0) ? String($0) : nil }
        case .choice(let words): words.first { $0.lowercased() == value.lowercased() }
        case .size(let range):
            (try? ByteCount(value)).flatMap { range.contains($0.bytes) ? $0.description : nil }
        }
    }

    /// Python's words for it.
    static func flag(_ value: String) -> Bool? {
        switch value.lowercased() {
        case "1", "true", "yes", "on": true
        case "0", "false", "no", "off": false
        case _: nil
        }
    }
}
