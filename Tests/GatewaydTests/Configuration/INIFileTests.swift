// The form of configuration files: as Python's configparser reads them, with each mistake at its line.

import Testing

@testable import gatewayd

@Suite("Configuration files")
struct INIFileTests {
    @Test("Sections, keys, comments, continued lines and both separators are read")
    func forms() {
        let file = INIFile(
            """
            \u{FEFF}# a comment
            [gateway]
            NAME = gw1
            addr: 192.0.2.1
              ; a comment too
            group =

            [spdk]
            transport_tcp_options = {"a" : 1,
                "b" : 2}
            tgt_cmd_extra_args = 100%%
            """, path: "f")
        #expect(file.problems == [])
        #expect(file.sections.map(\.name) == ["gateway", "spdk"])
        #expect(
            file.entries == [
                .init(section: "gateway", key: "name", value: "gw1", line: 3),
                .init(section: "gateway", key: "addr", value: "192.0.2.1", line: 4),
                .init(section: "gateway", key: "group", value: "", line: 6),
                .init(
                    section: "spdk", key: "transport_tcp_options", value: "{\"a\" : 1,\n\"b\" : 2}", line: 9),
                .init(section: "spdk", key: "tgt_cmd_extra_args", value: "100%", line: 11),
            ])
    }

    @Test("Lines may end as Windows ends them")
    func windowsLines() {
        let file = INIFile("[ceph]\r\npool = a\r\n", path: "f")
        #expect(file.entries == [.init(section: "ceph", key: "pool", value: "a", line: 2)])
        #expect(file.problems == [])
    }

    @Test(
        "What can't be read is told with its line",
        arguments: [
            ("name = gw1", 1, "a [section] must come before the first key"),
            ("[gateway\nname = a", 1, "a section is written [name]"),
            ("[]", 1, "a section is written [name]"),
            ("[gateway]\nname", 2, "'name' is not key = value"),
            ("[gateway]\n = a", 2, "the key is missing before '='"),
            ("[gateway]\nname = a\n\nname = b", 4, "name is there already, in line 2"),
            (
                "[ceph]\n[gateway]\n[ceph]", 3,
                "section [ceph] is there already, in line 1: put its keys there"
            ),
            (
                "[ceph]\npool = %(other)s", 2,
                "pool: values that refer to others, %(key)s, are not offered: write it out"
            ),
        ] as [(String, Int, String)])
    func mistakes(text: String, line: Int, message: String) {
        #expect(
            INIFile(text, path: "f").problems.first
                == ConfigurationProblem(source: .file(path: "f", line: line), message: message))
    }
}
