// How long lines, files and functions may be. A reader holds a page in mind, not a scroll.

import Testing

@Suite("Lengths")
struct LengthTests {
    static let columnsMax = 110
    static let fileLinesMax = 400
    static let functionLinesMax = 70

    static let swift = SourceTree.swift(
        below: "Sources/", "Tests/", "Examples/", "Benchmarks/", "Package.swift")

    @Test("No line of Swift is longer than 110 columns")
    func lines() {
        for file in Self.swift {
            for (index, line) in file.lines.enumerated() where line.count > Self.columnsMax {
                report(file, line: index + 1, "\(line.count) columns; the limit is \(Self.columnsMax)")
            }
        }
    }

    @Test("No file is longer than 400 lines, tables of the wire apart")
    func files() {
        for file in Self.swift where Exceptions.longFiles[file.path] == nil {
            if file.lines.count > Self.fileLinesMax {
                report(file, "\(file.lines.count) lines; the limit is \(Self.fileLinesMax)")
            }
        }
    }

    @Test("No function is longer than 70 lines")
    func functions() {
        for file in Self.swift {
            for function in FunctionBodies.all(in: file) where function.lineCount > Self.functionLinesMax {
                let rule = "\(function.lineCount) lines of function; the limit is \(Self.functionLinesMax)"
                report(file, line: function.firstLine, rule)
            }
        }
    }

    @Test("The measure of functions counts from the declaration to its closing brace")
    func measure() throws {
        let function = try #require(
            FunctionBodies.all(in: SourceTree.swift(below: "Tests/TidyTests/LengthTests.swift")[0])
                .first { $0.declaration.contains("func lines()") })
        #expect(function.lineCount == 7)
    }
}
