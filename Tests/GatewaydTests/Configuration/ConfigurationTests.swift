// What a configuration comes to: every key of the table with its default, a right and a wrong value; where
// values come from and which win; and what the messages say.

import Testing

@testable import gatewayd

@Suite("Configuration")
struct ConfigurationTests {
    private static let keys = ConfigurationTable.rows.map(\.path)

    private static func row(_ path: String) throws -> ConfigurationKey {
        try #require(ConfigurationTable.rows.first { $0.path == path })
    }

    private static func load(
        _ text: String, environment: [String: String] = [:], arguments: [String] = []
    ) throws(ConfigurationFailure) -> LoadedConfiguration {
        try ConfigurationReader.load(
            file: text, path: "f", environment: environment, arguments: arguments)
    }

    private static func problems(
        _ text: String, environment: [String: String] = [:], arguments: [String] = []
    ) -> [String] {
        do throws(ConfigurationFailure) {
            _ = try load(text, environment: environment, arguments: arguments)
            return []
        } catch { return error.problems.map(\.description) }
    }

    // MARK: Each key

    /// A value other than the default that a form allows.
    private static func another(_ row: ConfigurationKey, than standard: String?) -> String {
        switch row.form {
        case .text where row.path == "gatewayd.folder_pools": "a=/srv"
        case .text where row.path == "gatewayd.state": "file:/srv"
        case .text: "other"
        case .path: "/other"
        case .address: "192.0.2.7"
        case .flag: standard == "True" ? "False" : "True"
        case .onlyFalse: "False"
        case .whole(let range):
            String(standard == String(range.upperBound) ? range.lowerBound : range.upperBound)
        case .number(let range): String(range.upperBound)
        case .choice(let words): words.last { $0 != standard } ?? words[0]
        case .size: "256KiB"
        }
    }

    /// A value that a form does not allow; nil if it allows all.
    private static func wrong(_ form: ValueForm) -> String? {
        switch form {
        case .text, .path: nil
        case .address: "example.org"
        case .flag: "maybe"
        case .onlyFalse: "True"
        case .whole(let range): range.upperBound == Int.max ? "-1" : String(range.upperBound + 1)
        case .number(let range): String(range.upperBound + 1)
        case .choice: "verbose"
        case .size: "4KB"
        }
    }

    @Test("Each key's default is one of its allowed values", arguments: keys)
    func defaults(path: String) throws {
        let row = try Self.row(path)
        guard let text = LoadedConfiguration().text(of: row) else { return }
        #expect(row.form.canonical(text) != nil || text.isEmpty, "\(text)")
    }

    @Test("Each key takes another value from the file, the environment and --set", arguments: keys)
    func values(path: String) throws {
        let row = try Self.row(path)
        let value = Self.another(row, than: LoadedConfiguration().text(of: row))
        // Where two keys go together, the other follows.
        let file = path == "gateway.min_controller_id" ? "[gateway]\nmax_controller_id = 65519\n" : ""
        let fromFile = try Self.load(
            file + (file.isEmpty ? "[\(row.section)]\n" : "") + "\(row.name) = \(value)")
        let fromEnvironment = try Self.load(file, environment: [row.environmentVariable: value])
        let fromArgument = try Self.load(file, arguments: ["\(path)=\(value)"])
        for loaded in [fromFile, fromEnvironment, fromArgument] {
            #expect(loaded.given[path]?.text == row.form.canonical(value))
            switch row.role {
            case .used(_, _, let text):
                #expect(text(loaded.values) == row.form.canonical(value))
                #expect(!loaded.notes.contains { $0.contains(path) })
            case .withoutEffect(_, let because):
                #expect(loaded.notes.contains { $0.hasSuffix("\(path) has no effect: \(because)") })
            case .moved(let section):
                #expect(loaded.notes.contains { $0.hasSuffix("\(path) belongs into [\(section)] now") })
            }
        }
    }

