// The files that the rules of this folder are about. Every rule reads them through `SourceTree`, which knows
// where the checkout is, and `SourceFile`, which can tell code from comments and strings. It assumes that the
// tests run on the machine, and from the checkout, that they were built in.

import Foundation
import Testing

/// The checkout.
enum SourceTree {
    /// The folder that holds Package.swift, found from where this file was compiled.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every text file that we wrote: what lies in these folders, and beside Package.swift. Not what is
    /// generated.
    static let all: [SourceFile] = {
        let folders = ["Sources", "Tests", "Examples", "Benchmarks", "Docs", "Scripts", ".ci"]
        let beside = ["Package.swift", "Makefile", "README.md", "CONTRIBUTING.md"]
        return (beside + folders.flatMap(filePaths)).sorted().compactMap(SourceFile.init)
    }()

    /// The Swift files below any of `folders` (paths from the root that end in a slash).
    static func swift(below folders: String...) -> [SourceFile] {
        all.filter { file in
            file.path.hasSuffix(".swift") && folders.contains { file.path.hasPrefix($0) }
        }
    }

    private static func filePaths(below folder: String) -> [String] {
        let url = root.appendingPathComponent(folder)
        guard let paths = FileManager.default.enumerator(atPath: url.path) else { return [] }
        return paths.compactMap { path in
            guard let path = path as? String, !path.contains(".build"),
                !path.contains("/Generated/")
            else { return nil }
            return "\(folder)/\(path)"
        }
    }
}

/// One text file.
struct SourceFile: Sendable {
    /// From the root of the checkout.
    let path: String
    let lines: [String]
    /// The same lines without comments and without what stands in string literals.
    let code: [String]

    /// Nil for a folder, and for a file that is not text.
    init?(path: String) {
        let url = SourceTree.root.appendingPathComponent(path)
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        code = path.hasSuffix(".swift") ? CodeOnly.lines(of: lines) : lines
    }

    /// `NVMeTCP` for Sources/NVMeTCP/PDU/Capsule.swift.
    var module: String {
        String(path.split(separator: "/").dropFirst().first ?? "")
    }
}

/// Records a broken rule as an issue of the file itself, so that the runner names its line and an editor
/// jumps there.
func report(_ file: SourceFile, line: Int = 1, _ rule: String) {
    let name = file.path.split(separator: "/").last ?? ""
    let path = SourceTree.root.appendingPathComponent(file.path).path
    Issue.record(
        "\(file.path):\(line): \(rule)",
        sourceLocation: SourceLocation(fileID: "gatewayd/\(name)", filePath: path, line: line, column: 1))
}

/// Reports every line of `lines` in which `pattern` occurs.
func report(_ pattern: Regex<Substring>, in lines: [String], of file: SourceFile, _ rule: String) {
    for (index, line) in lines.enumerated() where line.contains(pattern) {
        report(file, line: index + 1, rule)
    }
}
