// "Did you mean": the known word that a mistyped one is nearest to.

enum Nearest {
    /// `; did you mean WORD?`, or nothing if no word is near.
    static func hint(
        _ word: String, _ known: [String], _ shown: (String) -> String = { $0 }
    ) -> String {
        let best = known.map { ($0, distance(word.lowercased(), $0.lowercased())) }.min { $0.1 < $1.1 }
        guard let (name, distance) = best, distance <= max(2, word.count / 3) else { return "" }
        return "; did you mean \(shown(name))?"
    }

    /// How many characters must be added, removed or replaced (Levenshtein).
    static func distance(_ a: String, _ b: String) -> Int {
        let (a, b) = (Array(a), Array(b))
        var row = Array(0...b.count)
        for (i, character) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let replaced = diagonal + (character == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[b.count]
    }
}
