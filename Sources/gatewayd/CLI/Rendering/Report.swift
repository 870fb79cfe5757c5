// What a command has to tell, for people and for programs. Commands make one; ControlCommand prints it.

import GatewayControl

/// The outcome of a command.
struct Report: Sendable {
    /// For people: a sentence or a table.
    var text: String
    /// For programs: what stands beside `status` and `error_message`.
    var fields: [JSONValue.Field]
    /// What was refused, if something was.
    var failure: ControlFailure?
    /// What the command exits with where nothing was refused.
    var exitCode: Int32 = 0
    /// Whether others follow or went before: then a document of JSON is a line, and one of YAML has a mark.
    var isOneOfMany = false

    init(_ text: String, _ fields: [JSONValue.Field] = []) {
        (self.text, self.fields) = (text, fields)
    }

    init(failure: ControlFailure) {
        (text, fields, self.failure) = ("", [], failure)
    }

    /// A list of objects.
    /// - Parameter noun: what they are called together, for programs.
    /// - Parameter nothing: what people read when there is none.
    init<Row>(_ noun: String, _ rows: [Row], _ columns: [Column<Row>], nothing: String) {
        self.init(
            rows.isEmpty ? nothing : TextTable(rows, columns).text,
            [.init(noun, .list(rows.map { Self.object($0, columns) }))])
    }

    /// One object, a line for each of its fields.
    init<Row>(_ row: Row, _ columns: [Column<Row>]) {
        let shown = columns.filter { $0.heading != nil }
        let width = shown.map { $0.heading?.count ?? 0 }.max() ?? 0
        self.init(
            shown.map { column in
                "\(column.heading ?? ""):".padded(to: width + 2) + column.text(row)
            }.joined(separator: "\n"), Self.fields(row, columns))
    }

    static func object<Row>(_ row: Row, _ columns: [Column<Row>]) -> JSONValue {
        .object(fields(row, columns))
    }

    /// What only people see has no name.
    private static func fields<Row>(_ row: Row, _ columns: [Column<Row>]) -> [JSONValue.Field] {
        columns.filter { !$0.name.isEmpty }.map { .init($0.name, $0.value(row)) }
    }

    var status: Int32 { failure?.errno ?? 0 }

    /// The whole document for programs.
    var document: JSONValue {
        .object(
            [
                .init("status", .integer(Int64(status))),
                .init("error_message", .text(failure?.message ?? "Success")),
            ] + fields)
    }

    /// What was done goes to standard output, why something was not to standard error; programs find both
    /// in the document.
    func print(_ format: OutputFormat, on console: Console) {
        switch format {
        case .table: if !text.isEmpty { console.print(text) }
        case .json: console.print(isOneOfMany ? document.lineText : document.prettyText)
        case .yaml: console.print((isOneOfMany ? "---\n" : "") + document.yamlText)
        }
        if let failure { console.printError("gatewayd: \(failure.message)") }
    }
}

extension String {
    func padded(to width: Int) -> String {
        count < width ? self + String(repeating: " ", count: width - count) : self
    }
}
