// What may stand in comments, in pages, and in tests.

import Foundation
import Testing

@Suite("Text")
struct TextTests {
    /// The rules name what they forbid: this folder is not held to them.
    static let files = SourceTree.all.filter { !$0.path.hasPrefix("Tests/TidyTests/") }

    @Test("Each Swift file opens with a paragraph of comment")
    func openings() {
        for file in SourceTree.swift(below: "Sources/", "Tests/", "Examples/", "Benchmarks/") {
            let opening = file.lines.prefix { $0.hasPrefix("//") }
            if opening.isEmpty || opening[0].count < 10 {
                report(file, "opens without a `//` paragraph that says its place in the flow")
            }
        }
    }

    @Test("What is left to do has an issue's number")
    func leftToDo() {
        for file in Self.files {
            report(
                #/\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))/#, in: file.lines, of: file, "write TODO(#12), or do it")
        }
    }

    @Test("No file knows the path of somebody's machine")
    func machinePaths() {
        for file in Self.files {
            report(
                #/(?:^|[^\w.])\/(?:work|farm|home\/\w+|tmp\/wt|tmp\/f)\//#, in: file.lines, of: file,
                "a machine's path")
        }
    }

    @Test("Tests do not sleep: they drive the clock, or wait for a condition")
    func sleeps() {
        for file in SourceTree.swift(below: "Tests/") {
            report(
                #/\b(?:Thread\.sleep|Task\.sleep|usleep|nanosleep|sleep)\(/#, in: file.code, of: file,
                "a sleep")
        }
    }

    @Test("Every relative link in a page leads to a file, and to a heading if it names one")
    func links() {
        for file in SourceTree.all where file.path.hasSuffix(".md") {
            for (index, line) in file.lines.enumerated() {
                for match in line.matches(of: #/\]\((?<target>[^)\s]+)\)/#) {
                    check(String(match.target), in: file, line: index + 1)
                }
            }
        }
    }

    @Test("README's Swift is what the example's is")
    func example() throws {
        let readme = try #require(SourceTree.all.first { $0.path == "README.md" })
        let example = try #require(SourceTree.all.first { $0.path == "Examples/EmbeddedTarget/main.swift" })
        let start = try #require(readme.lines.firstIndex(of: "```swift"))
        for (index, line) in readme.lines.enumerated().dropFirst(start + 1).prefix(while: {
            $0.element != "```"
        }) {
            if !example.lines.contains(line) {
                report(readme, line: index + 1, "this line is not in the example")
            }
        }
    }

    private func check(_ target: String, in file: SourceFile, line: Int) {
        guard !target.contains("://"), !target.hasPrefix("mailto:") else { return }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        let folder = SourceTree.root.appendingPathComponent(file.path).deletingLastPathComponent()
        let url =
            parts[0].isEmpty
            ? SourceTree.root.appendingPathComponent(file.path) : folder.appendingPathComponent(parts[0])
        guard FileManager.default.fileExists(atPath: url.path) else {
            report(file, line: line, "the link to \(target) leads nowhere")
            return
        }
        guard parts.count == 2, let text = try? String(contentsOf: url, encoding: .utf8) else { return }
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }.map(anchor)
        if !headings.contains(parts[1]) {
            report(file, line: line, "the link to \(target) names a heading that is not there")
        }
    }

    /// A heading's name in links, as Markdown viewers make it.
    private func anchor(_ heading: Substring) -> String {
        let title = heading.drop { $0 == "#" || $0 == " " }.lowercased()
        return String(title.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" })
            .replacing(" ", with: "-")
    }
}
