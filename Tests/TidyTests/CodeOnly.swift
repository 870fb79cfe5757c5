// Blanks out comments and the contents of string literals, so that rules about code do not see words in
// prose. Called by SourceFile. It knows Swift's line comments, block comments (not nested), string literals
// of one line and of several. Interpolations count as part of their string.

/// What a place in the text is part of.
private enum Context {
    case code
    case blockComment
    case string
    case multilineString
}

enum CodeOnly {
    static func lines(of lines: [String]) -> [String] {
        var context = Context.code
        return lines.map { blank($0, &context) }
    }

    private static func blank(_ line: String, _ context: inout Context) -> String {
        var result = ""
        var rest = Substring(line)
        if context == .string { context = .code }
        while let character = rest.first {
            let (width, next) = step(rest, context)
            if let next {
                if context == .code && next != .blockComment { result += "\"" }
                context = next
                if context == .code { result += "\"" }
            } else if width == rest.count && rest.hasPrefix("//") && context == .code {
                break
            } else if context == .code {
                result.append(character)
            }
            rest = rest.dropFirst(width)
        }
        return result
    }

    /// How many characters belong together here, and the context after them if it changes.
    private static func step(_ rest: Substring, _ context: Context) -> (width: Int, next: Context?) {
        switch context {
        case .code:
            if rest.hasPrefix("//") { return (rest.count, nil) }
            if rest.hasPrefix("/*") { return (2, .blockComment) }
            if rest.hasPrefix("\"\"\"") { return (3, .multilineString) }
            if rest.hasPrefix("\"") { return (1, .string) }
            return (1, nil)
        case .blockComment:
            return rest.hasPrefix("*/") ? (2, .code) : (1, nil)
        case .string:
            if rest.hasPrefix("\\") { return (min(2, rest.count), nil) }
            return rest.hasPrefix("\"") ? (1, .code) : (1, nil)
        case .multilineString:
            return rest.hasPrefix("\"\"\"") ? (3, .code) : (1, nil)
        }
    }
}
