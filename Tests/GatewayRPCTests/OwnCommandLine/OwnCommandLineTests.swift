// Our own command line drives a gateway through every verb and option that it has, in success and failure.
// What each must come to is in the tables beside this file.

import ArgumentParser
import Foundation
import GatewayControl
import Glibc
import Synchronization
import Testing
import Yams

@testable import gatewayd

@Suite("Our command line")
struct OwnCommandLineTests {
    static let cases =
        CommandCase.gateway + CommandCase.subsystems + CommandCase.listeners + CommandCase.hosts
        + CommandCase.connections + CommandCase.namespaces + CommandCase.activity + CommandCase.deletions

    @Test("Each verb comes to its exit code and its words; what is refused is a document for programs, too")
    func everyVerb() async throws {
        try await TestGateway.make().serve { port in
            for row in Self.cases {
                let line = OwnCommandLine(port: port, answer: row.answer)
                let arguments = OwnCommandLine.words(row.line)
                let outcome = await line.run(arguments)
                #expect(outcome.code == row.code, "\(row): \(outcome.all)")
                for words in row.words { #expect(outcome.all.contains(words), "\(row): \(outcome.all)") }
                guard row.code != CommandCase.usage, row.code != 0 || row.isQuestion else { continue }
                // The same again, for programs: what only asks, and what was refused, stays as it is.
                let json = await line.run(arguments + ["--format", "json"])
                #expect(json.code == row.code)
                let document = try #require(json.json, "\(row): \(json.output)")
                #expect(document["status"] as? Int32 == row.code)
                if row.code == 0 { #expect(document["error_message"] as? String == "Success") }
                let yaml =
                    try Yams.load(
                        yaml: await line.run(["--format", "yaml"] + arguments).output) as? [String: Any]
                #expect(Self.isSame(document, yaml), "\(row): \(String(describing: yaml))")
            }
        }
    }

    /// Two calls differ in their clock and in the UUIDs that they make up.
    private static func isSame(_ json: [String: Any], _ yaml: [String: Any]?) -> Bool {
        func lasting(_ document: [String: Any]?) -> [String: Any] {
            (document ?? [:]).filter { !["ticks", "uptime_seconds"].contains($0.key) }
        }
        return canonical(lasting(json)) == canonical(lasting(yaml))
    }

    private static func canonical(_ value: Any) -> String {
        switch value {
        case let text as String:
            "'" + text.replacing(#/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/#, with: "U") + "'"
        case let list as [Any]: "[" + list.map(canonical).joined(separator: ",") + "]"
        case let object as [String: Any]:
            "{"
                + object.sorted { $0.key < $1.key }.map { "\($0.key):\(canonical($0.value))" }
                .joined(separator: ",") + "}"
        case let flag as Bool: flag ? "1.0" : "0.0"
        case let number as NSNumber: "\(number.doubleValue)"
        case let number as any BinaryInteger: "\(Double(number))"
        case _: "\(value)"
        }
    }

    @Test("Every verb is seen to succeed and to fail, and every option to be taken")
    func nothingIsLeftOut() {
        for (path, command) in CommandTree.leaves(of: Gatewayd.self)
        where command is any ControlCommand.Type {
            let mine = Self.cases.filter { row in
                OwnCommandLine.words(row.line).prefix(path.count).elementsEqual(path) { word, names in
                    names.contains(word)
                }
            }
            let name = path.map { $0[0] }.joined(separator: " ")
            #expect(mine.contains { $0.code == 0 }, "\(name): no row sees it succeed")
            if !Self.neverRefused.contains(name) {
                #expect(mine.contains { ![0, CommandCase.usage].contains($0.code) }, "\(name): nor fail")
            }
            let words = mine.filter { $0.code != CommandCase.usage }.flatMap { OwnCommandLine.words($0.line) }
            for names in CommandTree.options(of: command) where !Self.isCommon(names) {
                #expect(!names.isDisjoint(with: words), "\(name) \(names.sorted()): no row sees it taken")
            }
        }
    }

    /// A gateway that answers refuses none of these.
    private static let neverRefused: Set = [
        "gw info", "gw version", "gw get_log_level", "gw set_log_level", "gw get_thread_stats",
        "status", "listener list", "spdk_log_level get", "spdk_log_level set", "spdk_log_level disable",
        "namespace list_locations",
    ]

    private static func isCommon(_ names: Set<String>) -> Bool {
        let common = CommandTree.options(of: CommonOptions.self).reduce(into: Set<String>()) {
            $0.formUnion($1)
        }
        return !names.isDisjoint(with: common)
    }

    @Test("What is not served is named with its reason, and the exit code tells")
    func unserved() async throws {
        let gateway = try await TestGateway.make()
        let nqn = "nqn.2016-06.io.spdk:cnode1.g1"
        try await gateway.serve { port in
            let line = OwnCommandLine(port: port)
            for words in [
                "subsystem add -n nqn.2016-06.io.spdk:cnode1", "namespace add -n \(nqn) -p rbd -i img1",
            ] {
                #expect(await line.run(OwnCommandLine.words(words)).code == 0)
            }
            gateway.target.contents.withLock {
                $0.unserved = [.namespace(nqn: nqn, nsid: 1): "image rbd/img1: no monitor answers"]
            }
            let text = await line.run(["status"])
            #expect(text.code == 1)
            #expect(text.output.contains("  namespace 1 of \(nqn): image rbd/img1: no monitor answers"))
            let document = try #require(await line.run(["status", "--format", "json"]).json)
            #expect(document["status"] as? Int == 0)
            let namespaces = document["namespaces"] as? [String: Int]
            #expect(namespaces == ["configured": 1, "served": 0])
            #expect(
                (document["unserved"] as? [[String: String]])?.first?["object"] == "namespace 1 of \(nqn)")
        }
    }

    @Test("Watching prints a document for each interval: a line of JSON, or YAML behind a mark")
    func watching() async throws {
        try await TestGateway.make().serve { port in
            let line = OwnCommandLine(port: port)
            let watch = ["top", "--iterations", "3", "--interval", "0.001", "--format"]
            let json = await line.run(watch + ["json"]).output.split(separator: "\n")
            #expect(json.count == 3)
            for text in json {
                let document = try #require(
                    try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
                #expect(document["seconds"] as? Double == 1)
                let host = try #require((document["hosts"] as? [[String: Any]])?.first)
                #expect(host["reads_per_second"] as? Double == 20)
                #expect(host["read_bytes_per_second"] as? Double == 81_920)
                #expect(host["mean_latency_microseconds"] as? Double == 1000)
                #expect(host["queue_depth"] as? Double == 0.02)
                #expect(host["controller_count"] as? Int == 2)
            }
            let yaml = await line.run(watch + ["yaml"]).output
            #expect(try Array(Yams.load_all(yaml: yaml)).count == 3)
        }
    }

    @Test("A key may be in a file, and is printed by nobody")
    func keyFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gatewayd-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("host.key").path
        let key = "DHHC-1:01:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh+KfiaR:"
        try (key + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        try await TestGateway.make().serve { port in
            let line = OwnCommandLine(port: port)
            let nqn = "nqn.2016-06.io.spdk:cnode1"
            let host = ["-n", nqn + ".g1", "-t", "nqn.2016-06.io.spdk:host2"]
            #expect(await line.run(["subsystem", "add", "-n", nqn]).code == 0)
            let added = await line.run(["host", "add"] + host + ["-k", "@" + file])
            #expect(added.code == 0, "\(added.all)")
            #expect(!added.all.contains(key))
            #expect(await line.run(["host", "list", "-n", nqn + ".g1"]).output.contains("yes"))
            let missing = await line.run(["host", "change_key"] + host + ["-k", "@/nowhere"])
            #expect(missing.code == CommandCase.usage)
        }
    }

    @Test("Where nobody answers, each verb says so and exits with ECONNREFUSED")
    func nobodyThere() async {
        // A port that nobody listens on without being root.
        let line = OwnCommandLine(port: 1)
        var seen: Set<[String]> = []
        for row in Self.cases where row.code == 0 {
            let verb = Array(OwnCommandLine.words(row.line).prefix(2))
            guard seen.insert(verb).inserted, verb.count == 2 || verb == ["status"] else { continue }
            let outcome = await line.run(OwnCommandLine.words(row.line))
            #expect(outcome.code == ECONNREFUSED, "\(row): \(outcome.all)")
            #expect(outcome.errors.contains("no gateway answers at 127.0.0.1:1 (connection refused)"))
        }
    }

    @Test("Mutual TLS takes a key and two certificates, from options, variables or the configuration file")
    func mutualTLS() async throws {
        let keys = try TestCertificates()
        defer { keys.remove() }
        try await TestGateway.make().serve(keys.server) { port in
            var line = OwnCommandLine(port: port)
            let files = [
                "--client-key", keys.path("client.key"), "--client-cert", keys.path("client.crt"),
                "--server-cert", keys.path("server.crt"),
            ]
            #expect(await line.run(["gw", "version"] + files).code == 0)
            #expect(await line.run(files + ["gw", "version"]).code == 0)
            #expect(await line.run(["gw", "version"]).code != 0)
            #expect(await line.run(["gw", "version"] + files.dropLast(2)).code == EINVAL)
            let strange = ["--client-key", keys.path("server.key"), "--client-cert", keys.path("server.crt")]
            #expect(await line.run(["gw", "version"] + strange + files.suffix(2)).code != 0)
            #expect(
                await line.run(["gw", "version", "--client-key", "/nowhere"] + files.dropFirst(2)).code
                    == EINVAL)
            let file = keys.path("gw.conf")
            try """
            [gateway]
            addr = 127.0.0.1
            port = \(port)
            enable_auth = True
            [mtls]
            client_key = \(keys.path("client.key"))
            client_cert = \(keys.path("client.crt"))
            server_cert = \(keys.path("server.crt"))
            """.write(toFile: file, atomically: true, encoding: .utf8)
            line.environment = [:]
            #expect(await line.run(["gw", "version", "--config", file]).code == 0)
            line.environment = ["GATEWAYD_CONFIG": file]
            #expect(await line.run(["gw", "version"]).code == 0)
        }
    }
}

/// The options that each command has.
struct CommonOptions: ParsableCommand {
    @OptionGroup var control: ControlOptions
}

extension CommandCase {
    /// Whether it only asks.
    fileprivate var isQuestion: Bool {
        if ["status", "top"].contains(where: line.hasPrefix) { return true }
        let verb = OwnCommandLine.words(line).dropFirst().first ?? ""
        return ["list", "get", "info", "version"].contains { verb.hasPrefix($0) }
            || verb == "listener_info"
    }
}
