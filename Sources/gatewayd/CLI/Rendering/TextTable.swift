// Rows in columns, for people: no lines, two blanks between columns, headings in capitals. It reads well, and
// awk takes it apart as it is.

/// A table as text.
struct TextTable {
    let text: String

    init<Row>(_ rows: [Row], _ columns: [Column<Row>]) {
        let shown = columns.filter { $0.heading != nil }
        let cells =
            [shown.map { ($0.heading ?? "").uppercased() }]
            + rows.map { row in
                shown.map { column in
                    let text = column.text(row)
                    return text.isEmpty ? "-" : text
                }
            }
        let widths = shown.indices.map { index in cells.map { $0[index].count }.max() ?? 0 }
        text = cells.map { line in
            var text = ""
            for (index, cell) in line.enumerated() {
                let gap = String(repeating: " ", count: widths[index] - cell.count)
                text += (index == 0 ? "" : "  ") + (shown[index].isNumeric ? gap + cell : cell + gap)
            }
            while text.last == " " { text.removeLast() }
            return text
        }.joined(separator: "\n")
    }
}
