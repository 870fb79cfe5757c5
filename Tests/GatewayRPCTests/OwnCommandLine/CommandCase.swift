// What our command line must come to, as rows: a line, its exit code, words that it prints. The rows of a
// noun are in the files beside this one; they run in their order against one gateway.

import Glibc

/// A command line and its outcome.
struct CommandCase: Sendable, CustomStringConvertible {
    let line: String
    let code: Int32
    /// All of them are printed, on either stream.
    let words: [String]
    /// What the person at the terminal says; nil if there is none.
    let answer: String?

    init(_ line: String, _ code: Int32, _ words: String..., answer: String? = nil) {
        self.line = Self.filled(line)
        self.code = code
        self.words = words.map(Self.filled)
        self.answer = answer
    }

    var description: String { line }

    /// What ArgumentParser ends with.
    static let usage: Int32 = 64

    private static let names = [
        ("$G", "nqn.2016-06.io.spdk:cnode1.g1"),  // what it is called in group g1
        ("$N", "nqn.2016-06.io.spdk:cnode1"),
        ("$M", "nqn.2016-06.io.spdk:cnode2"),
        ("$B", "nqn.2016-06.io.spdk:busy"),  // has a host connected
        ("$A", "nqn.2016-06.io.spdk:absent"),
        ("$H2", "nqn.2016-06.io.spdk:host2"),
        ("$H", "nqn.2014-08.org.nvmexpress:uuid:22207d09-d8af-4ed2-84ec-a6d80b0cf7eb"),
        ("$U", "11111111-1111-4111-8111-111111111111"),
        ("$PSK", "NVMeTLSkey-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:"),
        ("$KEY", "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:"),
    ]

    private static func filled(_ text: String) -> String {
        names.reduce(text) { $0.replacing($1.0, with: $1.1) }
    }
}
