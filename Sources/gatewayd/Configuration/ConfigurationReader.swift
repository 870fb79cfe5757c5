// From files, environment and arguments to a configuration: each value is looked up in the table, checked,
// and written where its row says. All mistakes are found at once.

/// A configuration, with where each of its values came from.
struct LoadedConfiguration: Sendable {
    /// A value that was given.
    struct Given: Hashable, Sendable {
        /// In the spelling that `config check` prints.
        let text: String
        let source: ConfigurationSource
    }

    var values = ServeConfiguration()
    /// By the keys' paths.
    var given: [String: Given] = [:]

    /// One line for each value that was given and means nothing here, in the table's order.
    var notes: [String] {
        ConfigurationTable.rows.compactMap { row in
            guard let given = given[row.path] else { return nil }
            switch row.role {
            case .used: return nil
            case .withoutEffect(_, let because):
                return "\(given.source): \(row.path) has no effect: \(because)"
            case .moved(let section):
                return "\(given.source): \(row.path) belongs into [\(section)] now"
            }
        }
    }

    /// The value of a row as text, given or not; nil for one that has another place.
    func text(of row: ConfigurationKey) -> String? {
        switch row.role {
        case .used(_, _, let text): text(values)
        case .withoutEffect(let standard, _): given[row.path]?.text ?? standard
        case .moved: nil
        }
    }
}

/// Collects values; later ones win.
struct ConfigurationReader {
    private var given: [String: LoadedConfiguration.Given] = [:]
    private var problems: [ConfigurationProblem] = []

    /// Reads all there is: the file, then the environment, then the arguments of `--set`.
    /// - Throws: every mistake that was found.
    static func load(
        file text: String, path: String, environment: [String: String] = [:], arguments: [String] = []
    ) throws(ConfigurationFailure) -> LoadedConfiguration {
        var reader = ConfigurationReader()
        reader.read(INIFile(text, path: path), path: path)
        reader.read(environment: environment)
        for argument in arguments { reader.read(argument: argument) }
        return try reader.finished()
    }

    private mutating func read(_ file: INIFile, path: String) {
        problems += file.problems
        for (name, line) in file.sections
        where !ConfigurationTable.sections.contains(where: { $0.name == name }) {
            let names = ConfigurationTable.sections.map(\.name)
            report(
                .file(path: path, line: line),
                "there is no section [\(name)]\(Nearest.hint(name, names, { "[\($0)]" }))")
        }
        for entry in file.entries
        where ConfigurationTable.sections.contains(where: { $0.name == entry.section }) {
            take(entry.section, entry.key, entry.value, .file(path: path, line: entry.line))
        }
    }

    /// Variables that begin as a section's do must be a key's; others are not ours.
    private mutating func read(environment: [String: String]) {
        let known = Dictionary(
            uniqueKeysWithValues: ConfigurationTable.rows.map { ($0.environmentVariable, $0) })
        let prefixes = ConfigurationTable.sections.map { ConfigurationKey.environmentPrefix($0.name) }
        for (variable, value) in environment.sorted(by: { $0.key < $1.key })
        where prefixes.contains(where: variable.hasPrefix) {
            let source = ConfigurationSource.environment(variable: variable)
            if let row = known[variable] {
                take(row.section, row.name, value.trimmed, source)
            } else {
                report(source, "there is no such key\(Nearest.hint(variable, known.keys.sorted()))")
            }
        }
    }

    private mutating func read(argument: String) {
        let source = ConfigurationSource.argument(argument)
        guard let equals = argument.firstIndex(of: "="),
            let dot = argument[..<equals].firstIndex(of: ".")
        else { return report(source, "write section.key=value") }
        let section = String(argument[..<dot])
        let key = argument[argument.index(after: dot)..<equals].trimmed.lowercased()
        guard ConfigurationTable.sections.contains(where: { $0.name == section }) else {
            let names = ConfigurationTable.sections.map(\.name)
            return report(source, "there is no section [\(section)]\(Nearest.hint(section, names))")
        }
        take(section, key, argument[argument.index(after: equals)...].trimmed, source)
    }

