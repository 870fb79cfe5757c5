// A page of Docs, and the commands in it that tests run. Used by DocumentedCommandTests.

import Foundation
import Testing

/// What a page has its reader do, from top to bottom.
///
/// A fenced block marked `sh` is run as it stands there. One marked `text` is none of this machine's: an
/// excerpt of a file, or commands of a system that we don't have. Other marks, or none, are a mistake. A
/// comment `<!-- the operator: LINE -->` is done with upstream's command line.
struct DocumentedPage {
    enum Step {
        case commands(String)
        case operatorsLine(String)
    }

    let name: String
    /// With the number of the line where each begins.
    private(set) var steps: [(line: Int, step: Step)] = []

    /// - Parameter replacing: what stands for something else on each machine, and what it is here.
    init(_ name: String, replacing: [(String, String)]) throws {
        self.name = name
        let url = Checkout.root.appendingPathComponent("Docs/\(name)")
        let lines = try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
        var block: (line: Int, mark: String, text: String)?
        for (index, line) in lines.enumerated() {
            let trimmed = line.trimmingCharacters(in: .whitespaces)
            if let open = block {
                guard trimmed == "```" else {
                    block?.text += line + "\n"
                    continue
                }
                if open.mark == "sh" { steps.append((open.line, .commands(open.text))) }
                block = nil
            } else if trimmed.hasPrefix("```") {
                let mark = String(trimmed.dropFirst(3))
                try #require(["sh", "text"].contains(mark), "\(name):\(index + 1): a block marked '\(mark)'")
                block = (index + 1, mark, "")
            } else if let line = trimmed.wholeMatch(of: #/<!-- the operator: (.*) -->/#)?.1 {
                steps.append((index + 1, .operatorsLine(String(line))))
            }
        }
        try #require(block == nil, "\(name): a block does not end")
        steps = steps.map { ($0.line, $0.step.replacing(replacing)) }
    }
}

extension DocumentedPage.Step {
    fileprivate func replacing(_ words: [(String, String)]) -> Self {
        func replaced(_ text: String) -> String {
            words.reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        }
        return switch self {
        case .commands(let text): .commands(replaced(text))
        case .operatorsLine(let text): .operatorsLine(replaced(text))
        }
    }
}