    @Test("Each key refuses what it does not allow, and says what it does", arguments: keys)
    func wrongValues(path: String) throws {
        let row = try Self.row(path)
        guard let wrong = Self.wrong(row.form) else { return }
        let problems = Self.problems("[\(row.section)]\n\(row.name) = \(wrong)")
        #expect(
            problems.contains {
                $0.hasPrefix("f:2: \(path) is '\(wrong)', which is not allowed: \(row.form.description)")
            }, "\(problems)")
    }

    @Test("Each key says what it is for, once, in a section that is there", arguments: keys)
    func meanings(path: String) throws {
        let row = try Self.row(path)
        #expect(row.meaning.hasSuffix("."))
        #expect(ConfigurationTable.sections.contains { $0.name == row.section })
        #expect(ConfigurationTable.rows.count { $0.path == path } == 1)
    }

    // MARK: All together

    @Test("Nothing configured is the defaults, and no notes")
    func nothing() throws {
        let loaded = try Self.load("")
        #expect(loaded.values == ServeConfiguration())
        #expect(loaded.notes == [])
    }

    @Test("An argument wins over the environment, and the environment over the file")
    func order() throws {
        let file = "[gateway]\nport = 1\n[ceph]\npool = file"
        let environment = ["GATEWAYD_GATEWAY_PORT": "2", "GATEWAYD_CEPH_POOL": "environment", "HOME": "/"]
        let loaded = try Self.load(file, environment: environment, arguments: ["gateway.port=3"])
        #expect(loaded.values.controlPort == 3)
        #expect(loaded.values.pool == "environment")
        #expect(loaded.given["gateway.port"]?.source == .argument("gateway.port=3"))
        #expect(loaded.given["ceph.pool"]?.source == .environment(variable: "GATEWAYD_CEPH_POOL"))
    }

    @Test("A key in its older place counts, unless the newer one has it too")
    func moved() throws {
        #expect(try Self.load("[gateway]\nbdevs_per_cluster = 8").values.imagesPerClient == 8)
        #expect(try Self.load("[gateway]\nlog_level = debug").values.logLevel == "DEBUG")
        let both = "[gateway]\nlog_level = debug\n[gateway-logs]\nlog_level = error"
        #expect(try Self.load(both).values.logLevel == "ERROR")
    }

    @Test(
        "Mistakes name their line, and the key that may have been meant",
        arguments: [
            ("[gatway]", "f:1: there is no section [gatway]; did you mean [gateway]?"),
            ("[something-else]", "f:1: there is no section [something-else]"),
            (
                "[gateway]\nstate_update_intervall_sec = 5",
                "f:2: there is no key state_update_intervall_sec in [gateway]; did you mean "
                    + "state_update_interval_sec?"
            ),
            ("[gateway]\n\npool = a", "f:3: there is no key pool in [gateway]; it is one of [ceph]"),
            ("[ceph]\nxyzzy = a", "f:2: there is no key xyzzy in [ceph]"),
            (
                "[gateway]\nport = http",
                "f:2: gateway.port is 'http', which is not allowed: a whole number, 1 to 65535"
            ),
            (
                "[gateway]\nforce_tls = True",
                "f:2: gateway.force_tls is 'True', which is not allowed: False (this version has no TLS for "
                    + "hosts, and would let none connect)"
            ),
            (
                "[gatewayd]\nmdts = 12KiB",
                "f:2: gatewayd.mdts is 12KiB: it must be 4KiB times a power of two"
            ),
            (
                "[gatewayd]\nstate = rados",
                "f:2: gatewayd.state is 'rados': it must be omap, file:FOLDER or memory"
            ),
            (
                "[gateway]\nmin_controller_id = 10\nmax_controller_id = 9",
                "f:2: gateway.min_controller_id is 10, above max_controller_id"
            ),
            (
                "[discovery]\nport = 5500",
                "f:2: discovery.port is 5500, which is the control interface's, too"
            ),
        ] as [(String, String)])
    func messages(text: String, message: String) {
        #expect(Self.problems(text) == [message])
    }

    @Test("Environment variables and --set have their mistakes told, too")
    func otherSources() {
        #expect(
            Self.problems("", environment: ["GATEWAYD_CEPH_POLL": "a", "GATEWAYD_SOMETHING": "b"]) == [
                "environment variable GATEWAYD_CEPH_POLL: there is no such key; did you mean "
                    + "GATEWAYD_CEPH_POOL?"
            ])
        #expect(Self.problems("", arguments: ["port=1"]) == ["--set port=1: write section.key=value"])
        #expect(
            Self.problems("", arguments: ["cep.pool=1"]) == [
                "--set cep.pool=1: there is no section [cep]; did you mean ceph?"
            ])
    }

    @Test("All mistakes are told at once")
    func several() {
        #expect(Self.problems("[ceph]\na = 1\nb = 2\n[gateway]\nport = 0").count == 3)
    }

    @Test("What `config check` prints comes to the same configuration")
    func effective() throws {
        let loaded = try Self.load(
            "[gateway]\nname = 50%%\nport = 5501\nrebalance_period_sec = 9\n[ceph]\nid = gateway")
        let again = try Self.load(loaded.effectiveText)
        #expect(again.values == loaded.values)
        #expect(loaded.effectiveText.contains("# f:3\nport = 5501"))
    }
}
