// Reads the text of a configuration file into sections and entries, each with its line, by the rules of
// Python's configparser, which the files of Ceph's gateways are written for. What the entries mean is
// ConfigurationTable's business.

/// A file of `[section]` headings and `key = value` lines.
///
/// `#` and `;` begin a comment where a line begins; an indented line goes on with the value before it; a key
/// may be followed by `:` too, and is the same in capitals; `%%` stands for `%`.
struct INIFile: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        let section: String
        /// In small letters.
        let key: String
        let value: String
        let line: Int
    }

    private(set) var entries: [Entry] = []
    /// Each section with the line of its heading.
    private(set) var sections: [(name: String, line: Int)] = []
    /// What could not be read; the rest was.
    private(set) var problems: [ConfigurationProblem] = []

    private let path: String

    /// - Parameter path: what the file is called in messages.
    init(_ text: String, path: String) {
        self.path = path
        var text = text.replacing("\r\n", with: "\n")[...]
        if text.first == "\u{FEFF}" { text = text.dropFirst() }
        var pending: (section: String, key: String, lines: [String], line: Int)?
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            let content = line.trimmed
            guard !content.isEmpty, content.first != "#", content.first != ";" else { continue }
            if line.first?.isWhitespace == true, pending != nil {
                pending?.lines.append(content)
                continue
            }
            finish(&pending)
            if content.first == "[" {
                addSection(content, number)
            } else {
                pending = begin(content, number)
            }
        }
        finish(&pending)
    }

    private mutating func addSection(_ heading: String, _ line: Int) {
        guard heading.last == "]", heading.count > 2 else {
            return report(line, "a section is written [name]")
        }
        let name = String(heading.dropFirst().dropLast())
        if let first = sections.first(where: { $0.name == name }) {
            report(line, "section [\(name)] is there already, in line \(first.line): put its keys there")
        }
        sections.append((name, line))
    }

    private mutating func begin(
        _ content: String, _ line: Int
    ) -> (section: String, key: String, lines: [String], line: Int)? {
        guard let section = sections.last?.name else {
            report(line, "a [section] must come before the first key")
            return nil
        }
        guard let end = content.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
            report(line, "'\(content)' is not key = value")
            return nil
        }
        let key = content[..<end].trimmed.lowercased()
        guard !key.isEmpty else {
            report(line, "the key is missing before '\(content[end])'")
            return nil
        }
        if let first = entries.first(where: { $0.section == section && $0.key == key }) {
            report(line, "\(key) is there already, in line \(first.line)")
        }
        return (section, key, [content[content.index(after: end)...].trimmed], line)
    }

    private mutating func finish(
        _ pending: inout (section: String, key: String, lines: [String], line: Int)?
    ) {
        guard let (section, key, lines, line) = pending else { return }
        pending = nil
        let value = lines.joined(separator: "\n").trimmed
        if value.contains("%(") {
            report(line, "\(key): values that refer to others, %(key)s, are not offered: write it out")
        }
        entries.append(
            Entry(section: section, key: key, value: value.replacing("%%", with: "%"), line: line))
    }

    private mutating func report(_ line: Int, _ message: String) {
        problems.append(ConfigurationProblem(source: .file(path: path, line: line), message: message))
    }

    static func == (a: INIFile, b: INIFile) -> Bool {
        a.entries == b.entries && a.problems == b.problems && a.sections.elementsEqual(b.sections, by: ==)
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
