// What the commands that call a gateway print: tables for people, documents for programs.

import ArgumentParser
import GatewayControl
import GatewayRPC
import Glibc
import Testing
import Yams

@testable import gatewayd

@Suite("Rendering")
struct RenderingTests {
    private struct Disk {
        let name: String
        let bytes: UInt64
        let limit: UInt64
        let hosts: [String]
    }

    private static let columns: [Column<Disk>] = [
        .text("name", "Name") { $0.name },
        .bytes("size", "Size") { $0.bytes },
        .limit("limit", "Limit") { $0.limit },
        .words("Visible to") { $0.hosts.isEmpty ? "all" : "some" },
        .list("hosts", "Hosts") { $0.hosts },
        .flag("is_small") { $0.bytes < 1 << 20 },
    ]

    private static let disks = [
        Disk(name: "a", bytes: 1 << 30, limit: 0, hosts: ["x", "y"]),
        Disk(name: "much longer", bytes: 512, limit: 2000, hosts: []),
    ]

    @Test("A table lines up words on the left and numbers on the right, and ends no line with blanks")
    func table() {
        #expect(
            Report("disks", Self.disks, Self.columns, nothing: "").text == """
                NAME          SIZE  LIMIT  VISIBLE TO  HOSTS
                a            1 GiB      -  some        x y
                much longer  512 B   2000  all         -
                """)
        #expect(Report("disks", [], Self.columns, nothing: "No disks.").text == "No disks.")
    }

    @Test("One object is a line a field")
    func object() {
        #expect(
            Report(Self.disks[0], Self.columns).text == """
                Name:       a
                Size:       1 GiB
                Limit:      -
                Visible to: some
                Hosts:      x y
                """)
    }

    @Test("JSON has every field under its name, in order, and no words for people")
    func json() {
        #expect(
            Report("disks", [Self.disks[1]], Self.columns, nothing: "").document.prettyText == """
                {
                  "status": 0,
                  "error_message": "Success",
                  "disks": [
                    {
                      "name": "much longer",
                      "size": 512,
                      "limit": 2000,
                      "hosts": [],
                      "is_small": true
                    }
                  ]
                }
                """)
        #expect(
            Report(failure: ControlFailure(ENOENT, "No such disk")).document.lineText
                == #"{"status": 2, "error_message": "No such disk"}"#)
    }

    @Test("YAML has the same fields in the same order")
    func yaml() {
        #expect(
            Report("disks", [Self.disks[0]], Self.columns, nothing: "").document.yamlText == """
                status: 0
                error_message: Success
                disks:
                - name: a
                  size: 1073741824
                  limit: 0
                  hosts:
                  - x
                  - y
                  is_small: false
                """)
    }

    @Test(
        "Text in YAML stays the text that it was",
        arguments: [
            "", "yes", "null", "~", "1e3", "0x10", "12", "2026-11-25", "a: b", "- a", "#", "two\nlines",
            " blank", "nqn.2026-11.com.example:disk", "\"", "'", "ü", "*", "&a", "1_000", "1:30", "=", "<<",
        ])
    func yamlText(text: String) throws {
        let yaml = JSONValue.object([.init("text", .text(text))]).yamlText
        let read = try Yams.load(yaml: yaml) as? [String: Any]
        #expect(read?["text"] as? String == text, "\(yaml)")
    }

    @Test(
        "Figures have a unit and no more digits than say something",
        arguments: [
            (Quantity.bytes(512), "512 B"), (Quantity.bytes(4096), "4 KiB"),
            (Quantity.bytes(1.5 * 1_073_741_824), "1.5 GiB"), (Quantity.bytes(0), "0 B"),
            (Quantity.count(0), "0"), (Quantity.count(0.4), "0.4"), (Quantity.count(950), "950"),
            (Quantity.count(12_345), "12.3k"), (Quantity.count(2_000_000), "2M"),
            (Quantity.microseconds(85), "85 us"), (Quantity.microseconds(1234), "1.2 ms"),
            (Quantity.microseconds(3_400_000), "3.4 s"), (Quantity.microseconds(100_000_000), "100 s"),
        ])
    func quantities(text: String, expected: String) { #expect(text == expected) }
}

@Suite("Arguments of calls")
struct CallArgumentTests {
    @Test(
        "Sizes of images are MiB, or have a unit of 1,024",
        arguments: [
            ("64", 64), ("64M", 64), ("64MB", 64), ("64mib", 64), ("1G", 1024), ("2TB", 2 << 20),
            ("1024K", 1), ("2048KiB", 2), ("1P", 1 << 30),
        ] as [(String, UInt64)])
    func sizes(text: String, mebibytes: UInt64) {
        #expect(ImageSize(argument: text)?.mebibytes == mebibytes)
        #expect(ImageSize(argument: text)?.bytes == mebibytes << 20)
    }

    @Test(
        "What is no size of an image is none",
        arguments: ["", "0", "M", "-1", "1K", "1.5G", "many", "1E", "64 M", "16384P", "99999999999999999999"])
    func noSizes(text: String) { #expect(ImageSize(argument: text) == nil) }

    @Test("What upstream takes before the noun may stand there")
    func order() {
        #expect(
            ArgumentOrder.verbFirst(["--format", "json", "--server-port=5501", "gw", "info"])
                == ["gw", "info", "--format", "json", "--server-port=5501"])
        #expect(
            ArgumentOrder.verbFirst(["gw", "info", "--format", "json"]) == ["gw", "info", "--format", "json"])
        #expect(ArgumentOrder.verbFirst(["--version"]) == ["--version"])
        #expect(ArgumentOrder.verbFirst(["--format", "json"]) == ["--format", "json"])
        #expect(ArgumentOrder.verbFirst([]) == [])
    }

    private func place(_ arguments: [String], _ environment: [String: String] = [:]) throws -> String {
        try ConnectionOptions.parse(arguments).settings(environment).place
    }

    @Test("A gateway is found by options, then variables, then the configuration file, then defaults")
    func gateway() throws {
        #expect(try place([]) == "localhost:5500")
        #expect(try place([], ["CEPH_NVMEOF_SERVER_ADDRESS": "gw2"]) == "gw2:5500")
        #expect(
            try place([], ["CEPH_NVMEOF_SERVER_PORT": "1", "GATEWAYD_SERVER_PORT": "2"]) == "localhost:2")
        #expect(try place(["--server-port", "3"], ["GATEWAYD_SERVER_PORT": "2"]) == "localhost:3")
        #expect(try place(["--server-address", "[::1]"]) == "[::1]:5500")
        #expect(throws: ControlFailure.self) { try place([], ["GATEWAYD_SERVER_PORT": "many"]) }
        #expect(throws: ControlFailure.self) { try place(["--config", "/nowhere"]) }
        #expect(throws: ControlFailure.self) { try place(["--client-key", "/nowhere"]) }
    }

    @Test("Formats of upstream's command line are understood")
    func formats() {
        #expect(OutputFormat(argument: "text") == .table)
        #expect(OutputFormat(argument: "plain") == .table)
        #expect(OutputFormat(argument: "yaml") == .yaml)
        #expect(OutputFormat(argument: "xml") == nil)
    }
}
