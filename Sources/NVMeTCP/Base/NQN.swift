// NVMe Qualified Names, checked once where they enter: from a Connect's data, a configuration or a command
// line. What holds an NQN need not check it again.

/// An NVMe Qualified Name (NQN): the name of a host or a subsystem.
///
/// Source: NVM Express Base Specification, "NVMe Qualified Names". At most 223 bytes of UTF-8; either `nqn.`
/// followed by a date `yyyy-mm`, a dot and a reverse domain name, with anything of the domain owner's after a
/// colon, or `nqn.2014-08.org.nvmexpress:uuid:` followed by a UUID. Two names are equal if their bytes are:
/// Unicode's other spellings of the same text are other names, which is why this is not a String.
public struct NQN: Sendable {
    /// The longest name, in bytes.
    public static let byteCountMax = 223

    /// The field that holds a name on the wire, in bytes: the name and zeroes.
    public static let fieldByteCount = 256

    /// The name as text.
    public let text: String

    /// Why a text is no NQN.
    public enum Fault: Error, Hashable {
        /// More than 223 bytes.
        case tooLong
        /// It does not start with `nqn.`, a year, a dash and a month from 01 to 12, and a dot.
        case prefix
        /// The reverse domain name is empty, or has an empty label, one over 63 bytes or one that is not
        /// letters, digits and inner dashes.
        case domain
        /// A control character; zero ends a name on the wire.
        case controlCharacter
        /// `nqn.2014-08.org.nvmexpress:uuid:` is not followed by a UUID.
        case uuid
        /// The field on the wire is not UTF-8, or has no zero after the name.
        case encoding
    }

    /// Checks `text` and takes it.
    public init(_ text: String) throws(Fault) {
        let bytes = text.utf8
        guard bytes.count <= NQN.byteCountMax else { throw .tooLong }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { throw .controlCharacter }
        guard let domain = NQN.afterDate(bytes) else { throw .prefix }
        let authority = domain.prefix { $0 != UInt8(ascii: ":") }
        guard NQN.isDomain(authority) else { throw .domain }
        if text.utf8.starts(with: NQN.uuidPrefix.utf8) {
            let uuid = bytes.dropFirst(NQN.uuidPrefix.utf8.count)
            guard UInt128(uuidText: Substring(uuid)) != nil else { throw .uuid }
        }
        self.text = text
    }

    /// The UUID form of a name.
    public init(uuid: NamespaceUUID) { text = NQN.uuidPrefix + uuid.description }

    /// The name of the discovery service, the same at every address.
    public static let discovery = NQN(trusted: "nqn.2014-08.org.nvmexpress.discovery")

    /// What the UUID form starts with.
    public static let uuidPrefix = "nqn.2014-08.org.nvmexpress:uuid:"

    private init(trusted text: String) { self.text = text }
}

extension NQN: Hashable, CustomStringConvertible {
    public static func == (left: NQN, right: NQN) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    public var description: String { text }
}

extension NQN {
    /// Reads the 256-byte field at `offset`: a name, then zeroes. `bytes` must hold 256 bytes from there.
    public init(_ bytes: RawSpan, at offset: Int) throws(Fault) {
        var name: [UInt8] = []
        name.reserveCapacity(NQN.byteCountMax + 1)
        for index in 0..<NQN.fieldByteCount {
            let byte = bytes.uint8(at: offset + index)
            if byte == 0 { break }
            name.append(byte)
        }
        guard name.count < NQN.fieldByteCount else { throw .encoding }
        guard let text = String(validating: name, as: UTF8.self) else { throw .encoding }
        try self.init(text)
    }

    /// The name in the 256-byte field at `offset`, or nil where there is no valid one, for a caller whose
    /// answer is the same whatever the fault.
    public static func field(_ bytes: RawSpan, at offset: Int) -> NQN? {
        do throws(Fault) { return try NQN(bytes, at: offset) } catch { return nil }
    }

    /// Writes the 256-byte field at `offset`.
    public func encode(into bytes: inout MutableRawSpan, at offset: Int) {
        bytes.store(text, at: offset, count: NQN.fieldByteCount, padding: 0)
    }
}

extension NQN {
    /// What follows `nqn.yyyy-mm.`, or nil where the text does not start so.
    private static func afterDate(_ bytes: String.UTF8View) -> Substring.UTF8View? {
        guard bytes.starts(with: "nqn.".utf8) else { return nil }
        let pattern = "dddd-dd."
        var rest = bytes.dropFirst(4)
        var month = 0
        var index = 0
        for expected in pattern.utf8 {
            guard let byte = rest.popFirst() else { return nil }
            if expected == UInt8(ascii: "d") {
                guard let digit = byte.hexDigitValue, digit < 10 else { return nil }
                if index > 4 { month = month * 10 + Int(digit) }
            } else {
                guard byte == expected else { return nil }
            }
            index += 1
        }
        return (1...12).contains(month) ? rest : nil
    }

    /// Whether `bytes` is one or more labels of a domain name with dots between them.
    private static func isDomain(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, label.count <= 63 else { return false }
            return first != UInt8(ascii: "-") && !label.reversed().starts(with: [UInt8(ascii: "-")])
                && label.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
