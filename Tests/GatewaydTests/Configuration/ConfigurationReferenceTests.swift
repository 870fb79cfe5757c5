// Docs/Configuration.md is made from ConfigurationTable. This test makes it again and compares; with
// GATEWAYD_WRITE_DOCS=1 in the environment it writes the page instead.

import Foundation
import Testing

@testable import gatewayd

@Suite("Configuration reference")
struct ConfigurationReferenceTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Docs/Configuration.md").standardizedFileURL

    @Test("Docs/Configuration.md says what the table says")
    func isCurrent() throws {
        let text = Self.text
        if ProcessInfo.processInfo.environment["GATEWAYD_WRITE_DOCS"] == "1" {
            try text.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(
            written == text,
            "run GATEWAYD_WRITE_DOCS=1 swift test --filter ConfigurationReferenceTests, and commit the page")
    }

    private static var text: String {
        """
        # What a gateway is configured with

        Made from `ConfigurationTable` by `GATEWAYD_WRITE_DOCS=1 swift test --filter
        ConfigurationReferenceTests`; do not edit.

        `gatewayd serve --config FILE` reads the `ceph-nvmeof.conf` of Ceph's gateway as it is: sections and
        keys as Python's `configparser` has them. A section or key that nobody knows is refused with its line,
        and so is a value that is not allowed. What Ceph's gateway has and this one does not need is accepted,
        and the log says why it has no effect.

        A value is looked up in this order: `--set section.key=value` of the command line, the environment
        variable `GATEWAYD_SECTION_KEY` (in capitals, `-` as `_`: `GATEWAYD_GATEWAY_LOGS_LOG_LEVEL`), the
        file, the default. An empty value is the default, where it is not text.

        `gatewayd config check FILE` prints what that comes to, and exits with
        \(ExitReason.configurationWrong.rawValue) if there is a mistake.

        Keys marked "reload" are taken over on SIGHUP (`systemctl reload gatewayd`); others need a restart,
        which the log says if they have changed.

        \(ConfigurationTable.sections.map(section).joined(separator: "\n\n"))

        """
    }

    private static func section(_ name: String, _ meaning: String) -> String {
        let rows = ConfigurationTable.rows.filter { $0.section == name }
        var text = "## [\(name)]\n\n\(meaning)"
        let used = rows.filter { if case .used = $0.role { true } else { false } }
        if !used.isEmpty {
            text += "\n\n| key | allowed | default | meaning |\n| --- | --- | --- | --- |\n"
            text += used.map(usedLine).joined(separator: "\n")
        }
        let others = rows.filter { if case .used = $0.role { false } else { true } }
        if !others.isEmpty {
            text += "\n\nAccepted, without effect:\n\n| key | allowed | meaning there | why not here |\n"
            text += "| --- | --- | --- | --- |\n" + others.map(otherLine).joined(separator: "\n")
        }
        return text
    }

    private static func usedLine(_ row: ConfigurationKey) -> String {
        let standard = LoadedConfiguration().text(of: row) ?? ""
        let reload = row.isReloadable ? " (reload)" : ""
        return "| `\(row.name)` | \(row.form.description) | \(standard.isEmpty ? "" : "`\(standard)`") "
            + "| \(row.meaning)\(reload) |"
    }

    private static func otherLine(_ row: ConfigurationKey) -> String {
        let why =
            switch row.role {
            case .withoutEffect(_, let because): because
            case .moved(let section): "taken for `[\(section)] \(row.name)`"
            case .used: ""
            }
        return "| `\(row.name)` | \(row.form.description) | \(row.meaning) | \(why) |"
    }
}
