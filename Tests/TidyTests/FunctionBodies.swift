// Finds functions, initializers and deinitializers in a Swift file by counting braces. Called by LengthTests.
// It needs code without comments and strings, and a layout like swift-format's: a declaration begins its
// line.

/// A function with a body.
struct FunctionBody {
    let declaration: String
    /// Counted from 1.
    let firstLine: Int
    /// From the declaration to the closing brace, both included.
    let lineCount: Int
}

enum FunctionBodies {
    static func all(in file: SourceFile) -> [FunctionBody] {
        file.code.indices.compactMap { index in
            guard isDeclaration(file.code[index]), let last = lastLine(from: index, in: file.code) else {
                return nil
            }
            return FunctionBody(
                declaration: file.code[index], firstLine: index + 1, lineCount: last - index + 1)
        }
    }

    private static func isDeclaration(_ line: String) -> Bool {
        line.contains(
            #/^\s*(@\w+(\(.*\))?\s+)*([a-z]+(\([a-z]+\))?\s+)*(func\s|init[(?<]|deinit\b|subscript[(<])/#)
    }

    /// The line of the brace that closes the body which begins at `first`; nil if there is no body (a
    /// protocol's requirement): then the next declaration or the end of the protocol comes before any brace
    /// opens.
    private static func lastLine(from first: Int, in code: [String]) -> Int? {
        var parentheses = 0
        var braces = 0
        for index in first..<code.count {
            if index > first && braces == 0 && parentheses == 0 && isDeclaration(code[index]) { return nil }
            for character in code[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                case "{": braces += 1
                case "}":
                    braces -= 1
                    if braces < 0 { return nil }
                    if braces == 0 && parentheses == 0 { return index }
                default: break
                }
            }
        }
        return nil
    }
}
