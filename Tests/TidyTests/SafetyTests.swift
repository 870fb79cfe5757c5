// Where the compiler's guarantees may be set aside. The lists are in Exceptions.swift.

import Testing

@Suite("Safety")
struct SafetyTests {
    @Test("`unsafe` stands only in listed files")
    func unsafeFiles() {
        check(#/\bunsafe\b/#, against: Exceptions.unsafe, "`unsafe`")
    }

    @Test("`@unchecked Sendable` stands only in listed files")
    func uncheckedSendable() {
        check(#/@unchecked\s+Sendable/#, against: Exceptions.uncheckedSendable, "`@unchecked Sendable`")
    }

    @Test("Libraries force nothing: no `try!`, no `as!`")
    func forced() {
        for file in SourceTree.swift(below: "Sources/") {
            report(
                #/\btry!|\bas!/#, in: file.code, of: file,
                "a peer's mistake must not trap: no `try!`, no `as!`")
        }
    }

    @Test("Libraries do not print")
    func printing() {
        for file in SourceTree.swift(below: "Sources/") where file.module != "gatewayd" {
            report(
                #/(?:^|[^.\w])(?:print|debugPrint|dump)\(/#, in: file.code, of: file, "libraries do not print"
            )
        }
    }

    private func check(_ pattern: Regex<Substring>, against list: [String: String], _ what: String) {
        let rule = "\(what) in a file that Tests/TidyTests/Exceptions.swift does not list"
        var needed: Set<String> = []
        for file in SourceTree.swift(below: "Sources/") {
            guard let index = file.code.firstIndex(where: { $0.contains(pattern) }) else { continue }
            needed.insert(file.path)
            if list[file.path] == nil {
                report(file, line: index + 1, rule)
            }
        }
        for path in list.keys.sorted() where !needed.contains(path) {
            Issue.record("\(path): listed for \(what), which it no longer has (or the file is gone)")
        }
    }
}
