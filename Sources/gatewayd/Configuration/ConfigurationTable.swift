// All keys of the configuration, one row each: what reads a file, what `config check` prints and
// Docs/Configuration.md come from here. The rows lie in the files beside this one, by section.

/// The table of keys.
enum ConfigurationTable {
    /// The sections in the order of the page, and what each is about.
    static let sections: [(name: String, meaning: String)] = [
        ("gateway", "The gateway in its group, its control interface, and what may be configured."),
        ("gateway-logs", "The log."),
        ("discovery", "The Discovery service."),
        ("ceph", "The cluster, and the pool that holds the group's state."),
        ("mtls", "Keys and certificates of the control interface, for `enable_auth`."),
        ("spdk", "The data path of Ceph's gateway. Little of it means anything here."),
        ("kmip", "Key servers."),
        ("monitor", "The process by which Ceph's gateway talks to the monitors."),
        ("gatewayd", "What Ceph's gateway does not have. It passes the section over."),
    ]

    static let rows: [ConfigurationKey] =
        gateway + gatewayState + gatewayLimits + gatewayIdle + logs + discovery + ceph + mtls + spdk + kmip
        + monitor + own

    private static let byPath = Dictionary(uniqueKeysWithValues: rows.map { ($0.path, $0) })

    static func row(_ section: String, _ name: String) -> ConfigurationKey? { byPath["\(section).\(name)"] }
}

/// The field of the configuration that a row fills.
typealias ConfigurationField<Value> = any WritableKeyPath<ServeConfiguration, Value> & Sendable

// MARK: Making rows

extension ConfigurationKey {
    static func text(
        _ section: String, _ name: String, _ field: ConfigurationField<String>, _ meaning: String
    ) -> ConfigurationKey {
        text(section, name, .text, field, meaning)
    }

    static func text(
        _ section: String, _ name: String, _ form: ValueForm,
        _ field: ConfigurationField<String>, reloads: Bool = false, _ meaning: String
    ) -> ConfigurationKey {
        used(section, name, form, field, reloads, meaning, { $0 }, { $0 })
    }

    static func flag(
        _ section: String, _ name: String, _ field: ConfigurationField<Bool>, reloads: Bool = false,
        _ meaning: String
    ) -> ConfigurationKey {
        used(section, name, .flag, field, reloads, meaning, { $0 == "True" }, { $0 ? "True" : "False" })
    }

    static func whole(
        _ section: String, _ name: String, _ range: ClosedRange<Int>, _ field: ConfigurationField<Int>,
        reloads: Bool = false, _ meaning: String
    ) -> ConfigurationKey {
        used(section, name, .whole(range), field, reloads, meaning, { Int($0) }, { String($0) })
    }

    static func number(
        _ section: String, _ name: String, _ range: ClosedRange<Double>,
        _ field: ConfigurationField<Double>, reloads: Bool = false, _ meaning: String
    ) -> ConfigurationKey {
        used(section, name, .number(range), field, reloads, meaning, { Double($0) }, { String($0) })
    }

    static func size(
        _ section: String, _ name: String, _ range: ClosedRange<UInt64>,
        _ field: ConfigurationField<ByteCount>, _ meaning: String
    ) -> ConfigurationKey {
        used(
            section, name, .size(range), field, false, meaning, { try? ByteCount($0) }, { $0.description })
    }

    /// A key that means nothing here.
    static func idle(
        _ section: String, _ name: String, _ form: ValueForm, _ standard: String, _ meaning: String,
        because: String
    ) -> ConfigurationKey {
        ConfigurationKey(
            section: section, name: name, form: form,
            role: .withoutEffect(default: standard, because: because), meaning: meaning)
    }

    /// The place in `gateway` that a key of another section had in files of 2024.
    static func moved(_ key: ConfigurationKey) -> ConfigurationKey {
        ConfigurationKey(
            section: "gateway", name: key.name, form: key.form, role: .moved(to: key.section),
            meaning: "The older place of `\(key.path)`.")
    }

    /// - Parameters:
    ///   - read: gives the field's value from a text that the form allows.
    ///   - write: gives the text of a value.
    private static func used<Value>(
        _ section: String, _ name: String, _ form: ValueForm, _ field: ConfigurationField<Value>,
        _ isReloadable: Bool, _ meaning: String, _ read: @escaping @Sendable (String) -> Value?,
        _ write: @escaping @Sendable (Value) -> String
    ) -> ConfigurationKey {
        ConfigurationKey(
            section: section, name: name, form: form,
            role: .used(
                isReloadable: isReloadable,
                set: { configuration, text in
                    guard let value = read(text) else {
                        preconditionFailure("\(section).\(name) allows '\(text)', and can't read it")
                    }
                    configuration[keyPath: field] = value
                },
                text: { write($0[keyPath: field]) }),
            meaning: meaning)
    }
}
