// Upstream's command line takes what is common to all commands before the noun, ours after the verb. Who has
// the former in the fingers, or in scripts, is understood.

enum ArgumentOrder {
    /// Options of every command that calls a gateway, which take a value.
    private static let common: Set<String> = [
        "--format", "--server-address", "--server-port", "--client-key", "--client-cert", "--server-cert",
        "--config", "--timeout",
    ]

    /// The arguments with what is common to all commands behind the rest, where it stood before the noun.
    static func verbFirst(_ arguments: [String]) -> [String] {
        var rest = arguments[...]
        var moved: [String] = []
        while let option = rest.first {
            let name = option.prefix { $0 != "=" }
            guard common.contains(String(name)) else { break }
            // Its value stands behind an equals sign, or is the next argument.
            moved += rest.prefix(name.count == option.count ? 2 : 1)
            rest = rest.dropFirst(name.count == option.count ? 2 : 1)
        }
        return rest.isEmpty ? arguments : rest + moved
    }
}