    private mutating func take(
        _ section: String, _ name: String, _ value: String, _ source: ConfigurationSource
    ) {
        guard let row = ConfigurationTable.row(section, name) else {
            return report(source, "there is no key \(name) in [\(section)]\(Self.hint(section, name))")
        }
        // As upstream: nothing after the equals sign is the default.
        if value.isEmpty, row.allowsEmpty { return }
        guard let canonical = row.form.canonical(value) else {
            var message = "\(row.path) is '\(value)', which is not allowed: \(row.form.description)"
            if case .onlyFalse(let because) = row.form { message += " (\(because))" }
            return report(source, message)
        }
        given[row.path] = LoadedConfiguration.Given(text: canonical, source: source)
    }

    /// The key that was meant: of this section, or of this name in another one.
    private static func hint(_ section: String, _ name: String) -> String {
        let rows = ConfigurationTable.rows
        if let other = rows.first(where: { $0.name == name }) { return "; it is one of [\(other.section)]" }
        return Nearest.hint(name, rows.filter { $0.section == section }.map(\.name))
    }

    private mutating func report(_ source: ConfigurationSource, _ message: String) {
        problems.append(ConfigurationProblem(source: source, message: message))
    }

    private mutating func finished() throws(ConfigurationFailure) -> LoadedConfiguration {
        var loaded = LoadedConfiguration(given: given)
        for row in ConfigurationTable.rows {
            guard let given = given[row.path] else { continue }
            // An older place comes before the newer one in the table, or counts only without it.
            if case .moved(let section) = row.role, loaded.given["\(section).\(row.name)"] == nil,
                let target = ConfigurationTable.row(section, row.name)
            {
                loaded.given[target.path] = given
            }
        }
        for row in ConfigurationTable.rows {
            guard case .used(_, let set, _) = row.role, let given = loaded.given[row.path] else { continue }
            set(&loaded.values, given.text)
        }
        for mistake in loaded.values.contradictions {
            report(loaded.given[mistake.path]?.source ?? .builtIn, "\(mistake.path) \(mistake.message)")
        }
        guard problems.isEmpty else { throw ConfigurationFailure(problems: problems) }
        return loaded
    }
}

extension ConfigurationKey {
    /// Whether an empty value means the default. Text may be empty by itself.
    var allowsEmpty: Bool {
        switch form {
        case .text, .path: false
        case _: true
        }
    }
}

extension ServeConfiguration {
    /// What each value may be by itself and not together with the others.
    var contradictions: [(path: String, message: String)] {
        var found: [(path: String, message: String)] = []
        let pages = transferMax.bytes / 4096
        if pages.nonzeroBitCount != 1 || transferMax.bytes % 4096 != 0 {
            found.append(("gatewayd.mdts", "is \(transferMax): it must be 4KiB times a power of two"))
        }
        if lastControllerID > 0, firstControllerID > lastControllerID {
            found.append(
                ("gateway.min_controller_id", "is \(firstControllerID), above max_controller_id"))
        } else if let ids = configuredControllerIDs, ids.count < threadCount {
            found.append(
                (
                    "gateway.max_controller_id",
                    "leaves \(ids.count) identifiers for \(threadCount) threads: each needs one"
                ))
        }
        if !["omap", "memory"].contains(stateStore), !stateStore.contains(#/^file:./#) {
            found.append(("gatewayd.state", "is '\(stateStore)': it must be omap, file:FOLDER or memory"))
        }
        for word in folderPools.split(whereSeparator: \.isWhitespace)
        where !word.contains(#/^[^=\/]+=\/./#) {
            found.append(("gatewayd.folder_pools", "has '\(word)': it must be NAME=FOLDER, a full path"))
        }
        if controlPort == discoveryPort, controlAddress == discoveryAddress {
            found.append(("discovery.port", "is \(discoveryPort), which is the control interface's, too"))
        }
        return found
    }
}
